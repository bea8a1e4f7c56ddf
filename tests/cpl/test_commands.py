"""The commands ``cpl`` and ``image``."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from trialconformance import cpl
from trialconformance.cli import main
from trialconformance.core import sha256_hex
from trialconformance.packaged import packaged

_KEY = ec.derive_private_key(0x1234567, ec.SECP256R1())
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command in an empty folder; gives exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> tuple[int, str, str]:
        code = main(["--no-color", *words])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


@pytest.fixture
def lists(tmp_path: Path, before_octets: bytes, after_octets: bytes) -> Path:
    """A folder with both lists and their published digests."""
    for name, octets in (("before.csv", before_octets), ("after.csv", after_octets)):
        (tmp_path / name).write_bytes(octets)
        (tmp_path / f"{name}.sha256").write_text(f"{sha256_hex(octets)}  {name}\n")
    return tmp_path


def _public(key: Any) -> bytes:
    pem: bytes = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return pem


def _sign(payload: bytes) -> bytes:
    r, s = decode_dss_signature(_KEY.sign(payload, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32) + s.to_bytes(32)


def _image() -> bytes:
    return cpl.build_image(
        manufacturer=0xF0B2,
        image_type=0x0302,
        file_version=0x00000B01,
        minimum_hardware=1,
        maximum_hardware=1,
        payload=b"img-5",
        sign=_sign,
    )


def test_the_vector_loads(run: Run, lists: Path) -> None:
    """With its digests the vector loads: exit code 0, as text, as JSON and as a page."""
    code, out, _ = run("cpl", "check", "before.csv", "after.csv", "--html", "report.html", "--load-times")
    assert code == 0
    assert out.startswith("LOAD\npass (assumed format)")
    assert "TRIAL-2022-0007-49" in (lists / "report.html").read_text()
    code, out, _ = run("cpl", "check", "before.csv", "after.csv", "--json")
    assert (code, json.loads(out)["verdict"]) == (0, "load")


def test_everything_can_be_given_at_once(run: Run, lists: Path, after_octets: bytes) -> None:
    """Digests, a copy of DCC, an image with its key, a pre-notification and a recorded difference are all judged."""
    (lists / "image.zigbee").write_bytes(_image())
    (lists / "key.pem").write_bytes(_public(_KEY))
    (lists / "copy.csv").write_bytes(after_octets)
    (lists / "notice.xml").write_text(
        "<R><DevicePrenotification><DeviceManufacturer>F0B2</DeviceManufacturer><DeviceModel>03020001</DeviceModel>"
        "<DeviceType>HCALCS</DeviceType><FirmwareVersion>00000B01</FirmwareVersion></DevicePrenotification></R>"
    )
    _, out, _ = run("cpl", "diff", "before.csv", "after.csv", "--json", "--html", "diff.html")
    digest = sha256_hex(out.encode())
    words = ["cpl", "check", "before.csv", "after.csv", "--json", "--recorded-diff", digest, "--as-of", "2022-10-15"]
    words += ["--image", "image.zigbee", "--image-key", "key.pem", "--dcc-copy", "copy.csv"]
    words += ["--prenotification", "notice.xml", "--before-sha256", sha256_hex((lists / "before.csv").read_bytes())]
    code, out, _ = run(*words)
    report = json.loads(out)
    assert (code, report["verdict"], report["diff_sha256"]) == (0, "load", digest)
    verdicts = {row["id"]: row["verdict"] for row in report["checks"]}
    judged = {"CPL-FI-082", "CPL-FI-088", "CPL-FI-089", "CPL-IMG-08", "CPL-DUIS-01", "CPL-TD-10"}
    assert {verdicts[case] for case in judged} == {"pass"}


def test_a_list_without_digests_is_inconclusive(run: Run, lists: Path) -> None:
    """A blocking check that could not be made ends with exit code 2 and says what is missing."""
    (lists / "after.csv.sha256").unlink()
    code, out, _ = run("cpl", "check", "before.csv", "after.csv")
    assert code == 2
    assert "not judged: no published digest of after.csv" in out


def test_a_bad_list_does_not_load(run: Run, lists: Path, after_octets: bytes) -> None:
    """The offending octets are shown in brackets, with line, column and octet."""
    (lists / "bad.csv").write_bytes(after_octets.replace(b"00000B01", b"0000B01"))
    code, out, _ = run("cpl", "check", "before.csv", "bad.csv")
    assert code == 1
    assert out.startswith("DO NOT LOAD")
    assert "bad.csv, line 6, column 9 FirmwareVersion, octet 1129" in out
    assert "[30][30][30][30][42][30][31]" in out


def test_a_hostile_list_cannot_steer_the_terminal(run: Run, lists: Path, after_octets: bytes) -> None:
    """Control characters of a list are shown, not obeyed, in the check and in the difference."""
    (lists / "bad.csv").write_bytes(after_octets.replace(b"Sample Switches plc,0302", b"\x1b[2Jx,0302"))
    for words in (["check"], ["diff"]):
        _, out, _ = run("cpl", *words, "before.csv", "bad.csv")
        assert "\x1b" not in out
        assert "\\x1b[2Jx" in out


def test_the_register_is_judged_with_its_key(run: Run, lists: Path) -> None:
    """The packaged register agrees with the trial; a key that did not sign it is refused."""
    demo = packaged("fixtures") / "demo"
    words = ["cpl", "check", "before.csv", "after.csv", "--json", "--as-of", "2022-10-15"]
    words += ["--register", str(demo / "register")]
    code, out, err = run(*words, "--register-key", str(demo / "trust" / "register.pem"))
    report = json.loads(out)
    assert (code, err) == (0, "")
    assert {row["verdict"] for row in report["checks"] if row["id"].startswith("CPL-TD")} == {"pass"}
    code, _, err = run(*words)
    assert code == 0
    assert "not verified" in err
    (lists / "other.pem").write_bytes(_public(_KEY))
    code, _, err = run(*words, "--register-key", "other.pem")
    assert code == 3
    assert "not signed by a given key" in err


def test_a_list_with_many_faults_is_shown_in_part(run: Run, lists: Path, before_octets: bytes) -> None:
    """Only the first findings of a check are shown to a person."""
    (lists / "bad.csv").write_bytes(before_octets.replace(b",3.2,", b",3.9,"))
    _, out, _ = run("cpl", "check", "before.csv", "bad.csv")
    assert "and 1 more" in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["cpl", "check", "before.csv", "none.csv"], "none.csv: cannot be read"),
        (["cpl", "check", "before.csv", "after.csv", "--as-of", "soon"], "--as-of"),
        (["cpl", "check", "before.csv", "after.csv", "--after-sha256", "abc"], "no SHA-256"),
        (["cpl", "check", "before.csv", "after.csv", "--profile", "before.csv"], "not usable JSON"),
        (["cpl", "check", "before.csv", "after.csv", "--changes", "before.csv"], "not usable JSON"),
        (["cpl", "check", "before.csv", "after.csv", "--prenotification", "empty.xml"], "no pre-notification"),
        (["cpl", "check", "before.csv", "after.csv", "--image", "before.csv"], "OTA file identifier"),
        (["cpl", "check", "before.csv", "after.csv", "--image-key", "ed25519.pem"], "signs no images"),
        (["cpl", "check", "before.csv", "after.csv", "--register", "none"], "none"),
        (["cpl", "trial-reference", "make", "2019", "1"], "out of range"),
        (["cpl", "trial-reference", "scan", "none.csv"], "cannot be read"),
        (["cpl", "profile", "infer", "empty.xml"], "nothing to learn"),
        (["image", "show", "before.csv"], "OTA file identifier"),
        (["image", "show", "before.csv", "--form", "9"], "no form"),
        (["image", "show", "image.zigbee", "--key", "ed25519.pem"], "signs no images"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_3(run: Run, lists: Path, words: list[str], message: str) -> None:
    """What cannot be used is told in one line on standard error, and nothing is printed."""
    (lists / "empty.xml").write_text("<R/>")
    (lists / "image.zigbee").write_bytes(_image())
    (lists / "ed25519.pem").write_bytes(_public(ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))))
    code, out, err = run(*words)
    assert (code, out) == (3, "")
    assert len(err.splitlines()) == 1
    assert message in err


def _manifest(profile: cpl.Profile, after: bytes, **more: str) -> bytes:
    document = cpl.read_document(after, profile=profile, name="after.csv")
    row = document.records[-1]
    cells = {name: document.cell(row, name) for name in profile.names}
    return json.dumps({"profile": profile.profile_id, "additions": [{"entry": "5", "cells": cells}], **more}).encode()


def test_apply_makes_the_list_and_undo_takes_it_back(
    run: Run, lists: Path, profile: cpl.Profile, after_octets: bytes
) -> None:
    """Apply writes the new list and the way back, doing so twice changes nothing, and undo restores the old list."""
    (lists / "changes.json").write_bytes(_manifest(profile, after_octets))
    for _ in range(2):
        code, out, _ = run("cpl", "apply", "before.csv", "changes.json", "--output", "new.csv", "--json")
        assert (code, json.loads(out)["sha256"]) == (0, sha256_hex(after_octets))
    assert (lists / "new.csv").read_bytes() == after_octets
    assert run("cpl", "apply", "before.csv", "changes.json", "-o", "new.csv")[0] == 0
    assert run("cpl", "undo", "new.csv", "new.csv.undo.json", "-o", "old.csv")[0] == 0
    assert (lists / "old.csv").read_bytes() == (lists / "before.csv").read_bytes()


def test_nothing_is_overwritten(
    run: Run, lists: Path, profile: cpl.Profile, before_octets: bytes, after_octets: bytes
) -> None:
    """An output that exists with other octets is refused, and neither file of the pair is written."""
    (lists / "changes.json").write_bytes(_manifest(profile, after_octets))
    code, _, err = run("cpl", "apply", "before.csv", "changes.json", "-o", "before.csv")
    assert code == 3
    assert "already exists" in err
    assert (lists / "before.csv").read_bytes() == before_octets
    assert not (lists / "before.csv.undo.json").exists()


def test_a_manifest_of_another_list_is_refused(
    run: Run, lists: Path, profile: cpl.Profile, after_octets: bytes
) -> None:
    """Digests in a manifest are held to, before anything is written."""
    for key in ("before_sha256", "after_sha256"):
        (lists / "changes.json").write_bytes(_manifest(profile, after_octets, **{key: "0" * 64}))
        code, _, err = run("cpl", "apply", "before.csv", "changes.json", "-o", "new.csv")
        assert code == 3
        assert "as the change manifest says" in err
    assert not (lists / "new.csv").exists()


def test_a_difference_is_shown_and_undeclared_ones_fail(run: Run, lists: Path, before_octets: bytes) -> None:
    """Only the trial differs: exit code 0; an undeclared change: exit code 1."""
    code, out, _ = run("cpl", "diff", "before.csv", "after.csv")
    assert code == 0
    assert "entry 5: added, declared" in out
    (lists / "other.csv").write_bytes(before_octets.replace(b"3,Expired", b"3,Withdrawn"))
    code, out, _ = run("cpl", "diff", "before.csv", "other.csv", "--html", "d.html")
    assert code == 1
    assert "NOT DECLARED" in out
    assert "undeclared" in (lists / "d.html").read_text()


def test_a_profile_is_learnt_shown_and_used(run: Run, lists: Path) -> None:
    """A learnt profile is written once, names what a person must settle, and judges the list it was learnt from."""
    code, out, err = run("cpl", "profile", "infer", "before.csv")
    assert (code, json.loads(out)["profile_id"]) == (0, "cpl-inferred-1")
    assert "for a person: status" in err
    assert run("cpl", "profile", "infer", "before.csv", "-o", "own.json", "--id", "own-1")[0] == 0
    code, out, _ = run("cpl", "check", "before.csv", "after.csv", "--profile", "own.json")
    assert code == 0
    assert "own-1 (ASSUMED)" in out
    code, out, err = run("cpl", "profile", "show")
    assert (code, json.loads(out)["status"]) == (0, "ASSUMED")
    assert "cpl-assumed-1 (ASSUMED), SHA-256" in err
    assert (lists / "own.json").read_text().startswith("{")


def test_references_are_made_and_checked(run: Run, lists: Path) -> None:
    """A made reference checks; anything else ends with exit code 1 and says what it reads as."""
    assert run("cpl", "trial-reference", "make", "2022", "7") == (0, "TRIAL-2022-0007-49\n", "")
    code, out, _ = run("cpl", "trial-reference", "make", "2022", "7", "--codec", "trial-numeric-1", "--json")
    assert (code, json.loads(out)["reference"]) == (0, "992022000793")
    assert run("cpl", "trial-reference", "check", "TRIAL-2022-0007-49")[0] == 0
    code, out, _ = run("cpl", "trial-reference", "check", "TRIAL-2022-0007-49", "TRIAL", "X", "", "--json")
    assert code == 1
    assert [json.loads(line)["reads_as"] for line in out.splitlines()] == ["trial", "malformed", "certified", "empty"]


def test_a_scan_finds_collisions(run: Run, lists: Path, profile: cpl.Profile) -> None:
    """A clean list ends with 0, one with a trial with 1; a packed list cannot be scanned."""
    assert run("cpl", "trial-reference", "scan", "before.csv")[0] == 0
    code, out, _ = run("cpl", "trial-reference", "scan", "after.csv")
    assert code == 1
    assert "line 6, octet 1077" in out
    code, out, _ = run("cpl", "trial-reference", "scan", "after.csv", "--json", "--codec", "trial-numeric-1")
    assert (code, json.loads(out)["collisions"]) == (0, 0)
    packed = profile.model_copy(update={"container": profile.container.model_copy(update={"kind": "xml"})})
    (lists / "xml.json").write_text(packed.model_dump_json())
    assert run("cpl", "trial-reference", "scan", "after.csv", "--profile", "xml.json")[0] == 3


def test_the_image_of_a_request_is_shown_and_checked(run: Run, lists: Path) -> None:
    """A DUIS request in place of the image: shown with a remark on its version, and held to it by the check."""
    text = base64.b64encode(_image()).decode()
    for name, version in (("good.xml", "00000B01"), ("bad.xml", "00000000")):
        (lists / name).write_text(
            f"<R><UpdateFirmware><FirmwareImage>{text}</FirmwareImage>"
            f"<FirmwareVersion>{version}</FirmwareVersion></UpdateFirmware></R>"
        )
    code, out, err = run("image", "show", "bad.xml", "--json")
    assert (code, json.loads(out)["request_version"]) == (0, "00000000")
    assert "the image is 00000B01" in err
    assert run("cpl", "check", "before.csv", "after.csv", "--image", "good.xml")[0] == 0
    code, out, _ = run("cpl", "check", "before.csv", "after.csv", "--image", "bad.xml")
    assert code == 1
    assert "CPL-DUIS-03" in out
    (lists / "none.xml").write_text("<R/>")
    assert run("image", "show", "none.xml")[0] == 3


def test_an_image_is_shown_with_its_hash(run: Run, lists: Path) -> None:
    """The hash for the list is shown beside those taken by mistake; a signature that does not verify ends with 1."""
    (lists / "image.zigbee").write_bytes(_image())
    (lists / "key.pem").write_bytes(_public(_KEY))
    code, out, _ = run("image", "show", "image.zigbee", "--key", "key.pem", "--json")
    shown = json.loads(out)
    assert (code, shown["signature"], shown["form"]) == (0, "valid", "SR 11.1")
    assert shown["hash"] == "17AB4B55AA02FF240148C459BAD6953D65FA60A6F2527E21906096FAFAF315D8"
    code, out, _ = run("image", "show", "image.zigbee")
    assert code == 0
    assert "whole-file hash" in out
    (lists / "other.pem").write_bytes(_public(ec.derive_private_key(7, ec.SECP256R1())))
    assert run("image", "show", "image.zigbee", "--key", "other.pem")[0] == 1

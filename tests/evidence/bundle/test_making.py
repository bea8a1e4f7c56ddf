"""A bundle is deterministic, holds no private key and says what is not in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from trialconformance.core import UsageError, sha256_hex
from trialconformance.evidence import Note, Signer, Timing, make_bundle, open_bundle, sign_bundle
from trialconformance.evidence.bundle import commitment
from trialconformance.evidence.bundle.archive import input_path, unpack


def test_same_run_gives_the_same_octets(workshop: Any) -> None:
    """Two bundles of one run are equal octet for octet, signatures included."""
    first, second = workshop.bundle(name="a.zip"), workshop.bundle(name="b.zip")
    assert first.read_bytes() == second.read_bytes()


def test_bundle_holds_what_it_takes_to_check_it(workshop: Any) -> None:
    """Record, catalogue, settings, environment, bill of materials, report, instructions and inputs are there."""
    bundle = open_bundle(workshop.bundle().read_bytes())
    assert {row.path for row in bundle.manifest.files} == {
        "record.json",
        "catalogue.json",
        "environment.json",
        "sbom/suite.cdx.json",
        "VERIFY.md",
        "settings/policy made-up",
        "reports/report.html",
        *(input_path(name) for name in workshop.inputs()),
    }
    assert bundle.inputs == workshop.inputs()
    assert bundle.record == workshop.record(workshop.passing)
    assert sha256_hex(bundle.record.to_json()) in bundle.files["VERIFY.md"].decode()


def test_timing_notes_and_firmware_sbom_are_listed_when_given(workshop: Any) -> None:
    """What is optional has its place in the manifest, and the note is in the report, escaped."""
    path = workshop.bundle(
        timing=Timing(started="2022-10-03T10:00:00Z", finished="2022-10-03T10:00:07Z"),
        notes=[Note(title="Rig", text="Bench <3>\n\nSecond paragraph")],
        firmware_sbom=b"{}",
    )
    bundle = open_bundle(path.read_bytes())
    roles = {row.path: row.role for row in bundle.manifest.files}
    assert roles["timing.json"] == "timing"
    assert roles["sbom/firmware.cdx.json"] == "sbom-firmware"
    assert b"Bench &lt;3&gt;" in bundle.files["reports/report.html"]


def test_withheld_input_is_named_by_digest(workshop: Any) -> None:
    """An input that stays out keeps its digest and the reason in the manifest."""
    bundle = open_bundle(workshop.bundle(withhold=["image/*"]).read_bytes())
    (entry,) = bundle.manifest.withheld
    assert (entry.name, entry.commitment) == ("image/firmware.zigbee", False)
    assert entry.digest == sha256_hex(workshop.image())
    assert "withheld by the maker" in entry.reason
    assert "image/firmware.zigbee" not in bundle.inputs


def test_input_that_was_not_given_is_withheld(workshop: Any, tmp_path: Path) -> None:
    """What the writer was not given is listed as such."""
    path = make_bundle(
        workshop.record(), tmp_path / "b.zip", inputs={}, catalogue=workshop.catalogue(), settings=workshop.settings
    )
    assert {entry.reason for entry in open_bundle(path.read_bytes()).manifest.withheld} == {
        "not given to the writer of the bundle"
    }


def test_private_key_that_was_used_leaves_a_commitment(workshop: Any) -> None:
    """Of a secret file only a commitment is kept, which is not its plain digest."""
    key = workshop.keys["laboratory"].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = workshop.bundle(secrets={"keystore/device.key": key})
    bundle = open_bundle(path.read_bytes())
    (entry,) = bundle.manifest.withheld
    assert entry.commitment
    assert entry.digest == commitment(key) != sha256_hex(key)
    assert key not in path.read_bytes()


def test_private_key_among_the_inputs_is_refused(workshop: Any, tmp_path: Path) -> None:
    """A key is found by content, whatever its file is called, and nothing is written."""
    key = workshop.keys["laboratory"].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(UsageError, match=r"documents/notes\.md: holds a PEM private key"):
        workshop.bundle(inputs=workshop.inputs() | {"documents/notes.md": b"# Notes\n" + key})
    assert list(tmp_path.iterdir()) == []


def test_private_key_in_a_setting_is_refused(workshop: Any, tmp_path: Path) -> None:
    """Every file of the bundle is looked at, not only the inputs."""
    key = workshop.keys["manufacturer"].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(UsageError, match="settings/policy: holds a PEM private key"):
        make_bundle(workshop.record(), tmp_path / "b.zip", inputs={}, catalogue=b"{}", settings={"policy": key})


def test_stranger_among_the_inputs_is_refused(workshop: Any) -> None:
    """An input that the record does not name cannot be slipped in."""
    record = workshop.record()
    with pytest.raises(UsageError, match=r"extra\.hex: is not an artefact of the record"):
        make_bundle(record, workshop.folder / "b.zip", inputs={"extra.hex": b""}, catalogue=b"{}")


def test_input_that_changed_since_is_refused(workshop: Any) -> None:
    """Other octets than those of the run are refused."""
    with pytest.raises(UsageError, match="changed since it was judged"):
        make_bundle(workshop.record(), workshop.folder / "b.zip", inputs={"cpl/after.csv": b"other"}, catalogue=b"{}")


@pytest.mark.parametrize("name", ["../outside.hex", "/etc/passwd", "a\\b.hex", "c:x", "a\x00b", "a//b"])
def test_name_that_leads_out_is_refused(workshop: Any, name: str) -> None:
    """An input whose name could leave the folder of a replay cannot be in a bundle."""
    with pytest.raises(UsageError, match=r"the (path|name) "):
        workshop.bundle(inputs={name: b"00"})


def test_names_that_differ_in_case_only_are_refused(workshop: Any) -> None:
    """Two inputs that one file system would take for one are refused."""
    with pytest.raises(UsageError, match="differs from"):
        workshop.bundle(inputs={"a.hex": b"00", "A.hex": b"01"})


def test_name_outside_ascii_is_kept(workshop: Any) -> None:
    """A name with an umlaut is percent-encoded in the archive and whole in the manifest."""
    bundle = open_bundle(workshop.bundle(inputs={"Zähler 1.hex": b"00"}).read_bytes())
    assert bundle.inputs == {"Zähler 1.hex": b"00"}
    assert "inputs/Z%C3%A4hler 1.hex" in bundle.files


def test_signer_is_added_to_a_bundle(workshop: Any, tmp_path: Path) -> None:
    """Signing later gives what signing at once would have given; the same key signs once only."""
    at_once = workshop.bundle(name="a.zip")
    later = workshop.bundle(name="b.zip", signers=["manufacturer"])
    signer = Signer(role="laboratory", key=workshop.keys["laboratory"])
    signed = sign_bundle(later, signer, to=tmp_path / "c.zip")
    assert signed.read_bytes() == at_once.read_bytes()
    assert len(unpack(later.read_bytes())) == len(unpack(signed.read_bytes())) - 2
    with pytest.raises(UsageError, match="signed the bundle already"):
        sign_bundle(signed, signer)


def test_judgement_and_test_result_state_what_the_record_states(workshop: Any) -> None:
    """The two statements name manifest, record, image and list, and say what the common format lost."""
    bundle = open_bundle(workshop.bundle(rows=workshop.rows, claimed_time="2022-10-03T10:00:00Z").read_bytes())
    payloads = {}
    for path, octets in bundle.attestations.items():
        if path.startswith("attest/manufacturer"):
            import base64  # noqa: PLC0415 - read with nothing of ours

            payloads[path.split(".")[1]] = json.loads(base64.b64decode(json.loads(octets)["payload"]))
    own, common = payloads["judgement"], payloads["test-result"]
    assert own["_type"] == common["_type"] == "https://in-toto.io/Statement/v1"
    assert [each["name"] for each in own["subject"]] == [
        "MANIFEST.json",
        "record.json",
        "cpl/after.csv",
        "image/firmware.zigbee",
    ]
    assert own["predicate"]["verdict"] == "fail"
    assert own["predicate"]["claimed_time"] == "2022-10-03T10:00:00Z"
    assert own["predicate"]["test_result_loses"]
    assert common["predicate"]["result"] == "FAILED"
    assert common["predicate"]["failedTests"] == ["GBCS-SEC-004"]
    assert common["predicate"]["warnedTests"] == ["CPL-FI-003", "SMKI-EXT-12", "SMKI-KEY-001"]

"""The command over the demo: make, sign, verify, replay, what-if, compare and show."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from trialconformance.cli import main
from trialconformance.core import Verdict
from trialconformance.evidence import open_bundle
from trialconformance.packaged import packaged

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command and gives exit code, standard output and standard error."""

    def _run(*words: str | Path) -> tuple[int, str, str]:
        code = main([str(word) for word in words])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return _run


@pytest.fixture(scope="module")
def demo() -> Path:
    """The packaged submission."""
    return packaged("fixtures") / "demo" / "submission.toml"


@pytest.fixture(scope="module")
def made(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of the packaged submission, judged once."""
    path = tmp_path_factory.mktemp("made") / "demo.zip"
    main(["bundle", "make", str(demo), "--output", str(path)])
    return path


@pytest.fixture
def bundle(made: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may change."""
    path = tmp_path / "demo.zip"
    path.write_bytes(made.read_bytes())
    return path


@pytest.fixture
def key(workshop: Any, tmp_path: Path) -> Path:
    """A private key file of the manufacturer."""
    path = tmp_path / "manufacturer.pem"
    path.write_bytes(workshop.keys["manufacturer"].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path


@pytest.fixture
def trust(workshop: Any, tmp_path: Path) -> Path:
    """A trust policy that names the manufacturer alone."""
    value = json.loads(workshop.trust().model_dump_json())
    del value["roles"]["laboratory"]
    path = tmp_path / "trust.json"
    path.write_text(json.dumps(value))
    return path


def test_make_says_the_verdict_and_that_nobody_signed(run: Run, demo: Path, tmp_path: Path) -> None:
    """The exit code is that of the record, and an unsigned bundle is shouted."""
    code, _, err = run("bundle", "make", demo, "--output", tmp_path / "b.zip")
    record = open_bundle((tmp_path / "b.zip").read_bytes()).record
    assert code == record.exit_code
    assert record.statement in " ".join(err.split())
    assert "UNSIGNED" in err


def test_sign_then_verify(run: Run, bundle: Path, key: Path, trust: Path, tmp_path: Path) -> None:
    """A signed demo bundle is judged again and no step fails."""
    signed = tmp_path / "signed.zip"
    code, _, err = run("bundle", "sign", bundle, "--role", "manufacturer", "--key", key, "--output", signed)
    assert (code, "signed in the role manufacturer" in err) == (0, True)
    code, out, _ = run("bundle", "verify", signed, "--trust", trust, "--on", "2022-10-15", "--json")
    verification = json.loads(out)
    assert [step["outcome"] for step in verification["steps"] if step["outcome"] not in {"passed", "gap"}] == []
    assert verification["signed_by"] == ["manufacturer"]
    assert verification["steps"][5]["notes"] == ["every row is the same again"]
    assert code in {0, 2}


def test_verify_for_a_person(run: Run, bundle: Path) -> None:
    """Without --json every step stands on a line of its own, with the verdict of the device beside the conclusion."""
    code, out, _ = run("bundle", "verify", bundle, "--no-replay")
    assert code == 2
    assert "VERIFIED WITH GAPS" in out
    assert "UNSIGNED" in out
    assert "the record says of the device" in out
    assert "vouched for by: nobody whom you trust" in out


def test_tampered_bundle_is_rejected_and_not_signed(run: Run, bundle: Path, key: Path) -> None:
    """Verification ends with 1, and nobody signs what does not hold."""
    octets = bytearray(bundle.read_bytes())
    octets[len(octets) // 3] ^= 1
    bundle.write_bytes(octets)
    assert run("bundle", "verify", bundle)[0] == 1
    code, _, err = run("bundle", "sign", bundle, "--role", "manufacturer", "--key", key)
    assert code == 3
    assert "not fit to be signed" in err


def test_replay_of_the_demo_is_identical(run: Run, bundle: Path) -> None:
    """Judged again from the bundle alone, the record is the same octet for octet."""
    code, out, _ = run("bundle", "replay", bundle)
    assert (code, out.strip()) == (0, "the same record, octet for octet")
    code, out, _ = run("bundle", "replay", bundle, "--json")
    assert json.loads(out)["identical"] is True


def test_replay_without_withheld_inputs_is_explained(run: Run, demo: Path, tmp_path: Path) -> None:
    """A difference that withheld inputs explain is inconclusive, and supplying them makes it vanish."""
    path = tmp_path / "b.zip"
    run("bundle", "make", demo, "--output", path, "--withhold", "docs/*")
    code, out, _ = run("bundle", "replay", path)
    assert code == 2
    assert "withheld and not supplied" in out
    supplies = [
        word
        for each in open_bundle(path.read_bytes()).manifest.withheld
        for word in ("--supply", f"{each.name}={demo.parent / each.name}")
    ]
    assert run("bundle", "replay", path, *supplies)[0] == 0
    code, _, err = run("bundle", "replay", path, "--supply", f"{supplies[1].partition('=')[0]}={demo}")
    assert (code, "is not the file that was judged" in err) == (3, True)
    code, _, err = run("bundle", "replay", path, "--supply", f"nothing.md={demo}")
    assert (code, "is not withheld" in err) == (3, True)


def test_what_if_another_day(run: Run, bundle: Path) -> None:
    """A year later the trial is over: cases become worse because of the date."""
    _, out, _ = run("bundle", "what-if", bundle, "--as-of", "2024-01-01", "--json")
    comparison = json.loads(out)["comparison"]
    assert comparison["differences"]["date"] == ["judged as of 2022-10-15 -> 2024-01-01"]
    assert any(change["worse"] and "date" in change["causes"] for change in comparison["changes"])
    _, out, _ = run("bundle", "what-if", bundle, "--as-of", "2024-01-01")
    assert "because of date" in out


def test_compare(run: Run, bundle: Path, demo: Path, tmp_path: Path) -> None:
    """A bundle against itself is the same; against a record that fails more, the exit code is 1."""
    code, out, _ = run("bundle", "compare", bundle, bundle)
    assert (code, out.strip()) == (0, "the same record")
    record = open_bundle(bundle.read_bytes()).record
    rows = tuple(row.model_copy(update={"verdict": Verdict.FAIL, "reason": "changed"}) for row in record.cases)
    worse = tmp_path / "record.json"
    worse.write_bytes(record.model_copy(update={"cases": rows}).to_json())
    code, out, _ = run("bundle", "compare", bundle, worse)
    assert code == 1
    assert "more: see --json" in out
    code, out, _ = run("bundle", "compare", bundle, worse, "--json")
    assert len(json.loads(out)["changes"]) > 20


@pytest.mark.parametrize("part", ["record", "manifest", "lab-report"])
def test_show(run: Run, bundle: Path, part: str) -> None:
    """Each part is one JSON document."""
    code, out, _ = run("bundle", "show", bundle, part)
    assert code == 0
    assert json.loads(out)["schema_id"].startswith("trialconformance-")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["verify", "missing.zip"], "cannot be read"),
        (["replay", "{demo}"], "does not begin like a zip archive"),
        (["compare", "{demo}", "{demo}"], "is no bundle and no record"),
        (["what-if", "{bundle}"], "nothing to change"),
        (["what-if", "{bundle}", "--as-of", "soon"], "is no date"),
        (["what-if", "{bundle}", "--spec", "GBCS"], "NAME=VERSION"),
        (["sign", "{bundle}", "--role", "ssc", "--key", "{demo}"], "private key"),
        (["sign", "{bundle}", "--role", "ssc", "--key", "missing.pem"], "cannot be read"),
        (["make", "{demo}", "--signed-at", "noon"], "is no time"),
        (["make", "{demo}", "--signed-at", "2022-10-03T10:00:00"], "has no offset"),
        (["make", "{demo}", "--sign", "manufacturer"], "ROLE=KEY.pem"),
        (["verify", "{bundle}", "--trust", "missing.json"], "cannot be read"),
    ],
)
def test_bad_use_ends_with_three_and_one_message(
    run: Run, bundle: Path, demo: Path, words: list[str], message: str
) -> None:
    """What cannot be used is named, with what would be accepted."""
    code, _, err = run("bundle", *(word.format(demo=demo, bundle=bundle) for word in words))
    assert code == 3
    assert message in " ".join(err.split())


def test_signed_when_made(run: Run, demo: Path, key: Path, tmp_path: Path) -> None:
    """A signer at the making claims a time; the bundle holds its attestations and the firmware's bill of materials."""
    bill = tmp_path / "firmware.cdx.json"
    bill.write_text('{"bomFormat": "CycloneDX"}')
    path = tmp_path / "b.zip"
    run(
        "bundle", "make", demo, "--output", path, "--sign", f"manufacturer={key}",
        "--signed-at", "2022-10-15T10:00:00Z", "--firmware-sbom", bill,
    )  # fmt: skip
    bundle = open_bundle(path.read_bytes())
    assert len(bundle.attestations) == 2
    assert "sbom/firmware.cdx.json" in bundle.files


def test_file_far_too_large_is_refused_unread(run: Run, tmp_path: Path) -> None:
    """A file of terabytes, sparse or not, is told by its size."""
    path = tmp_path / "huge.zip"
    with path.open("wb") as stream:
        stream.truncate(1 << 41)
    code, _, err = run("bundle", "verify", path)
    assert code == 3
    assert "octets are no bundle" in " ".join(err.split())


def test_laboratory_with_a_scope(run: Run, bundle: Path, tmp_path: Path) -> None:
    """Results outside the accreditation are flagged; a file that is no scope is refused."""
    scope = tmp_path / "scope.json"
    scope.write_text('{"schedule": "0000", "cases": ["GBCS-*", "SMKI-*"]}')
    _, out, _ = run("bundle", "show", bundle, "lab-report", "--scope", scope)
    outside = json.loads(out)["outside_scope"]
    assert outside
    assert not any(case.startswith(("GBCS-", "SMKI-")) for case in outside)
    scope.write_text("{}")
    assert run("bundle", "show", bundle, "lab-report", "--scope", scope)[0] == 3

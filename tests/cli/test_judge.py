"""``trialconformance judge``: the pure checks over bare folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from trialconformance.cli import main
from trialconformance.core import ExitCode, Record, Verdict
from trialconformance.smki.issue import SyntheticPki


def _record(capsys: pytest.CaptureFixture[str]) -> Record:
    return Record.from_json(capsys.readouterr().out.encode())


def test_folders_are_judged(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Captures and certificates are judged, and the record is the only thing on standard output."""
    keys = folder / "with-keys"
    SyntheticPki().write(keys, private_keys=True)
    words = ["judge", "--captures", str(folder / "captures"), "--keystore", str(keys), "--json"]
    assert main([*words, "--as-of", "2022-10-15"]) == ExitCode.PASS
    record = _record(capsys)
    assert record.as_of == "2022-10-15"
    assert next(row for row in record.cases if row.id == "GBCS-SEC-001").verdict is Verdict.PASS
    assert next(row for row in record.cases if row.id == "CPL-FI-001").verdict is Verdict.NOT_APPLICABLE


def test_without_keys_nothing_is_verified(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Signed messages whose keys are not at hand leave the run undecided: a signature nobody verified is no pass."""
    assert main(["judge", "--captures", str(folder / "captures"), "--json"]) == ExitCode.INCONCLUSIVE
    undecided = {row.id: row.reason for row in _record(capsys).cases if row.verdict is Verdict.INCONCLUSIVE}
    assert "not judged" in undecided["GBCS-SEC-007"]


def test_lists_are_judged(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A pair of lists is judged with its declared change and the image."""
    words = ["judge", "--json", "--as-of", "2022-10-15"]
    words += ["--before", str(folder / "cpl" / "before.csv"), "--after", str(folder / "cpl" / "after.csv")]
    words += ["--changes", str(folder / "cpl" / "changes.json"), "--image", str(folder / "image" / "firmware.zigbee")]
    assert main(words) == ExitCode.PASS
    assert "assumed format" in _record(capsys).statement


def test_a_selection_is_undecided(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Only the cases of a pattern are judged; the others are left out by name of the pattern."""
    words = ["judge", "-c", str(folder / "captures"), "--cases", "GBCS-STR-*", "--json"]
    assert main(words) == ExitCode.INCONCLUSIVE
    record = _record(capsys)
    assert all(row.selected is row.id.startswith("GBCS-STR-") for row in record.cases)
    assert {row.reason for row in record.cases if not row.selected} == {"left out by --cases GBCS-STR-*"}


def test_a_person_sees_findings_and_accounting(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without ``--json`` the breaches are shown with their octets, then every bucket, then the verdict."""
    capture = next((folder / "captures").rglob("*.hex"))
    capture.write_text(capture.read_text().strip()[:-2])
    assert main(["judge", "-c", str(folder / "captures"), "--as-of", "2022-10-15"]) == ExitCode.FAIL
    shown = capsys.readouterr().out
    assert "expected  " in shown
    assert "not-applicable" in shown
    assert "verdict: fail" in shown


def test_the_profile_follows_the_key_store(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A key store with private keys is a test key store: judged under test-pki, as of that profile's day."""
    store = folder / "with-keys"
    SyntheticPki().write(store, parties=["supplier"], devices=["hcalcs"], private_keys=True)
    main(["judge", "-k", str(store), "--json"])
    shown = capsys.readouterr()
    record = Record.from_json(shown.out.encode())
    assert "smki-profile test-pki" in record.settings
    assert "judged under the profile test-pki" in shown.err
    assert "PRIVATE KEY" not in shown.out
    assert not [row for row in record.artefacts if row.name.endswith(".key")]
    main(["judge", "-k", str(store), "--json", "--smki-profile", "production", "-q"])
    shown = capsys.readouterr()
    assert "smki-profile production" in Record.from_json(shown.out.encode()).settings
    assert not shown.err


def test_a_profile_of_ones_own(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``--smki-profile`` takes a file as well."""
    own = folder / "own.json"
    own.write_text('{"name": "own", "description": "ours"}')
    main(["judge", "-k", str(folder / "keystore"), "--json", "--smki-profile", str(own), "--gbcs", "4.2"])
    record = _record(capsys)
    assert "smki-profile own" in record.settings
    assert record.specifications == {"GBCS": "4.2"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "there is nothing to judge"),
        (["-c", "nowhere"], "nowhere"),
        (["-k", "."], "holds no"),
        (["-c", "{captures}", "--cases", "NO-*"], "no case is called NO-*"),
        (["-c", "{captures}", "--as-of", "tomorrow"], "'tomorrow' is no date"),
        (["-c", "{captures}", "--acb", "12"], "'12' is not an EUI-64"),
        (["-c", "{captures}", "--gbcs", "x"], "'x' is not a version"),
        (["-c", "{captures}", "--smki-profile", "nowhere.json"], "nowhere.json"),
        (["--before", "{captures}"], "both lists or neither"),
    ],
)
def test_bad_usage(words: list[str], said: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be used is told in one line with what is accepted."""
    capture = next((folder / "captures").rglob("*.hex"))
    filled = [word.format(captures=capture) for word in words]
    assert main(["judge", "-q", *filled]) == ExitCode.BAD_INPUT
    shown = capsys.readouterr()
    assert said in shown.err
    assert shown.err.count("\n") == 1
    assert not shown.out


@pytest.mark.official
def test_official_messages_break_no_rule(rtds: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Over the official test data no case of severity must finds anything."""
    words = ["judge", "-c", str(rtds / "RTDS-4.5.0"), "-k", str(rtds / "keystore"), "--acb", "90B3D51F30000002"]
    assert main([*words, "--json"]) == ExitCode.PASS
    record = _record(capsys)
    assert record.accounting["error"] == 0
    assert [row.id for row in record.cases if row.findings and row.severity == "must"] == []


@pytest.mark.official
def test_official_messages_without_keys_are_undecided(rtds: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a key store the same messages break no rule either, but no protection of theirs was verified."""
    assert main(["judge", "-c", str(rtds / "RTDS-4.5.0"), "--json"]) == ExitCode.INCONCLUSIVE
    record = _record(capsys)
    assert [row.id for row in record.cases if row.findings and row.severity == "must"] == []
    assert {"GBCS-SEC-006", "GBCS-SEC-007"} <= {row.id for row in record.cases if row.verdict is Verdict.INCONCLUSIVE}

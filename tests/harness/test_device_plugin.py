"""Live devices in pytest: the same record at any ``-n``, replays, faults, dead devices, a rig of one's own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from trialconformance.packaged import packaged

_EXAMPLE = Path(__file__).parents[2] / "examples" / "existing-harness"


@pytest.fixture(scope="module")
def submission(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packaged trial submission."""
    folder = tmp_path_factory.mktemp("submission") / "demo"
    shutil.copytree(packaged("fixtures") / "demo", folder)
    return folder / "submission.toml"


def _run(folder: Path, submission: Path, *words: str) -> tuple[int, dict[str, Any]]:
    """Run pytest in a process of its own; the exit code and the record."""
    arguments = ["--trial", str(submission), "-p", "no:cacheprovider", "-p", "no:randomly", *words]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *arguments], cwd=folder, capture_output=True, timeout=240, check=False
    )
    record = folder / "trial-evidence" / "record.json"
    assert record.exists(), done.stdout.decode() + done.stderr.decode()
    return done.returncode, json.loads(record.read_bytes())


def _rows(record: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in record["cases"]}


# Procedures that use every part of a session, so that not all of them need to be run several times.
_SOME = ("--trial-suite", "device", "-k", "CTR or FDT or FWR or LIV")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory, submission: Path) -> Path:
    """The evidence of a run in one process."""
    folder = tmp_path_factory.mktemp("recorded")
    _run(folder, submission, *_SOME, "--device", "emulator")
    return folder / "trial-evidence"


def test_same_record_at_any_number_of_workers(tmp_path: Path, submission: Path, recorded: Path) -> None:
    """One process and two workers give the same record and the same transcripts, octet for octet."""
    _run(tmp_path, submission, *_SOME, "--device", "emulator", "-n", "2")
    evidence = tmp_path / "trial-evidence"
    assert (evidence / "record.json").read_bytes() == (recorded / "record.json").read_bytes()
    names = sorted(path.name for path in (recorded / "transcripts").iterdir())
    assert names == sorted(path.name for path in (evidence / "transcripts").iterdir())
    for name in names:
        assert (recorded / "transcripts" / name).read_bytes() == (evidence / "transcripts" / name).read_bytes()


def test_recorded_run_is_replayed(tmp_path: Path, submission: Path, recorded: Path) -> None:
    """The transcripts of a run stand in for its device, and every procedure comes to the same."""
    _, replayed = _run(tmp_path, submission, *_SOME, "--device", f"replay:{recorded / 'transcripts'}")
    first = json.loads((recorded / "record.json").read_bytes())
    verdicts = {name: row["verdict"] for name, row in _rows(first).items()}
    assert {name: row["verdict"] for name, row in _rows(replayed).items()} == verdicts


def test_fault_fails_the_run(tmp_path: Path, submission: Path) -> None:
    """A device that accepts a wrong MAC fails, although the case rests on an assumption: the policy promotes it."""
    device = "emulator:HCALCS:controller-accepts-bad-mac"
    code, record = _run(tmp_path, submission, "--trial-suite", "device", "--device", device, "-k", "NEG-001")
    row = _rows(record)["GBCS-NEG-001"]
    assert (row["basis"], row["verdict"]) == ("assumed", "fail")
    assert "no response to a command with a wrong MAC" in row["findings"][0]["expected"]
    assert code == 1


def test_silent_device_fails_the_run(tmp_path: Path, submission: Path) -> None:
    """A device that never answers makes the run fail, and passes nothing that expects silence."""
    words = ("--trial-suite", "device", "-k", "LIV-001 or NEG-001", "--device", "emulator:HCALCS:stays-silent")
    code, record = _run(tmp_path, submission, *words)
    rows = _rows(record)
    assert rows["GBCS-LIV-001"]["verdict"] == "fail"
    assert rows["GBCS-NEG-001"]["verdict"] == "inconclusive"
    assert code == 1


def test_existing_harness_is_plugged_in(tmp_path: Path, submission: Path) -> None:
    """The example of an existing harness runs the procedures as it stands, in under thirty lines."""
    folder = tmp_path / "harness"
    shutil.copytree(_EXAMPLE, folder)
    words = ("--device", "plugin", "--trial-suite", "device", "-k", "LIV or ANS-002 or NEG-001 or FDT-005")
    _, record = _run(folder, submission, *words)
    rows = _rows(record)
    assert rows["GBCS-LIV-001"]["verdict"] == "pass"
    assert rows["GBCS-ANS-002"]["verdict"] == "pass"
    assert rows["GBCS-NEG-001"]["verdict"] == "pass"
    assert len((folder / "conftest.py").read_text("utf-8").splitlines()) < 36


def test_risk_suite_spares_other_hosts(tmp_path: Path, submission: Path) -> None:
    """A host that is not loopback is not attacked until it is named."""
    folder = tmp_path / "harness"
    shutil.copytree(_EXAMPLE, folder)
    conftest = folder / "conftest.py"
    conftest.write_text(conftest.read_text("utf-8").replace('host = "127.0.0.1"', 'host = "meter.example"'), "utf-8")
    words = ("--device", "plugin", "--trial-suite", "risk", "-k", "RISK-MSG-006")
    _, record = _run(folder, submission, *words)
    row = _rows(record)["RISK-MSG-006"]
    assert row["verdict"] == "inconclusive"
    assert "--device-allow meter.example" in row["reason"]
    _, record = _run(folder, submission, *words, "--device-allow", "meter.example")
    assert _rows(record)["RISK-MSG-006"]["verdict"] == "pass"
    report = json.loads((folder / "trial-evidence" / "risk.json").read_bytes())
    assert {each["case"]: each["status"] for each in report["risks"]}["RISK-MSG-006"] == "withstood"

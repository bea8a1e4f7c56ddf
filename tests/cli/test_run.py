"""``demo``, ``init`` and ``run``, as a user calls them in an empty folder."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from trialconformance.cli import main
from trialconformance.cli.writing import write_files
from trialconformance.core import ExitCode, Record, UsageError


def test_the_demo_passes_in_ten_seconds(trialconformance: Callable[..., Any], tmp_path: Path) -> None:
    """The demo takes less than 10 s and leaves record, report and bundle, exit code 0, and says where the report is."""
    start = os.times()
    done = trialconformance("demo")
    end = os.times()
    # Time of the processor, not of the wall: other tests may be running beside this one.
    assert end.children_user + end.children_system - start.children_user - start.children_system < 10
    assert done.returncode == ExitCode.PASS, done.stdout
    evidence = tmp_path / "here" / "trialconformance-demo" / "evidence"
    assert {path.name for path in evidence.iterdir()} >= {"record.json", "report.html", "bundle.zip"}
    assert "report: trialconformance-demo/evidence/report.html" in done.stdout
    assert "trialconformance-demo/evidence/report.html" in done.stderr
    again = trialconformance("demo", "--json", "-n", "2", "-q")
    assert again.returncode == ExitCode.PASS
    assert again.stdout.encode() == (evidence / "record.json").read_bytes()


def test_the_demo_overwrites_nobody(trialconformance: Callable[..., Any], tmp_path: Path) -> None:
    """A folder with other content is left as it is."""
    mine = tmp_path / "here" / "trialconformance-demo" / "submission.toml"
    mine.parent.mkdir()
    mine.write_text("mine")
    done = trialconformance("demo")
    assert done.returncode == ExitCode.BAD_INPUT
    assert "is there with other content" in done.stderr
    assert [path.name for path in mine.parent.iterdir()] == ["submission.toml"]
    assert mine.read_text() == "mine"


def test_a_new_submission_can_be_run(trialconformance: Callable[..., Any], tmp_path: Path) -> None:
    """What ``init`` writes is understood by ``run``, which then says what is missing."""
    started = trialconformance("init", "mine")
    assert started.returncode == ExitCode.PASS
    assert "trialconformance run mine/submission.toml" in started.stderr
    done = trialconformance("run", "mine/submission.toml", "--json", "--output", "out")
    assert done.returncode == ExitCode.FAIL
    assert json.loads(done.stdout) == json.loads((tmp_path / "here" / "out" / "record.json").read_bytes())
    assert "trial conformance" in done.stderr
    again = trialconformance("init", "mine")
    assert again.returncode == ExitCode.PASS


def test_options_reach_pytest(folder: Path, trialconformance: Callable[..., Any], tmp_path: Path) -> None:
    """Suites, workers, official mode and pytest's own options are passed on."""
    submission = folder / "submission.toml"
    part = trialconformance(
        "run", submission, "--suite", "cpl", "-n", "2", "--no-color", "--", "-v", "-p", "no:cacheprovider"
    )
    assert part.returncode == ExitCode.INCONCLUSIVE
    assert "CPL-FI-001" in part.stdout
    assert "\x1b[" not in part.stdout
    refused = trialconformance("run", submission, "--official", "--suite", "cpl")
    assert refused.returncode == ExitCode.BAD_INPUT
    assert "is not allowed in an official run" in refused.stderr
    assert trialconformance("run", submission, "--", "--no-such-option").returncode == ExitCode.BAD_INPUT
    assert trialconformance("run", "nowhere.toml").returncode == ExitCode.BAD_INPUT


def test_an_interrupt_is_no_verdict(folder: Path, trialconformance: Callable[..., Any], tmp_path: Path) -> None:
    """An interrupted run ends with what a shell reports for it, not with a verdict."""
    (tmp_path / "here" / "disturbance.py").write_text("def pytest_runtest_call(item): raise KeyboardInterrupt")
    done = trialconformance("run", folder / "submission.toml", "--", "-p", "disturbance")
    assert done.returncode == 130
    assert not (tmp_path / "here" / "trial-evidence").exists()


def test_files_are_written_all_or_none(tmp_path: Path) -> None:
    """Where one file is in the way none is written; equal files are left alone."""
    write_files(tmp_path, {"a/b": b"1"})
    write_files(tmp_path, {"a/b": b"1", "c": b"2"})
    assert (tmp_path / "c").read_bytes() == b"2"
    with pytest.raises(UsageError, match="is there with other content"):
        write_files(tmp_path, {"a/b": b"3", "d": b"4"})
    assert not (tmp_path / "d").exists()
    with pytest.raises(UsageError, match="cannot be written"):
        write_files(tmp_path / "c", {"e": b"5"})


def test_records_of_run_and_judge_agree(
    folder: Path, capsys: pytest.CaptureFixture[str], trialconformance: Callable[..., Any]
) -> None:
    """pytest and the pure judge come to the same rows for the same captures."""
    run = trialconformance("run", folder / "submission.toml", "--json", "-q")
    judged = Record.from_json(run.stdout.encode())
    main(["judge", "-c", str(folder / "captures"), "--cases", "GBCS-STR-*", "--as-of", "2022-10-15", "--json"])
    bare = Record.from_json(capsys.readouterr().out.encode())
    for row in bare.cases:
        if row.selected:
            assert next(each for each in judged.cases if each.id == row.id).verdict is row.verdict

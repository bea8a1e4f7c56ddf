"""Workers: the same record at any number of them, and none of them may die unseen."""

from __future__ import annotations

import re
from typing import Any

import pytest

from trialconformance.core import ExitCode, Verdict

_KILLER = """
import os

def pytest_runtest_call(item):
    if item.name.endswith("[CPL-FI-005]") and hasattr(item.config, "workerinput"):
        os._exit(9)
"""


def test_the_record_is_the_same_at_any_number_of_workers(bench: Any) -> None:
    """Alone, in workers and in random order the record has the same octets, and so has the report."""
    bench.run()
    alone = (bench.evidence / "record.json").read_bytes()
    report = (bench.evidence / "report.html").read_bytes()
    assert bench.run("-n", "2", process=True).ret == ExitCode.PASS
    assert (bench.evidence / "record.json").read_bytes() == alone
    assert (bench.evidence / "report.html").read_bytes() == report
    bench.run(*bench.plugin("def pytest_collection_modifyitems(items): items.reverse()"))
    assert (bench.evidence / "record.json").read_bytes() == alone


@pytest.mark.parametrize("restarts", [(), ("--max-worker-restart", "0")], ids=["replaced", "not replaced"])
def test_a_killed_worker_fails_the_run(restarts: tuple[str, ...], bench: Any) -> None:
    """The case of a worker that was killed is not run, and so are those nobody took over; the run fails."""
    result = bench.run(*bench.plugin(_KILLER), "-n", "1", "--trial-suite", "cpl", *restarts, process=True)
    assert result.ret == ExitCode.FAIL
    lost = {row.id: row for row in bench.record.cases if row.verdict is Verdict.NOT_RUN and row.selected}
    assert lost["CPL-FI-005"].reason == "no result came back: the worker died or the run was stopped"
    assert (len(lost) > 1) is bool(restarts)
    assert re.search(r"not-run +CPL-FI-005", result.stdout.str())


def test_a_stopped_run_fails(bench: Any) -> None:
    """A run that stops at its first failure fails, and what it did not reach is not run."""
    bench.spoil_signature()
    assert bench.run("-x").ret == ExitCode.FAIL
    assert any(row.verdict is Verdict.NOT_RUN and row.selected for row in bench.record.cases)


def test_an_interrupted_run_leaves_no_record(bench: Any) -> None:
    """Whoever interrupts a run gets no record of it."""
    result = bench.run(*bench.plugin("def pytest_runtest_call(item): raise KeyboardInterrupt"), process=True)
    assert result.ret == 130
    result.stdout.fnmatch_lines(["trialconformance: the run was stopped; no record was written"])
    assert not bench.evidence.exists()


def test_a_suite_that_cannot_be_collected_fails_the_run(bench: Any) -> None:
    """A suite of the user that cannot be imported fails the run before anything is judged."""
    bench.pytester.makepyfile(test_mine="import no_such_module")
    result = bench.run()
    assert result.ret == ExitCode.FAIL
    result.stdout.fnmatch_lines(["trialconformance: a suite could not be collected; no record was written"])


def test_a_broken_plugin_is_an_internal_error(bench: Any) -> None:
    """Where pytest itself breaks, the exit code says that the tool is at fault."""
    broken = bench.plugin("def pytest_runtest_logreport(report): raise RuntimeError('broken')")
    assert bench.run(*broken).ret == ExitCode.INTERNAL
    assert not bench.evidence.exists()

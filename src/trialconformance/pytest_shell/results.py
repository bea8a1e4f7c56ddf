"""Gathering the rows of a run in the main process, and writing what it leaves behind."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from trialconformance.core import CaseRow, ExitCode, Record, TrialConformanceError, Verdict
from trialconformance.evidence import Timing, make_bundle, write
from trialconformance.pytest_shell.attachments import gather_attachments
from trialconformance.pytest_shell.judging import CASE, ROW
from trialconformance.pytest_shell.state import Prepared

__all__ = ["Outcome", "Results"]

_CASE_OF_ITEM = re.compile(r"\[([A-Z0-9-]+)\]$")
_LOST = "no result came back: the worker died or the run was stopped"
_LEFT_OUT = "left out of this run by its selection"
_INTERRUPTED = 130  # what a shell reports for SIGINT
_FINISHED = frozenset({pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run came to.

    Args:
        record: the record, None where none was made.
        exit_code: the exit code of the run.
        files: what was written.
        problem: why there is no record, empty where there is one.
    """

    record: Record | None = None
    exit_code: int
    files: tuple[Path, ...] = ()
    problem: str = ""


class Results:
    """Gathers rows and accounts for them.

    Args:
        prepared: the run.
    """

    def __init__(self, prepared: Prepared) -> None:
        self._prepared = prepared
        self._rows: dict[str, str] = {}
        self._collected: set[str] = set()
        self._milliseconds: dict[str, int] = {}
        self._started = _now()
        self.outcome: Outcome | None = None

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note which cases this process is going to judge."""
        self._note(item.nodeid for item in session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: Any, ids: Sequence[str]) -> None:
        """Note which cases the workers are going to judge."""
        del node  # every worker collects the same
        self._note(ids)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the row off a report, from this process or from a worker; it is read when all are there."""
        properties = dict(report.user_properties)
        if (row := properties.get(ROW)) is not None:
            case_id = str(properties[CASE])
            self._rows[case_id] = str(row)
            self._milliseconds[case_id] = round(report.duration * 1000)

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Account for every case, write record, report and bundle, and choose the exit code."""
        if session.config.option.collectonly:
            return
        self.outcome = self._outcome(exitstatus, broken_suites=session.testsfailed)
        session.exitstatus = self.outcome.exit_code

    def _note(self, ids: Any) -> None:
        self._collected.update(match[1] for each in ids if (match := _CASE_OF_ITEM.search(each)))

    def _outcome(self, exitstatus: int, *, broken_suites: int) -> Outcome:
        if exitstatus == pytest.ExitCode.INTERNAL_ERROR:
            return Outcome(exit_code=ExitCode.INTERNAL, problem="pytest broke; no record was written")
        if exitstatus not in _FINISHED and broken_suites:
            return Outcome(exit_code=ExitCode.FAIL, problem="a suite could not be collected; no record was written")
        if exitstatus not in _FINISHED:
            return Outcome(exit_code=_INTERRUPTED, problem="the run was stopped; no record was written")
        if not self._collected:
            return Outcome(
                exit_code=ExitCode.BAD_INPUT,
                problem="no case was selected; no record was written (accepted: a selection that holds a case)",
            )
        record = self._prepared.run.record(self._every_row())
        code = record.exit_code if exitstatus != pytest.ExitCode.TESTS_FAILED else ExitCode.FAIL
        try:
            return Outcome(record=record, exit_code=code, files=self._written(record))
        except TrialConformanceError as error:
            return Outcome(exit_code=ExitCode.BAD_INPUT, problem=str(error))

    def _every_row(self) -> list[CaseRow]:
        run, settings = self._prepared.run, self._prepared.settings
        rows = {case_id: CaseRow.model_validate_json(row) for case_id, row in self._rows.items()}
        for case in run.judge.cases:
            if case.id in rows:
                continue
            if case.id in self._collected:
                rows[case.id] = CaseRow.of(case, Verdict.NOT_RUN, _LOST)
            elif case.id in self._prepared.procedures and not settings.device:
                rows[case.id] = run.judge.row(case.id)
            else:
                # In an official run nothing may be left out: the case counts, and it was not run.
                rows[case.id] = CaseRow.of(case, Verdict.NOT_RUN, _LEFT_OUT, selected=settings.official)
        return list(rows.values())

    def _written(self, record: Record) -> tuple[Path, ...]:
        hook, config, run = self._prepared.config.hook, self._prepared.config, self._prepared.run
        notes = [
            note
            for answer in hook.pytest_trialconformance_report_sections(config=config, record=record)
            for note in answer
        ]
        signers = [
            signer for answer in hook.pytest_trialconformance_signers(config=config, record=record) for signer in answer
        ]
        timing = Timing(started=self._started, finished=_now(), cases=self._milliseconds)
        judged = run.judged(record)
        output = self._prepared.settings.output
        attachments = gather_attachments(output) if self._prepared.settings.device else {}
        written = write(record, output, inputs=judged.inputs, timing=timing, notes=notes, attachments=attachments)
        bundle = make_bundle(
            record,
            output / "bundle.zip",
            inputs=judged.inputs,
            catalogue=judged.catalogue,
            settings=judged.settings,
            timing=timing,
            signers=signers,
            notes=notes,
            secrets=judged.secrets,
            attachments=attachments,
        )
        return (written.report, written.record, bundle)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")

"""One item judges one case: what the item does, and how its outcome reaches the report.

The row travels as a property of the report, so that it survives the way from a worker of pytest-xdist to the main
process.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, NoReturn

import pytest

from trialconformance.annotation import row_text
from trialconformance.core import (
    Case,
    CaseRow,
    Finding,
    Severity,
    Span,
    TrialConformanceError,
    Verdict,
    finding,
    stamp,
)
from trialconformance.engine import Judge
from trialconformance.pytest_shell.labels import AllureLabels
from trialconformance.pytest_shell.state import Prepared

__all__ = ["CASE", "ROW", "VERDICT", "CaseUnderTest", "Judging", "Procedure", "Restraint", "fails"]

CASE = "trialconformance_case"
VERDICT = "trialconformance_verdict"
ROW = "trialconformance_row"

_ROW_OF_ITEM: pytest.StashKey[CaseRow] = pytest.StashKey()


def fails(row: CaseRow) -> bool:
    """Whether a row fails its item: a must case that failed, or a check that broke."""
    return row.verdict is Verdict.ERROR or (row.verdict is Verdict.FAIL and row.severity is Severity.MUST)


class CaseUnderTest:
    """The case of an item; ``judge`` decides it.

    Args:
        judge: the judge of the run.
        case: the case.
    """

    def __init__(self, judge: Judge, case: Case) -> None:
        self._judge = judge
        self.case = case
        self.row: CaseRow | None = None

    def judge(self) -> CaseRow:
        """Judge the case over every artefact it concerns.

        Returns:
            What became of it. The plugin, not this call, decides the outcome of the item.
        """
        self.row = self._judge.row(self.case.id)
        return self.row


class _Undecided(Exception):  # noqa: N818 -- ends a procedure, is no error
    """A procedure ends without having judged anything."""

    def __init__(self, verdict: Verdict, reason: str) -> None:
        super().__init__(reason)
        self.verdict = verdict
        self.reason = reason


class Procedure:
    """What a procedure reports while it works with a live device.

    Args:
        judge: the judge of the run.
        case: the case that the procedure decides.
    """

    def __init__(self, judge: Judge, case: Case) -> None:
        self._judge = judge
        self.case = case
        self._findings: list[Finding] = []
        self._octets: dict[str, bytes] = {}
        self._judged = 0

    def examined(self, number: int = 1) -> None:
        """Count what was looked at.

        Args:
            number: artefacts, for example responses of the device.
        """
        self._judged += number

    def finding(
        self, *, expected: str, seen: str, at: Span | None = None, artefact: str = "", octets: bytes = b""
    ) -> None:
        """Report a breach; the procedure goes on.

        Args:
            expected: what the requirement accepts.
            seen: what the device did.
            at: the octets at fault.
            artefact: name of what was looked at, ``transcript`` by default.
            octets: its content, for the excerpt.
        """
        name = artefact or "transcript"
        if octets:
            self._octets[name] = octets
        self._findings.append(finding(expected=expected, seen=seen, at=at, artefact=name))

    def not_applicable(self, reason: str) -> NoReturn:
        """End the procedure: it does not concern this device.

        Args:
            reason: why.
        """
        raise _Undecided(Verdict.NOT_APPLICABLE, reason)

    def inconclusive(self, reason: str) -> NoReturn:
        """End the procedure: it could not be decided.

        Args:
            reason: why.
        """
        raise _Undecided(Verdict.INCONCLUSIVE, reason)

    def row(self, error: BaseException | None) -> CaseRow:
        """What became of the case.

        Args:
            error: what ended the procedure early, None when it ran to its end.
        """
        found = stamp(self._findings, case=self.case.id, artefact="transcript", octets=self._octets)
        if isinstance(error, _Undecided) and not found:
            return CaseRow.of(self.case, error.verdict, error.reason)
        if isinstance(error, pytest.skip.Exception):
            return CaseRow.of(self.case, Verdict.INCONCLUSIVE, f"skipped: {error.msg}", findings=found)
        if isinstance(error, Exception) and not isinstance(error, _Undecided):
            return self._judge.broken(self.case, error)
        if not found and not self._judged:
            return CaseRow.of(self.case, Verdict.INCONCLUSIVE, "the procedure looked at nothing")
        return self._judge.concluded(self.case, found, judged=self._judged)


class Judging:
    """Turns outcomes into rows and rows into reports.

    Args:
        prepared: the run.
    """

    def __init__(self, prepared: Prepared) -> None:
        self._labels = AllureLabels.of(prepared)

    @pytest.hookimpl(wrapper=True, trylast=True)  # innermost: other plugins, Allure for one, see the finished report
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Put the row on the report, and its finding in the place of a traceback."""
        if not _is_decided(call):
            return (yield)
        if _ROW_OF_ITEM not in item.stash and (row := self._decided(item, call)) is not None:
            _keep(item, row)
            if self._labels is not None:
                self._labels.label(row)
        report = yield
        kept = item.stash.get(_ROW_OF_ITEM, None)
        if kept is not None:
            _present(report, kept, item)
            # On this report alone: the one about the teardown need not carry it to the main process once more.
            report.user_properties.append((ROW, kept.model_dump_json()))
        elif call.excinfo is not None and isinstance(call.excinfo.value, TrialConformanceError):
            report.longrepr = str(call.excinfo.value)
        return report

    def _decided(self, item: pytest.Item, call: pytest.CallInfo[None]) -> CaseRow | None:
        subject = _param(item, "case")
        if isinstance(subject, CaseUnderTest):
            return subject.row
        procedure = _param(item, "procedure")
        if isinstance(procedure, Procedure):
            return procedure.row(None if call.excinfo is None else call.excinfo.value)
        return None


class Restraint:
    """Keeps procedures from touching the device where their case is ruled out; for runs with a device.

    Args:
        prepared: the run.
    """

    def __init__(self, prepared: Prepared) -> None:
        self._prepared = prepared

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """End a procedure before it begins where the ICS or the specification version rules its case out."""
        procedure = _param(item, "procedure")
        if isinstance(procedure, Procedure):
            row = self._prepared.run.judge.ruled_out(procedure.case)
            if row is not None:
                _keep(item, row)
                pytest.skip(row.reason)


def _is_decided(call: pytest.CallInfo[None]) -> bool:
    return call.when == "call" or (call.when == "setup" and call.excinfo is not None)


def _param(item: pytest.Item, name: str) -> Any:
    callspec = getattr(item, "callspec", None)
    return None if callspec is None else callspec.params.get(name)


def _keep(item: pytest.Item, row: CaseRow) -> None:
    item.stash[_ROW_OF_ITEM] = row
    item.user_properties += [(CASE, row.id), (VERDICT, row.verdict.value)]


def _present(report: pytest.TestReport, row: CaseRow, item: pytest.Item) -> None:
    if fails(row):
        report.outcome = "failed"
        report.longrepr = row_text(row)
    elif row.verdict in {Verdict.PASS, Verdict.FAIL}:
        report.outcome = "passed"
        report.longrepr = None
    else:
        path, line, _ = item.location
        report.outcome = "skipped"
        report.longrepr = (path, (line or 0) + 1, f"{row.verdict.value}: {row.reason}")

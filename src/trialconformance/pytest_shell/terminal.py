"""What a person sees: one header line, a word for every verdict, and a summary that reads like an accounting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from trialconformance import __version__
from trialconformance.core import CaseRow, Record, Severity, Verdict
from trialconformance.pytest_shell.judging import VERDICT
from trialconformance.pytest_shell.results import Results
from trialconformance.pytest_shell.state import Prepared

__all__ = ["Terminal"]

# verdict -> (category of pytest's last line, letter, word, colour)
_STATUS: dict[Verdict, tuple[str, str, str, str]] = {
    Verdict.PASS: ("passed", ".", "PASSED", "green"),
    Verdict.FAIL: ("failed", "F", "FAILED", "red"),
    Verdict.ERROR: ("failed", "E", "ERROR", "red"),
    Verdict.INCONCLUSIVE: ("inconclusive", "?", "INCONCLUSIVE", "yellow"),
    Verdict.WAIVED: ("waived", "w", "WAIVED", "yellow"),
    Verdict.NOT_APPLICABLE: ("not applicable", "-", "NOT APPLICABLE", "light"),
    Verdict.NOT_EFFECTIVE: ("not effective", "~", "NOT EFFECTIVE", "light"),
    Verdict.NOT_RUN: ("not run", "!", "NOT RUN", "red"),
}
_UNDECIDED = frozenset({"setup", "teardown", "collect"})
_REMARK = ("remarks", "r", "REMARK", "yellow")
_TOLD = (Verdict.FAIL, Verdict.ERROR, Verdict.NOT_RUN, Verdict.INCONCLUSIVE, Verdict.WAIVED)
_LINES_EACH = 20  # of one verdict; the report holds them all


class Terminal:
    """Writes to the terminal.

    Args:
        prepared: the run.
        results: what came of it.
    """

    def __init__(self, prepared: Prepared, results: Results) -> None:
        self._prepared = prepared
        self._results = results

    def pytest_report_header(self) -> str:
        """One line: what is judged, as of when, against how many cases."""
        subject = self._prepared.inputs.subject
        what = ", ".join(part for part in (subject.manufacturer, subject.device_type, subject.model) if part)
        official = ", official run" if self._prepared.settings.official else ""
        return (
            f"trialconformance {__version__}: {what}, as of {self._prepared.inputs.as_of.isoformat()}, "
            f"{len(self._prepared.run.judge.cases)} cases{official}"
        )

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(
        self, report: pytest.TestReport | pytest.CollectReport
    ) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
        """The word for the verdict of a case; other items keep pytest's words."""
        if report.when in _UNDECIDED and report.passed:
            return None
        if not isinstance(report, pytest.TestReport) or report.when == "teardown":
            return None
        verdict = next((str(value) for name, value in report.user_properties if name == VERDICT), None)
        if verdict is None:
            return None
        status = _STATUS[Verdict(verdict)]
        if report.passed and verdict == Verdict.FAIL:
            status = _REMARK
        category, letter, word, colour = status
        return category, letter, (word, {colour: True})

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Write the accounting."""
        outcome = self._results.outcome
        if outcome is None:
            return
        terminalreporter.write_sep("=", "trial conformance")
        if outcome.record is None:
            terminalreporter.write_line(f"trialconformance: {outcome.problem}", red=True)
            return
        for line in _accounting(outcome.record):
            terminalreporter.write_line(line)
        colour = "green" if outcome.record.verdict is Verdict.PASS else "red"
        if outcome.record.verdict is Verdict.INCONCLUSIVE:
            colour = "yellow"
        terminalreporter.write_line(f"verdict: {outcome.record.statement}", **{colour: True, "bold": True})
        for path in outcome.files:
            terminalreporter.write_line(f"{_SAYS.get(path.suffix, 'file')}: {_near(path)}")


_SAYS = {".html": "report", ".json": "record", ".zip": "bundle"}


def _near(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _accounting(record: Record) -> Iterator[str]:
    """Cases told one by one, then a table of every bucket by domain that adds up to the catalogue."""
    for verdict in _TOLD:
        rows = [
            row for row in record.cases if row.verdict is verdict and (row.selected or verdict is not Verdict.NOT_RUN)
        ]
        for row in rows[:_LINES_EACH]:
            yield f"{_word(row):<14} {row.id:<16} {row.title}: {row.reason}"
        if len(rows) > _LINES_EACH:
            yield f"{'':<14} and {len(rows) - _LINES_EACH:,} more: {verdict.value}"
    domains = sorted({row.id.partition("-")[0].lower() for row in record.cases})
    yield ""
    yield f"{'':<16}" + "".join(f"{domain:>9}" for domain in domains) + f"{'total':>9}"
    by_domain = Counter((row.verdict, row.id.partition("-")[0].lower()) for row in record.cases)
    for verdict in Verdict:
        counts = [by_domain[verdict, domain] for domain in domains]
        yield _line(verdict.value, counts)
    yield _line("catalogue", [sum(by_domain[verdict, domain] for verdict in Verdict) for domain in domains])


def _line(name: str, counts: list[int]) -> str:
    return f"{name:<16}" + "".join(f"{count:>9,}" for count in counts) + f"{sum(counts):>9,}"


def _word(row: CaseRow) -> str:
    remark = row.verdict is Verdict.FAIL and row.severity is not Severity.MUST
    return "remark" if remark else row.verdict.value

"""The verdict on a list: whether it would load exactly as the one before, and every reason why not.

Fail closed: a blocking check that objects means ``do not load``; one that could not be made means ``inconclusive``; a
list that passes everything under an assumed profile is never more than ``pass (assumed format)``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from trialconformance.core import (
    Check,
    Excerpt,
    ExitCode,
    Finding,
    Severity,
    Span,
    Verdict,
    canonical_json,
    sha256_hex,
    stamp,
    verdict_of,
)
from trialconformance.cpl.checks import CHECKS
from trialconformance.cpl.comparison import Comparison
from trialconformance.cpl.diff import diff
from trialconformance.cpl.document import Document
from trialconformance.cpl.subjects import missing, subjects
from trialconformance.cpl.trial_reference import Trial

__all__ = ["CheckRow", "FileRow", "LoadVerdict", "Place", "ProfileRow", "Report", "judge"]


class LoadVerdict(StrEnum):
    """What to do with the list."""

    LOAD = "load"
    DO_NOT_LOAD = "do not load"
    INCONCLUSIVE = "inconclusive"


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ProfileRow(_Row):
    """The profile a list was judged under.

    Args:
        id: name.
        version: number.
        status: whether anybody confirmed it.
        sha256: digest of its file.
    """

    id: str
    version: int
    status: Literal["ASSUMED", "CONFIRMED"]
    sha256: str


class FileRow(_Row):
    """One list.

    Args:
        name: file name.
        octets: size.
        sha256: digest.
        records: number of records.
    """

    name: str
    octets: int
    sha256: str
    records: int


class Place(_Row):
    """One objection, with its place.

    Args:
        artefact: name of the file.
        line: line, from 1, None where the objection has no line.
        column: number of the column, from 1.
        column_name: its name.
        offset: octets from the start of the file.
        length: octets at fault.
        path: the place in words.
        expected: what the check accepts.
        seen: what stands there.
        excerpt: octets around the place.
    """

    artefact: str
    line: int | None
    column: int | None
    column_name: str | None
    offset: int | None
    length: int | None
    path: str
    expected: str
    seen: str
    excerpt: Excerpt | None

    @property
    def span(self) -> Span | None:
        """The octets at fault."""
        return None if self.offset is None else Span(start=self.offset, length=self.length or 0, path=self.path)


class CheckRow(_Row):
    """What became of one check.

    Args:
        id: case id.
        requirement: what it demands.
        severity: whether it decides.
        verdict: pass, fail, inconclusive or not-applicable.
        reason: why.
        findings: the objections.
    """

    id: str
    requirement: str
    severity: Severity
    verdict: Verdict
    reason: str
    findings: tuple[Place, ...] = ()


class Report(_Row):
    """The verdict on a list.

    Args:
        verdict: what to do.
        statement: the verdict in words, never more than what it rests on.
        profile: the profile.
        before: the list before.
        after: the list after.
        as_of: date of judgement, empty where none was given.
        changes: where the declared change came from.
        declared: declared entries.
        trials: trial references on the list after, each with the entries that carry it.
        diff_sha256: digest of the diff report.
        accounting: number of checks by verdict; ``warning`` for objections of checks that do not decide.
        checks: every check.
    """

    schema_id: Literal["trialconformance-cpl-check/1"] = "trialconformance-cpl-check/1"
    verdict: LoadVerdict
    statement: str
    profile: ProfileRow
    before: FileRow
    after: FileRow
    as_of: str
    changes: Literal["manifest", "trial entries"]
    declared: tuple[str, ...]
    trials: dict[str, tuple[str, ...]]
    diff_sha256: str
    accounting: dict[str, int]
    checks: tuple[CheckRow, ...]

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of the command."""
        return {
            LoadVerdict.LOAD: ExitCode.PASS,
            LoadVerdict.DO_NOT_LOAD: ExitCode.FAIL,
            LoadVerdict.INCONCLUSIVE: ExitCode.INCONCLUSIVE,
        }[self.verdict]

    @property
    def objections(self) -> tuple[CheckRow, ...]:
        """Checks with findings or without a verdict, the deciding ones first."""
        rows = [row for row in self.checks if row.findings or row.verdict is Verdict.INCONCLUSIVE]
        return tuple(sorted(rows, key=lambda row: (list(Severity).index(row.severity), row.id)))

    def to_json(self) -> bytes:
        """The canonical octets of the report."""
        return canonical_json(self.model_dump(mode="json"))


def judge(comparison: Comparison) -> Report:
    """Judge a list.

    Args:
        comparison: the list and the one before it, with all that was given beside them.

    Returns:
        The verdict with every check.
    """
    found = subjects(comparison)
    absent = missing(comparison)
    octets = {each.name: each.octets for each in (comparison.before, comparison.after)}
    rows = [_row(check, found.get(check.case.scope.kind, []), absent, octets, comparison) for check in CHECKS]
    verdict = _verdict(rows)
    trials: dict[str, tuple[str, ...]] = {}
    for row in comparison.trial_rows:
        decoded = comparison.decoded(comparison.after, row)
        if isinstance(decoded, Trial):
            trials[decoded.reference] = (*trials.get(decoded.reference, ()), comparison.after.entry(row))
    profile = comparison.profile
    counts = Counter("warning" if _is_warning(row) else row.verdict.value for row in rows)
    return Report(
        verdict=verdict,
        statement=_statement(verdict, rows, comparison),
        profile=ProfileRow(
            id=profile.profile_id, version=profile.profile_version, status=profile.status, sha256=profile.sha256
        ),
        before=_file(comparison.before),
        after=_file(comparison.after),
        as_of=str(comparison.as_of or ""),
        changes="manifest" if comparison.manifest is not None else "trial entries",
        declared=tuple(sorted(comparison.declared)),
        trials=trials,
        diff_sha256=diff(comparison).sha256,
        accounting=dict(sorted(counts.items())) | {"total": len(rows)},
        checks=tuple(rows),
    )


def _row(
    check: Check,
    subjects: list[Any],
    absent: Mapping[str, str],
    octets: dict[str, bytes],
    comparison: Comparison,
) -> CheckRow:
    case = check.case
    admitted = [each for each in subjects if case.scope.admits(each)]
    findings: list[Finding] = []
    for each in admitted:
        found = stamp(check(each), case=case.id, artefact=each.name, octets=octets | {each.name: each.octets})
        findings += found
    if admitted:
        verdict = verdict_of(findings=len(findings), basis=case.basis)
        reason = f"{len(findings)} findings" if findings else "no objection"
    elif case.scope.kind in absent:
        verdict, reason = Verdict.INCONCLUSIVE, absent[case.scope.kind]
    else:
        why = next((why for each in subjects if (why := case.scope.why_not(each))), "")
        verdict, reason = Verdict.NOT_APPLICABLE, why or f"needs {case.scope.title}"
    return CheckRow(
        id=case.id,
        requirement=case.requirement,
        severity=case.severity,
        verdict=verdict,
        reason=reason,
        findings=tuple(_place(each, comparison) for each in findings),
    )


def _is_warning(row: CheckRow) -> bool:
    return bool(row.findings) and row.severity is not Severity.MUST


def _verdict(rows: list[CheckRow]) -> LoadVerdict:
    deciding = {row.verdict for row in rows if row.severity is Severity.MUST}
    if Verdict.FAIL in deciding:
        return LoadVerdict.DO_NOT_LOAD
    if Verdict.INCONCLUSIVE in deciding or Verdict.PASS not in deciding:
        return LoadVerdict.INCONCLUSIVE
    return LoadVerdict.LOAD


def _statement(verdict: LoadVerdict, rows: list[CheckRow], comparison: Comparison) -> str:
    label = comparison.profile.label
    if verdict is LoadVerdict.LOAD:
        assumed = comparison.profile.assumption
        passed = "pass" if assumed is None else f"pass ({assumed.label})"
        return f"{passed}: format-invariant under profile {label}"
    wanted = Verdict.FAIL if verdict is LoadVerdict.DO_NOT_LOAD else Verdict.INCONCLUSIVE
    count = sum(row.verdict is wanted and row.severity is Severity.MUST for row in rows)
    checks = "1 blocking check" if count == 1 else f"{count} blocking checks"
    what = "objected" if verdict is LoadVerdict.DO_NOT_LOAD else "could not be made"
    return f"{checks} {what}, under profile {label}"


def _file(document: Document) -> FileRow:
    return FileRow(
        name=document.name,
        octets=len(document.octets),
        sha256=sha256_hex(document.octets),
        records=len(document.records),
    )


def _place(finding: Finding, comparison: Comparison) -> Place:
    document = comparison.before if finding.artefact == comparison.before.name else comparison.after
    line, _, name = finding.path.partition(" / ")
    number = line.removeprefix("line ")
    column = name if name in document.index else None
    span = finding.span
    return Place(
        artefact=finding.artefact,
        line=int(number) if number.isdecimal() else None,
        column=None if column is None else document.index[column] + 1,
        column_name=column,
        offset=None if span is None else span.start,
        length=None if span is None else span.length,
        path=finding.path,
        expected=finding.expected,
        seen=finding.seen,
        excerpt=finding.excerpt,
    )

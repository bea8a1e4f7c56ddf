"""Two records side by side: every changed verdict with what changed it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from trialconformance.core import CaseRow, Record, Verdict

__all__ = ["Cause", "Change", "Comparison", "ComparisonReport", "compare"]


class Cause(StrEnum):
    """What can move a verdict."""

    PRODUCT = "product"
    SUITE = "suite"
    SPECIFICATION = "specification"
    ICS = "ics"
    WAIVER = "waiver"
    POLICY = "policy"
    DATE = "date"
    SELECTION = "selection"


# Artefacts that steer a verdict and are no part of the product, by role.
_STEERING = {"submission": Cause.ICS, "waivers": Cause.WAIVER, "policy": Cause.POLICY}
# Settings by words in their names; any other setting is policy.
_WAIVERS = "waiver"
_RANK = {verdict: rank for rank, verdict in enumerate(
    (Verdict.PASS, Verdict.NOT_APPLICABLE, Verdict.NOT_EFFECTIVE, Verdict.WAIVED, Verdict.INCONCLUSIVE,
     Verdict.FAIL, Verdict.NOT_RUN, Verdict.ERROR)
)}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One case that ended differently.

    Args:
        case: id of the case.
        title: the requirement in a few words.
        before: verdict in the first record, None where it has no such case.
        after: verdict in the second record, None where it has no such case.
        causes: what can have moved it, of what differs between the runs; several where the records cannot tell.
        detail: what differs in the row besides the verdict.
    """

    case: str
    title: str
    before: Verdict | None
    after: Verdict | None
    causes: tuple[Cause, ...]
    detail: str

    @property
    def worse(self) -> bool:
        """Whether the second record is further from a pass."""
        return _RANK.get(self.after, 0) > _RANK.get(self.before, 0) if self.before and self.after else False


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What differs between two records.

    Args:
        verdicts: verdicts of the runs, in words.
        differences: what differs between the runs themselves, by cause, in words.
        changes: cases that ended differently or with other findings.
        identical: whether the records are the same octets.
    """

    verdicts: tuple[str, str]
    differences: dict[Cause, tuple[str, ...]]
    changes: tuple[Change, ...]
    identical: bool

    @property
    def report(self) -> ComparisonReport:
        """The comparison as it is written."""
        return ComparisonReport(
            identical=self.identical,
            verdicts=self.verdicts,
            differences=self.differences,
            changes=tuple(
                ChangeRow(
                    case=change.case,
                    title=change.title,
                    before=change.before,
                    after=change.after,
                    worse=change.worse,
                    causes=change.causes,
                    detail=change.detail,
                )
                for change in self.changes
            ),
        )


class ChangeRow(BaseModel):
    """One case that ended differently, as it is written: see ``Change``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    case: str
    title: str
    before: Verdict | None
    after: Verdict | None
    worse: bool
    causes: tuple[Cause, ...]
    detail: str


class ComparisonReport(BaseModel):
    """What ``bundle compare --json`` prints.

    Args:
        identical: whether the records are the same octets.
        verdicts: verdicts of the two runs, in words.
        differences: what differs between the runs themselves, by cause.
        changes: cases that ended differently or with other findings.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_id: Literal["trialconformance-comparison/1"] = "trialconformance-comparison/1"
    identical: bool
    verdicts: tuple[str, str]
    differences: dict[Cause, tuple[str, ...]]
    changes: tuple[ChangeRow, ...]


def compare(before: Record, after: Record) -> Comparison:
    """Compare two records.

    Args:
        before: the first record.
        after: the second record.

    Returns:
        The differences. A cause is named only if it differs between the runs: where nothing differs that could
        explain a change, the cause is the suite (the same inputs judged differently are its fault).
    """
    differences: dict[Cause, list[str]] = {}
    for cause, words in _differences(before, after):
        differences.setdefault(cause, []).append(words)
    changed_artefacts = _changed_artefacts(before, after)
    old, new = ({row.id: row for row in record.cases} for record in (before, after))
    changes = []
    for case in sorted(set(old) | set(new)):
        first, second = old.get(case), new.get(case)
        if first != second:
            changes.append(_change(case, first, second, set(differences), changed_artefacts))
    return Comparison(
        verdicts=(before.statement, after.statement),
        differences={cause: tuple(sorted(differences[cause])) for cause in sorted(differences)},
        changes=tuple(changes),
        identical=before == after,
    )


def _differences(before: Record, after: Record) -> Iterator[tuple[Cause, str]]:
    if before.tool.version != after.tool.version:
        yield Cause.SUITE, f"tool {before.tool.version} -> {after.tool.version}"
    if before.tool.catalogue != after.tool.catalogue:
        yield Cause.SUITE, "another catalogue of cases"
    if before.as_of != after.as_of:
        yield Cause.DATE, f"judged as of {before.as_of} -> {after.as_of}"
    for name, old, new in _moved(before.specifications, after.specifications):
        yield Cause.SPECIFICATION, f"{name} {old} -> {new}"
    for name, _, _ in _moved(before.settings, after.settings):
        yield Cause.WAIVER if _WAIVERS in name else Cause.POLICY, f"setting {name}"
    roles = {each.name: each.role for each in (*before.artefacts, *after.artefacts)}
    for name in _changed_artefacts(before, after):
        yield _STEERING.get(roles[name], Cause.PRODUCT), f"{roles[name]} {name}"
    if before.assumptions != after.assumptions:
        yield Cause.POLICY, "other assumptions"
    if [row.selected for row in before.cases] != [row.selected for row in after.cases]:
        yield Cause.SELECTION, "other cases were selected"


def _moved(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    for name in sorted(set(before) | set(after)):
        old, new = before.get(name, "none"), after.get(name, "none")
        if old != new:
            yield name, old, new


def _changed_artefacts(before: Record, after: Record) -> tuple[str, ...]:
    old, new = ({each.name: each.sha256 for each in record.artefacts} for record in (before, after))
    return tuple(name for name in sorted(set(old) | set(new)) if old.get(name) != new.get(name))


def _change(
    case: str, first: CaseRow | None, second: CaseRow | None, differing: set[Cause], artefacts: tuple[str, ...]
) -> Change:
    some = second or first
    return Change(
        case=case,
        title=some.title if some else "",
        before=first.verdict if first else None,
        after=second.verdict if second else None,
        causes=_causes(first, second, differing, artefacts),
        detail=_detail(first, second),
    )


def _causes(
    first: CaseRow | None, second: CaseRow | None, differing: set[Cause], artefacts: tuple[str, ...]
) -> tuple[Cause, ...]:
    if first is None or second is None or _wording(first) != _wording(second):
        return (Cause.SUITE,)
    if first.selected != second.selected:
        return (Cause.SELECTION,)
    verdicts = {first.verdict, second.verdict}
    sure: tuple[tuple[bool, Cause], ...] = (
        (Verdict.WAIVED in verdicts, Cause.WAIVER),
        (Verdict.NOT_EFFECTIVE in verdicts, Cause.SPECIFICATION),
        (Verdict.NOT_APPLICABLE in verdicts and "ICS" in first.reason + second.reason, Cause.ICS),
        (first.severity != second.severity, Cause.POLICY),
        (any(each.artefact in artefacts for row in (first, second) for each in row.findings), Cause.PRODUCT),
    )
    for holds, cause in sure:
        if holds and cause in differing:
            return (cause,)
    # A waiver or an ICS claim moves a verdict only as above.
    possible = differing - {Cause.WAIVER, Cause.SELECTION}
    if first.verdict is second.verdict or Verdict.NOT_APPLICABLE not in verdicts:
        possible -= {Cause.ICS} if possible - {Cause.ICS} else set()
    return tuple(sorted(possible)) or (Cause.SUITE,)


def _wording(row: CaseRow) -> tuple[str, ...]:
    return row.title, row.requirement, row.clause, row.basis.value, row.applies_to


def _detail(first: CaseRow | None, second: CaseRow | None) -> str:
    if first is None:
        return "a case that the first record does not know"
    if second is None:
        return "a case that the second record does not know"
    parts = []
    if first.findings != second.findings:
        parts.append(f"findings {len(first.findings)} -> {len(second.findings)}")
    if first.judged != second.judged:
        parts.append(f"judged {first.judged} -> {second.judged}")
    if first.reason != second.reason:
        parts.append(f"reason {first.reason!r} -> {second.reason!r}")
    return "; ".join(parts)

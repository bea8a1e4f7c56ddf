"""The requirement trace: each requirement of the trial regime, the case that judges it and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from trialconformance.core import CaseRow, Record, Verdict
from trialconformance.trial.facts import REQUIREMENTS, Force, Kind, Requirement

__all__ = ["KINDS", "State", "TraceRow", "trace"]

KINDS: dict[str, str] = {each.case: each.kind.value for each in REQUIREMENTS}
"""Who can say whether a case is met (machine, documentary or human), by case id."""


class State(StrEnum):
    """How far a requirement is accounted for."""

    PROVEN = "proven by machine"
    PRESENT = "document present"
    HELD = "decision held, for people to judge"
    NOT_APPLICABLE = "not applicable"
    WAIVED = "waived"
    OPEN = "open"

    @property
    def closed(self) -> bool:
        """Whether nothing is left to do."""
        return self is not State.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceRow:
    """One requirement with its case.

    Args:
        requirement: the requirement.
        row: the row of its case, None where the record has none.
        state: how far it is accounted for.
    """

    requirement: Requirement
    row: CaseRow | None
    state: State

    @property
    def binding(self) -> bool:
        """Whether it is a rule, not a view or a note."""
        return self.requirement.force is Force.RULE


def trace(record: Record) -> tuple[TraceRow, ...]:
    """Trace every requirement through a record.

    Args:
        record: the record.

    Returns:
        One row for each requirement, in the order of their ids.
    """
    rows = {row.id: row for row in record.cases}
    return tuple(
        TraceRow(requirement=each, row=rows.get(each.case), state=_state(each, rows.get(each.case)))
        for each in REQUIREMENTS
    )


def _state(requirement: Requirement, row: CaseRow | None) -> State:
    if row is None:
        return State.OPEN
    if row.verdict is Verdict.PASS:
        return State.PROVEN if requirement.kind is Kind.MACHINE else State.PRESENT
    if row.verdict is Verdict.NOT_APPLICABLE:
        return State.HELD if requirement.kind is Kind.HUMAN else State.NOT_APPLICABLE
    return State.WAIVED if row.verdict is Verdict.WAIVED else State.OPEN

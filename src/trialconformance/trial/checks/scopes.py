"""What the trial cases look at, and how a requirement becomes a case."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from trialconformance.core import Basis, Check, Finding, Scope, check
from trialconformance.trial.application import TRIAL_APPLICATION, Application
from trialconformance.trial.facts import REQUIREMENTS, Kind

__all__ = ["EVERY_APPLICATION", "applications", "requirement"]

_ROWS = {each.id: each for each in REQUIREMENTS}

EVERY_APPLICATION = Scope(kind=TRIAL_APPLICATION, title="the trial application")


def applications(title: str, reason: Callable[[Application], str]) -> Scope:
    """Make a scope of those applications that nothing speaks against.

    Args:
        title: what the case looks at, for a person.
        reason: why the case does not concern an application, empty where it does.

    Returns:
        The scope.
    """
    return Scope(
        kind=TRIAL_APPLICATION,
        title=title,
        admits=lambda application: not reason(application),
        why_not=reason,
    )


def requirement(
    requirement_id: str, *, applies_to: Scope = EVERY_APPLICATION, basis: Basis | None = None
) -> Callable[[Callable[[Application], Iterable[Finding]]], Check]:
    """Declare the case of a requirement; id, clause and weight come from the table of requirements.

    Args:
        requirement_id: for example ``TR-02``.
        applies_to: what the case looks at.
        basis: where the rule comes from. A human requirement rests on a form of ours for the decision, so its findings
            leave the case undecided and never fail it.

    Returns:
        A decorator as ``core.check``.
    """
    row = _ROWS[requirement_id]
    return check(
        row.case,
        clause=f"SEC modification report, section {row.clause} ({row.id})",
        applies_to=applies_to,
        severity=row.force.severity,
        basis=basis or (Basis.ASSUMED if row.kind is Kind.HUMAN else Basis.SOURCE),
    )

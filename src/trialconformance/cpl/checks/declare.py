"""How the cases of this package are declared: one prefix, one clause, a bounded number of findings.

Basis. The SEC modification report asks that a trial be marked in existing fields without affecting the format of the
CPL; that is the source of every FI case, and a breach fails. What is assumed is the layout itself: it stands in the
profile, whose status caps the verdict of the run. Cases on the syntax of the trial flag rest on this project's own
proposal, but a list that breaks them carries a flag that nobody can read; they are derived from the same sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from itertools import islice

from trialconformance.core import Basis, Check, Finding, Scope, Severity, check, finding
from trialconformance.cpl.comparison import Comparison
from trialconformance.cpl.scopes import COMPARISON

__all__ = ["MOST_FINDINGS", "flag", "invariance"]

MOST_FINDINGS = 25  # of one case; a list of 10,000 wrong rows needs no 10,000 findings

_FORMAT_UNAFFECTED = "SEC modification report (draft): CPL format unaffected"
_FLAG = "SEC modification report (draft): trial marked in existing CPL fields"

Judge = Callable[[Comparison], Iterable[Finding]]


def _bounded(judge: Judge) -> Judge:
    @wraps(judge)
    def judge_within_bounds(comparison: Comparison) -> Iterator[Finding]:
        findings = iter(judge(comparison))
        shown = list(islice(findings, MOST_FINDINGS))
        yield from shown
        if left := sum(1 for _ in findings):
            yield finding(
                at=shown[-1].span, artefact=shown[-1].artefact, expected="nothing further", seen=f"{left} more findings"
            )

    return judge_within_bounds


def invariance(
    number: int, *, severity: Severity = Severity.MUST, applies_to: Scope = COMPARISON, warns: bool = False
) -> Callable[[Judge], Check]:
    """Declare a format-invariance check.

    Args:
        number: number of the check, 1 for ``CPL-FI-001``.
        severity: how much it weighs.
        applies_to: what it looks at.
        warns: whether it is the half of a check that only warns (``CPL-FIW-031``).

    Returns:
        A decorator.
    """
    prefix = "FIW" if warns else "FI"
    declare = check(
        f"CPL-{prefix}-{number:03}",
        clause=f"{_FORMAT_UNAFFECTED} / FI-{number:03}",
        applies_to=applies_to,
        severity=Severity.SHOULD if warns else severity,
        basis=Basis.SOURCE,
    )
    return lambda judge: declare(_bounded(judge))


def flag(
    number: int, *, applies_to: Scope, severity: Severity = Severity.MUST, warns: bool = False
) -> Callable[[Judge], Check]:
    """Declare a decoding rule of the trial flag.

    Args:
        number: number of the rule, 1 for ``CPL-TD-01``.
        applies_to: what it looks at.
        severity: how much it weighs.
        warns: whether it is the half of a rule that only warns (``CPL-TDW-07``).

    Returns:
        A decorator.
    """
    declare = check(
        f"CPL-{'TDW' if warns else 'TD'}-{number:02}",
        clause=f"{_FLAG} / TD-{number:02}",
        applies_to=applies_to,
        severity=Severity.SHOULD if warns else severity,
        basis=Basis.SOURCE,
    )
    return lambda judge: declare(_bounded(judge))

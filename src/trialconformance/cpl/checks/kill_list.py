"""FI-079: fault injection. The checks are tried on known-bad lists, so it is made from the other checks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trialconformance.core import Check, Finding, Scope, finding
from trialconformance.cpl.checks.declare import invariance
from trialconformance.cpl.comparison import Comparison
from trialconformance.cpl.draft import InapplicableMutantError, specimen
from trialconformance.cpl.mutation import survivors
from trialconformance.cpl.scopes import COMPARISON_KIND

__all__ = ["kill_list_check"]


def _why_not(comparison: Comparison) -> str:
    """Why no mutant can be made of a comparison, empty where one can."""
    if comparison.profile.container.kind != "delimited":
        return "the profile's container is not delimited text"
    try:
        specimen(comparison)
    except InapplicableMutantError as error:
        return f"no mutant can be made: {error}"
    return ""


_MUTABLE = Scope(
    kind=COMPARISON_KIND,
    title="a CPL of delimited text with a declared trial entry",
    admits=lambda comparison: not _why_not(comparison),
    why_not=_why_not,
)


def kill_list_check(checks: Iterable[Check]) -> Check:
    """Declare FI-079 over other checks.

    Args:
        checks: the checks that mutants are tried on.

    Returns:
        The check, which is tried on a mutant of its own as well.
    """
    known = {check.case.id: check for check in checks}

    @invariance(79, applies_to=_MUTABLE)
    def every_known_mutant_is_rejected(c: Comparison) -> Iterator[Finding]:
        """Each mutant of the kill list, made from this very list, is rejected by the check it is meant for."""
        for mutant in survivors(c, known):
            yield finding(expected=f"{mutant.kills} rejects a list with {mutant.title}", seen="it does not")

    known[every_known_mutant_is_rejected.case.id] = every_known_mutant_is_rejected
    return every_known_mutant_is_rejected

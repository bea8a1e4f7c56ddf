"""FI-079: fault injection. The checks are tried on known-bad lists, so it is made from the other checks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trialconformance.core import Check, Finding, finding
from trialconformance.cpl.checks.declare import invariance
from trialconformance.cpl.comparison import Comparison
from trialconformance.cpl.mutation import survivors
from trialconformance.cpl.scopes import TEXT

__all__ = ["kill_list_check"]


def kill_list_check(checks: Iterable[Check]) -> Check:
    """Declare FI-079 over other checks.

    Args:
        checks: the checks that mutants are tried on.

    Returns:
        The check, which is tried on a mutant of its own as well.
    """
    known = {check.case.id: check for check in checks}

    @invariance(79, applies_to=TEXT)
    def every_known_mutant_is_rejected(c: Comparison) -> Iterator[Finding]:
        """Each mutant of the kill list, made from this very list, is rejected by the check it is meant for."""
        for mutant in survivors(c, known):
            yield finding(expected=f"{mutant.kills} rejects a list with {mutant.title}", seen="it does not")

    known[every_known_mutant_is_rejected.case.id] = every_known_mutant_is_rejected
    return every_known_mutant_is_rejected

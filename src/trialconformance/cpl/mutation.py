"""Trying mutants: one thing is done to a small specimen of a comparison, and one check must object."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from trialconformance.core import Check, InternalError
from trialconformance.cpl.comparison import Comparison
from trialconformance.cpl.draft import Draft, InapplicableMutantError, specimen
from trialconformance.cpl.mutant import Mutant, load_mutants
from trialconformance.cpl.operations import OPERATIONS

__all__ = ["mutate", "rejects", "survivors"]


def mutate(base: Draft, mutant: Mutant) -> Comparison:
    """Make a mutant from a specimen.

    Args:
        base: a good specimen, which stays as it is.
        mutant: what to do to it.

    Returns:
        A small bad one.

    Raises:
        InapplicableMutantError: the list has nothing to make it of.
    """
    draft = base.copy()
    for edit in mutant.edits:
        if edit.do not in OPERATIONS:
            raise InternalError(f"no operation {edit.do!r} makes a mutant")
        OPERATIONS[edit.do](draft, edit)
    return draft.comparison()


@cache
def _checks() -> dict[str, Check]:
    from trialconformance.cpl.checks import CHECKS  # noqa: PLC0415 - FI-079 runs all checks and is one of them

    return {check.case.id: check for check in CHECKS}


def rejects(comparison: Comparison, case_id: str) -> bool:
    """Whether a check objects to a comparison.

    Args:
        comparison: what is judged.
        case_id: id of the case.

    Returns:
        True where it has a finding.
    """
    check = _checks()[case_id]
    return check.case.scope.admits(comparison) and any(True for _ in check(comparison))


def survivors(comparison: Comparison) -> Iterator[Mutant]:
    """List the mutants of a comparison that their check does not reject.

    Args:
        comparison: the comparison that mutants are made of.

    Yields:
        Each surviving mutant.
    """
    mutants = load_mutants() if comparison.kill_list is None else comparison.kill_list
    try:
        base = specimen(comparison)
    except InapplicableMutantError:
        return
    for mutant in mutants:
        try:
            bad = mutate(base, mutant)
        except InapplicableMutantError:
            continue
        if not rejects(bad, mutant.kills):
            yield mutant

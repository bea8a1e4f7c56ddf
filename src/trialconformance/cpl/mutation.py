"""Trying mutants: one thing is done to a small specimen of a comparison, and one check must object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

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


def rejects(check: Check, comparison: Comparison) -> bool:
    """Whether a check objects to a comparison."""
    return check.case.scope.admits(comparison) and any(True for _ in check(comparison))


def survivors(comparison: Comparison, checks: Mapping[str, Check]) -> Iterator[Mutant]:
    """List the mutants of a comparison that their check does not reject.

    Args:
        comparison: the comparison that mutants are made of.
        checks: the checks by case id.

    Yields:
        Each surviving mutant.

    Raises:
        InapplicableMutantError: no mutant can be made of the comparison.
    """
    mutants = load_mutants() if comparison.kill_list is None else comparison.kill_list
    base = specimen(comparison)
    for mutant in mutants:
        try:
            bad = mutate(base, mutant)
        except InapplicableMutantError:
            continue
        if not rejects(checks[mutant.kills], bad):
            yield mutant

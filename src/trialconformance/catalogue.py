"""The catalogue: the checks of the engine and the procedures of the harness, as one list of cases."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from trialconformance.core import Case, UsageError
from trialconformance.engine import CATALOGUE, catalogue_json
from trialconformance.harness import PROCEDURES
from trialconformance.trial import Policy

__all__ = ["PROCEDURES", "cases", "refuse_unknown", "to_json"]


def refuse_unknown(policy: Policy, *, extra: Iterable[Case] = ()) -> None:
    """Refuse a policy that promotes a case that does not exist: a slip of the pen would go unseen.

    Args:
        policy: the policy.
        extra: cases that plugins bring.

    Raises:
        UsageError: it does; names the nearest case.
    """
    known = {case.id for case in (*cases(), *extra)}
    if strangers := sorted(policy.promoted - known):
        nearest = get_close_matches(strangers[0], known, n=1)
        raise UsageError(
            f"promotes cases that do not exist: {', '.join(strangers)}",
            where=f"policy {policy.id}",
            accepted=", ".join(nearest) or "ids of the catalogue",
        )


def cases() -> tuple[Case, ...]:
    """Every case there is, by id."""
    return tuple(sorted((*(check.case for check in CATALOGUE), *PROCEDURES), key=lambda case: case.id))


def to_json() -> bytes:
    """The catalogue as it stands in ``catalogue.json``: canonical JSON."""
    return catalogue_json(cases())

"""The catalogue: the checks of the engine and the procedures of the harness, as one list of cases."""

from __future__ import annotations

from trialconformance.core import Case
from trialconformance.engine import CATALOGUE, catalogue_json
from trialconformance.harness import PROCEDURES

__all__ = ["PROCEDURES", "cases", "to_json"]


def cases() -> tuple[Case, ...]:
    """Every case there is, by id."""
    return tuple(sorted((*(check.case for check in CATALOGUE), *PROCEDURES), key=lambda case: case.id))


def to_json() -> bytes:
    """The catalogue as it stands in ``catalogue.json``: canonical JSON."""
    return catalogue_json(cases())

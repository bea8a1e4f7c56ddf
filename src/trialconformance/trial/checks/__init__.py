"""The cases of the trial regime, one for each requirement; ``CHECKS`` holds them by id."""

from __future__ import annotations

from trialconformance.core import checks_in
from trialconformance.trial.checks import (
    assurance,
    certification,
    decisions,
    documents,
    field,
    limits,
    operation,
    reference,
    risk,
)

__all__ = ["CHECKS"]

CHECKS = checks_in(assurance, certification, decisions, documents, field, limits, operation, reference, risk)

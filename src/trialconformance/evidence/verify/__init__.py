"""Verifying a bundle offline, in eleven steps, as hostile input."""

from __future__ import annotations

from trialconformance.evidence.verify.outcome import STEPS, Outcome, Step, Verification
from trialconformance.evidence.verify.steps import verify_bundle

__all__ = ["STEPS", "Outcome", "Step", "Verification", "verify_bundle"]

"""The bench: what a procedure writes its steps with."""

from __future__ import annotations

from trialconformance.harness.bench.attacks import AttackSteps
from trialconformance.harness.bench.credentials import CredentialSteps
from trialconformance.harness.bench.data import DataSteps
from trialconformance.harness.bench.firmware import FirmwareSteps
from trialconformance.harness.bench.tokens import TokenSteps

__all__ = ["Bench"]


class Bench(CredentialSteps, FirmwareSteps, TokenSteps, DataSteps, AttackSteps):
    """Every step there is; see ``bench.core`` for the common ones."""

"""The GBCS cases."""

from __future__ import annotations

from trialconformance.core import Check, checks_in
from trialconformance.gbcs.checks import cryptography, header, shape, structure

__all__ = ["CHECKS"]

CHECKS: tuple[Check, ...] = checks_in(cryptography, header, shape, structure)

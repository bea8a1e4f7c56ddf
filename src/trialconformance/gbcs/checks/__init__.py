"""The GBCS cases."""

from __future__ import annotations

from trialconformance.core import Check, checks_in
from trialconformance.gbcs.checks import (
    claims,
    credentials,
    cryptography,
    dlms,
    header,
    sequence,
    shape,
    structure,
)

__all__ = ["CHECKS"]

CHECKS: tuple[Check, ...] = checks_in(claims, credentials, cryptography, dlms, header, sequence, shape, structure)

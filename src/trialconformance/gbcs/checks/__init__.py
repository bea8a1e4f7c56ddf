"""The GBCS cases."""

from __future__ import annotations

from trialconformance.core import Check, checks_in
from trialconformance.gbcs.checks import (
    alerts,
    asn1,
    claims,
    credentials,
    cryptography,
    dlms,
    encryption,
    gbz,
    header,
    logs,
    sequence,
    shape,
    structure,
    tokens,
    transfer,
)

__all__ = ["CHECKS"]

CHECKS: tuple[Check, ...] = checks_in(
    alerts,
    asn1,
    claims,
    credentials,
    cryptography,
    dlms,
    encryption,
    gbz,
    header,
    logs,
    sequence,
    shape,
    structure,
    tokens,
    transfer,
)

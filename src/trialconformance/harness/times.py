"""Device time and the three ways GBCS writes it: DLMS date-time, ZCL seconds, ASN.1 GeneralizedTime."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import IntEnum

__all__ = [
    "CANCEL_DLMS",
    "CANCEL_GENERALIZED",
    "CANCEL_ZCL",
    "EPOCH",
    "ClockStatus",
    "as_dlms",
    "as_generalized",
    "from_dlms",
    "from_generalized",
]

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)

# "Never": a future-dated command that carries it cancels (GBCS 4.1, 4.2, 4.3 of the sources).
CANCEL_DLMS = b"\xff" * 9 + b"\x80\x00\xff"
CANCEL_ZCL = 0xFFFFFFFE
CANCEL_GENERALIZED = "99991231235959Z"

_GENERALIZED = "%Y%m%d%H%M%SZ"
_DLMS_OCTETS = 12
_UNSPECIFIED = 0xFF
_TAIL = b"\x00\x80\x00"  # hundredths 0, deviation not specified


class ClockStatus(IntEnum):
    """Status of a GSME clock as GCS28 reports it."""

    RELIABLE = 0
    INVALID = 1
    UNRELIABLE = 2


def as_dlms(seconds: int, *, status: int = 0xFF) -> bytes:
    """Write a time as DLMS date-time.

    Args:
        seconds: since 2000-01-01.
        status: clock status octet.

    Returns:
        12 octets, day of week not specified.
    """
    when = EPOCH + timedelta(seconds=seconds)
    head = when.year.to_bytes(2, "big") + bytes(
        [when.month, when.day, _UNSPECIFIED, when.hour, when.minute, when.second]
    )
    return head + _TAIL + bytes([status])


def from_dlms(octets: bytes) -> int | None:
    """Read a DLMS date-time.

    Args:
        octets: 12 octets.

    Returns:
        Seconds since 2000-01-01, None for a time that is not fully specified.
    """
    if len(octets) != _DLMS_OCTETS:
        return None
    try:
        month, day, _, hour, minute, second = octets[2:8]
        when = datetime(int.from_bytes(octets[:2]), month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return int((when - EPOCH).total_seconds())


def as_generalized(seconds: int) -> str:
    """Write a time as ``YYYYMMDDhhmmssZ``."""
    return (EPOCH + timedelta(seconds=seconds)).strftime(_GENERALIZED)


def from_generalized(text: str) -> int | None:
    """Read a ``YYYYMMDDhhmmssZ``: seconds since 2000-01-01, None where it is none."""
    try:
        when = datetime.strptime(text, _GENERALIZED).replace(tzinfo=UTC)
    except ValueError:
        return None
    return int((when - EPOCH).total_seconds())

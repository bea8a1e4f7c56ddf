"""EUI-64: the Entity Identifier of devices and remote parties, 8 octets."""

from __future__ import annotations

import re

from trialconformance.core.errors import UsageError

__all__ = ["format_eui64", "parse_eui64"]

_EUI64 = re.compile(r"[0-9A-F]{16}")


def parse_eui64(text: str, *, where: str = "") -> bytes:
    """Read an EUI-64 as people write it.

    Args:
        text: 16 hex digits in either case, with or without ``-`` or ``:`` between the octets.
        where: the argument or key that held it, for the error.

    Returns:
        8 octets.

    Raises:
        UsageError: anything else.
    """
    digits = text.strip().replace("-", "").replace(":", "").upper()
    if not _EUI64.fullmatch(digits):
        raise UsageError(
            f"{text!r} is not an EUI-64", where=where, accepted="16 hex digits, for example 90B3D51F30000002"
        )
    return bytes.fromhex(digits)


def format_eui64(octets: bytes) -> str:
    """Write an EUI-64 as 16 upper-case hex digits."""
    return octets.hex().upper()

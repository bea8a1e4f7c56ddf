"""The keys of GBCS: SHA-256 key derivation from an agreed secret, and the AES-GCM nonce.

GBCS 4.3.3.3: NIST SP 800-56A concatenation key derivation, one pass, the first 16 octets.
"""

from __future__ import annotations

import hashlib
from enum import IntEnum

__all__ = ["KeyUse", "derive_key", "initialization_vector"]

_ROUND = b"\x00\x00\x00\x01"
_ALGORITHM = bytes.fromhex("60857406080300")  # DLMS AES-GCM-128, GBCS 4.3.3.3
_TRANSACTION_ID_OCTETS = b"\x09"
_KEY_OCTETS = 16
_INVOCATION_FIELD = b"\x00\x00\x00\x00"  # GBCS 4.3.3.4: GBCS never counts invocations


class KeyUse(IntEnum):
    """What a derived key protects: the CRA flag of the message, or attributes inside it."""

    COMMAND = 0x01
    RESPONSE = 0x02
    ALERT = 0x03
    ATTRIBUTES = 0x04


def derive_key(secret: bytes, *, originator: bytes, use: int, counter: int, recipient: bytes) -> bytes:
    """Derive the AES-128 key for one message or for the encrypted attributes of one message.

    Args:
        secret: the agreed secret Z, 32 octets, leading zeros kept.
        originator: EUI-64 of the Business Originator, or of the Device that encrypts, 8 octets.
        use: a ``KeyUse``.
        counter: Originator Counter, or Supplementary Originator Counter where one is there.
        recipient: EUI-64 of the Business Target, or of the party the attributes are for, 8 octets.

    Returns:
        16 octets.
    """
    other_information = b"".join(
        (_ALGORITHM, originator, _TRANSACTION_ID_OCTETS, bytes((use,)), counter.to_bytes(8), recipient)
    )
    return hashlib.sha256(_ROUND + secret + other_information).digest()[:_KEY_OCTETS]


def initialization_vector(entity: bytes) -> bytes:
    """Make the nonce of the one message that a derived key protects: EUI-64 and the invocation field.

    Args:
        entity: EUI-64 of who protects, 8 octets.

    Returns:
        12 octets.
    """
    return entity + _INVOCATION_FIELD

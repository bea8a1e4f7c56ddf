"""Prepayment tokens for procedures and for the emulator: UTRN of 20 digits (GBCS 14)."""

from __future__ import annotations

from dataclasses import dataclass

from trialconformance.core import UsageError
from trialconformance.gbcs.key_derivation import KeyUse, derive_key
from trialconformance.gbcs.protection import agree, gmac
from trialconformance.smki import KeyStore

__all__ = ["TOP_UP_STEP", "Token", "check_digit", "make_token", "read_token", "token_mac"]

# A counter for a top-up has its low 32 bits zero (GBCS 14.4), so the next one is at least this much larger.
TOP_UP_STEP = 1 << 32

_OFFSET = 7394156990786306048  # PPTD = PTUT + this, GBCS 14.5
_AAD_PREFIX = b"\x11" + bytes(5)
_UTRN_DIGITS = 20
_POUNDS = 1

# Check digit, GBCS 14.8: a Verhoeff scheme.
_PERMUTATIONS = tuple(
    tuple(map(int, row))
    for row in (
        "0123456789",
        "1576283094",
        "5803796142",
        "8916043527",
        "9453126870",
        "4286573901",
        "2793806415",
        "7046913258",
    )
)
_PRODUCTS = tuple(
    tuple(map(int, row))
    for row in (
        "0123456789",
        "1234067895",
        "2340178956",
        "3401289567",
        "4012395678",
        "5987604321",
        "6598710432",
        "7659821043",
        "8765932104",
        "9876543210",
    )
)
_INVERSE = tuple(map(int, "1267583094"))
_FIRST_PERMUTATION = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What a UTRN says.

    Args:
        counter_bits: bits 32 to 41 of the counter it was made with.
        unit: 0 pence, 1 pounds.
        value: 0 to 8191.
        mac: last four octets of its GMAC.
        head: the first four octets, which the GMAC covers.
    """

    counter_bits: int
    unit: int
    value: int
    mac: bytes
    head: bytes


def check_digit(digits: str) -> str:
    """Compute the digit that follows the 19 of a PPTD."""
    check = 0
    for position, digit in enumerate(digits):
        check = _PRODUCTS[check][_PERMUTATIONS[(_FIRST_PERMUTATION + position) % 8][int(digit)]]
    return str(_INVERSE[check])


def token_mac(head: bytes, *, secret: bytes, supplier: bytes, device: bytes, counter: int) -> bytes:
    """Compute the four octets that authenticate a token.

    Args:
        head: first four octets of the PTUT.
        secret: agreed by the supplier's prepayment key and the device's key agreement key, 32 octets.
        supplier: EUI-64.
        device: EUI-64.
        counter: the whole counter, low 32 bits zero.
    """
    key = derive_key(secret, originator=supplier, use=KeyUse.COMMAND, counter=counter, recipient=device)
    origin = supplier + device + bytes([KeyUse.COMMAND]) + counter.to_bytes(8, "big")
    return gmac(key, originator=supplier, aad=_AAD_PREFIX + origin + head)[-4:]


def make_token(
    keystore: KeyStore, *, supplier: bytes, device: bytes, counter: int, value: int, unit: int = _POUNDS
) -> str:
    """Make a token.

    Args:
        keystore: where the supplier's prepayment key is.
        supplier: EUI-64.
        device: EUI-64.
        counter: its counter; the low 32 bits are zero.
        value: 0 to 8191.
        unit: 0 pence, 1 pounds.

    Returns:
        20 digits.

    Raises:
        UsageError: the keys are not at hand.
    """
    secret = agree(keystore, supplier, device, prepayment=True)
    if secret is None:
        raise UsageError("no prepayment key of the supplier", where="key store", accepted="<eui64>-pp-ka.{pem,key}")
    bits = (counter >> 32) & 0x3FF
    head = (bits << 15 | unit << 13 | value).to_bytes(4, "big")
    ptut = head + token_mac(head, secret=secret, supplier=supplier, device=device, counter=counter)
    pptd = f"{int.from_bytes(ptut) + _OFFSET:019d}"
    return pptd + check_digit(pptd)


def read_token(text: str) -> Token | None:
    """Read a token.

    Args:
        text: 20 digits.

    Returns:
        What it says; None where it is no UTRN. The check digit is not looked at.
    """
    if len(text) != _UTRN_DIGITS or not (text.isascii() and text.isdigit()) or int(text[:19]) < _OFFSET:
        return None
    ptut = (int(text[:19]) - _OFFSET).to_bytes(8, "big")
    head = int.from_bytes(ptut[:4])
    return Token(
        counter_bits=head >> 15 & 0x3FF, unit=head >> 13 & 0x3, value=head & 0x1FFF, mac=ptut[4:], head=ptut[:4]
    )

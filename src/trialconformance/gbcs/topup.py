"""Prepayment tokens: the 20 digits of a UTRN, the 64 bits inside (PTUT), and the MAC that authorises a top-up.

GBCS 14. PPTD = PTUT + an offset, as 19 decimal digits; the 20th digit of a UTRN is a check digit.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from enum import IntEnum

from construct import BitsInteger, BitStruct, ConstructError

from trialconformance.core import ArtefactError, UsageError, format_eui64
from trialconformance.gbcs.key_derivation import KeyUse, derive_key
from trialconformance.gbcs.protection import Status, agree, gmac
from trialconformance.smki import KeyStore

__all__ = ["PPTD_LEAST", "Token", "TokenParties", "ValueClass", "check_digit", "make_token", "verify_token"]

# GBCS 14.7: the least PPTD; a smaller number is no UTRN.
PPTD_LEAST = 7_394_156_990_786_306_048
_UTRN_DIGITS = 20
_RESERVED_BITS = 7
_COUNTER_SHIFT = 32  # a top-up counter has its low 32 bits zero; ctr10 are the ten bits above
_COUNTER_BITS = 10
_PTUT_OCTETS = 8
_MAC_OCTETS = 4
_AAD_PREFIX = b"\x11" + bytes(5)
_CLAUSE = "GBCS 14.7"

# GBCS 14.6: seven zero bits, ten bits of counter, two of class, thirteen of value, then the MAC.
_PTUT = BitStruct(
    "reserved" / BitsInteger(_RESERVED_BITS),
    "counter" / BitsInteger(_COUNTER_BITS),
    "value_class" / BitsInteger(2),
    "value" / BitsInteger(13),
    "mac" / BitsInteger(8 * _MAC_OCTETS),
).compile()

# GBCS 14.8: permutations by position, the group table by row, and the inverses.
_PERMUTATIONS = (
    "0123456789",
    "1576283094",
    "5803796142",
    "8916043527",
    "9453126870",
    "4286573901",
    "2793806415",
    "7046913258",
)
_GROUP = (
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
_INVERSES = "1267583094"
_FIRST_PERMUTATION = 4


class ValueClass(IntEnum):
    """What the value of a token counts."""

    PENCE = 0
    POUNDS = 1


_PENCE: dict[int, int] = {ValueClass.PENCE: 1, ValueClass.POUNDS: 100}


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenParties:
    """Who a token is from and for.

    Args:
        supplier: EUI-64 of the supplier, 8 octets; its prepayment key agreement key makes the MAC.
        device: EUI-64 of the Device, 8 octets.
    """

    supplier: bytes
    device: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """The content of a prepayment token.

    Args:
        counter: bits 32 to 41 of the top-up counter.
        value_class: 0 pence, 1 pounds; 2 and 3 mean nothing in GBCS.
        value: 0 to 8191.
        mac: the last 4 octets of the 16-octet GMAC tag.
        reserved: seven bits that are zero.
    """

    counter: int
    value_class: int
    value: int
    mac: bytes
    reserved: int = 0

    @classmethod
    def from_utrn(cls, utrn: str) -> Token:
        """Read a UTRN.

        Args:
            utrn: 20 decimal digits.

        Returns:
            The token.

        Raises:
            ArtefactError: not 20 digits, a wrong check digit, or digits below the least PPTD.
        """
        if len(utrn) != _UTRN_DIGITS or not (utrn.isascii() and utrn.isdigit()):
            raise _refused("a UTRN is 20 decimal digits", 0, len(utrn), "20 decimal digits", utrn)
        if check_digit(utrn[:-1]) != utrn[-1]:
            raise _refused("the check digit is wrong", _UTRN_DIGITS - 1, 1, check_digit(utrn[:-1]), utrn[-1])
        number = int(utrn[:-1]) - PPTD_LEAST
        if not 0 <= number < 1 << 8 * _PTUT_OCTETS:
            raise _refused("the digits are no PPTD", 0, _UTRN_DIGITS - 1, f"{PPTD_LEAST} or more", utrn[:-1])
        return cls.from_ptut(number.to_bytes(_PTUT_OCTETS))

    @classmethod
    def from_ptut(cls, octets: bytes) -> Token:
        """Read the 8 octets of a PTUT.

        Raises:
            ArtefactError: not 8 octets.
        """
        if len(octets) != _PTUT_OCTETS:
            raise _refused("a PTUT is 8 octets", 0, len(octets), "8 octets", octets.hex())
        found = _PTUT.parse(octets)
        return cls(
            counter=found.counter,
            value_class=found.value_class,
            value=found.value,
            mac=found.mac.to_bytes(_MAC_OCTETS),
            reserved=found.reserved,
        )

    def ptut(self) -> bytes:
        """The 8 octets of the PTUT.

        Raises:
            ArtefactError: a value does not fit its bits.
        """
        try:
            octets: bytes = _PTUT.build(
                {
                    "reserved": self.reserved,
                    "counter": self.counter,
                    "value_class": self.value_class,
                    "value": self.value,
                    "mac": int.from_bytes(self.mac),
                }
            )
        except ConstructError as error:
            raise ArtefactError(
                "a value does not fit its bits of the PTUT", clause=_CLAUSE, seen=str(error).splitlines()[-1]
            ) from error
        return octets

    def pptd(self) -> str:
        """The 19 digits before the check digit."""
        return str(int.from_bytes(self.ptut()) + PPTD_LEAST)

    def utrn(self) -> str:
        """The 20 digits a consumer types."""
        digits = self.pptd()
        return digits + check_digit(digits)

    @property
    def pence(self) -> int | None:
        """The value in pence, None where the class means nothing."""
        factor = _PENCE.get(self.value_class)
        return None if factor is None else self.value * factor


def check_digit(digits: str) -> str:
    """Work out the check digit over some digits.

    Args:
        digits: decimal digits, 19 in a UTRN.

    Returns:
        One digit.
    """
    row = 0
    for position, digit in enumerate(digits):
        permutation = _PERMUTATIONS[(_FIRST_PERMUTATION + position) % len(_PERMUTATIONS)]
        row = int(_GROUP[row][int(permutation[int(digit)])])
    return _INVERSES[row]


def make_token(
    *, originator_counter: int, value_class: ValueClass, value: int, parties: TokenParties, keystore: KeyStore
) -> Token:
    """Make a token with its MAC.

    Args:
        originator_counter: 64-bit counter of the top-up; its low 32 bits are zero.
        value_class: pence or pounds.
        value: 0 to 8191.
        parties: who it is from and for.
        keystore: certificates and private keys.

    Returns:
        The token.

    Raises:
        UsageError: the counter has other low bits, or the keys are missing.
        ArtefactError: a value does not fit its bits.
    """
    if originator_counter % (1 << _COUNTER_SHIFT):
        raise UsageError(
            "has low bits", where=f"originator counter {originator_counter:#x}", accepted="low 32 bits zero"
        )
    counter = originator_counter >> _COUNTER_SHIFT & ((1 << _COUNTER_BITS) - 1)
    unsigned = Token(counter=counter, value_class=value_class, value=value, mac=bytes(_MAC_OCTETS))
    mac = _mac(unsigned, originator_counter, parties, keystore)
    if mac is None:
        raise UsageError(
            "holds no keys for a token",
            where="key store",
            accepted=f"a prepayment key of {format_eui64(parties.supplier)} "
            f"and a certificate of {format_eui64(parties.device)}",
        )
    return Token(counter=counter, value_class=value_class, value=value, mac=mac)


def verify_token(token: Token, *, originator_counter: int, parties: TokenParties, keystore: KeyStore) -> Status:
    """Verify the MAC of a token.

    Args:
        token: the token.
        originator_counter: 64-bit counter of the top-up, from the message that carries the token.
        parties: who it is from and for.
        keystore: certificates and private keys.

    Returns:
        ``valid``, ``invalid``, or ``unverified`` where the keys are missing.
    """
    mac = _mac(token, originator_counter, parties, keystore)
    if mac is None:
        return Status.UNVERIFIED
    return Status.VALID if hmac.compare_digest(mac, token.mac) else Status.INVALID


def _mac(token: Token, originator_counter: int, parties: TokenParties, keystore: KeyStore) -> bytes | None:
    """The last 4 octets of the GMAC tag over who, when and how much, GBCS 14.5."""
    secret = agree(keystore, parties.supplier, parties.device, prepayment=True)
    if secret is None:
        return None
    key = derive_key(
        secret,
        originator=parties.supplier,
        use=KeyUse.COMMAND,
        counter=originator_counter,
        recipient=parties.device,
    )
    authenticated = b"".join(
        (
            _AAD_PREFIX,
            parties.supplier,
            parties.device,
            bytes((KeyUse.COMMAND,)),
            originator_counter.to_bytes(8),
            token.ptut()[:-_MAC_OCTETS],
        )
    )
    return gmac(key, originator=parties.supplier, aad=authenticated)[-_MAC_OCTETS:]


def _refused(message: str, offset: int, length: int, expected: str, seen: str) -> ArtefactError:
    return ArtefactError(
        message, offset=offset, length=length, path="utrn", clause=_CLAUSE, expected=expected, seen=seen
    )

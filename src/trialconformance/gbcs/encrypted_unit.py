"""An encrypted unit: attributes of a Response or Alert that only one party may read.

GBCS 8.2 to 8.4: ciphered information is 31 00000000, the ciphertext and a 12-octet tag.
"""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = [
    "CIPHERED_INFORMATION_LEAST",
    "INVOCATION_COUNTER_OCTETS",
    "SECURITY_CONTROL",
    "TAG_OCTETS",
    "EncryptedUnit",
    "ProtectionParameters",
    "ZclContext",
]

SECURITY_CONTROL = 0x31  # authentication and encryption, security suite 1
INVOCATION_COUNTER_OCTETS = 4
TAG_OCTETS = 12
CIPHERED_INFORMATION_LEAST = 1 + INVOCATION_COUNTER_OCTETS + TAG_OCTETS


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectionParameters:
    """How a DLMS Data Protection object protected its attributes, GBCS 8.3.

    Args:
        protection_type: 2 for authenticated and encrypted.
        transaction_id: octet 04 and the encryption counter, 9 octets.
        originator: EUI-64 of who encrypts, 8 octets; the requester in a Command.
        recipient: EUI-64 of who may read, 8 octets; the Device in a Command.
        other_information: empty in GBCS.
        key_info: 2 for an agreed key.
        key_parameters: 02 for C(0e,2s).
        key_ciphered_data: empty in GBCS.
    """

    protection_type: int
    transaction_id: bytes
    originator: bytes
    recipient: bytes
    other_information: bytes = b""
    key_info: int = 2
    key_parameters: bytes = b"\x02"
    key_ciphered_data: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class ZclContext:
    """What names the fields of a plaintext that is a ZCL payload.

    Args:
        cluster: cluster id.
        frame_control: frame control of the ZCL header, which is not encrypted.
        command: command id.
    """

    cluster: int
    frame_control: int
    command: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EncryptedUnit:
    """One run of ciphered information.

    Args:
        path: field path of the ciphered information.
        start: its offset from the start of the payload.
        ciphered: security control, invocation counter, ciphertext and tag; at least 17 octets.
        parameters: protection parameters of the DLMS form, None in the GBZ form.
        zcl: header of the ZCL frame in the GBZ form, None in the DLMS form.
    """

    path: str
    start: int
    ciphered: bytes = field(repr=False)
    parameters: ProtectionParameters | None = None
    zcl: ZclContext | None = None

    @property
    def security_control(self) -> int:
        """First octet, 31 in GBCS."""
        return self.ciphered[0]

    @property
    def invocation_counter(self) -> int:
        """Always zero in GBCS."""
        return int.from_bytes(self.ciphered[1 : 1 + INVOCATION_COUNTER_OCTETS])

    @property
    def ciphertext(self) -> bytes:
        """The octets that hold the attributes."""
        return self.ciphered[1 + INVOCATION_COUNTER_OCTETS : -TAG_OCTETS]

    @property
    def tag(self) -> bytes:
        """The authentication tag, 12 octets."""
        return self.ciphered[-TAG_OCTETS:]

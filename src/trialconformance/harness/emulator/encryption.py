"""Attribute encryption on the side of the device: GBCS 8."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from trialconformance.core import InternalError
from trialconformance.gbcs import Message
from trialconformance.gbcs.dlms.data import Data, Tag
from trialconformance.gbcs.dlms.data_protection import protected_attributes
from trialconformance.gbcs.dlms.writer import write_data
from trialconformance.gbcs.encrypted_unit import SECURITY_CONTROL, TAG_OCTETS, ProtectionParameters
from trialconformance.gbcs.key_derivation import KeyUse, derive_key, initialization_vector
from trialconformance.gbcs.protection import agree

if TYPE_CHECKING:
    from trialconformance.harness.emulator.device import Emulator

__all__ = ["cipher", "protected_data"]

_GCM_TAG_OCTETS = 16
_AUTHENTICATED_AND_ENCRYPTED = 2
_CONSTANT_COUNTER = 1


def protected_data(device: Emulator, command: Message, plain: Data) -> Data:
    """Protect attributes for who asked, in the DLMS form.

    Args:
        device: who encrypts.
        command: the command that asked.
        plain: the attributes.

    Returns:
        Structure of protection parameters and ciphered information.
    """
    counter, recipient = _counter(device, command), _recipient(device, command)
    parameters = ProtectionParameters(
        protection_type=_AUTHENTICATED_AND_ENCRYPTED,
        transaction_id=bytes([KeyUse.ATTRIBUTES]) + counter.to_bytes(8, "big"),
        originator=device.entity,
        recipient=command.supplementary_remote_party_id or command.originator,
    )
    ciphered = _cipher(device, write_data(plain), counter=counter, recipient=recipient)
    return Data(Tag.STRUCTURE, protected_attributes(parameters, ciphered))


def cipher(device: Emulator, command: Message, plaintext: bytes) -> bytes:
    """Encrypt octets for who asked.

    Args:
        device: who encrypts.
        command: the command that asked.
        plaintext: the octets.

    Returns:
        Ciphered information: security header, ciphertext, 12-octet tag.
    """
    return _cipher(device, plaintext, counter=_counter(device, command), recipient=_recipient(device, command))


def _cipher(device: Emulator, plaintext: bytes, *, counter: int, recipient: bytes) -> bytes:
    secret = agree(device.keystore, device.entity, recipient)
    if secret is None:
        raise InternalError("the emulator answers only parties whose keys it holds")
    key = derive_key(secret, originator=device.entity, use=KeyUse.ATTRIBUTES, counter=counter, recipient=recipient)
    sealed = AESGCM(key).encrypt(initialization_vector(device.entity), plaintext, bytes([SECURITY_CONTROL]))
    return bytes([SECURITY_CONTROL]) + bytes(4) + sealed[: TAG_OCTETS - _GCM_TAG_OCTETS]


def _counter(device: Emulator, command: Message) -> int:
    return _CONSTANT_COUNTER if device.behaviour.encryption == "constant-counter" else command.originator_counter


def _recipient(device: Emulator, command: Message) -> bytes:
    if device.behaviour.encryption == "wrong-party" and device.acb is not None:
        return device.acb
    return command.supplementary_remote_party_id or command.originator

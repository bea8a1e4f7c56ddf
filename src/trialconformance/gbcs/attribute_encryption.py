"""Encrypted attributes: decrypt the units of a Response or Alert, encrypt them when building one.

GBCS 8. One key and one nonce serve every unit of a message: that is how GBCS does it, and no pattern to copy.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from trialconformance.core import ArtefactError, UsageError, format_eui64
from trialconformance.gbcs import dlms, gbz
from trialconformance.gbcs.dlms import Data, Tag
from trialconformance.gbcs.encrypted_unit import (
    INVOCATION_COUNTER_OCTETS,
    SECURITY_CONTROL,
    TAG_OCTETS,
    EncryptedUnit,
    ProtectionParameters,
    ZclContext,
)
from trialconformance.gbcs.gbz import CommandCodec, Component
from trialconformance.gbcs.key_derivation import KeyUse, derive_key, initialization_vector
from trialconformance.gbcs.message import Message
from trialconformance.gbcs.node import Node
from trialconformance.gbcs.payload import Payload
from trialconformance.gbcs.protection import Status, agree
from trialconformance.smki import KeyStore

__all__ = [
    "DecryptedPayload",
    "DecryptedUnit",
    "Parties",
    "decrypt",
    "decrypt_payload",
    "encrypt",
    "encrypted_component",
    "protected_value",
]

_AUTHENTICATED_DATA = bytes((SECURITY_CONTROL,))
_SECURITY_HEADER = _AUTHENTICATED_DATA + bytes(INVOCATION_COUNTER_OCTETS)
_PLAINTEXT = "plaintext"
_AUTHENTICATED_AND_ENCRYPTED = 2  # protection type, GBCS 8.3
_ENCRYPTED = 0x02  # control bit of a GBZ component


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Who encrypts for whom, and the counter that makes the key unique.

    Args:
        device: EUI-64 of the Device that encrypts, 8 octets.
        recipient: EUI-64 of the party that may read: the Supplementary Remote Party where there is one, else the
            Business Target; 8 octets.
        counter: Supplementary Originator Counter where there is one, else the Originator Counter.
    """

    device: bytes
    recipient: bytes
    counter: int

    @classmethod
    def of(cls, message: Message) -> Parties:
        """The parties of a Response or Alert, from its grouping header."""
        return cls(device=message.originator, recipient=message.reader, counter=message.counter_of_encryption)


@dataclass(frozen=True, kw_only=True)
class DecryptedUnit:
    """What became of one encrypted unit. Not slotted: the field trees are kept once they were asked for.

    Args:
        unit: the unit.
        status: ``valid`` where the tag is right, ``invalid`` where it is not, ``unverified`` without a key.
        plaintext: the octets, empty unless valid.
        value: what they say: a DLMS value, the fields of a ZCL command, None unless they could be read.
        surplus: offset in the plaintext of octets after the fields of a ZCL command.
        error: why the plaintext could not be read; its offset counts from the start of the plaintext.
    """

    unit: EncryptedUnit
    status: Status
    plaintext: bytes = field(default=b"", repr=False)
    value: Data | dict[str, Any] | None = None
    surplus: int = 0
    error: ArtefactError | None = None

    @cached_property
    def fields(self) -> tuple[Node, ...]:
        """The field trees of the plaintext, offsets counting from its start."""
        path = f"{self.unit.path}.{_PLAINTEXT}"
        if isinstance(self.value, Data):
            return (_as_decrypted(dlms.describe_data(self.value, name=_PLAINTEXT, path=path)),)
        return () if self.unit.zcl is None else tuple(map(_as_decrypted, self._zcl_fields(self.unit.zcl, path)))

    def _zcl_fields(self, frame: ZclContext, path: str) -> Iterator[Node]:
        known = _codec_of(frame)
        if known is not None and isinstance(self.value, dict):
            yield from gbz.describe_zcl(known.command, self.value, cluster=frame.cluster, path=path)
        if self.surplus < len(self.plaintext):
            surplus, read = self.plaintext[self.surplus :], self.value is not None
            yield gbz.describe_surplus(surplus, f"{path}.surplus", self.surplus, known=known is not None, read=read)


@dataclass(frozen=True, kw_only=True)
class DecryptedPayload:
    """A payload with what its encrypted units hold. Not slotted: the field tree is kept once it was asked for.

    Args:
        payload: the payload.
        units: its units in their order.
    """

    payload: Payload
    units: tuple[DecryptedUnit, ...]

    @property
    def status(self) -> Status:
        """``absent`` without units; else the worst of them: ``invalid``, then ``unverified``, then ``valid``."""
        found = {unit.status for unit in self.units}
        order = (Status.INVALID, Status.UNVERIFIED, Status.VALID)
        return next((status for status in order if status in found), Status.ABSENT)

    @cached_property
    def tree(self) -> Node:
        """The field tree of the payload with the decrypted fields below the octets they were encrypted in."""
        return _with_fields(self.payload.tree, {unit.unit.path: unit for unit in self.units})


def decrypt(unit: EncryptedUnit, parties: Parties, keystore: KeyStore) -> DecryptedUnit:
    """Decrypt one unit.

    Args:
        unit: the unit.
        parties: who encrypted for whom.
        keystore: certificates and private keys.

    Returns:
        ``unverified`` where no private key of either party is at hand: never ``valid`` without the tag checked.
    """
    secret = agree(keystore, parties.recipient, parties.device)
    if secret is None:
        return DecryptedUnit(unit=unit, status=Status.UNVERIFIED)
    if unit.ciphered[: len(_SECURITY_HEADER)] != _SECURITY_HEADER:
        return DecryptedUnit(unit=unit, status=Status.INVALID)
    mode = modes.GCM(initialization_vector(parties.device), unit.tag, min_tag_length=TAG_OCTETS)
    decryptor = Cipher(algorithms.AES(_key(secret, parties)), mode).decryptor()
    decryptor.authenticate_additional_data(_AUTHENTICATED_DATA)
    try:
        plaintext = decryptor.update(unit.ciphertext) + decryptor.finalize()
    except InvalidTag:
        return DecryptedUnit(unit=unit, status=Status.INVALID)
    try:
        value, end = _read(unit, plaintext)
    except ArtefactError as error:
        end = len(plaintext)
        return DecryptedUnit(unit=unit, status=Status.VALID, plaintext=plaintext, surplus=end, error=error)
    return DecryptedUnit(unit=unit, status=Status.VALID, plaintext=plaintext, value=value, surplus=end)


def decrypt_payload(message: Message, keystore: KeyStore) -> DecryptedPayload:
    """Decrypt every unit of a message.

    Args:
        message: a Response or Alert; a Command has no units.
        keystore: certificates and private keys.

    Returns:
        The payload with what its units hold.

    Raises:
        ArtefactError: the payload breaks its grammar.
    """
    payload = message.typed_payload
    parties = Parties.of(message)
    return DecryptedPayload(
        payload=payload, units=tuple(decrypt(unit, parties, keystore) for unit in payload.encrypted_units)
    )


def encrypt(plaintext: bytes, parties: Parties, keystore: KeyStore) -> bytes:
    """Encrypt attributes for one party.

    Args:
        plaintext: the attributes.
        parties: who encrypts for whom.
        keystore: certificates and private keys, one private key of the two at least.

    Returns:
        Ciphered information: security header, ciphertext and 12-octet tag.

    Raises:
        UsageError: the key store holds no private key of either party, or lacks the other's certificate.
    """
    secret = agree(keystore, parties.device, parties.recipient)
    if secret is None:
        raise UsageError(
            "holds no keys to agree a secret with",
            where="key store",
            accepted="a key agreement private key of "
            f"{format_eui64(parties.device)} or {format_eui64(parties.recipient)} and the other's certificate",
        )
    nonce = initialization_vector(parties.device)
    sealed = AESGCM(_key(secret, parties)).encrypt(nonce, plaintext, _AUTHENTICATED_DATA)
    return _SECURITY_HEADER + sealed[: len(plaintext) + TAG_OCTETS]


def protected_value(data: Data, parties: Parties, keystore: KeyStore) -> Data:
    """Encrypt a DLMS value: the data of a Response item that answers a Data Protection method.

    Args:
        data: the value to protect.
        parties: who encrypts for whom.
        keystore: certificates and private keys.

    Returns:
        Structure of protection parameters and ciphered information; an Alert carries the two members themselves.

    Raises:
        UsageError: as ``encrypt``.
        ArtefactError: the value does not fit its type.
    """
    parameters = ProtectionParameters(
        protection_type=_AUTHENTICATED_AND_ENCRYPTED,
        transaction_id=bytes((KeyUse.ATTRIBUTES,)) + parties.counter.to_bytes(8),
        originator=parties.device,
        recipient=parties.recipient,
    )
    ciphered = encrypt(dlms.write_data(data), parties, keystore)
    return Data(Tag.STRUCTURE, dlms.protected_attributes(parameters, ciphered))


def encrypted_component(
    component: Component, parties: Parties, keystore: KeyStore, *, frame_counter: int = 0
) -> Component:
    """Encrypt the ZCL payload of a GBZ component.

    Args:
        component: the component in clear.
        parties: who encrypts for whom.
        keystore: certificates and private keys.
        frame_counter: position among the encrypted components of the message.

    Returns:
        The encrypted component.

    Raises:
        UsageError: as ``encrypt``.
        ArtefactError: a value does not fit its field.
    """
    known = component.codec
    plaintext = known.write(component.values or {}, component.surplus) if known else component.surplus
    ciphered = encrypt(plaintext, parties, keystore)
    return component._replace(
        control=component.control | _ENCRYPTED,
        values=None,
        surplus=b"",
        additional_header=0,
        frame_counter=frame_counter,
        ciphered_length=len(ciphered),
        ciphered=ciphered,
    )


def _key(secret: bytes, parties: Parties) -> bytes:
    return derive_key(
        secret,
        originator=parties.device,
        use=KeyUse.ATTRIBUTES,
        counter=parties.counter,
        recipient=parties.recipient,
    )


def _read(unit: EncryptedUnit, plaintext: bytes) -> tuple[Data | dict[str, Any] | None, int]:
    """Read a plaintext: exactly one DLMS value, or the payload of the ZCL command that stands before it."""
    if unit.zcl is not None:
        known = _codec_of(unit.zcl)
        return (None, 0) if known is None else known.read(plaintext, 0, len(plaintext))
    data = dlms.read_data(plaintext, 0)
    if data.end != len(plaintext):
        raise ArtefactError(
            "octets are left over after the decrypted value",
            offset=data.end,
            length=len(plaintext) - data.end,
            path=f"{unit.path}.{_PLAINTEXT}",
            clause="GBCS 8.3",
            expected="exactly one value",
            seen=f"{len(plaintext) - data.end} octets more",
        )
    return data, data.end


def _codec_of(frame: ZclContext) -> CommandCodec | None:
    return gbz.codec(frame.cluster, frame.frame_control, frame.command)


def _as_decrypted(node: Node) -> Node:
    return replace(node, decrypted=True, children=tuple(map(_as_decrypted, node.children)))


def _with_fields(node: Node, units: dict[str, DecryptedUnit]) -> Node:
    children = tuple(_with_fields(child, units) for child in node.children)
    unit = units.get(node.path)
    if unit is None:
        return replace(node, children=children)
    text = {Status.VALID: "decrypted", Status.INVALID: "does not decrypt"}.get(unit.status, "encrypted, no key at hand")
    note = f"decrypted octets cannot be read: {unit.error}" if unit.error else node.note
    return replace(node, text=text, note=note, children=(*children, *unit.fields))

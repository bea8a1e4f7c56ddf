"""Everything that can be said of one captured message: decoded, verified, decrypted; as JSON or as a field tree."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from trialconformance.core import ArtefactError, format_eui64
from trialconformance.gbcs.attribute_encryption import DecryptedPayload, decrypt_payload
from trialconformance.gbcs.captures import Capture
from trialconformance.gbcs.gbt import Block, Routing, decode_block
from trialconformance.gbcs.message import Message
from trialconformance.gbcs.payload import Payload
from trialconformance.gbcs.protection import Status, Verification, verify
from trialconformance.gbcs.usecases import UseCase, UseCases
from trialconformance.smki import KeyStore

__all__ = ["DecodedMessage", "Description", "describe"]

_NO_KEYS = KeyStore.of([])

State = Literal["valid", "invalid", "absent", "unverified"]


class DecodedMessage(BaseModel):
    """One line of ``decode --json``."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"$id": "trialconformance-decode/1"}, title="decode --json"
    )

    path: str = Field(description="the file, or - for standard input")
    octets: int = Field(description="octets of the message")
    ok: bool = Field(description="whether the whole message could be decoded, payload included")
    error: str | None = Field(description="where and why it could not be decoded")
    kind: Literal["precommand", "command", "response", "alert", "block"] | None
    message_code: str | None = Field(description="0x and four hex digits")
    use_case: str | None = Field(description="GBCS use case, null for Message Codes of none")
    originator: str | None = Field(description="EUI-64, 16 upper-case hex digits")
    target: str | None = Field(description="EUI-64, 16 upper-case hex digits")
    counter: int | None = Field(description="Originator Counter")
    signature: State | None
    mac: State | None
    encrypted_units: int | None = Field(description="encrypted units in the payload, null where it was not decoded")
    decrypted_units: int | None = Field(description="those whose key is at hand and whose tag is right")
    payload: dict[str, Any] | str | None = Field(
        description="family and field tree of the payload, decrypted fields included; hex where it cannot be read"
    )
    reencodes: bool | None = Field(description="whether the decoded values encode to the same octets")


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What can be said of a captured message.

    Args:
        capture: the capture.
        use_case: its row of the catalogue.
        verification: what protects it, verified; None where it cannot be read.
        payload: its payload as typed values, None where it breaks its grammar.
        payload_error: where and how it does.
        decrypted: its encrypted units, opened as far as the keys reach; None without a typed payload.
        block: the block of a general block transfer that it is, None where it is none or cannot be read.
        block_error: where and how a block breaks its layout.
        keystore: the certificates it was verified with.
    """

    capture: Capture
    use_case: UseCase | None = None
    verification: Verification | None = None
    payload: Payload | None = field(default=None, repr=False)
    payload_error: ArtefactError | None = None
    decrypted: DecryptedPayload | None = field(default=None, repr=False)
    block: Block | None = None
    block_error: ArtefactError | None = None
    keystore: KeyStore | None = None

    @property
    def error(self) -> ArtefactError | None:
        """Why it could not be decoded to the last octet, None where it could."""
        return self.capture.error or self.payload_error or self.block_error

    @property
    def heading(self) -> Message | Routing | None:
        """Who says what to whom: the message itself, or what a block repeats of its message."""
        return self.capture.message or (None if self.block is None else self.block.routing)

    @property
    def opened(self) -> int:
        """Number of encrypted units that could be decrypted."""
        return 0 if self.decrypted is None else sum(unit.status == Status.VALID for unit in self.decrypted.units)

    @property
    def invalid(self) -> tuple[str, ...]:
        """What protects the message and does not verify: ``signature``, ``MAC``, ``encrypted unit``."""
        verification, decrypted = self.verification, self.decrypted
        states = {
            "signature": None if verification is None else verification.signature,
            "MAC": None if verification is None else verification.mac,
            "encrypted unit": None if decrypted is None else decrypted.status,
        }
        return tuple(name for name, state in states.items() if state is Status.INVALID)

    @property
    def reencodes(self) -> bool | None:
        """Whether message and payload encode to the octets they were read from; None where nothing was read."""
        message = self.capture.message
        if message is None:
            return None if self.block is None else self.block.encode() == self.capture.octets
        try:
            same = message.encode() == self.capture.octets
            return same and (self.payload is None or self.payload.encode() == message.payload)
        except ArtefactError:
            return False

    def decoded(self, path: str | None = None) -> DecodedMessage:
        """Say it in one line of JSON.

        Args:
            path: the file as the user named it, the name of the artefact by default.
        """
        message, verification, heading = self.capture.message, self.verification, self.heading
        return DecodedMessage(
            path=path or self.capture.name,
            octets=len(self.capture.octets),
            ok=self.error is None,
            error=None if self.error is None else str(self.error),
            kind="block" if self.capture.block else (None if message is None else message.kind.value),
            message_code=None if heading is None else f"0x{heading.message_code:04X}",
            use_case=(self.use_case.use_case or None) if self.use_case is not None else None,
            originator=None if heading is None else format_eui64(heading.originator),
            target=None if heading is None else format_eui64(heading.target),
            counter=None if heading is None else heading.originator_counter,
            signature=None if verification is None else verification.signature.value,
            mac=None if verification is None else verification.mac.value,
            encrypted_units=None if self.decrypted is None else len(self.decrypted.units),
            decrypted_units=None if self.decrypted is None else self.opened,
            payload=self._payload_json(message),
            reencodes=self.reencodes,
        )

    def _payload_json(self, message: Message | None) -> dict[str, Any] | str | None:
        if message is None:
            return None
        if self.payload is None or self.decrypted is None:
            return message.payload.hex()
        return {"family": self.payload.family.value, "fields": self.decrypted.tree.to_json()}


def describe(
    capture: Capture, *, keystore: KeyStore | None = None, acb: bytes | None = None, use_cases: UseCases | None = None
) -> Description:
    """Decode, verify and decrypt one captured message.

    Args:
        capture: the capture, readable or not.
        keystore: certificates and test keys; without it nothing is verified.
        acb: EUI-64 of the Access Control Broker.
        use_cases: the catalogue, the package's own by default.

    Returns:
        What can be said of it; never raises for what the octets hold.
    """
    catalogue = use_cases or UseCases.shipped()
    message = capture.message
    if message is None:
        return _describe_block(capture, catalogue) if capture.block else Description(capture=capture)
    known = Description(
        capture=capture,
        use_case=catalogue.get(message.message_code),
        verification=verify(message, keystore or _NO_KEYS, acb=acb, use_cases=catalogue),
        keystore=keystore,
    )
    try:
        payload = message.typed_payload
    except ArtefactError as error:
        return replace(known, payload_error=error)
    return replace(known, payload=payload, decrypted=decrypt_payload(message, keystore or _NO_KEYS))


def _describe_block(capture: Capture, use_cases: UseCases) -> Description:
    try:
        block = decode_block(capture.octets)
    except ArtefactError as error:
        return Description(capture=capture, block_error=error)
    return Description(capture=capture, block=block, use_case=use_cases.get(block.routing.message_code))

"""What there is to judge in captured messages: each message alone, in its exchange and in its scenario."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from trialconformance.core import ArtefactError, Claims, Span
from trialconformance.gbcs.attribute_encryption import DecryptedUnit, decrypt_payload
from trialconformance.gbcs.captures import Capture
from trialconformance.gbcs.message import Kind, Message
from trialconformance.gbcs.pairing import pair
from trialconformance.gbcs.parties import ACCESS_CONTROL_BROKER, certificate_of, sole_acb
from trialconformance.gbcs.payload import Payload
from trialconformance.gbcs.protection import Status, Verification, verify
from trialconformance.gbcs.transfers import transfers
from trialconformance.gbcs.usecases import UseCase, UseCases
from trialconformance.smki import Certificate, CertificateKind, KeyStore

__all__ = [
    "CAPTURE",
    "CLAIMS",
    "DEVICE_CERTIFICATE",
    "EXCHANGE",
    "MESSAGE",
    "SCENARIO",
    "TRANSFER",
    "ClaimsBesideCaptures",
    "Context",
    "DeviceCertificate",
    "Exchange",
    "MessageInContext",
    "Scenario",
    "subjects",
]

CAPTURE = "gbcs-capture"
CLAIMS = "gbcs-claims"
MESSAGE = "gbcs-message"
EXCHANGE = "gbcs-exchange"
SCENARIO = "gbcs-scenario"
TRANSFER = "gbcs-transfer"
DEVICE_CERTIFICATE = "gbcs-device-certificate"


@dataclass(frozen=True, kw_only=True)
class Context:
    """What messages are judged with; not slotted because it keeps what was worked out once.

    Args:
        keystore: certificates and test keys; None where there are none.
        acb: EUI-64 of the Access Control Broker; None where not known.
        use_cases: the catalogue.
        claims: what the ICS claims; None where nothing does.
        image: the firmware image that is to be activated; None where there is none.
        device_types: type of each Device whose type is known, by EUI-64.
        under_test: EUI-64 of each Device under test; empty where nobody said.
    """

    keystore: KeyStore | None
    acb: bytes | None
    use_cases: UseCases
    claims: Claims | None
    image: bytes | None
    device_types: Mapping[bytes, str]
    under_test: frozenset[bytes]

    @cached_property
    def has_device_certificates(self) -> bool:
        """Whether the key store holds the certificate of any Device."""
        found = () if self.keystore is None else self.keystore.certificates
        return any(each.kind is CertificateKind.DEVICE for each in found)

    def certificate(self, entity: bytes) -> Certificate | None:
        """A certificate of a party, for what it says of the party itself; None where there is none."""
        return certificate_of(entity, self.keystore)

    def is_acb(self, entity: bytes) -> bool | None:
        """Whether a party is the Access Control Broker; None where neither a setting nor a certificate tells."""
        if self.acb is not None and entity == self.acb:
            return True
        certificate = self.certificate(entity)
        if certificate is not None:
            return certificate.role == ACCESS_CONTROL_BROKER
        return None if self.acb is None else False


@dataclass(frozen=True, kw_only=True)
class MessageInContext:
    """A message with all that its judgement rests on; not slotted because it keeps what was worked out once.

    Args:
        message: the message.
        context: what it is judged with.
        octets: its octets.
        use_case: its row of the catalogue, None where the Message Code is not known.
    """

    message: Message
    context: Context = field(repr=False)
    octets: bytes = field(repr=False)
    use_case: UseCase | None = field(repr=False)

    @property
    def name(self) -> str:
        """Name of the artefact."""
        return self.message.name

    @property
    def is_command(self) -> bool:
        """Whether it is a Command, protected or not yet."""
        return self.message.kind in (Kind.COMMAND, Kind.PRECOMMAND)

    @cached_property
    def verification(self) -> Verification:
        """What protects it, verified as far as the key store reaches."""
        context = self.context
        if context.keystore is None:
            present = self.message.signature, self.message.mac
            signature, mac = (Status.UNVERIFIED if each else Status.ABSENT for each in present)
            return Verification(signature=signature, mac=mac)
        return verify(self.message, context.keystore, acb=context.acb, use_cases=context.use_cases)

    @cached_property
    def _typed(self) -> Payload | ArtefactError:
        try:
            return self.message.typed_payload
        except ArtefactError as error:
            return error

    @property
    def payload(self) -> Payload | None:
        """The payload as typed values, None where it breaks its grammar."""
        return None if isinstance(self._typed, ArtefactError) else self._typed

    @property
    def content(self) -> Any:
        """The value that the payload is, of the type that its family and kind give it; None where there is none."""
        return None if self.payload is None else self.payload.content

    @cached_property
    def decrypted_units(self) -> tuple[DecryptedUnit, ...]:
        """The encrypted units of the payload, opened as far as the keys reach; none without a key store."""
        if self.payload is None or self.context.keystore is None:
            return ()
        return decrypt_payload(self.message, self.context.keystore).units

    @property
    def payload_error(self) -> ArtefactError | None:
        """Where and how the payload breaks its grammar."""
        return self._typed if isinstance(self._typed, ArtefactError) else None

    def span(self, path: str) -> Span:
        """Where a field of the envelope stands."""
        return self.message.span(path)

    def payload_span(self, path: str) -> Span:
        """Where a field of the payload stands, counted from the start of the message."""
        if self.payload is None:
            return self.message.span("payload")
        inner = self.payload.span(path)
        return Span(start=self.message.payload_offset + inner.start, length=inner.length, path=f"payload.{path}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A Response beside the Command it answers; findings point into the Response.

    Args:
        command: the Command.
        response: the Response.
    """

    command: MessageInContext
    response: MessageInContext

    @property
    def name(self) -> str:
        """Name of the Response."""
        return self.response.name

    @property
    def octets(self) -> bytes:
        """Octets of the Response."""
        return self.response.octets


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """The messages of one folder.

    Args:
        name: name of the folder.
        messages: its messages, those that can be read.
    """

    name: str
    messages: tuple[MessageInContext, ...]

    @property
    def octets(self) -> bytes:
        """Nothing: a scenario is no octet string; findings name the message they are about."""
        return b""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimsBesideCaptures:
    """The ICS beside what the captures show.

    Args:
        claims: what the ICS claims.
        messages: every message that can be read.
        context: what they are judged with.
    """

    claims: Claims
    messages: tuple[MessageInContext, ...]
    context: Context

    @property
    def name(self) -> str:
        """Name of the ICS; findings about a message name that message."""
        return "ics"

    @property
    def octets(self) -> bytes:
        """Nothing: the ICS is no octet string."""
        return b""

    @property
    def shown(self) -> tuple[MessageInContext, ...]:
        """The Responses and Alerts of the Device under test, of every Device where nobody said which that is."""
        under_test = self.context.under_test
        return tuple(
            each
            for each in self.messages
            if not each.is_command and (not under_test or each.message.originator in under_test)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceCertificate:
    """A certificate of a Device that sent or received a message.

    Args:
        certificate: the certificate.
        device: EUI-64 of the Device.
    """

    certificate: Certificate
    device: bytes

    @property
    def name(self) -> str:
        """Name of the certificate."""
        return self.certificate.name

    @property
    def octets(self) -> bytes:
        """Octets of the certificate."""
        return self.certificate.octets


def subjects(
    captures: Iterable[Capture],
    *,
    keystore: KeyStore | None = None,
    acb: bytes | None = None,
    use_cases: UseCases | None = None,
    claims: Claims | None = None,
    image: bytes | None = None,
    device_types: Mapping[bytes, str] | None = None,
    under_test: Iterable[bytes] = (),
) -> dict[str, list[Any]]:
    """List what there is to judge.

    Args:
        captures: captured messages, readable or not.
        keystore: certificates and test keys.
        acb: EUI-64 of the Access Control Broker, that of a key store which holds exactly one by default.
        use_cases: the catalogue, the package's own by default.
        claims: what the ICS claims of the device.
        image: the firmware image that is to be activated.
        device_types: type of each Device whose type is known, by EUI-64.
        under_test: EUI-64 of each Device under test.

    Returns:
        Subjects by kind, each with ``name`` and ``octets``.
    """
    context = Context(
        keystore=keystore,
        acb=acb or sole_acb(keystore),
        use_cases=use_cases or UseCases.shipped(),
        claims=claims,
        image=image,
        device_types=device_types or {},
        under_test=frozenset(under_test),
    )
    captures = list(captures)
    block_transfers = transfers(captures)
    captures += [transfer.capture for transfer in block_transfers if transfer.capture is not None]
    scenarios: dict[str, list[MessageInContext]] = {}
    for capture in captures:
        if capture.message is not None:
            scenarios.setdefault(capture.scenario, []).append(_in_context(capture.message, context))
    messages = [message for scenario in scenarios.values() for message in scenario]
    return {
        CAPTURE: [capture for capture in captures if not capture.block],
        MESSAGE: messages,
        CLAIMS: []
        if claims is None
        else [ClaimsBesideCaptures(claims=claims, messages=tuple(messages), context=context)],
        EXCHANGE: [exchange for scenario in scenarios.values() for exchange in _exchanges(scenario)],
        SCENARIO: [Scenario(name=name, messages=tuple(scenario)) for name, scenario in scenarios.items()],
        TRANSFER: block_transfers,
        DEVICE_CERTIFICATE: list(_device_certificates(messages, context)),
    }


def _in_context(message: Message, context: Context) -> MessageInContext:
    return MessageInContext(
        message=message,
        context=context,
        octets=message.octets,
        use_case=context.use_cases.get(message.message_code),
    )


def _exchanges(scenario: list[MessageInContext]) -> Iterable[Exchange]:
    by_message = {id(each.message): each for each in scenario}
    for command, response in pair(each.message for each in scenario):
        yield Exchange(command=by_message[id(command)], response=by_message[id(response)])


def _device_certificates(messages: list[MessageInContext], context: Context) -> Iterable[DeviceCertificate]:
    keystore = context.keystore
    if keystore is None:
        return
    devices = {each.message.target if each.is_command else each.message.originator for each in messages}
    for certificate in keystore.certificates:
        if certificate.kind is CertificateKind.DEVICE and certificate.entity_id in devices:
            yield DeviceCertificate(certificate=certificate, device=certificate.entity_id)

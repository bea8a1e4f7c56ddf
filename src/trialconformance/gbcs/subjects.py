"""What there is to judge in captured messages: each message alone, in its exchange and in its scenario."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from trialconformance.core import ArtefactError, Claims, Span
from trialconformance.gbcs.captures import Capture
from trialconformance.gbcs.message import Kind, Message
from trialconformance.gbcs.pairing import pair
from trialconformance.gbcs.protection import Status, Verification, verify
from trialconformance.gbcs.usecases import UseCase, UseCases
from trialconformance.smki import Certificate, CertificateKind, KeyStore, KeyUsage

if TYPE_CHECKING:
    from trialconformance.gbcs.payload import Payload

__all__ = [
    "CAPTURE",
    "DEVICE_CERTIFICATE",
    "EXCHANGE",
    "MESSAGE",
    "SCENARIO",
    "Context",
    "DeviceCertificate",
    "Exchange",
    "MessageInContext",
    "Scenario",
    "subjects",
]

CAPTURE = "gbcs-capture"
MESSAGE = "gbcs-message"
EXCHANGE = "gbcs-exchange"
SCENARIO = "gbcs-scenario"
DEVICE_CERTIFICATE = "gbcs-device-certificate"

_ACB_ROLE = 4  # remote party role of the Access Control Broker, GBCS 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What messages are judged with.

    Args:
        keystore: certificates and test keys; None where there are none.
        acb: EUI-64 of the Access Control Broker; None where not known.
        use_cases: the catalogue.
        claims: what the ICS claims; None where nothing does.
        image: the firmware image that is to be activated; None where there is none.
    """

    keystore: KeyStore | None
    acb: bytes | None
    use_cases: UseCases
    claims: Claims | None
    image: bytes | None

    def certificate(self, entity: bytes) -> Certificate | None:
        """A certificate of a party, for what it says of the party itself; None where there is none."""
        if self.keystore is None:
            return None
        usages = (KeyUsage.DIGITAL_SIGNATURE, KeyUsage.KEY_AGREEMENT)
        found = (self.keystore.certificate(entity, usage) for usage in usages)
        return next((each for each in found if each is not None), None)

    def is_acb(self, entity: bytes) -> bool | None:
        """Whether a party is the Access Control Broker; None where neither a setting nor a certificate tells."""
        if self.acb is not None and entity == self.acb:
            return True
        certificate = self.certificate(entity)
        if certificate is not None:
            return certificate.role == _ACB_ROLE
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
) -> dict[str, list[Any]]:
    """List what there is to judge.

    Args:
        captures: captured messages, readable or not.
        keystore: certificates and test keys.
        acb: EUI-64 of the Access Control Broker.
        use_cases: the catalogue, the package's own by default.
        claims: what the ICS claims of the device.
        image: the firmware image that is to be activated.

    Returns:
        Subjects by kind, each with ``name`` and ``octets``.
    """
    context = Context(keystore=keystore, acb=acb, use_cases=use_cases or UseCases.shipped(), claims=claims, image=image)
    captures = list(captures)
    scenarios: dict[str, list[MessageInContext]] = {}
    for capture in captures:
        if capture.message is not None:
            scenarios.setdefault(capture.scenario, []).append(_in_context(capture.message, context))
    messages = [message for scenario in scenarios.values() for message in scenario]
    return {
        CAPTURE: [capture for capture in captures if not capture.block],
        MESSAGE: messages,
        EXCHANGE: [exchange for scenario in scenarios.values() for exchange in _exchanges(scenario)],
        SCENARIO: [Scenario(name=name, messages=tuple(scenario)) for name, scenario in scenarios.items()],
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

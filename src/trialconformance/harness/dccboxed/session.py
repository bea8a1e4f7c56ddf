"""A device behind DCC Boxed: commands are asked for in DUIS, responses and alerts arrive at the receive address."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree

from trialconformance.core import ArtefactError, UsageError, format_eui64
from trialconformance.gbcs import decode
from trialconformance.harness.credentials import Credentials
from trialconformance.harness.dccboxed import precommand as precommands
from trialconformance.harness.dccboxed.correlator import Arrival, ArrivalKind, Correlator
from trialconformance.harness.dccboxed.counters import Counters
from trialconformance.harness.dccboxed.duis import BOXED_ACB, RequestId, build_request, route_of, signed_precommand
from trialconformance.harness.dccboxed.errors import BoxedError
from trialconformance.harness.dccboxed.receiver import Receiver
from trialconformance.harness.dccboxed.response import BodyKind, CodeClass, DuisResponse
from trialconformance.harness.dccboxed.schema import DuisSchema
from trialconformance.harness.dccboxed.settings import BoxedSettings
from trialconformance.harness.dccboxed.signature import SignatureStatus, Signer, sign, signer_of, verify
from trialconformance.harness.dccboxed.templates import Template, TemplateFolder
from trialconformance.harness.dccboxed.transport import HttpTransport, Transport
from trialconformance.harness.dccboxed.xml import SR, serialise
from trialconformance.harness.session import Capability, Command, DeviceSession, Identity, Received, Trouble
from trialconformance.smki import KeyStore, KeyUsage

__all__ = ["BoxedSession"]

_PAUSE = 0.01  # seconds between two looks at what arrived
_ARRIVAL_TROUBLES = {
    ArrivalKind.DUPLICATE: Trouble.DUPLICATE,
    ArrivalKind.LATE: Trouble.LATE,
    ArrivalKind.UNKNOWN: Trouble.UNCORRELATED,
}
_CRITICAL_STEP_TWO = 5  # command variant that follows a transformed 4
_TRANSFORM = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """A request under way."""

    request_id: RequestId
    template: Template


class BoxedSession(DeviceSession):
    """Talks to one device through DCC Boxed. No real DCC Boxed was available when this was written.

    Args:
        settings: addresses, keys and paths.
        transport: the way to DCC Boxed; HTTP as the settings say by default.

    Raises:
        UsageError: a folder, a key or the schema cannot be used, or the receive address is taken.
    """

    def __init__(self, settings: BoxedSettings, *, transport: Transport | None = None) -> None:
        super().__init__(
            identity=Identity(entity=bytes.fromhex(settings.device), device_type=settings.device_type),
            credentials=Credentials.from_keystore(KeyStore.read(settings.keystore)),
            capabilities=frozenset({Capability.SEND, Capability.ALERTS}),
        )
        self._settings = settings
        self._signers = KeyStore.read(settings.xml_signing_keystore)
        self._by_serial = {each.serial: each for each in self._signers.certificates}
        self._templates = TemplateFolder(settings.templates)
        self._schema = DuisSchema.read(settings.schema_path) if settings.schema_path else None
        self._transport = transport or HttpTransport(settings, log=self._say)
        self._counters = Counters(settings.state / "counters.sqlite")
        self._correlator = Correlator(settings.state / "arrivals.sqlite")
        self._waiting: list[str] = []
        self._known: list[str] = []
        self._ready: deque[Received] = deque()
        self._receiver = Receiver(settings.receive, self._accept)
        self._receiver.start()
        if self._schema is None:
            self._say("no DUIS schema given: documents are not validated against it")
        elif self._schema.missing:
            self._say(f"the DUIS schema imports files that are not there: {', '.join(self._schema.missing)}")

    @property
    def receive_url(self) -> str:
        """What must be typed into the web interface of DCC Boxed."""
        receive = self._settings.receive
        return f"http://{receive.host}:{self._receiver.port}{receive.path}"

    def next_counter(self, originator: bytes) -> int:
        """Take a counter that no worker of this run has taken; DCC Boxed puts that of the request into the command.

        Args:
            originator: EUI-64 of the party.
        """
        return self._counters.next(originator)

    def transmit(self, command: Command) -> None:
        """Ask for the command of a use case with the user's template for it.

        Args:
            command: its use case, originator and counter; DCC Boxed builds the octets itself.
        """
        request_id = RequestId(originator=command.originator, target=self.identity.entity, counter=command.counter)
        try:
            template = self._templates.for_use_case(command.use_case)
        except UsageError as error:
            self._ready.append(self._received(b"", Trouble.UNSUPPORTED, str(error)))
            return
        request = _Request(request_id=request_id, template=template)
        try:
            self._run(request)
        except UsageError as error:  # a command variant that is refused, a key that is not at hand
            self._ready.append(self._received(b"", Trouble.UNSUPPORTED, str(error)))
        except BoxedError as fault:
            self._give_up(request)
            self._ready.append(self._received(fault.octets, fault.trouble, str(fault)))
        except ArtefactError as error:
            self._give_up(request)
            self._ready.append(self._received(b"", Trouble.GARBAGE, str(error)))

    def collect(self, deadline_ms: int) -> Received | None:
        """Wait for a response, an alert or something that should not have come.

        Args:
            deadline_ms: milliseconds to wait at most; at least as long as the settings give a device.
        """
        if self._ready:
            return self._ready.popleft()
        patience = max(deadline_ms, self._settings.receive.timeout_ms) if self._waiting else deadline_ms
        end = time.monotonic() + patience / 1000
        while True:
            self._receiver.start()  # takes over where the worker that listened has ended
            if (arrival := self._next_arrival()) is not None:
                return self._judge(arrival)
            if time.monotonic() >= end:
                break
            time.sleep(_PAUSE)
        for key in self._waiting:
            self._correlator.abandon(key)
        self._waiting.clear()
        return None

    def ask_dcc(self, name: str, *, originator: bytes) -> DuisResponse:
        """Send a request that DCC answers itself (command variant 8): inventory, pre-notification, schedules.

        Args:
            name: name of the template.
            originator: EUI-64 of who asks.

        Returns:
            The response, whatever its code.

        Raises:
            UsageError: no such template, or one of another command variant.
            BoxedError: no usable response.
        """
        template = self._templates.load(name)
        route = route_of(template.command_variant)
        if route.path is None or route.asynchronous or template.command_variant == _TRANSFORM:
            raise UsageError(f"{name} is not answered by DCC itself", where="CommandVariant", accepted="2, 6 or 8")
        request_id = RequestId(originator=originator, target=BOXED_ACB, counter=self.next_counter(originator))
        document = self._signed(template.addressed(request_id), request_id)
        return self._reply(self._transport.post_duis(route.path, document), request_id)

    def close(self) -> None:
        """Stop to listen."""
        self._receiver.stop()

    def _run(self, request: _Request) -> None:
        template, request_id = request.template, request.request_id
        route = route_of(template.command_variant)
        if route.path is None:
            raise UsageError(route.refused)
        document = self._signed(template.addressed(request_id), request_id)
        if route.asynchronous:
            self._expect(request_id)
        reply = self._reply(self._transport.post_duis(route.path, document), request_id)
        if template.command_variant == _TRANSFORM:
            self._send_signed(request, reply)
        elif route.asynchronous:
            self._demand(reply, CodeClass.ACKNOWLEDGED)
        else:
            self._demand(reply, CodeClass.SUCCESS)
            self._ready.append(self._received(reply.gbcs or reply.octets, None, ""))

    def _send_signed(self, request: _Request, transformed: DuisResponse) -> None:
        self._demand(transformed, CodeClass.SUCCESS)
        if transformed.content != "PreCommand" or transformed.gbcs is None:
            raise BoxedError(
                Trouble.BAD_XML,
                "the transform service returned no PreCommand",
                octets=transformed.octets,
                seen=transformed.content or "nothing",
            )
        precommand = precommands.read_precommand(transformed.gbcs)
        body = request.template.root.find(f"{{{SR}}}Body")
        differences = precommands.differences(
            precommand,
            request_id=request.request_id,
            variant=request.template.service_reference_variant,
            body=request.template.root if body is None else body,
        )
        if differences:
            raise BoxedError(
                Trouble.UNCORRELATED,
                f"the pre-command does not say what was asked, it was not signed: {'; '.join(differences)}",
                octets=transformed.gbcs,
            )
        signed = precommands.sign_precommand(precommand, self.credentials.keystore)
        root = build_request(
            request_id=request.request_id,
            command_variant=_CRITICAL_STEP_TWO,
            service_reference=transformed.service_reference,
            service_reference_variant=transformed.service_reference_variant,
            body=signed_precommand(signed),
        )
        route = route_of(_CRITICAL_STEP_TWO)
        if route.path is None:
            raise UsageError(route.refused)
        self._expect(request.request_id)
        document = self._signed(root, request.request_id)
        self._demand(
            self._reply(self._transport.post_duis(route.path, document), request.request_id), CodeClass.ACKNOWLEDGED
        )

    def _signed(self, root: etree._Element, request_id: RequestId) -> bytes:
        sign(root, self._signer(request_id.originator))
        if self._schema is not None:
            self._schema.check(root)
        document = serialise(root)
        self.transcript.note(f"DUIS request {request_id}", at_ms=self.now_ms(), octets=document)
        return document

    def _signer(self, originator: bytes) -> Signer:
        certificate = self._signers.certificate(originator, KeyUsage.DIGITAL_SIGNATURE)
        key = self._signers.private_key(originator, KeyUsage.DIGITAL_SIGNATURE)
        if certificate is None or key is None:
            raise UsageError(
                f"no XML signing key of {format_eui64(originator)}",
                where=str(self._settings.xml_signing_keystore),
                accepted="its certificate and key",
            )
        return signer_of(certificate, key)

    def _reply(self, octets: bytes, request_id: RequestId) -> DuisResponse:
        response = DuisResponse.of(octets)
        # Acknowledgements may come without a signature, which the transcript says; devices are held to more.
        check = verify(response.root, self._key_of)
        self.transcript.note(f"DUIS reply to {request_id}: {check.status}", at_ms=self.now_ms(), octets=octets)
        if check.status is SignatureStatus.INVALID:
            raise BoxedError(Trouble.BAD_SIGNATURE, "the reply is signed badly", octets=octets, seen=check.reason)
        if response.request_id is None or response.request_id.key != request_id.key:
            raise BoxedError(
                Trouble.UNCORRELATED,
                "the reply is to another request",
                octets=octets,
                expected=str(request_id),
                seen=str(response.request_id),
            )
        return response

    def _demand(self, response: DuisResponse, wanted: CodeClass) -> None:
        if response.code_class is not wanted:
            raise BoxedError(
                Trouble.RESPONSE_CODE,
                f"response code {response.code}",
                octets=response.octets,
                expected=wanted.value,
                seen=f"{response.code_class.value} {response.code}",
            )

    def _key_of(self, serial: int) -> ec.EllipticCurvePublicKey | None:
        certificate = self._by_serial.get(serial)
        return None if certificate is None else certificate.public_key()

    def _expect(self, request_id: RequestId) -> None:
        self._correlator.expect(request_id.key)
        self._waiting.append(request_id.key)
        self._known.append(request_id.key)

    def _give_up(self, request: _Request) -> None:
        self._correlator.abandon(request.request_id.key)
        if request.request_id.key in self._waiting:
            self._waiting.remove(request.request_id.key)

    def _accept(self, octets: bytes) -> bool:
        """Take what DCC Boxed delivers; called from the threads of the receiver."""
        try:
            response = DuisResponse.of(octets)
        except BoxedError:
            self._correlator.alerted(b"", octets)
            return False
        if response.kind in {BodyKind.DEVICE_ALERT, BodyKind.DCC_ALERT}:
            self._correlator.alerted(_device_of(response), octets)
        else:
            key = response.request_id.key if response.request_id else ""
            # What answers no request of this run is still told to the worker that talks to its device.
            device = response.request_id.target.hex() if response.request_id else ""
            self._correlator.arrived(key, octets, otherwise=device)
        return True

    def _next_arrival(self) -> Arrival | None:
        return self._correlator.take(*self._known, self.identity.entity.hex(), "")

    def _judge(self, arrival: Arrival) -> Received:
        try:
            response = DuisResponse.of(arrival.octets)
        except BoxedError as fault:
            return self._received(arrival.octets, fault.trouble, str(fault))
        if response.request_id is not None and response.request_id.key in self._waiting:
            self._waiting.remove(response.request_id.key)
        octets = response.gbcs or response.octets
        if (trouble := _ARRIVAL_TROUBLES.get(arrival.kind)) is not None:
            return self._received(octets, trouble, str(response.request_id))
        check = verify(response.root, self._key_of)
        if check.status is SignatureStatus.INVALID:
            return self._received(octets, Trouble.BAD_SIGNATURE, check.reason)
        if check.status is SignatureStatus.UNSIGNED and not self._settings.accept_unsigned:
            return self._received(octets, Trouble.UNSIGNED, "the response carries no XML signature")
        if response.kind is BodyKind.RESPONSE and response.code_class is not CodeClass.SUCCESS:
            return self._received(octets, Trouble.RESPONSE_CODE, f"{response.code_class.value} {response.code}")
        return self._received(octets, None, check.status.value)

    def _received(self, octets: bytes, trouble: Trouble | None, detail: str) -> Received:
        return Received(octets=octets, at_ms=self.now_ms(), trouble=trouble, detail=detail)

    def _say(self, text: str) -> None:
        self.transcript.note(text, at_ms=self.now_ms())


def _device_of(alert: DuisResponse) -> bytes:
    try:
        return decode(alert.gbcs).originator if alert.gbcs else b""
    except ArtefactError:
        return b""

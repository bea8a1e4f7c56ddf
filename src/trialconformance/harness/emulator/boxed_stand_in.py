"""A stand-in for DCC Boxed in front of the emulator: the same paths, documents and signatures, over real sockets.

It is written from the same public facts as the adapter: that the two agree proves the adapter's own flows and nothing
about a real DCC Boxed.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from trialconformance.core import TrialConformanceError, UsageError
from trialconformance.gbcs import Message, decode, protect, wire
from trialconformance.gbcs.protection import agree, mac_of
from trialconformance.harness.commands import build_message
from trialconformance.harness.credentials import Credentials, Party
from trialconformance.harness.dccboxed.duis import Path, RequestId
from trialconformance.harness.dccboxed.signature import Signer, sign, signer_of
from trialconformance.harness.dccboxed.templates import Template
from trialconformance.harness.dccboxed.xml import SR, serialise
from trialconformance.harness.emulator.device import Emulator
from trialconformance.smki import KeyStore, KeyUsage

__all__ = ["BoxedStandIn", "Misbehaviour"]

# Body of a DUIS request -> use case; the names are those of the DUIS schema.
_USE_CASES = {
    "ReadFirmwareVersion": "ECS52",
    "ReadInstantaneousImportRegisters": "ECS17b",
    "ReadInstantaneousExportRegisters": "ECS17a",
    "SynchroniseClock": "ECS70",
    "ActivateFirmware": "CS06",
    "TopUpDevice": "CS01a",
}
_WHEN = "2018-01-01T00:00:00.000Z"
_SYNCHRONOUS = frozenset({2, 6, 8})
_TRANSFORM = 4
_SIGNED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Misbehaviour:
    """What the stand-in does wrong; nothing by default.

    Args:
        status: HTTP status of replies.
        content_type: media type of replies; empty for none.
        reply: what is done to each reply.
        delay_seconds: time until a reply leaves.
        code: response code of replies and device responses, empty for the right one.
        break_off: closes the connection in the place of replying: at once, or halfway.
        device_response: what is done to the responses of the device.
        copies: how often each of them is delivered; 0 for never.
        signed: how device responses are signed.
        request_id: changes the RequestID of replies.
        response_request_id: changes the RequestID of device responses.
        precommand: changes the pre-command that the transform service returns.
        early: delivers the device response before the acknowledgement.
    """

    status: int = HTTPStatus.OK
    content_type: str = "application/xml"
    reply: Callable[[bytes], bytes] = lambda octets: octets
    delay_seconds: float = 0.0
    code: str = ""
    break_off: str = ""
    device_response: Callable[[bytes], bytes] = lambda octets: octets
    copies: int = 1
    signed: str = "valid"
    request_id: Callable[[RequestId], RequestId] = lambda identifier: identifier
    response_request_id: Callable[[RequestId], RequestId] = lambda identifier: identifier
    precommand: Callable[[Message], Message] = lambda message: message
    early: bool = False


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    stand_in: BoxedStandIn

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that hangs up is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 5

    def do_POST(self) -> None:
        """Answer one request."""
        octets = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.server.stand_in.answer(self, urlsplit(self.path).path, octets)

    def reply(self, misbehaviour: Misbehaviour, octets: bytes) -> None:
        """Send a reply in one write."""
        if misbehaviour.break_off == "at once":
            self.connection.close()
            self.close_connection = True
            return
        self.send_response_only(misbehaviour.status)
        if misbehaviour.content_type:
            self.send_header("Content-Type", misbehaviour.content_type)
        self.send_header("Content-Length", str(len(octets)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(octets[: len(octets) // 2] if misbehaviour.break_off == "halfway" else octets)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@dataclass(slots=True, kw_only=True)
class _Later:
    """What is delivered to the receive address after a reply."""

    request_id: RequestId
    octets: list[bytes] = field(default_factory=list)


class BoxedStandIn:
    """Serves DUIS and SMKI for one emulated device.

    Args:
        device: the device.
        credentials: the parties; the stand-in MACs commands with the key of their Access Control Broker.
        xml_signers: certificates and keys for XML signatures; DCC's own among them.
        dcc: EUI-64 of DCC's XML signing certificate.
        values: what the payload of a use case is to say, by use case.
        port: TCP port, 0 for a free one.
    """

    def __init__(
        self,
        device: Emulator,
        *,
        credentials: Credentials,
        xml_signers: KeyStore,
        dcc: bytes,
        values: dict[str, dict[str, Any]] | None = None,
        port: int = 0,
    ) -> None:
        self.device = device
        self.receive_url = ""
        self.misbehaviour = Misbehaviour()
        self.requests: list[tuple[str, bytes]] = []
        self.statuses: list[int] = []
        self._credentials = credentials
        self._signer = _signer(xml_signers, dcc)
        self._values = values or {}
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.stand_in = self
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def port(self) -> int:
        """The port it listens at."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def stop(self) -> None:
        """Stop to serve."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, handler: _Handler, path: str, octets: bytes) -> None:
        """Answer one request; called from the threads of the server."""
        self.requests.append((path, octets))
        wrong = self.misbehaviour
        if wrong.delay_seconds:
            time.sleep(wrong.delay_seconds)
        if path.startswith("/services/"):
            handler.reply(wrong, wrong.reply(octets))
            return
        try:
            reply, later = self._consider(Path(path), octets)
        except (TrialConformanceError, ValueError):
            handler.reply(replace(wrong, status=HTTPStatus.BAD_REQUEST), b"")
            return
        if wrong.early and later is not None:
            self._deliver(later)
            later = None
        handler.reply(wrong, wrong.reply(reply))
        if later is not None:
            self._deliver(later)

    def deliver(self, octets: bytes, *, content_type: str = "application/xml") -> int:
        """Post a document to the receive address.

        Args:
            octets: the document.
            content_type: its media type.

        Returns:
            The HTTP status of the answer.
        """
        address = urlsplit(self.receive_url)
        connection = HTTPConnection(address.hostname or "", address.port or 0, timeout=5)
        try:
            connection.request("POST", address.path, octets, {"Content-Type": content_type})
            return connection.getresponse().status
        finally:
            connection.close()

    def response(self, request_id: RequestId, *, code: str, body: etree._Element, from_device: bool = False) -> bytes:
        """Write and sign a response as DCC does."""
        root = etree.Element(f"{{{SR}}}Response", nsmap={"sr": SR}, schemaVersion="5.4")
        header = etree.SubElement(root, f"{{{SR}}}Header")
        etree.SubElement(header, f"{{{SR}}}RequestID").text = str(request_id)
        if from_device:
            turned = RequestId(originator=request_id.target, target=request_id.originator, counter=request_id.counter)
            etree.SubElement(header, f"{{{SR}}}ResponseID").text = str(turned)
        etree.SubElement(header, f"{{{SR}}}ResponseCode").text = code
        etree.SubElement(header, f"{{{SR}}}ResponseDateTime").text = _WHEN
        etree.SubElement(root, f"{{{SR}}}Body").append(body)
        if self.misbehaviour.signed != "unsigned":
            sign(root, self._signer)
        if self.misbehaviour.signed == "invalid":
            header[-1].text = "2018-01-02T00:00:00.000Z"
        return serialise(root)

    def device_response(self, request_id: RequestId) -> bytes:
        """Write and sign a device response without content, for a request that nobody answers otherwise."""
        body = etree.Element(f"{{{SR}}}ResponseMessage", nsmap={"sr": SR})
        return self.response(request_id, code="I0", body=body, from_device=True)

    def alert(self, message: Message) -> bytes:
        """Write and sign the delivery of a device alert."""
        body = etree.Element(f"{{{SR}}}DeviceAlertMessage", nsmap={"sr": SR})
        etree.SubElement(body, f"{{{SR}}}AlertCode").text = "8F85"
        etree.SubElement(body, f"{{{SR}}}GBCSPayload").text = base64.b64encode(message.octets).decode()
        root = etree.Element(f"{{{SR}}}Response", nsmap={"sr": SR}, schemaVersion="5.4")
        header = etree.SubElement(root, f"{{{SR}}}Header")
        etree.SubElement(header, f"{{{SR}}}ResponseCode").text = "I0"
        etree.SubElement(header, f"{{{SR}}}ResponseDateTime").text = _WHEN
        etree.SubElement(root, f"{{{SR}}}Body").append(body)
        sign(root, self._signer)
        return serialise(root)

    def _consider(self, path: Path, octets: bytes) -> tuple[bytes, _Later | None]:
        template = Template.of(octets, name="request")
        request_id = template.request_id
        wrong = self.misbehaviour
        named = wrong.request_id(request_id)
        body = _message(template)
        if template.command_variant in _SYNCHRONOUS:
            return self.response(named, code=wrong.code or "I0", body=body), None
        if template.command_variant == _TRANSFORM and path is Path.TRANSFORM:
            message = wrong.precommand(self._precommand(template))
            pre = etree.SubElement(body, f"{{{SR}}}PreCommand")
            etree.SubElement(pre, f"{{{SR}}}GBCSVersion").text = "4.3"
            etree.SubElement(pre, f"{{{SR}}}GBCSPayload").text = base64.b64encode(message.encode()).decode()
            return self.response(named, code=wrong.code or "I0", body=body), None
        command = self._command(template)
        later = _Later(request_id=request_id, octets=list(self._of_device(template, command)))
        return self.response(named, code=wrong.code or "I99", body=body), later

    def _of_device(self, template: Template, command: Message) -> Iterator[bytes]:
        wrong = self.misbehaviour
        for each in self.device.handle(command.octets):
            message = decode(each.octets)
            if message.cra == wire.ALERT:
                yield self.alert(message)
                continue
            body = _message(template)
            etree.SubElement(body, f"{{{SR}}}GBCSPayload").text = base64.b64encode(each.octets).decode()
            named = wrong.response_request_id(template.request_id)
            document = self.response(named, code=wrong.code or "I0", body=body, from_device=True)
            yield wrong.device_response(document)

    def _deliver(self, later: _Later) -> None:
        for octets in later.octets:
            for _ in range(self.misbehaviour.copies):
                self.statuses.append(self.deliver(octets))

    def _precommand(self, template: Template) -> Message:
        return replace(self._message(template), signature=None, mac=None)

    def _message(self, template: Template) -> Message:
        """What the DUIS request asks for; the stand-in knows the use case by the template it came from."""
        use_case = _USE_CASES.get(template.body, "")
        party = next(
            (each for each, entity in self._credentials.parties.items() if entity == template.request_id.originator),
            Party.SUPPLIER,
        )
        return build_message(
            use_case,
            credentials=self._credentials,
            device=template.request_id.target,
            party=party,
            counter=template.request_id.counter,
            values=self._values.get(use_case),
        )

    def _command(self, template: Template) -> Message:
        """The command with the MAC of the Access Control Broker."""
        acb = self._credentials.entity(Party.ACCESS_CONTROL_BROKER)
        if template.command_variant != _SIGNED:
            return protect(self._message(template), self._credentials.keystore, acb=acb, deterministic=True)
        payload = template.root.findtext(f".//{{{SR}}}GBCSPayload", default="")
        signed = decode(base64.b64decode(payload))
        secret = agree(self._credentials.keystore, acb, signed.target)
        if secret is None:
            raise UsageError("no key agreement key of the Access Control Broker", where="credentials")
        wrapped = replace(signed, mac=bytes(wire.MAC_OCTETS))
        return replace(wrapped, mac=mac_of(wrapped, secret))


def _message(template: Template) -> etree._Element:
    body = etree.Element(f"{{{SR}}}ResponseMessage", nsmap={"sr": SR})
    etree.SubElement(body, f"{{{SR}}}ServiceReference").text = template.service_reference
    etree.SubElement(body, f"{{{SR}}}ServiceReferenceVariant").text = template.service_reference_variant
    return body


def _signer(store: KeyStore, entity: bytes) -> Signer:
    certificate = store.certificate(entity, KeyUsage.DIGITAL_SIGNATURE)
    key = store.private_key(entity, KeyUsage.DIGITAL_SIGNATURE)
    if certificate is None or key is None:
        raise UsageError("no XML signing key of DCC", where=entity.hex(), accepted="its certificate and key")
    return signer_of(certificate, key)

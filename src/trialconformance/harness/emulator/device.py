"""The emulated device: octets in, octets out, and a clock that only moves when it is told to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from trialconformance.core import ArtefactError, UsageError
from trialconformance.gbcs import Message, UseCases, Verification, decode, protect, verify, wire
from trialconformance.gbcs.dlms.data import Data, Tag
from trialconformance.gbcs.protection import protection_of
from trialconformance.harness.credentials import ROLE_CODES, Party
from trialconformance.harness.emulator import alerts, edits, firmware, future
from trialconformance.harness.emulator.behaviour import Behaviour, Crash, Gate
from trialconformance.harness.emulator.blocks import Blocks
from trialconformance.harness.emulator.cells import CellName, Cells
from trialconformance.harness.emulator.counters import ExecutionCounters
from trialconformance.harness.emulator.gates import GATES
from trialconformance.harness.emulator.interface import PayloadOf, Sender
from trialconformance.harness.emulator.personality import Personalities, Service
from trialconformance.harness.emulator.services import EXECUTORS, SERVICES
from trialconformance.harness.emulator.state import DeviceState, Firmware, KeyPair, LogEntry
from trialconformance.harness.emulator.values import first_values
from trialconformance.harness.times import ClockStatus, as_dlms
from trialconformance.smki import KeyStore, KeyUsage
from trialconformance.smki.issue import SyntheticPki
from trialconformance.smki.plan import Use

__all__ = ["START", "Emulator", "Outgoing", "PowerLossError"]

START = 568_080_000  # 2018-01-01T00:00:00Z, when the certificates of the synthetic PKI begin

_DEVICE_USES: tuple[Use, ...] = ("ds", "ka")
_USAGES = {
    "ca": KeyUsage.KEY_CERT_SIGN,
    "ds": KeyUsage.DIGITAL_SIGNATURE,
    "ka": KeyUsage.KEY_AGREEMENT,
    "pp-ka": KeyUsage.KEY_AGREEMENT,
}
_LONGEST = 72_000  # octets: the longest message that travels in blocks, GBCS 7.2.11
_LOAD = 100  # refused commands after which a device is under load
_DEEP = bytes((0x02, 0x01)) * 100  # structures of one member inside each other
_REFUSED = 0x8F3D  # trusted source authentication failure, as the security log keeps it
_UNSUPPORTED_CODE = 0x0120
_BLOCK = b"\xdd\x09"  # how a block of a general block transfer begins


class PowerLossError(ConnectionError):
    """The device has crashed or broken the connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message on its way out.

    Args:
        octets: the message.
        delay_ms: milliseconds until it leaves.
    """

    octets: bytes
    delay_ms: int = 0


class Emulator:
    """A device of the synthetic PKI.

    Args:
        device_type: ``ESME``, ``GSME`` or ``HCALCS``.
        behaviour: how it behaves; a good device by default.
        pki: the PKI it belongs to.
    """

    def __init__(
        self, device_type: str = "ESME", *, behaviour: Behaviour | None = None, pki: SyntheticPki | None = None
    ) -> None:
        self.behaviour = behaviour or Behaviour()
        self.pki = pki or SyntheticPki()
        self.personality = Personalities.shipped().get(device_type)
        self.entity = self.pki.entity(self.personality.holder)
        self.use_cases = UseCases.shipped()
        self.executors = EXECUTORS
        self.blocks = Blocks()
        self._stale = False
        self.state = self._first_state()
        self.counters = ExecutionCounters(self.state.counters, self.behaviour)
        self.outbox: list[Outgoing] = []

    def handle(self, octets: bytes) -> tuple[Outgoing, ...]:
        """Take a message.

        Args:
            octets: what arrived.

        Returns:
            What the device sends, in order; nothing where it refuses.

        Raises:
            PowerLossError: it crashed, or breaks the connection.
        """
        self.state.seen += 1
        if self._stale:
            self._drop_keystore()
        if self.state.stopped or self._crashes(octets):
            self.state.stopped = True
            raise PowerLossError("the device does not react any more")
        if self.behaviour.resets:
            raise PowerLossError("connection reset by the device")
        if self.behaviour.silent:
            return ()
        if octets[:2] == _BLOCK:
            whole = self.blocks.take(octets)
            if whole is None:
                self._crash_on_blocks()
                return self._sent()
            octets = whole
        try:
            message = decode(octets[:-1] if self._drops_trailing_octet(octets) else octets, name="command")
        except ArtefactError:
            self._log(_REFUSED)
            return self._sent()
        self._consider(message)
        return self._sent()

    def advance(self, seconds: int) -> tuple[Outgoing, ...]:
        """Let time pass.

        Args:
            seconds: how long.

        Returns:
            The alerts of what fell due.
        """
        self.state.now += seconds
        future.execute_due(self)
        return self._sent()

    def receive_image(self, image: bytes, *, first: int, last: int) -> tuple[Outgoing, ...]:
        """Take octets of a firmware image that arrive over the HAN.

        Args:
            image: the whole Manufacturer Image.
            first: offset of the first octet that arrives.
            last: offset after the last octet that arrives.

        Returns:
            The receipt alert once the image is complete.
        """
        firmware.receive(self, image, first=first, last=last)
        return self._sent()

    def restart(self) -> None:
        """Lose power and come back; a good device remembers everything."""
        forgotten = self.behaviour.forgets
        first = self._first_state()
        for name, forget in {
            "execution-counters": self.state.counters.clear,
            "schedule": self.state.schedule.clear,
        }.items():
            if name in forgotten:
                forget()
        if "alert-counter" in forgotten:
            self.state.alert_counter = first.alert_counter
        if "token-counter" in forgotten:
            self.state.token_counter = 0
        if "firmware" in forgotten:
            self.state.firmware = Firmware(version=bytes(4))
        if "cells" in forgotten:
            self.state.cells = first.cells
            self._drop_keystore()

    def raise_alert(self, message_code: int, payload_of: PayloadOf, *, target: bytes) -> None:
        """Send an alert.

        Args:
            message_code: message code of the alert.
            payload_of: makes the payload from the counter of the alert.
            target: whom it is for, EUI-64.
        """
        counter = alerts.next_alert_counter(self)
        alert = Message(
            cra=wire.ALERT,
            originator_counter=counter,
            originator=self.entity,
            target=target,
            message_code=message_code,
            payload=payload_of(counter),
        )
        octets = protect(alert, self.keystore, deterministic=True).octets
        octets = edits.OCTETS[self.behaviour.alert_octet_edit](octets)
        self.outbox += [Outgoing(octets=octets)] * self.behaviour.alert_copies

    def verify(self, message: Message) -> Verification:
        """Verify what protects a command, with the keys of this device and its cells."""
        if Gate.LITERALS in self.behaviour.skipped_gates:
            message = replace(message, security_header=wire.SECURITY_HEADER)
        if {Gate.TARGET, Gate.KIND} & self.behaviour.skipped_gates:
            return self._verify_for_anyone(message)
        return verify(message, self.keystore, acb=self.acb, use_cases=self.use_cases)

    def roles_of(self, service: Service) -> set[int]:
        """The roles that may use a service."""
        return {ROLE_CODES[Party(name)] for name in service.roles}

    @property
    def model(self) -> str:
        """Device Model that a good device says of itself, empty where it has no identity read."""
        return self.personality.model

    @property
    def acb(self) -> bytes | None:
        """EUI-64 of the Access Control Broker in the cells."""
        cell = CellName.of(ROLE_CODES[Party.ACCESS_CONTROL_BROKER], KeyUsage.KEY_AGREEMENT)
        certificate = self.state.cells.get(cell)
        return None if certificate is None else certificate.entity_id

    @property
    def supplier(self) -> bytes:
        """EUI-64 of the supplier in the cells: whom most alerts are for."""
        cell = CellName.of(ROLE_CODES[Party.SUPPLIER], KeyUsage.DIGITAL_SIGNATURE)
        certificate = self.state.cells.get(cell)
        return (certificate.entity_id if certificate is not None else None) or bytes(8)

    @cached_property
    def keystore(self) -> KeyStore:
        """What the device can verify and protect with: its cells and its own keys."""
        own = [pair.certificate for pair in self.state.keys.values()]
        return KeyStore.of(
            [*self.state.cells.certificates(prepayment=False), *own],
            [pair.private for pair in self.state.keys.values()],
            prepayment=self.state.cells.certificates(prepayment=True),
        )

    def changed_cells(self) -> None:
        """Say that cells or keys changed: it counts from the next message on."""
        self._stale = True

    def answer(self, command: Message, payload: bytes) -> None:
        """Answer a command.

        Args:
            command: the command.
            payload: payload of the answer.
        """
        row = self.use_cases.get(command.message_code)
        dated = row is not None and bool(row.response_date_time)
        response = Message(
            cra=wire.RESPONSE,
            originator_counter=command.originator_counter,
            originator=self.entity,
            target=command.originator,
            message_code=command.message_code,
            date_time=as_dlms(self.state.now, status=self._header_status()) if dated else b"",
            supplementary_remote_party_id=command.supplementary_remote_party_id,
            supplementary_remote_party_counter=command.supplementary_remote_party_counter,
            payload=payload,
        )
        edited = edits.ANSWERS[self.behaviour.answer_edit](self, response)
        try:
            protected = edits.protected(self, edited, command=protection_of(command))
        except UsageError:
            # It holds no key of who asked, for example after its credentials were replaced: it cannot answer.
            return
        octets = edits.OCTETS[self.behaviour.octet_edit](protected)
        self.outbox += [Outgoing(octets=octets, delay_ms=self.behaviour.delay_ms)] * self.behaviour.copies
        self.state.answered += 1

    def _consider(self, message: Message) -> None:
        service = self.personality.service(message.message_code)
        sender = Sender(entity=message.originator, roles=self._roles_of(message.originator))
        if service is None:
            self._consider_unsupported(message, sender)
            return
        skipped = self.behaviour.skipped_gates
        if self.behaviour.load == "forgets-protection" and self.state.refused >= _LOAD:
            skipped |= {Gate.MAC}
        for gate, passes in GATES:
            if gate in skipped or passes(self, message, sender, service):
                continue
            self._refuse(gate, message, sender)
            return
        self.counters.accept(message.originator_counter, sender, service)
        try:
            payload = SERVICES[service.service](self, message)
        except ArtefactError:
            # A payload that cannot be read: nothing is executed and nothing answered.
            self._crash_on("payload")
            return
        if payload is not None:
            self.answer(message, payload)

    def _consider_unsupported(self, message: Message, sender: Sender) -> None:
        """A well-protected command for a use case that the device does not have: alert 8F85, GBCS 7.2.9.1."""
        genuine = message.cra == wire.COMMAND and message.target == self.entity and bool(sender.roles)
        if not genuine or "invalid" in {
            each.value for each in (self.verify(message).mac, self.verify(message).signature)
        }:
            return
        if self.behaviour.answers_unsupported:
            self.answer(message, message.payload)
            return
        code, counter = message.message_code, message.originator_counter
        if self.behaviour.unsupported_alert == "wrong-counter":
            counter += 1
        if self.behaviour.unsupported_alert == "wrong-code":
            code ^= 1
        embedded = Data(Tag.OCTET_STRING, code.to_bytes(2, "big") + counter.to_bytes(8, "big"))
        self.raise_alert(
            _UNSUPPORTED_CODE,
            lambda own: alerts.dlms_alert(self, own, alerts.UNSUPPORTED, embedded),
            target=message.originator,
        )

    def _refuse(self, gate: Gate, message: Message, sender: Sender) -> None:
        self._log(_REFUSED)
        self._crash_on("gate")
        self.state.refused += 1
        if gate in self.behaviour.counter_advances_on:
            self.counters.raise_to(message.originator_counter, sender)
        if gate in self.behaviour.answers_refused and sender.roles:
            self.answer(message, message.payload)

    def _drop_keystore(self) -> None:
        self.__dict__.pop("keystore", None)
        self._stale = False

    def _roles_of(self, entity: bytes) -> tuple[int, ...]:
        return self.state.cells.roles_of(entity)

    def _verify_for_anyone(self, message: Message) -> Verification:
        """Verify as if the message were a command for this device, whatever it says of itself: a fault."""
        found = verify(message, self.keystore, acb=self.acb, use_cases=self.use_cases)
        return edits.with_mac_for(self, message, found)

    def _header_status(self) -> int:
        """Clock status octet in the header of answers: only GBZ devices fill it in."""
        if self.personality.protocol == "DLMS":
            return 0xFF
        return 0x00 if self.state.clock_status is ClockStatus.RELIABLE else 0x02

    def _crashes(self, octets: bytes) -> bool:
        reasons = self.behaviour.crashes_on
        if self.behaviour.crashes_after is not None and self.state.answered >= self.behaviour.crashes_after:
            return True
        if "long" in reasons and len(octets) > _LONGEST:
            return True
        if "deep" in reasons and _DEEP in octets:
            return True
        return "malformed" in reasons and _is_malformed(octets)

    def _crash_on(self, reason: Crash) -> None:
        if reason in self.behaviour.crashes_on:
            self.state.stopped = True

    def _crash_on_blocks(self) -> None:
        if self.blocks.has_gap:
            self._crash_on("block-gap")
        if self.blocks.is_full:
            self._crash_on("many-transfers")

    def _drops_trailing_octet(self, octets: bytes) -> bool:
        """A device that does not mind octets after the end: a fault."""
        return Gate.FORM in self.behaviour.skipped_gates and _is_malformed(octets)

    def _log(self, code: int) -> None:
        if self.behaviour.log != "keeps-nothing":
            self.state.log.append(LogEntry(at=self.state.now, code=code))

    def _sent(self) -> tuple[Outgoing, ...]:
        sent, self.outbox = tuple(self.outbox), []
        return sent

    def _first_state(self) -> DeviceState:
        certificates = {
            CellName.of(plan.role, _USAGES[plan.use], plan.cell_usage): (
                self.pki.authority(plan.holder) if plan.use == "ca" else self.pki.certificate(plan.holder, plan.use)
            )
            for plan in self.personality.cells
        }
        keys = {
            _USAGES[use]: KeyPair(
                private=self.pki.private_key(self.entity, use), certificate=self.pki.certificate(self.entity, use)
            )
            for use in _DEVICE_USES
        }
        return DeviceState(
            now=START,
            clock_status=ClockStatus.UNRELIABLE,
            cells=Cells(certificates),
            keys=keys,
            firmware=Firmware(version=bytes.fromhex(self.personality.firmware_version)),
            alert_counter=1,
            attributes=first_values(self.personality.attributes),
        )


def _is_malformed(octets: bytes) -> bool:
    try:
        decode(octets)
    except ArtefactError:
        return True
    return False

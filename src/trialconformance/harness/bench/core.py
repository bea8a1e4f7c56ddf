"""The steps every procedure uses: build a command, send it, say what was expected.

A device that answers nothing would pass every test that expects silence. So each such test first proves that the device
answers a plain read; where it does not, the case is inconclusive, and where it stops answering in between, it fails.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NoReturn

from trialconformance.core import UsageError
from trialconformance.gbcs import Message, Status, decode, verify, wire
from trialconformance.gbcs.protection import agree, mac_of
from trialconformance.gbcs.usecases import Protection
from trialconformance.harness.commands import build_command, build_message
from trialconformance.harness.credentials import Party
from trialconformance.harness.exchange import Exchange, exchange, sort
from trialconformance.harness.purposes import Purpose, Purposes, purposes_of
from trialconformance.harness.report import Report
from trialconformance.harness.session import Capability, Command, DeviceSession, Trouble

__all__ = ["BenchCore"]


class BenchCore:
    """Steps of procedures.

    Args:
        session: the way to the device.
        report: takes what the procedure finds.
        deadline_ms: milliseconds in which an answer is expected, as the session says by default.
    """

    def __init__(self, session: DeviceSession, report: Report, *, deadline_ms: int | None = None) -> None:
        self.session = session
        self.report = report
        self.deadline_ms = session.deadline_ms if deadline_ms is None else deadline_ms
        self.credentials = session.credentials
        self.device = session.identity.entity
        self.purposes: Purposes = purposes_of(session.identity.device_type)

    # -- what the procedure needs --------------------------------------------------------------------------------

    def needs(self, *capabilities: Capability) -> None:
        """End the procedure as inconclusive where the harness lacks a capability."""
        missing = [each.value for each in capabilities if each not in self.session.capabilities]
        if missing:
            self.report.inconclusive(f"this harness cannot {', '.join(missing)}")

    def use_case(self, purpose: Purpose) -> str:
        """The use case for a purpose; ends the procedure where the device type has none."""
        found: str | None = getattr(self.purposes, purpose)
        if found is None:
            device_type = self.session.identity.device_type
            self.report.not_applicable(f"a {device_type} has no use case for {purpose.replace('_', ' ')}")
        return found

    def party(self, party: Party) -> bytes:
        """EUI-64 of a party; ends the procedure as inconclusive where the trial has no keys of it."""
        try:
            return self.credentials.entity(party)
        except UsageError as error:
            self.report.inconclusive(str(error))

    # -- building ------------------------------------------------------------------------------------------------

    def message(
        self, use_case: str, *, party: Party = Party.SUPPLIER, counter: int | None = None, **values: Any
    ) -> Message:
        """Build an unprotected command.

        Args:
            use_case: name of the use case.
            party: who sends.
            counter: originator counter, the next one of the session by default.
            values: what the payload is to say.
        """
        originator = self.party(party)
        return build_message(
            use_case,
            credentials=self.credentials,
            device=self.device,
            party=party,
            counter=self.session.take_counter(originator) if counter is None else counter,
            values=values,
        )

    def protected(
        self, message: Message, use_case: str = "", *, form: Protection | None = None, hostile: bool = False
    ) -> Command:
        """Protect a message as its use case asks, or in another form."""
        return build_command(message, credentials=self.credentials, use_case=use_case, form=form, hostile=hostile)

    def command(
        self, use_case: str, *, party: Party = Party.SUPPLIER, counter: int | None = None, **values: Any
    ) -> Command:
        """Build a command that a good device accepts."""
        return self.protected(self.message(use_case, party=party, counter=counter, **values), use_case)

    def command_for(self, purpose: Purpose, *, counter: int | None = None, **values: Any) -> Command:
        """Build a command for a purpose, with plain values where the procedure says none."""
        use_case = self.use_case(purpose)
        return self.command(use_case, counter=counter, **{**self.plain_values(use_case), **values})

    def plain_values(self, use_case: str) -> dict[str, Any]:
        """Values that the payload of a use case cannot do without."""
        now = self.session.take_time()
        values: dict[str, dict[str, Any]] = {
            "ECS70": {"start": now - 60, "end": now + 60},
            "GCS28": {"start": now - 60, "end": now + 60},
            "ECS35b": {"start": 0, "end": now},
            "CS10a": {"start": 0, "end": now},
            "CS04AC": {"other": b"\x00\x00\x5e\xef\x20\x00\x00\x01"},
            "CS04B": {"other": b"\x00\x00\x5e\xef\x20\x00\x00\x01"},
        }
        return values.get(use_case, {})

    def with_octet(self, command: Command, offset: int, flip: int = 0x01) -> Command:
        """Flip bits of one octet of a command; negative offsets count from the end."""
        octets = bytearray(command.octets)
        octets[offset] ^= flip
        return replace(command, octets=bytes(octets), hostile=True)

    def with_octets(self, command: Command, octets: bytes) -> Command:
        """Send other octets in the place of a command."""
        return replace(command, octets=octets, hostile=True)

    def with_wrong_signature(self, command: Command) -> Command:
        """Change one bit of the signature of a command and MAC it anew, so that only the signature is wrong."""
        message = decode(command.octets)
        signature = bytearray(message.signature or b"")
        signature[-1] ^= 0x01
        tampered = self.with_mac_for_this_device(replace(message, signature=bytes(signature)))
        return replace(command, octets=tampered.octets, hostile=True)

    def with_other_information_length(self, command: Command, length: int) -> bytes:
        """The octets of a command with another length of other-information."""
        message = decode(command.octets)
        offset = message.span("grouping_header.other_information_length").start
        return command.octets[:offset] + bytes([length]) + command.octets[offset + 1 :]

    def hostile(self, message: Message) -> Command:
        """Send a message as it stands, whatever is wrong with it."""
        return Command(
            octets=message.encode(),
            message_code=message.message_code,
            originator=message.originator,
            counter=message.originator_counter,
            hostile=True,
        )

    def with_mac_for_this_device(self, message: Message) -> Message:
        """MAC a message with the keys of this device and the ACB whatever target it names."""
        secret = agree(self.credentials.keystore, self.party(Party.ACCESS_CONTROL_BROKER), self.device)
        if secret is None:
            self.report.inconclusive("no key agreement key of the Access Control Broker at hand")
        wrapped = replace(message, signature=message.signature or b"", mac=bytes(wire.MAC_OCTETS))
        return replace(wrapped, mac=mac_of(wrapped, secret))

    # -- exchanging ----------------------------------------------------------------------------------------------

    def exchange(self, command: Command, *, patient: bool = True) -> Exchange:
        """Send a command and take what comes back; ends the procedure where the harness cannot send such a thing.

        Args:
            command: the command.
            patient: whether to wait beyond the deadline, to tell a late answer from none.
        """
        if command.hostile:
            self.needs(Capability.TAMPER)
        happened = exchange(self.session, command, deadline_ms=self.deadline_ms, patient=patient)
        if (trouble := happened.trouble(Trouble.UNSUPPORTED)) is not None:
            self.report.inconclusive(trouble.detail)
        if (trouble := happened.trouble(Trouble.DIVERGED)) is not None:
            self.finding(expected="what the recording holds", seen=trouble.detail)
        self.report.examined()
        return happened

    def answer(self, command: Command) -> Message | None:
        """Send a command and take its genuine answer.

        Returns:
            The answer; None where there was none, or none that can be trusted.
        """
        happened = self.exchange(command)
        return next((each for each in happened.answers if self.is_genuine(each, command)), None)

    def expect_answer(self, command: Command, what: str) -> Message | None:
        """Send a command that the device must answer; note a finding where it does not.

        Args:
            command: the command.
            what: what the command is, for the finding.

        Returns:
            The genuine answer, None where there was none.
        """
        happened = self.exchange(command)
        found = next((each for each in happened.answers if self.is_genuine(each, command)), None)
        if found is None:
            self.finding(expected=f"a genuine response to {what}", seen=happened.describe())
        return found

    def expect_silence(self, command: Command, what: str) -> None:
        """Send a command that the device must not answer, then prove that it still lives.

        Args:
            command: the command; alerts about it are allowed.
            what: what is wrong about it, for the finding.
        """
        happened = self.exchange(command, patient=False)
        if happened.answers or happened.trouble(Trouble.GARBAGE, Trouble.HALF, Trouble.DUPLICATE):
            self.finding(expected=f"no response to {what}", seen=happened.describe())
        read = self.command(self.purposes.read, **self.plain_values(self.purposes.read))
        alive = self.exchange(read)
        if not any(self.is_genuine(each, read) for each in alive.answers):
            self.finding(expected=f"the device still answers a plain read after {what}", seen=alive.describe())
        if any(each.originator_counter != read.counter for each in alive.answers):
            self.finding(expected=f"no response to {what}", seen="a response after the deadline")

    def prove_alive(self) -> None:
        """Send a plain read; without an answer silence proves nothing and the procedure ends as inconclusive."""
        if not self._is_alive():
            self.report.inconclusive("the device does not answer a plain read: its silence would prove nothing")

    def expect_alive(self, when: str) -> None:
        """Send a plain read; note a finding where it is not answered any more."""
        if not self._is_alive():
            self.finding(expected=f"the device still answers a plain read {when}", seen="no genuine response")

    def let_time_pass(self, seconds: int) -> list[Message]:
        """Let time pass for the device and take the alerts that it raises."""
        self.needs(Capability.CLOCK, Capability.ALERTS)
        self.session.pass_time(seconds)
        return self.alerts()

    def alerts(self) -> list[Message]:
        """Take the alerts that are there now."""
        arrived = []
        while (received := self.session.receive(self.deadline_ms)) is not None:
            arrived.append(received)
        self.report.examined()
        return list(sort(Command(octets=b""), arrived).alerts)

    def is_genuine(self, message: Message, command: Command) -> bool:
        """Whether a message answers a command and its protection verifies."""
        same = (message.originator, message.target, message.originator_counter, message.message_code) == (
            self.device,
            command.originator,
            command.counter,
            command.message_code,
        )
        return same and message.cra == wire.RESPONSE and self.is_protected(message)

    def is_protected(self, message: Message) -> bool:
        """Whether a message of the device carries a signature or a MAC, and none that is wrong."""
        found = verify(
            message, self.credentials.keystore, acb=self.credentials.parties.get(Party.ACCESS_CONTROL_BROKER)
        )
        states = {found.signature, found.mac}
        return Status.INVALID not in states and Status.VALID in states

    # -- telling -------------------------------------------------------------------------------------------------

    def finding(self, *, expected: str, seen: str) -> None:
        """Note a breach; the transcript holds the octets."""
        self.report.finding(expected=expected, seen=seen, artefact="transcript")

    def expect(self, good: object, *, expected: str, seen: str) -> bool:
        """Note a breach unless something holds."""
        if not good:
            self.finding(expected=expected, seen=seen)
        return bool(good)

    def undecided(self, reason: str) -> NoReturn:
        """End the procedure as inconclusive."""
        self.report.inconclusive(reason)

    def _is_alive(self) -> bool:
        use_case = self.purposes.read
        return self.answer(self.command(use_case, **self.plain_values(use_case))) is not None

"""Steps about alerts, scheduled instructions, clock, encrypted data, identity, logs and joins."""

from __future__ import annotations

from trialconformance.core import ArtefactError
from trialconformance.gbcs import Message, Status, decode
from trialconformance.gbcs.attribute_encryption import decrypt_payload
from trialconformance.gbcs.dlms.access import AccessRequest, read_apdu
from trialconformance.gbcs.dlms.data import CompactArray
from trialconformance.gbcs.encrypted_unit import EncryptedUnit
from trialconformance.gbcs.gbz import read_payload
from trialconformance.harness.asn1_fields import integer, members, root
from trialconformance.harness.bench.core import BenchCore
from trialconformance.harness.credentials import Party
from trialconformance.harness.observations import dlms_results, gbz_values, number
from trialconformance.harness.session import Capability, Command

__all__ = ["DataSteps"]

_EXECUTION_CODES = (b"\x8f\x66", b"\x8f\x67")
_FUTURE_ALERTS = frozenset({0x00CA, 0x00CB, 0x00CC, 0x00CD})
_OTHER_DEVICE = bytes.fromhex("00005eef20000001")
_TYPE_OF_OTHER = 5  # a type 1 PPMID
_CLOCK_STATUS_ITEM = 4
# Joins that are the Access Control Broker's, not the supplier's.
_BROKERED = frozenset({"CS03B", "CS04B"})


class DataSteps(BenchCore):
    """Steps about alerts, scheduled instructions, clock, encrypted data, identity, logs and joins."""

    # -- alerts and future dating --------------------------------------------------------------------------------

    def provoke_alerts(self, wanted: int) -> list[int]:
        """Make the device raise alerts by commands that it does not support.

        Returns:
            The counters of the alerts, in the order they came; ends the procedure where it raises none.
        """
        self.needs(Capability.ALERTS)
        counters = []
        for _ in range(wanted):
            happened = self.exchange(self.command(self.use_case("unsupported")))
            counters += [alert.originator_counter for alert in happened.alerts]
        if len(counters) < wanted:
            self.undecided("the device raises no alert about unsupported commands: there is nothing to count")
        return counters

    def schedule(self, seconds: int) -> Command:
        """Send a future-dated command and take its response.

        Args:
            seconds: how far in the future it is due.
        """
        self.needs(Capability.CLOCK, Capability.ALERTS)
        command = self.command_for("future", due=self.session.take_time() + seconds)
        self.expect_answer(command, "a future-dated command")
        return command

    def reports_execution(self, alert: Message) -> bool:
        """Whether an alert says that a future-dated instruction was executed or failed."""
        return alert.message_code in _FUTURE_ALERTS and any(code in alert.payload for code in _EXECUTION_CODES)

    # -- payloads ------------------------------------------------------------------------------------------------

    def items_of(self, command: Command) -> int | None:
        """How many items a command asks for; None where its payload is no list of items."""
        payload = decode(command.octets).payload
        try:
            apdu = read_apdu(payload)
        except ArtefactError:
            return self._components_of(payload)
        return len(apdu.specifications) if isinstance(apdu, AccessRequest) else None

    def _components_of(self, payload: bytes) -> int | None:
        try:
            return len(read_payload(payload).components)
        except ArtefactError:
            return None

    def encrypted_units(self, answer: Message) -> tuple[EncryptedUnit, ...]:
        """The encrypted units of an answer."""
        return decrypt_payload(answer, self.credentials.keystore).payload.encrypted_units

    def expect_decryptable(self, answer: Message) -> None:
        """Note a finding where an answer has no encrypted unit, or one that its reader cannot decrypt."""
        status = decrypt_payload(answer, self.credentials.keystore).status
        self.expect(
            status is Status.VALID,
            expected=f"attributes that {answer.reader.hex()} can decrypt",
            seen=f"encrypted attributes: {status.value}",
        )

    # -- clock, identity, logs, joins ----------------------------------------------------------------------------

    def clock_after(self, start: int, end: int) -> bool:
        """Set the clock and say whether the device reports a reliable one.

        Args:
            start: start of the interval, seconds from now.
            end: end of the interval, seconds from now.
        """
        now = self.session.take_time()
        command = self.command(self.use_case("clock"), start=now + start, end=now + end)
        answer = self.expect_answer(command, "a command to set the clock")
        if answer is None:
            self.undecided("the device does not answer a command to set the clock")
        results = dlms_results(answer)
        if len(results) > _CLOCK_STATUS_ITEM:
            return results[1][1] == 0 and results[_CLOCK_STATUS_ITEM][0] == 0
        return integer(members(root(answer.payload), least=2)[1]) == 0

    def expect_identity(self) -> None:
        """Note a finding where the identity read does not give the model that the harness declares."""
        use_case = self.use_case("identity")
        model = self.session.identity.model
        if not model:
            self.undecided("the harness does not declare the model of the device")
        answer = self.expect_answer(self.command(use_case), "an identity read")
        if answer is not None:
            self.expect(model.encode() in answer.payload, expected=f"model {model}", seen=answer.payload.hex())

    def provoke_log_entry(self) -> None:
        """Send a command with a wrong MAC: a device notes it in its security log."""
        self.exchange(self.with_octet(self.command(self.purposes.read), -1))

    def log_times(self, start: int, end: int) -> list[int]:
        """Read the security log.

        Args:
            start: start of the range, seconds from now.
            end: end of the range, seconds from now.

        Returns:
            Times of the entries, seconds since 2000-01-01.
        """
        now = self.session.take_time()
        command = self.command(self.use_case("log"), start=now + start, end=now + end)
        answer = self.expect_answer(command, "a log read")
        if answer is None:
            self.undecided("the device does not answer a log read")
        _ = answer.typed_payload  # an answer that cannot be read is a breach, not an empty log
        results = dlms_results(answer)
        if results and isinstance(results[0][0], CompactArray):
            return [int(each.value[0].value) for each in results[0][0].elements]
        return [int(each["event_time"]) for found in gbz_values(answer) for each in found.get("events", [])]

    def join_command(self) -> Command:
        """A command that takes another device into the log."""
        use_case = self.use_case("join")
        party = self._joiner(use_case)
        return self.command(use_case, party=party, other=_OTHER_DEVICE, device_type=_TYPE_OF_OTHER)

    def unjoin_command(self) -> Command:
        """A command that takes it out again."""
        use_case = self.use_case("unjoin")
        return self.command(use_case, party=self._joiner(use_case), other=_OTHER_DEVICE)

    def expect_code(self, command: Command, code: int) -> None:
        """Send a command and note a finding where its code is another."""
        answer = self.expect_answer(command, command.use_case)
        if answer is not None:
            self.expect(number(answer) == code, expected=f"code {code}", seen=f"code {number(answer)}")

    def _joiner(self, use_case: str) -> Party:
        return Party.ACCESS_CONTROL_BROKER if use_case in _BROKERED else Party.SUPPLIER

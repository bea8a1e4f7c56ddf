"""Steps of attacks: campaigns of mutants with a budget, transfers in blocks, floods."""

from __future__ import annotations

from collections.abc import Iterable

from trialconformance.gbcs import Message, decode
from trialconformance.gbcs.dlms.data import Tag
from trialconformance.gbcs.gbt import Block, Routing, segment
from trialconformance.harness.bench.core import BenchCore
from trialconformance.harness.mutations import Mutant
from trialconformance.harness.session import Capability, Command
from trialconformance.smki import der_writer as write

__all__ = ["AttackSteps"]

# An access-request with one get and one value, which follows.
_REQUEST_HEAD = bytes.fromhex("d920000001000101000100006001000201")
_DEADLINE_MS = 300  # an attack is not worth a long wait: whether the device lives is asked in between
_PROBE_EVERY = 32  # mutants between two questions whether the device lives
_MOST_FINDINGS = 5  # findings of one campaign; more of the same say nothing new


class AttackSteps(BenchCore):
    """Steps of attacks. Every campaign is bounded: a budget of messages, a short deadline for each."""

    budget = 256

    def campaign(self, command: Command, mutants: Iterable[Mutant]) -> None:
        """Send mutants of a command; none of them may be answered, and the device must live.

        Args:
            command: what the mutants were made from.
            mutants: the mutants; the campaign ends after ``budget`` of them.
        """
        self.needs(Capability.TAMPER)
        self.prove_alive()
        found = 0
        for number, mutant in enumerate(mutants, start=1):
            if number > self.budget or found >= _MOST_FINDINGS:
                break
            happened = self.attack(self.with_octets(command, mutant.octets))
            if happened:
                found += 1
                self.finding(expected=f"no response to {command.use_case} with {mutant.title}", seen=happened)
            if number % _PROBE_EVERY == 0 and not self.expect_alive_still(f"after {number} mutants"):
                return
        self.expect_alive_still("after the campaign")

    def attack(self, command: Command) -> str:
        """Send hostile input with a short deadline.

        Returns:
            What was answered, empty where nothing was.
        """
        before, self.deadline_ms = self.deadline_ms, min(self.deadline_ms, _DEADLINE_MS)
        try:
            happened = self.exchange(command, patient=False)
        finally:
            self.deadline_ms = before
        return happened.describe() if happened.answers else ""

    def expect_alive_still(self, when: str) -> bool:
        """Note a finding where the device does not answer a plain read any more; says whether it does."""
        use_case = self.purposes.read
        alive = self.answer(self.command(use_case, **self.plain_values(use_case))) is not None
        return self.expect(alive, expected=f"the device still answers a plain read {when}", seen="no genuine response")

    def blocks_of(self, command: Command, *, most: int) -> list[Block]:
        """Cut a command into blocks of a general block transfer."""
        message = decode(command.octets)
        routing = Routing(
            cra=message.cra,
            originator_counter=message.originator_counter,
            originator=message.originator,
            target=message.target,
            message_code=message.message_code,
        )
        return list(segment(command.octets, routing, most=most))

    def block(self, command: Command, block: Block, *, hostile: bool = True) -> Command:
        """Make one block of a command ready to be sent."""
        return Command(
            octets=block.encode(),
            use_case=command.use_case,
            message_code=command.message_code,
            originator=command.originator,
            counter=command.counter,
            hostile=hostile,
        )

    def send_blocks(self, command: Command, blocks: Iterable[Block]) -> Message | None:
        """Send blocks one by one; the genuine answer to the whole command, None where there is none."""
        answer = None
        for each in blocks:
            answer = self.answer(self.block(command, each)) or answer
        return answer

    def nested_der(self, depth: int) -> bytes:
        """A DER payload of SEQUENCEs inside each other."""
        payload = b""
        for _ in range(depth):
            payload = write.sequence(payload)
        return payload

    def nested_data(self, depth: int) -> bytes:
        """A DLMS payload with one value of structures inside each other."""
        return _REQUEST_HEAD + bytes([Tag.STRUCTURE, 1]) * depth + bytes([Tag.NULL])

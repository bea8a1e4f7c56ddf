"""Steps about prepayment tokens."""

from __future__ import annotations

from dataclasses import dataclass, replace

from trialconformance.core import UsageError
from trialconformance.gbcs import Message
from trialconformance.gbcs.topup import Token as Content
from trialconformance.gbcs.topup import TokenParties, ValueClass, make_token
from trialconformance.harness.bench.core import BenchCore
from trialconformance.harness.credentials import Party
from trialconformance.harness.observations import dlms_results, gbz_values
from trialconformance.smki import KeyUsage

__all__ = ["Token", "TokenSteps"]

_STEP = 1 << 32  # a top-up counter has its low 32 bits zero, GBCS 14.4
_CREDIT = "credit_remaining"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token and the counter it goes with.

    Args:
        utrn: 20 digits.
        counter: originator counter of the command that brings it.
    """

    utrn: str
    counter: int

    def with_digit(self, position: int) -> Token:
        """The token with one digit changed."""
        digits = list(self.utrn)
        digits[position] = str((int(digits[position]) + 1) % 10)
        return replace(self, utrn="".join(digits))

    def forged(self) -> Token:
        """The token with another MAC and the check digit that belongs to it."""
        content = Content.from_utrn(self.utrn)
        return replace(self, utrn=replace(content, mac=bytes(each ^ 0x5A for each in content.mac)).utrn())

    def guessed(self, number: int) -> Token:
        """The token with a guessed MAC and the check digit that belongs to it."""
        content = Content.from_utrn(self.utrn)
        guess = (int.from_bytes(content.mac) + 1 + number * 0x01010101) % (1 << 32)
        return replace(self, utrn=replace(content, mac=guess.to_bytes(4)).utrn())

    def worth(self, value: int) -> Token:
        """The token with another value and the check digit that belongs to it."""
        return replace(self, utrn=replace(Content.from_utrn(self.utrn), value=value).utrn())


class TokenSteps(BenchCore):
    """Steps about prepayment tokens."""

    def next_token(self, *, value: int = 10, device: bytes | None = None) -> Token:
        """Make a token with the next top-up counter.

        Args:
            value: pounds.
            device: EUI-64 that it is for, the device under test by default.
        """
        self.use_case("top_up")
        supplier = self.party(Party.SUPPLIER)
        counter = self.next_token_counter()
        parties = TokenParties(supplier=supplier, device=self.device if device is None else device)
        try:
            made = make_token(
                originator_counter=counter,
                value_class=ValueClass.POUNDS,
                value=value,
                parties=parties,
                keystore=self.credentials.keystore,
            )
        except UsageError as error:
            self.undecided(str(error))
        return Token(utrn=made.utrn(), counter=counter)

    def next_token_counter(self) -> int:
        """The next counter for a top-up: above the last one, its low 32 bits zero."""
        floor = self.session.take_counter(self.party(Party.SUPPLIER))
        self.session.last_token_counter = max(self.session.last_token_counter, floor) // _STEP * _STEP + _STEP
        return self.session.last_token_counter

    def another_device(self) -> bytes:
        """EUI-64 of a device that tokens can be made for and that is not the one under test."""
        store = self.credentials.keystore
        others = [each for each in store.entities(None) if each != self.device and self._has_agreement_key(each)]
        if not others:
            self.undecided("no certificate of another device at hand")
        return others[0]

    def expect_token(self, token: Token, *, accepted: bool, what: str) -> Message | None:
        """Enter a token and note a finding where it is not treated as it must be."""
        command = self.command_for("top_up", counter=token.counter, token=token.utrn)
        answer = self.answer(command)
        if answer is None:
            if accepted:
                self.finding(expected=f"a genuine response to {what}", seen="none")
            return None
        taken = is_accepted(answer)
        self.expect(
            taken == accepted,
            expected=f"{what} {'accepted' if accepted else 'refused'}",
            seen="accepted" if taken else "refused",
        )
        return answer

    def credit(self) -> int:
        """Credit of a GSME in thousandths of a pound, as the answer to a token that is refused gives it."""
        answer = self.answer(self.command_for("top_up", counter=self.next_token_counter(), token="0" * 20))
        found = [each[_CREDIT] for each in gbz_values(answer)] if answer is not None else []
        if not found:
            self.report.not_applicable("only a GSME tells its credit in the answer to a top-up")
        return int(found[0])

    def _has_agreement_key(self, entity: bytes) -> bool:
        return self.credentials.keystore.certificate(entity, KeyUsage.KEY_AGREEMENT) is not None


def is_accepted(answer: Message) -> bool:
    """Whether the answer to a top-up says that the token was accepted."""
    results = dlms_results(answer)
    if results:
        return all(result == 0 for _, result in results)
    return any(each.get("result_type") == 0 for each in gbz_values(answer))

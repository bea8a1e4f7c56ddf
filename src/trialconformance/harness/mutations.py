"""Hostile input made from good input: the same mutations for the same seed, and never more than the budget allows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from trialconformance.gbcs import Message, decode

__all__ = ["Mutant", "bit_flips", "payload_mutants", "structural_mutants"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One hostile message.

    Args:
        title: what was changed, for a finding.
        octets: the message.
    """

    title: str
    octets: bytes


def _numbers(seed: str) -> Iterator[int]:
    """An endless sequence of 64-bit numbers, the same for the same seed in every version of Python."""
    counter = 0
    while True:
        digest = hashlib.sha256(f"{seed}/{counter}".encode()).digest()
        yield int.from_bytes(digest[:8])
        counter += 1


def bit_flips(octets: bytes, *, seed: str, budget: int) -> Iterator[Mutant]:
    """Flip single bits: every bit where the budget allows, otherwise bits spread over the message.

    Args:
        octets: a good message.
        seed: where the choice starts from.
        budget: mutants at most.
    """
    bits = 8 * len(octets)
    chosen = range(bits) if bits <= budget else _spread(bits, seed=seed, budget=budget)
    for bit in islice(chosen, budget):
        flipped = bytearray(octets)
        flipped[bit // 8] ^= 0x80 >> bit % 8
        yield Mutant(title=f"bit {bit % 8} of octet {bit // 8} flipped", octets=bytes(flipped))


def _spread(bits: int, *, seed: str, budget: int) -> Iterator[int]:
    """One bit out of each of as many equal stretches as the budget allows, so that no field is left out by chance."""
    numbers = _numbers(seed)
    for stretch in range(budget):
        start, end = bits * stretch // budget, bits * (stretch + 1) // budget
        yield start + next(numbers) % max(1, end - start)


def structural_mutants(octets: bytes, *, budget: int) -> Iterator[Mutant]:
    """Change the structure: for each field its octets left out, doubled, zeroed and set, and each length misstated.

    Args:
        octets: a good message.
        budget: mutants at most.
    """
    yield from islice(_structural(octets, decode(octets)), budget)


def _structural(octets: bytes, message: Message) -> Iterator[Mutant]:
    fields = [(path, span) for path in message.paths if (span := message.span(path)).length]
    for path, span in fields:
        before, field, after = octets[: span.start], octets[span.start : span.end], octets[span.end :]
        changes = {
            "left out": b"",
            "doubled": field * 2,
            "all zero": bytes(len(field)),
            "all ones": b"\xff" * len(field),
        }
        if path.endswith("length"):
            changes |= {f"{value:02x}": bytes([value]) for value in (0x00, 0x7F, 0x80, 0x81, 0x84, 0xFF)}
        for how, other in changes.items():
            if other != field:
                yield Mutant(title=f"{path} {how}", octets=before + other + after)


def payload_mutants(message: Message, *, seed: str, budget: int) -> Iterator[Message]:
    """Change the payload of a message that is protected afterwards: what a party with good keys could send.

    Args:
        message: an unprotected message.
        seed: where the choice starts from.
        budget: mutants at most.
    """
    numbers = _numbers(seed)
    for _ in range(budget):
        payload = bytearray(message.payload)
        kind, where, value = next(numbers) % 4, next(numbers) % max(1, len(payload)), next(numbers) % 256
        if kind == 0 and payload:
            payload[where] = value
        elif kind == 1:
            del payload[where:]
        elif kind == 2:  # repeat the end
            payload += payload[where:]
        else:
            payload[where:where] = bytes([value]) * 8
        yield replace(message, payload=bytes(payload))

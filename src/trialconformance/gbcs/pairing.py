"""Which Response answers which Command, inside one scenario."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile
from typing import NamedTuple

from trialconformance.gbcs.message import Kind, Message

__all__ = ["pair"]

_ENOUGH = 3  # of the four fields below that a Response must share with a Command to be taken for its answer


class _Key(NamedTuple):
    """What a Response echoes, GBCS 7.2.7, seen from the Command."""

    originator: bytes
    target: bytes
    counter: int
    message_code: int

    def agreement(self, other: _Key) -> int:
        return sum(mine == its for mine, its in zip(self, other, strict=True))


def pair(messages: Iterable[Message]) -> list[tuple[Message, Message]]:
    """Pair Commands with Responses.

    A Response belongs to the Command whose originator, target, counter and Message Code it echoes; where several agree,
    to the one with the most similar name. A Response that echoes no Command exactly belongs to the Command nobody else
    answered that it agrees with most, in at least three of the four, so that a broken echo is seen as one.

    Args:
        messages: the messages of one scenario.

    Returns:
        Pairs of Command and Response in the order of the Responses.
    """
    messages = list(messages)
    commands = [each for each in messages if each.kind is Kind.COMMAND]
    responses = [each for each in messages if each.kind is Kind.RESPONSE]
    by_key: dict[_Key, list[Message]] = {}
    for command in commands:
        by_key.setdefault(_of_command(command), []).append(command)
    answered: dict[int, Message] = {}
    for index, response in enumerate(responses):
        if exact := by_key.get(_of_response(response)):
            answered[index] = max(exact, key=lambda command: _likeness(command, response))
    taken = {id(command) for command in answered.values()}
    free = [command for command in commands if id(command) not in taken]
    for index, response in enumerate(responses):
        if index not in answered and (near := _nearest(response, free)) is not None:
            answered[index] = near
            free.remove(near)
    return [(answered[index], response) for index, response in enumerate(responses) if index in answered]


def _of_command(command: Message) -> _Key:
    return _Key(command.originator, command.target, command.originator_counter, command.message_code)


def _of_response(response: Message) -> _Key:
    return _Key(response.target, response.originator, response.originator_counter, response.message_code)


def _nearest(response: Message, free: list[Message]) -> Message | None:
    key = _of_response(response)
    ranked = [(_of_command(command).agreement(key), _likeness(command, response), command) for command in free]
    best = max(ranked, key=lambda each: each[:2], default=None)
    return best[2] if best is not None and best[0] >= _ENOUGH else None


def _likeness(command: Message, response: Message) -> int:
    """Characters the two names share at their start and at their end."""
    one, other = command.name.upper(), response.name.upper()
    return _common_start(one, other) + _common_start(one[::-1], other[::-1])


def _common_start(one: str, other: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))

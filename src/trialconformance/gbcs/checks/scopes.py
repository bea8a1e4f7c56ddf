"""What the GBCS cases look at."""

from __future__ import annotations

from collections.abc import Callable

from trialconformance.core import Scope
from trialconformance.gbcs.message import Kind
from trialconformance.gbcs.subjects import (
    CAPTURE,
    CLAIMS,
    DEVICE_CERTIFICATE,
    EXCHANGE,
    MESSAGE,
    SCENARIO,
    Exchange,
    MessageInContext,
)

__all__ = [
    "ANSWERED_COMMANDS",
    "CLAIMS_BESIDE_CAPTURES",
    "DEVICE_CERTIFICATES",
    "EVERY_CAPTURE",
    "EVERY_MESSAGE",
    "SCENARIOS",
    "exchanges",
    "is_alert",
    "is_command",
    "is_response",
    "messages",
]


def is_command(subject: MessageInContext) -> bool:
    """A Command as the device receives it."""
    return subject.message.kind is Kind.COMMAND


def is_response(subject: MessageInContext) -> bool:
    """A Response."""
    return subject.message.kind is Kind.RESPONSE


def is_alert(subject: MessageInContext) -> bool:
    """An Alert."""
    return subject.message.kind is Kind.ALERT


def _nothing(_: object) -> str:
    return ""


def messages(
    title: str,
    *conditions: Callable[[MessageInContext], bool],
    wants: Callable[[MessageInContext], str] = _nothing,
) -> Scope:
    """Make the scope of the messages that meet every condition.

    Args:
        title: the scope in words.
        conditions: what a message must meet.
        wants: what is lacking to judge a message that does not, empty where the case does not concern it.
    """
    return Scope(
        kind=MESSAGE,
        title=title,
        admits=lambda subject: all(condition(subject) for condition in conditions),
        wants=wants,
    )


def exchanges(
    title: str, *conditions: Callable[[Exchange], bool], wants: Callable[[Exchange], str] = _nothing
) -> Scope:
    """Make the scope of the Responses, beside their Commands, that meet every condition; arguments as ``messages``."""
    return Scope(
        kind=EXCHANGE,
        title=title,
        admits=lambda subject: all(condition(subject) for condition in conditions),
        wants=wants,
    )


EVERY_CAPTURE = Scope(kind=CAPTURE, title="every captured message, readable or not")
EVERY_MESSAGE = Scope(kind=MESSAGE, title="every message that can be read")
ANSWERED_COMMANDS = exchanges("every Response whose Command was captured in the same scenario")
CLAIMS_BESIDE_CAPTURES = Scope(kind=CLAIMS, title="the ICS beside the captures")
SCENARIOS = Scope(kind=SCENARIO, title="every scenario: the messages of one folder")
DEVICE_CERTIFICATES = Scope(
    kind=DEVICE_CERTIFICATE, title="every certificate of a Device that sent or received a captured message"
)

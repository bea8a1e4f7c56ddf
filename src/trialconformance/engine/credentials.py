"""Handing captured messages to the certificate checks: the two domains meet in plain values only."""

from __future__ import annotations

from collections.abc import Iterable

from trialconformance.core import Span
from trialconformance.gbcs import Capture, Message, UseCases
from trialconformance.smki.credentials import CarriedMessage
from trialconformance.smki.roles import ROLES

__all__ = ["carried_messages"]

_CODES = {role.title.casefold(): code for code, role in ROLES.items()}


def carried_messages(captures: Iterable[Capture]) -> list[CarriedMessage]:
    """The readable messages of some captures as the certificate checks see them.

    Args:
        captures: captured messages, readable or not.
    """
    use_cases = UseCases.shipped()
    return [_carried(each.message, use_cases) for each in captures if each.message is not None]


def _carried(message: Message, use_cases: UseCases) -> CarriedMessage:
    use_case = use_cases.get(message.message_code)
    named = None if use_case is None else use_case.originator_roles
    codes = None if named is None else [_CODES.get(name.casefold()) for name in named]
    known = None if codes is None or None in codes else frozenset(code for code in codes if code is not None)
    return CarriedMessage(
        name=message.name,
        octets=message.octets,
        kind=message.kind.value,
        message_code=message.message_code,
        originator=message.originator,
        target=message.target,
        counter=message.originator_counter,
        payload=Span(start=message.payload_offset, length=len(message.payload), path="payload"),
        certificate=message.span("grouping_header.certificate") if message.certificate else None,
        requester=message.supplementary_remote_party_id,
        signed=bool(message.signature),
        maced=message.mac is not None,
        roles=known,
    )

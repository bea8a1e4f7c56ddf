"""Where the fields of a message stand in its octets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialconformance.core import Span
from trialconformance.gbcs import wire
from trialconformance.gbcs.length import shortest_width

if TYPE_CHECKING:
    from trialconformance.gbcs.message import Message

__all__ = ["spans"]


def spans(message: Message) -> dict[str, Span]:
    """List the fields of a message in the order they stand.

    Args:
        message: the message.

    Returns:
        The span of each field by path, GBCS 7.2.5 and 7.2.7; an absent field has no octets.
    """
    found: dict[str, Span] = {}
    at = 0
    for path, length in _fields(message):
        found[path] = Span(start=at, length=length, path=path)
        at += length
    return found


def _fields(message: Message) -> list[tuple[str, int]]:
    fields: list[tuple[str, int]] = []
    if message.mac is not None:
        security = len(message.security_header)
        fixed = 1 + len(wire.EMPTY_FIELDS)
        fields += [
            ("mac_header.tag", 1),
            ("mac_header.empty_fields", len(wire.EMPTY_FIELDS)),
            ("mac_header.length", message.signing_offset - fixed - security),
            ("mac_header.security_header", security),
        ]
    other, date_time = message.other_information_octets, len(message.date_time)
    party = message.supplementary_remote_party_id is not None
    return [
        *fields,
        ("grouping_header.tag", 1),
        ("grouping_header.transaction_id_length", 1),
        ("grouping_header.cra", 1),
        ("grouping_header.originator_counter", 8),
        ("grouping_header.originator_length", 1),
        ("grouping_header.originator", 8),
        ("grouping_header.target_length", 1),
        ("grouping_header.target", 8),
        ("grouping_header.date_time_length", 1),
        ("grouping_header.date_time", date_time),
        ("grouping_header.other_information_length", message.widths.other_information or shortest_width(other)),
        ("grouping_header.message_code", 2),
        ("grouping_header.supplementary_remote_party_id", 8 if party else 0),
        (
            "grouping_header.supplementary_remote_party_counter",
            8 if message.supplementary_remote_party_counter is not None else 0,
        ),
        (
            "grouping_header.supplementary_originator_counter",
            8 if message.supplementary_originator_counter is not None else 0,
        ),
        ("grouping_header.certificate", len(message.certificate or b"")),
        ("grouping_header.content_length", message.widths.content or shortest_width(len(message.payload))),
        ("payload", len(message.payload)),
        ("signature_length", 0 if message.signature is None else 1),
        ("signature", len(message.signature or b"")),
        ("mac", len(message.mac or b"")),
    ]

"""GBCS-DLM-014: a log read for a range holds entries of that range, in order of time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from trialconformance.core import ArtefactError, Finding, Severity, check, finding
from trialconformance.gbcs.checks.scopes import exchanges
from trialconformance.gbcs.dlms import (
    AccessRequest,
    AccessResponse,
    Data,
    Specification,
    Tag,
    read_data,
    read_date_time,
)
from trialconformance.gbcs.protection import Status
from trialconformance.gbcs.subjects import Exchange

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_GET_SELECTED, _ACTION = 4, 3
_DATA_PROTECTION = 30
_RANGE_DESCRIPTOR = 4  # members: column, from, to, columns wanted
_BY_ENTRY = 1  # restriction type of a data-protection read that has a range


class _Log(NamedTuple):
    """A range that was asked for and the entries that came.

    Args:
        path: path of the value in the Response.
        first: start of the range.
        last: end of the range.
        moments: times of the entries in their order.
    """

    path: str
    first: datetime
    last: datetime
    moments: list[datetime]


def _logs(exchange: Exchange) -> list[_Log]:
    request, response = exchange.command.content, exchange.response.content
    if not isinstance(request, AccessRequest) or not isinstance(response, AccessResponse):
        return []
    opened = {
        unit.unit.path: unit.plaintext for unit in exchange.response.decrypted_units if unit.status is Status.VALID
    }
    found = []
    for at, (asked, arguments, told, result) in enumerate(
        zip(request.specifications, request.data, response.data, response.results, strict=False)
    ):
        path = f"data[{at}]"
        span = _range(asked, arguments)
        if span is None or result.result:
            continue
        entries = _opened(opened.get(f"{path}[1]")) if asked.class_id == _DATA_PROTECTION else told
        moments = [] if entries is None else [moment for each in entries.items if (moment := _moment(each)) is not None]
        found.append(_Log(path, *span, moments))
    return found


def _range(asked: Specification, arguments: Data) -> tuple[datetime, datetime] | None:
    """The range of a selective read, or of a data-protection read of one log."""
    if asked.choice == _GET_SELECTED and asked.selection is not None:
        members = asked.selection.items
        if len(members) == _RANGE_DESCRIPTOR and {each.tag for each in members[1:3]} == {Tag.UINT32}:
            return _seconds(members[1].value), _seconds(members[2].value)
    if asked.choice == _ACTION and asked.class_id == _DATA_PROTECTION:
        ranges = [found for each in _objects(arguments) if (found := _restriction(each)) is not None]
        return ranges[0] if len(ranges) == 1 else None
    return None


def _objects(arguments: Data) -> tuple[Data, ...]:
    """The attributes that a data-protection method is asked for."""
    return arguments.items[0].items if arguments.items else ()


def _restriction(wanted: Data) -> tuple[datetime, datetime] | None:
    restriction = wanted.items[-1].items if wanted.items else ()
    if len(restriction) != 2 or restriction[0].value != _BY_ENTRY or len(restriction[1].items) != 2:
        return None
    first, last = (read_date_time(each.value) for each in restriction[1].items if isinstance(each.value, bytes))
    return None if first is None or last is None else (first, last)


def _opened(plaintext: bytes | None) -> Data | None:
    """The one log inside a plaintext; None where there are more, or none."""
    if plaintext is None:
        return None
    try:
        value = read_data(plaintext, 0)
    except ArtefactError:
        return None
    return value.items[0] if value.tag == Tag.STRUCTURE and len(value.items) == 1 else value


def _moment(entry: Data) -> datetime | None:
    """The time of an entry: its first member, in seconds or as a date-time."""
    first = entry.items[0] if entry.items else None
    if first is None:
        return None
    if first.tag == Tag.UINT32:
        return _seconds(first.value)
    return read_date_time(first.value) if first.tag == Tag.OCTET_STRING else None


def _seconds(value: int) -> datetime:
    return _EPOCH + timedelta(seconds=value)


@check(
    "GBCS-DLM-014",
    clause="GBCS 20 (use case tables)",
    applies_to=exchanges("every DLMS log that was read for a range", lambda exchange: bool(_logs(exchange))),
    severity=Severity.SHOULD,
)
def log_entries_lie_in_the_range_in_order(exchange: Exchange) -> Iterator[Finding]:
    """The entries of a log that was read for a range lie in that range and ascend in time."""
    for log in _logs(exchange):
        at = exchange.response.payload_span(log.path)
        for moment in log.moments:
            if not log.first <= moment <= log.last:
                yield finding(
                    at=at,
                    expected=f"entries from {log.first:%Y-%m-%d %H:%M:%S} to {log.last:%Y-%m-%d %H:%M:%S}",
                    seen=f"an entry of {moment:%Y-%m-%d %H:%M:%S}",
                )
        for before, after in pairwise(log.moments):
            if after < before:
                yield finding(
                    at=at,
                    expected=f"an entry of {before:%Y-%m-%d %H:%M:%S} or later",
                    seen=f"an entry of {after:%Y-%m-%d %H:%M:%S}",
                )

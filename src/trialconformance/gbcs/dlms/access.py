"""The DLMS access service as GBCS uses it: access-request, access-response, and the data-notification of an alert."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from construct import Container

from trialconformance.core import ArtefactError, Span
from trialconformance.gbcs.dlms import layout
from trialconformance.gbcs.dlms.data import Data
from trialconformance.gbcs.dlms.reader import read_data, read_sequence_of_data
from trialconformance.gbcs.dlms.writer import write
from trialconformance.gbcs.length import Length, read_length

__all__ = [
    "AccessRequest",
    "AccessResponse",
    "AccessResult",
    "Apdu",
    "DataNotification",
    "Specification",
    "long_invoke_id",
    "read_apdu",
]

_CLAUSE = "GBCS 7.3, DLMS access service"
_CHOICES = range(1, 6)
_WITH_SELECTION = 4
_SPECIFICATION = struct.Struct(">BH6sb")
_LONG_INVOKE_ID = struct.Struct(">I")
_PRIORITY = 0x20000000  # RTDS: the top octet is always 20; what its bits mean is not confirmed


def long_invoke_id(originator_counter: int) -> int:
    """The long-invoke-id-and-priority of a message: octet 20 and the low three octets of the Originator Counter."""
    return _PRIORITY | originator_counter & 0xFFFFFF


class Specification(NamedTuple):
    """What one entry of the request list asks for.

    Args:
        choice: 1 get, 2 set, 3 action, 4 get with selection, 5 set with selection.
        class_id: COSEM interface class.
        obis: logical name, 6 octets.
        attribute: attribute or method.
        selector: access selector of choices 4 and 5.
        selection: access parameters of choices 4 and 5.
        start: offset of the choice from the start of the payload.
        end: offset after the entry.
    """

    choice: int
    class_id: int
    obis: bytes
    attribute: int
    selector: int | None = None
    selection: Data | None = None
    start: int = 0
    end: int = 0

    @classmethod
    def from_descriptor(cls, descriptor: str) -> Specification:
        """The entry that ``descriptor`` writes, without selection and place."""
        choice, _, rest = descriptor.partition(":")
        class_id, obis, attribute = rest.split("/")
        return cls(int(choice), int(class_id), bytes.fromhex(obis), int(attribute))

    @property
    def descriptor(self) -> str:
        """``choice:class/obis/attribute`` with the OBIS code in hex, as the use-case templates write it."""
        return f"{self.choice}:{self.class_id}/{self.obis.hex()}/{self.attribute}"

    @property
    def span(self) -> Span:
        """Where the entry lies."""
        return Span(start=self.start, length=self.end - self.start)


class AccessResult(NamedTuple):
    """What became of one entry.

    Args:
        choice: 1 get, 2 set, 3 action.
        result: data-access-result or action-result, 0 for success.
        start: offset of the choice from the start of the payload.
    """

    choice: int
    result: int
    start: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRequest:
    """A list of reads, writes and method calls.

    Args:
        long_invoke_id: long-invoke-id-and-priority, 4 octets.
        specifications: what is asked for.
        data: one value for each specification, null for a get.
        date_time: empty in GBCS.
        widths: octets of the two count fields where they are not the shortest form, otherwise 0.
    """

    tag: ClassVar[int] = 0xD9

    long_invoke_id: int
    specifications: tuple[Specification, ...]
    data: tuple[Data, ...]
    date_time: bytes = b""
    widths: tuple[int, int] = (0, 0)

    def encode(self) -> bytes:
        """The octets, written from the values."""
        return write(
            layout.ACCESS_REQUEST,
            {
                "long_invoke_id": self.long_invoke_id,
                "date_time": self.date_time,
                "specifications": _list(self.specifications, self.widths[0]),
                "data": _list(self.data, self.widths[1]),
            },
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessResponse:
    """Values and results, one of each for every entry of the request.

    Args:
        long_invoke_id: long-invoke-id-and-priority, 4 octets.
        data: one value for each entry, null where there is none to give.
        results: what became of each entry.
        specifications: the request list again, None when absent as in GBCS.
        date_time: empty in GBCS.
        widths: octets of the three count fields where they are not the shortest form, otherwise 0.
    """

    tag: ClassVar[int] = 0xDA

    long_invoke_id: int
    data: tuple[Data, ...]
    results: tuple[AccessResult, ...]
    specifications: tuple[Specification, ...] | None = None
    date_time: bytes = b""
    widths: tuple[int, int, int] = (0, 0, 0)

    def encode(self) -> bytes:
        """The octets, written from the values."""
        specifications = self.specifications
        return write(
            layout.ACCESS_RESPONSE,
            {
                "long_invoke_id": self.long_invoke_id,
                "date_time": self.date_time,
                "has_specifications": int(specifications is not None),
                "specifications": None if specifications is None else _list(specifications, self.widths[0]),
                "data": _list(self.data, self.widths[1]),
                "results": _list(self.results, self.widths[2]),
            },
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DataNotification:
    """The data-notification that carries an alert.

    Args:
        long_invoke_id: long-invoke-id-and-priority, 4 octets.
        body: the value notified, in GBCS a structure.
        date_time: empty in GBCS.
    """

    tag: ClassVar[int] = 0x0F

    long_invoke_id: int
    body: Data
    date_time: bytes = b""

    def encode(self) -> bytes:
        """The octets, written from the values."""
        return write(
            layout.DATA_NOTIFICATION,
            {"long_invoke_id": self.long_invoke_id, "date_time": self.date_time, "body": self.body},
        )


Apdu = AccessRequest | AccessResponse | DataNotification


def read_apdu(octets: bytes) -> Apdu:
    """Read a DLMS payload to its last octet.

    Args:
        octets: the payload.

    Returns:
        The APDU that the tag names.

    Raises:
        ArtefactError: another tag, octets missing or left over, or a value that cannot be read.
    """
    reader = _READERS.get(octets[0] if octets else -1)
    if reader is None:
        raise _refused("no DLMS APDU of GBCS has this tag", octets, 0, "tag", "D9, DA or 0F")
    apdu, end = reader(octets)
    if end != len(octets):
        raise ArtefactError(
            "octets are left over after the APDU",
            offset=end,
            length=len(octets) - end,
            clause=_CLAUSE,
            expected=f"the end of the payload at offset {end}",
            seen=f"{len(octets) - end} octets more",
        )
    return apdu


def _read_request(octets: bytes) -> tuple[Apdu, int]:
    invoke_id, date_time, at = _head(octets)
    specifications, at, width = _read_specifications(octets, at)
    data, at, data_width = _read_data_list(octets, at)
    request = AccessRequest(
        long_invoke_id=invoke_id,
        specifications=specifications,
        data=data,
        date_time=date_time,
        widths=(width, data_width),
    )
    return request, at


def _read_response(octets: bytes) -> tuple[Apdu, int]:
    invoke_id, date_time, at = _head(octets)
    specifications: tuple[Specification, ...] | None = None
    width = 0
    present = octets[at] if at < len(octets) else -1
    if present not in (0, 1):
        raise _refused("the optional list is neither absent nor present", octets, at, "specifications", "00 or 01")
    at += 1
    if present:
        specifications, at, width = _read_specifications(octets, at)
    data, at, data_width = _read_data_list(octets, at)
    count, at, results_width = _count(octets, at, "result")
    end = at + 2 * count
    if end > len(octets):
        raise _refused("the payload ends inside the list of results", octets, at, "result", f"{count} results")
    results = tuple(AccessResult(octets[each], octets[each + 1], each) for each in range(at, end, 2))
    for position, result in enumerate(results):
        if result.choice not in _CHOICES:
            raise _refused("no such choice", octets, result.start, f"result[{position}].choice", "01 to 05")
    response = AccessResponse(
        long_invoke_id=invoke_id,
        data=data,
        results=results,
        specifications=specifications,
        date_time=date_time,
        widths=(width, data_width, results_width),
    )
    return response, end


def _read_notification(octets: bytes) -> tuple[Apdu, int]:
    invoke_id, date_time, at = _head(octets)
    try:
        body = read_data(octets, at)
    except ArtefactError as error:
        error.path = f"body{error.path}"
        raise
    return DataNotification(long_invoke_id=invoke_id, body=body, date_time=date_time), body.end


_READERS = {
    AccessRequest.tag: _read_request,
    AccessResponse.tag: _read_response,
    DataNotification.tag: _read_notification,
}


def _head(octets: bytes) -> tuple[int, bytes, int]:
    """Long-invoke-id, date-time and the offset after them."""
    if len(octets) < 6:
        raise _refused("the payload ends inside its head", octets, 1, "long_invoke_id", "4 octets and a date-time")
    invoke_id = _LONG_INVOKE_ID.unpack_from(octets, 1)[0]
    length = octets[5]
    end = 6 + length
    if length >= 0x80 or end > len(octets):
        raise _refused("the date-time does not fit the payload", octets, 5, "date_time", "00, or 0C and 12 octets")
    return invoke_id, octets[6:end], end


def _count(octets: bytes, at: int, path: str) -> tuple[int, int, int]:
    try:
        return read_length(octets, at)
    except ArtefactError as error:
        error.path = path
        raise


def _read_specifications(octets: bytes, at: int) -> tuple[tuple[Specification, ...], int, int]:
    count, at, width = _count(octets, at, "request")
    found: list[Specification] = []
    for position in range(count):
        try:
            choice, class_id, obis, attribute = _SPECIFICATION.unpack_from(octets, at)
        except struct.error:
            path = f"request[{position}]"
            raise _refused("the payload ends inside a specification", octets, at, path, "10 octets") from None
        if choice not in _CHOICES:
            raise _refused("no such choice", octets, at, f"request[{position}].choice", "01 to 05")
        end = at + _SPECIFICATION.size
        selector: int | None = None
        selection: Data | None = None
        if choice >= _WITH_SELECTION:
            selector, selection, end = _read_selection(octets, end, f"request[{position}]")
        found.append(Specification(choice, class_id, obis, attribute, selector, selection, at, end))
        at = end
    return tuple(found), at, width


def _read_selection(octets: bytes, at: int, path: str) -> tuple[int, Data, int]:
    if at >= len(octets):
        raise _refused("the payload ends inside a specification", octets, at, f"{path}.selector", "an access selector")
    try:
        selection = read_data(octets, at + 1)
    except ArtefactError as error:
        error.path = f"{path}.selection{error.path}"
        raise
    return octets[at], selection, selection.end


def _read_data_list(octets: bytes, at: int) -> tuple[tuple[Data, ...], int, int]:
    count, at, width = _count(octets, at, "data")
    try:
        data, at = read_sequence_of_data(octets, at, 0, count)
    except ArtefactError as error:
        error.path = f"data{error.path}"
        raise
    return data, at, width


def _list(items: tuple[Any, ...], width: int) -> Container:
    return Container(count=Length(len(items), width), items=[_entry(item) for item in items])


def _entry(item: Any) -> Any:
    return item if isinstance(item, Data) else Container(item._asdict())


def _refused(message: str, octets: bytes, at: int, path: str, expected: str) -> ArtefactError:
    seen = octets[at : at + 4].hex().upper()
    return ArtefactError(
        message,
        offset=min(at, len(octets)),
        length=min(1, len(octets) - at) if at <= len(octets) else 0,
        path=path,
        clause=_CLAUSE,
        expected=expected,
        seen=seen or "the end",
    )

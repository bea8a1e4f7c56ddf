"""Reading A-XDR data and the DLMS access APDUs by hand: the fast path beside ``layout``.

Reading from the construct declaration takes more than twenty times as long (``benchmarks/``), and payloads are most of
the work of decoding a message. A property test proves that both read the same.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from trialconformance.core import ArtefactError
from trialconformance.gbcs.dlms.data import BitString, CompactArray, Data, Tag, TypeDescription
from trialconformance.gbcs.length import read_length

__all__ = ["DEEPEST", "read_data", "read_sequence_of_data"]

DEEPEST = 32  # levels of arrays and structures; RTDS needs 8
_CLAUSE = "GBCS 7.3, A-XDR"

_new: Callable[[type[Data], tuple[Any, ...]], Data] = tuple.__new__  # past the keyword handling of Data()

# Tag -> (reader of the value, octets of the value), for all types of fixed size.
_FIXED: dict[int, tuple[Callable[[bytes, int], tuple[Any, ...]], int]] = {
    tag: (struct.Struct(form).unpack_from, struct.calcsize(form))
    for tag, form in (
        (Tag.BOOLEAN, ">B"),
        (Tag.INT32, ">i"),
        (Tag.UINT32, ">I"),
        (Tag.BCD, ">B"),
        (Tag.INT8, ">b"),
        (Tag.INT16, ">h"),
        (Tag.UINT8, ">B"),
        (Tag.UINT16, ">H"),
        (Tag.INT64, ">q"),
        (Tag.UINT64, ">Q"),
        (Tag.ENUM, ">B"),
        (Tag.FLOAT32, ">4s"),
        (Tag.FLOAT64, ">8s"),
        (Tag.DATE_TIME, ">12s"),
        (Tag.DATE, ">5s"),
        (Tag.TIME, ">4s"),
    )
}


def read_data(octets: bytes, at: int, depth: int = 0) -> Data:
    """Read one value with its tag.

    Args:
        octets: the payload.
        at: offset of the tag.
        depth: levels above the value.

    Returns:
        The value; ``end`` is the offset after it.

    Raises:
        ArtefactError: it is cut short, has an unknown tag, or is nested too deep; ``path`` is inside the value.
    """
    if at >= len(octets):
        raise _cut_short(at, 0, "a tag of Data")
    tag = octets[at]
    try:
        if fixed := _FIXED.get(tag):
            unpack, size = fixed
            return _new(Data, (tag, unpack(octets, at + 1)[0], at, at + 1 + size, 0))
        if variable := _VARIABLE.get(tag):
            return variable(tag, octets, at, at + 1, depth)
    except struct.error:
        raise _cut_short(at, len(octets) - at, f"{_FIXED[tag][1]} octets of {Tag(tag).title}") from None
    raise ArtefactError(
        "no type of Data has this tag", offset=at, length=1, clause=_CLAUSE, expected="00 to 1B", seen=f"{tag:02X}"
    )


def read_sequence_of_data(octets: bytes, at: int, depth: int, count: int) -> tuple[tuple[Data, ...], int]:
    """Read values that follow each other.

    Args:
        octets: the payload.
        at: offset of the first.
        depth: levels above them.
        count: how many.

    Returns:
        The values and the offset after them.

    Raises:
        ArtefactError: as ``read_data``; ``path`` begins with the position of the value at fault.
    """
    items: list[Data] = []
    append = items.append
    try:
        for _ in range(count):
            item = read_data(octets, at, depth)
            append(item)
            at = item[3]
    except ArtefactError as error:
        error.path = f"[{len(items)}]{error.path}"
        raise
    return tuple(items), at


def _null(tag: int, octets: bytes, start: int, at: int, depth: int) -> Data:  # noqa: ARG001  # one shape for all
    return _new(Data, (tag, None, start, at, 0))


def _container(tag: int, octets: bytes, start: int, at: int, depth: int) -> Data:
    _refuse_depth(start, depth)
    count, at, width = read_length(octets, at)
    items, end = read_sequence_of_data(octets, at, depth + 1, count)
    return _new(Data, (tag, items, start, end, width))


def _octet_string(tag: int, octets: bytes, start: int, at: int, depth: int) -> Data:  # noqa: ARG001
    length, at, width = read_length(octets, at)
    end = at + length
    if end > len(octets):
        raise _cut_short(start, len(octets) - start, f"{length} octets of octet-string")
    return _new(Data, (tag, octets[at:end], start, end, width))


def _visible_string(tag: int, octets: bytes, start: int, at: int, depth: int) -> Data:
    data = _octet_string(tag, octets, start, at, depth)
    return data._replace(value=data.value.decode("latin-1"))


def _utf8_string(tag: int, octets: bytes, start: int, at: int, depth: int) -> Data:
    data = _octet_string(tag, octets, start, at, depth)
    return data._replace(value=data.value.decode("utf-8", "surrogateescape"))


def _bit_string(tag: int, octets: bytes, start: int, at: int, depth: int) -> Data:  # noqa: ARG001
    count, at, width = read_length(octets, at)
    end = at + (count + 7) // 8
    if end > len(octets):
        raise _cut_short(start, len(octets) - start, f"{count} bits of bit-string")
    return _new(Data, (tag, BitString(count, octets[at:end]), start, end, width))


def _compact_array(tag: int, octets: bytes, start: int, at: int, depth: int) -> Data:
    _refuse_depth(start, depth)
    description, contents_start = _type_description(octets, at, depth + 1)
    length, at, width = read_length(octets, contents_start)
    end = at + length
    if end > len(octets):
        raise _cut_short(at, len(octets) - at, f"{length} octets of compact-array contents")
    packed = _PackedReader(octets, end=end, allowance=end - start)
    elements: list[Data] = []
    while at < end:
        try:
            element = packed.read(description, at)
        except ArtefactError as error:
            error.path = f"[{len(elements)}]{error.path}"
            raise
        if element.end == at:
            raise _not_whole(at, end - at, "elements that take octets")
        elements.append(element)
        at = element.end
    value = CompactArray(description, tuple(elements), contents_start, width)
    return _new(Data, (tag, value, start, end, 0))


_VARIABLE: dict[int, Callable[[int, bytes, int, int, int], Data]] = {
    Tag.NULL: _null,
    Tag.ARRAY: _container,
    Tag.STRUCTURE: _container,
    Tag.BIT_STRING: _bit_string,
    Tag.OCTET_STRING: _octet_string,
    Tag.VISIBLE_STRING: _visible_string,
    Tag.UTF8_STRING: _utf8_string,
    Tag.COMPACT_ARRAY: _compact_array,
}
_DESCRIBABLE = frozenset(Tag) - {Tag.COMPACT_ARRAY}


def _type_description(octets: bytes, at: int, depth: int) -> tuple[TypeDescription, int]:
    """Read what the elements of a compact-array are; Green Book, TypeDescription."""
    _refuse_depth(at, depth)
    tag = octets[at] if at < len(octets) else -1
    if tag not in _DESCRIBABLE:
        raise ArtefactError(
            "no type of Data has this tag",
            offset=at,
            length=1,
            path=".type",
            clause=_CLAUSE,
            expected="a tag that a compact-array may hold",
            seen=f"{tag:02X}" if tag >= 0 else "the end",
        )
    if tag not in (Tag.ARRAY, Tag.STRUCTURE):
        return TypeDescription(tag), at + 1
    after = at + (3 if tag == Tag.ARRAY else 2)
    if after > len(octets):
        raise _cut_short(at, len(octets) - at, "a count in a type description")
    count = int.from_bytes(octets[at + 1 : after])
    items: list[TypeDescription] = []
    for _ in range(1 if tag == Tag.ARRAY else count):
        item, after = _type_description(octets, after, depth + 1)
        items.append(item)
    return TypeDescription(tag, count, tuple(items)), after


class _PackedReader:
    """Reads elements of one compact-array.

    Values that take no octets (null, empty structures) are bounded by the octets of the array: without a bound a few
    octets of description could ask for any amount of memory.
    """

    __slots__ = ("allowance", "end", "octets")

    def __init__(self, octets: bytes, *, end: int, allowance: int) -> None:
        self.octets = octets
        self.end = end
        self.allowance = allowance

    def read(self, description: TypeDescription, at: int) -> Data:
        """Read one element at an offset."""
        tag = description.tag
        if tag in (Tag.ARRAY, Tag.STRUCTURE):
            data = self._container(description, at)
        elif fixed := _FIXED.get(tag):
            unpack, size = fixed
            if at + size > self.end:
                raise _not_whole(at, self.end - at, f"{size} octets of {Tag(tag).title}")
            data = Data(tag, unpack(self.octets, at)[0], at, at + size)
        else:
            data = _VARIABLE[tag](tag, self.octets, at, at, 0)
            if data.end > self.end:
                raise _not_whole(at, self.end - at, f"{data.end - at} octets of {Tag(tag).title}")
        if data.end == at:
            self.allowance -= 1
            if self.allowance < 0:
                raise _not_whole(at, 0, "no more values without octets than the array has octets")
        return data

    def _container(self, description: TypeDescription, start: int) -> Data:
        is_array = description.tag == Tag.ARRAY
        at = start
        items: list[Data] = []
        for position in range(description.size):
            try:
                item = self.read(description.items[0 if is_array else position], at)
            except ArtefactError as error:
                error.path = f"[{position}]{error.path}"
                raise
            items.append(item)
            at = item.end
        return Data(description.tag, tuple(items), start, at)


def _refuse_depth(at: int, depth: int) -> None:
    if depth >= DEEPEST:
        raise ArtefactError(
            "values are nested too deep", offset=at, clause=_CLAUSE, expected=f"at most {DEEPEST} levels", seen="more"
        )


def _cut_short(at: int, length: int, expected: str) -> ArtefactError:
    return ArtefactError(
        "the payload ends inside a value",
        offset=at,
        length=length,
        clause=_CLAUSE,
        expected=expected,
        seen=f"{length} octets" if length else "the end",
    )


def _not_whole(at: int, length: int, expected: str) -> ArtefactError:
    return ArtefactError(
        "the contents of a compact-array are no whole number of elements",
        offset=at,
        length=length,
        clause=_CLAUSE,
        expected=expected,
        seen=f"{length} octets",
    )

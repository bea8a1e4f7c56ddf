"""A-XDR data and the DLMS access APDUs, declared once in construct for reading and for writing.

Writing always goes through these declarations. Reading goes through ``reader``, a fast path that a property test holds
equal to them and ``benchmarks/`` justifies.
"""

from __future__ import annotations

import io
from typing import Any

from construct import (
    Adapter,
    Array,
    Byte,
    Bytes,
    Computed,
    Const,
    Construct,
    ConstructError,
    Container,
    GreedyBytes,
    If,
    Int8sb,
    Int16sb,
    Int16ub,
    Int32sb,
    Int32ub,
    Int64sb,
    Int64ub,
    LazyBound,
    OneOf,
    Pass,
    Prefixed,
    Sequence,
    Struct,
    Switch,
    Tell,
    stream_tell,
    stream_write,
    this,
)

from trialconformance.gbcs.dlms.data import BitString, CompactArray, Data, Tag, TypeDescription
from trialconformance.gbcs.length import LENGTH, Length

__all__ = ["ACCESS_REQUEST", "ACCESS_RESPONSE", "DATA", "DATA_NOTIFICATION"]

_CONTAINERS = frozenset({Tag.ARRAY, Tag.STRUCTURE})
_TEXT_CODECS = {Tag.VISIBLE_STRING: ("latin-1", "strict"), Tag.UTF8_STRING: ("utf-8", "surrogateescape")}


def _data() -> Construct:
    """The declaration of Data, which holds itself."""
    return DATA


def _type_description() -> Construct:
    """The declaration of a type description, which holds itself."""
    return _TYPE_DESCRIPTION


_COUNTED_OCTETS = Struct("length" / LENGTH, "octets" / Bytes(this.length))
_ITEMS = Struct("count" / LENGTH, "items" / Array(this.count, LazyBound(_data)))

# Green Book, TypeDescription: an array has 2 octets of element count, a structure 1 octet of member count.
_TYPE_DESCRIPTION = Struct(
    "tag" / OneOf(Byte, [tag for tag in Tag if tag is not Tag.COMPACT_ARRAY]),
    "count" / Switch(this.tag, {Tag.ARRAY: Int16ub, Tag.STRUCTURE: Byte}, default=Computed(0)),
    "items"
    / Array(
        lambda context: {Tag.ARRAY: 1, Tag.STRUCTURE: context.count}.get(context.tag, 0),
        LazyBound(_type_description),
    ),
)


class _Packed(Construct):  # type: ignore[misc]  # construct ships no types
    """Elements of a compact-array: as many as fill the contents exactly."""

    def _parse(self, stream: io.BytesIO, context: Any, path: str) -> list[Data]:
        element = _packed(_description_of(context.description))
        stop = stream_tell(stream, path) + context.length
        found: list[Data] = []
        while (at := stream_tell(stream, path)) < stop:
            found.append(element._parsereport(stream, context, path))  # noqa: SLF001  # construct's protocol
            if not at < stream_tell(stream, path) <= stop:
                raise ConstructError("elements do not fill the contents exactly", path=path)
        return found

    def _build(self, obj: list[Data], stream: io.BytesIO, context: Any, path: str) -> list[Data]:
        element = _packed(context.description)
        contents = b"".join(element.build(each) for each in obj)
        width = context.length.width
        field = LENGTH.build(Length(len(contents), width))
        stream_write(stream, field + contents, len(field) + len(contents), path)
        return obj


class _ContentsLength(Construct):  # type: ignore[misc]  # construct ships no types
    """Length of a compact-array's contents; ``_Packed`` writes it, because only then is it known."""

    def _parse(self, stream: io.BytesIO, context: Any, path: str) -> Length:
        length: Length = LENGTH._parsereport(stream, context, path)  # noqa: SLF001  # construct's protocol
        return length

    def _build(self, obj: Length, stream: io.BytesIO, context: Any, path: str) -> Length:  # noqa: ARG002
        return obj


_BODIES: dict[int, Construct] = {
    Tag.NULL: Pass,
    Tag.ARRAY: _ITEMS,
    Tag.STRUCTURE: _ITEMS,
    Tag.BOOLEAN: Byte,
    # The length field of a bit-string counts bits.
    Tag.BIT_STRING: Struct("length" / LENGTH, "octets" / Bytes((this.length + 7) // 8)),
    Tag.INT32: Int32sb,
    Tag.UINT32: Int32ub,
    Tag.OCTET_STRING: _COUNTED_OCTETS,
    Tag.VISIBLE_STRING: _COUNTED_OCTETS,
    Tag.UTF8_STRING: _COUNTED_OCTETS,
    Tag.BCD: Byte,
    Tag.INT8: Int8sb,
    Tag.INT16: Int16sb,
    Tag.UINT8: Byte,
    Tag.UINT16: Int16ub,
    Tag.COMPACT_ARRAY: Struct(
        "description" / _TYPE_DESCRIPTION,
        "start" / Tell,
        "length" / _ContentsLength(),
        "elements" / _Packed(),
    ),
    Tag.INT64: Int64sb,
    Tag.UINT64: Int64ub,
    Tag.ENUM: Byte,
    # Kept as octets: a float has no canonical text and a NaN may carry octets that Python loses.
    Tag.FLOAT32: Bytes(4),
    Tag.FLOAT64: Bytes(8),
    Tag.DATE_TIME: Bytes(12),
    Tag.DATE: Bytes(5),
    Tag.TIME: Bytes(4),
}


class _DataAdapter(Adapter):  # type: ignore[misc]  # construct ships no types
    """Between the container of one value and ``Data``."""

    def _decode(self, obj: Any, context: Any, path: str) -> Data:  # noqa: ARG002  # construct's protocol
        value, width = _value_of(obj.tag, obj.body)
        return Data(obj.tag, value, obj.start, obj.end, width)

    def _encode(self, obj: Data, context: Any, path: str) -> Container:  # noqa: ARG002  # construct's protocol
        return Container(tag=obj.tag, body=_body_of(obj))


DATA = _DataAdapter(
    Struct("start" / Tell, "tag" / OneOf(Byte, list(Tag)), "body" / Switch(this.tag, _BODIES), "end" / Tell)
)


def _value_of(tag: int, body: Any) -> tuple[Any, int]:
    """Value and unusual length width of a value that was read."""
    if tag in _CONTAINERS:
        return tuple(body["items"]), body.count.width
    if tag == Tag.BIT_STRING:
        return BitString(int(body.length), body.octets), body.length.width
    if tag == Tag.OCTET_STRING:
        return body.octets, body.length.width
    if tag in _TEXT_CODECS:
        return body.octets.decode(*_TEXT_CODECS[Tag(tag)]), body.length.width
    if tag == Tag.COMPACT_ARRAY:
        description = _description_of(body.description)
        return CompactArray(description, tuple(body.elements), body.start, body.length.width), 0
    return body, 0


def _body_of(data: Data) -> Any:
    """What the declaration writes for a value."""
    tag, value = data.tag, data.value
    if tag in _CONTAINERS:
        return Container(count=Length(len(value), data.width), items=value)
    if tag == Tag.BIT_STRING:
        return Container(length=Length(value.size, data.width), octets=value.octets)
    if tag == Tag.OCTET_STRING:
        return Container(length=Length(len(value), data.width), octets=value)
    if tag in _TEXT_CODECS:
        octets = value.encode(*_TEXT_CODECS[Tag(tag)])
        return Container(length=Length(len(octets), data.width), octets=octets)
    if tag == Tag.COMPACT_ARRAY:
        return Container(
            description=_description_container(value.description),
            length=Length(0, value.contents_width),
            elements=value.elements,
        )
    return value


def _description_of(body: Any) -> TypeDescription:
    if isinstance(body, TypeDescription):
        return body
    return TypeDescription(body.tag, body.count, tuple(_description_of(each) for each in body["items"]))


def _description_container(description: TypeDescription) -> Container:
    items = [_description_container(each) for each in description.items]
    return Container(tag=description.tag, count=description.size, items=items)


def _packed(description: TypeDescription | Container) -> Construct:
    """Declaration of one element without tags."""
    description = _description_of(description)
    tag = description.tag
    if tag == Tag.ARRAY:
        count = description.size
        body: Construct = Struct(
            "count" / Computed(Length(count)), "items" / Array(count, _packed(description.items[0]))
        )
    elif tag == Tag.STRUCTURE:
        members = Sequence(*map(_packed, description.items))
        body = Struct("count" / Computed(Length(description.size)), "items" / members)
    else:
        body = _BODIES[tag]
    return _DataAdapter(Struct("start" / Tell, "tag" / Computed(tag), "body" / body, "end" / Tell))


# GBCS 7.3, Green Book access service: choice 1 get, 2 set, 3 action, 4 get with selection, 5 set with selection.
_SPECIFICATION = Struct(
    "start" / Tell,
    "choice" / OneOf(Byte, range(1, 6)),
    "class_id" / Int16ub,
    "obis" / Bytes(6),
    "attribute" / Int8sb,
    "selector" / If(this.choice >= 4, Byte),
    "selection" / If(this.choice >= 4, DATA),
    "end" / Tell,
)
_SPECIFICATIONS = Struct("count" / LENGTH, "items" / Array(this.count, _SPECIFICATION))
_RESULT = Struct("start" / Tell, "choice" / OneOf(Byte, range(1, 6)), "result" / Byte)
_RESULTS = Struct("count" / LENGTH, "items" / Array(this.count, _RESULT))
_DATE_TIME = Prefixed(OneOf(Byte, range(0x80)), GreedyBytes)

ACCESS_REQUEST = Struct(
    "tag" / Const(0xD9, Byte),
    "long_invoke_id" / Int32ub,
    "date_time" / _DATE_TIME,
    "specifications" / _SPECIFICATIONS,
    "data" / _ITEMS,
)

ACCESS_RESPONSE = Struct(
    "tag" / Const(0xDA, Byte),
    "long_invoke_id" / Int32ub,
    "date_time" / _DATE_TIME,
    "has_specifications" / OneOf(Byte, [0, 1]),
    "specifications" / If(this.has_specifications == 1, _SPECIFICATIONS),
    "data" / _ITEMS,
    "results" / _RESULTS,
)

DATA_NOTIFICATION = Struct(
    "tag" / Const(0x0F, Byte),
    "long_invoke_id" / Int32ub,
    "date_time" / _DATE_TIME,
    "body" / DATA,
)

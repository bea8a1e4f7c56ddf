"""ZCL payloads in construct, made from the command table: for writing, and for proving the fast reader equal."""

from __future__ import annotations

import io
from typing import Any

from construct import (
    Adapter,
    Array,
    Byte,
    Bytes,
    BytesInteger,
    Construct,
    ConstructError,
    Container,
    GreedyBytes,
    GreedyRange,
    If,
    Int16ul,
    Optional,
    Pass,
    Struct,
    Switch,
    stream_read,
    stream_write,
)

from trialconformance.gbcs.gbz.commands import Command, FieldRow
from trialconformance.gbcs.gbz.values import (
    ATTRIBUTE_TYPES,
    FIXED,
    NO_VALUE,
    STRING_LENGTH_OCTETS,
    AttributeType,
    FixedType,
    TypedValue,
)

__all__ = ["layout_of", "plain"]


class _String(Construct):  # type: ignore[misc]  # construct ships no types
    """A ZCL string: a length all ones says that there is no value and no octet follows."""

    def __init__(self, length_octets: int) -> None:
        super().__init__()
        self.length = Byte if length_octets == 1 else Int16ul
        self.invalid = (1 << 8 * length_octets) - 1

    def _parse(self, stream: io.BytesIO, context: Any, path: str) -> bytes | str:
        length = self.length._parsereport(stream, context, path)  # noqa: SLF001  # construct's protocol
        if length == self.invalid:
            return NO_VALUE
        octets: bytes = stream_read(stream, length, path)
        return octets

    def _build(self, obj: bytes | str, stream: io.BytesIO, context: Any, path: str) -> bytes | str:  # noqa: ARG002
        octets = b"" if obj == NO_VALUE else obj
        if not isinstance(octets, bytes) or len(octets) >= self.invalid:
            raise ConstructError(f"{obj!r} is no string of at most {self.invalid - 1} octets", path=path)
        field = self.length.build(self.invalid if obj == NO_VALUE else len(octets))
        stream_write(stream, field + octets, len(field) + len(octets), path)
        return obj


class _TypedAdapter(Adapter):  # type: ignore[misc]  # construct ships no types
    def _decode(self, obj: Any, context: Any, path: str) -> TypedValue:  # noqa: ARG002  # construct's protocol
        return TypedValue(obj.type, obj.value)

    def _encode(self, obj: TypedValue, context: Any, path: str) -> Container:  # noqa: ARG002  # construct's protocol
        return Container(type=obj.type, value=obj.value)


def _fixed(kind: FixedType | AttributeType) -> Construct:
    if kind.signed is None or not kind.octets:
        return Bytes(kind.octets)
    return BytesInteger(kind.octets, signed=kind.signed, swapped=True)


_ATTRIBUTE_VALUES = {
    code: _String(kind.octets) if kind.counted else _fixed(kind) for code, kind in ATTRIBUTE_TYPES.items()
}


def _attribute_type(context: Container) -> int:
    code: int = context.type
    return code


_TYPED_VALUE = _TypedAdapter(
    Struct("type" / Byte, "value" / Switch(_attribute_type, _ATTRIBUTE_VALUES, default=GreedyBytes))
)


def layout_of(command: Command) -> Construct:
    """Declare a command's payload.

    Args:
        command: a row of the command table.

    Returns:
        A struct of its fields and, last, ``surplus``: octets that the table does not know.
    """
    return Struct(*map(_field, command.fields), "surplus" / GreedyBytes)


def plain(container: Container) -> dict[str, Any]:
    """The fields of a container as a plain dict, without what construct keeps beside them."""
    return {name: _plain(value) for name, value in container.items() if name != "_io"}


def _plain(value: Any) -> Any:
    if isinstance(value, Container):
        return plain(value)
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _field(row: FieldRow) -> Construct:
    declared = _declared(row)
    if row.when is not None:
        when = row.when
        declared = If(lambda context: context[when.field] == when.equals, declared)
    return row.name / (Optional(declared) if row.optional else declared)


def _declared(row: FieldRow) -> Construct:
    if row.type == "typed-value":
        return _TYPED_VALUE
    if row.type in STRING_LENGTH_OCTETS:
        return _String(STRING_LENGTH_OCTETS[row.type])
    if row.type == "group":
        element = Struct(*map(_field, row.fields))
        if row.count == "rest":
            return GreedyRange(element)
        return Array(lambda context: context[row.count] & row.mask, element)
    if row.type == "switch":
        cases = {value: Struct(*map(_field, fields)) for value, fields in row.cases.items()}
        cases |= {value: Optional(case) for value, case in cases.items() if value not in row.confirmed}
        return Switch(lambda context: context[row.on], cases, default=Pass)
    return _fixed(FIXED[row.type])

"""Reading ZCL payloads by the command table: the fast path beside ``zcl_layout``, proved equal to it.

Fields of fixed size that follow each other are read in one go; that is where construct takes many times as long
(``benchmarks/``).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from typing import Any

from trialconformance.core import ArtefactError
from trialconformance.gbcs.gbz.commands import FieldRow
from trialconformance.gbcs.gbz.values import (
    ATTRIBUTE_TYPES,
    FIXED,
    NO_VALUE,
    STRING_LENGTH_OCTETS,
    FixedType,
    TypedValue,
)

__all__ = ["Step", "compile_fields"]

_CLAUSE = "GBCS 7.2.9, ZCL"
_FORMATS = {1: "B", 2: "H", 4: "I"}
_TYPED_VALUE_LEAST = 1

# (octets, offset, offset after the payload, fields so far) -> offset after the step
Step = Callable[[bytes, int, int, dict[str, Any]], int]


def compile_fields(rows: Iterable[FieldRow]) -> tuple[Step, ...]:
    """Make the steps that read some fields, once for each command.

    Args:
        rows: the fields in their order.

    Returns:
        Steps to call one after the other. Each adds fields by name: int, bytes or ``NO_VALUE``, ``TypedValue``, None
        for what is absent, a list of dicts for a group, a dict for a switch. Each raises ArtefactError where the
        payload ends inside a field.
    """
    steps: list[Step] = []
    run: list[FieldRow] = []
    for row in rows:
        if row.type in FIXED and row.when is None and not row.optional:
            run.append(row)
            continue
        if run:
            steps.append(_fixed_run(run))
            run = []
        steps.append(_single(row))
    if run:
        steps.append(_fixed_run(run))
    return tuple(steps)


def _fixed_run(rows: list[FieldRow]) -> Step:
    """One step for fields of fixed size in a row."""
    names = [row.name for row in rows]
    kinds = [FIXED[row.type] for row in rows]
    unpack_from = struct.Struct("<" + "".join(map(_format, kinds))).unpack_from
    size = sum(kind.octets for kind in kinds)
    odd = [(name, kind) for name, kind in zip(names, kinds, strict=True) if _format(kind)[-1] == "s"]
    numbers = [(name, kind.signed) for name, kind in odd if kind.signed is not None]

    def step(octets: bytes, at: int, end: int, values: dict[str, Any]) -> int:
        after = at + size
        if after > end:
            raise _cut_short(_first_cut(rows, at, end), end)
        values.update(zip(names, unpack_from(octets, at), strict=True))
        for name, signed in numbers:
            values[name] = int.from_bytes(values[name], "little", signed=signed)
        return after

    return step


def _format(kind: FixedType) -> str:
    if kind.signed is None or kind.octets not in _FORMATS:
        return f"{kind.octets}s"
    return _FORMATS[kind.octets].lower() if kind.signed else _FORMATS[kind.octets]


def _first_cut(rows: list[FieldRow], at: int, end: int) -> tuple[str, int]:
    """Name and offset of the first field that ends after the payload."""
    for row in rows:
        if at + FIXED[row.type].octets > end:
            return row.name, at
        at += FIXED[row.type].octets
    return "", at


def _single(row: FieldRow) -> Step:
    """One step for a field that is not always of the same size or not always there."""
    inner = _MAKERS.get(row.type, _fixed_field)(row)
    if row.when is not None:
        inner = _conditional(row, inner)
    return _optional(row, inner) if row.optional else inner


def _fixed_field(row: FieldRow) -> Step:
    return _fixed_run([row])


def _conditional(row: FieldRow, inner: Step) -> Step:
    when = row.when

    def step(octets: bytes, at: int, end: int, values: dict[str, Any]) -> int:
        if when is None or values[when.field] == when.equals:
            return inner(octets, at, end, values)
        values[row.name] = None
        return at

    return step


def _optional(row: FieldRow, inner: Step) -> Step:
    def step(octets: bytes, at: int, end: int, values: dict[str, Any]) -> int:
        try:
            return inner(octets, at, end, values)
        except ArtefactError:
            # The payload ends before the field: what is left of it stays as surplus.
            values[row.name] = None
            return at

    return step


def _string(row: FieldRow) -> Step:
    width = STRING_LENGTH_OCTETS[row.type]

    def step(octets: bytes, at: int, end: int, values: dict[str, Any]) -> int:
        values[row.name], at = _read_string(octets, at, end, width, row.name)
        return at

    return step


def _read_string(octets: bytes, at: int, end: int, width: int, name: str) -> tuple[bytes | str, int]:
    start, at = at, at + width
    if at > end:
        raise _cut_short((name, start), end)
    length = int.from_bytes(octets[start:at], "little")
    if length == (1 << 8 * width) - 1:
        return NO_VALUE, at
    if at + length > end:
        raise _cut_short((name, start), end)
    return octets[at : at + length], at + length


def _typed_value(row: FieldRow) -> Step:
    def step(octets: bytes, at: int, end: int, values: dict[str, Any]) -> int:
        if at + _TYPED_VALUE_LEAST > end:
            raise _cut_short((row.name, at), end)
        code = octets[at]
        kind = ATTRIBUTE_TYPES.get(code)
        value: int | bytes | str
        if kind is None:
            value, after = octets[at + 1 : end], end
        elif kind.counted:
            value, after = _read_string(octets, at + 1, end, kind.octets, row.name)
        else:
            after = at + 1 + kind.octets
            if after > end:
                raise _cut_short((row.name, at), end)
            value = octets[at + 1 : after]
            if kind.signed is not None:
                value = int.from_bytes(value, "little", signed=kind.signed)
        values[row.name] = TypedValue(code, value)
        return after

    return step


def _group(row: FieldRow) -> Step:
    steps = compile_fields(row.fields)

    def step(octets: bytes, at: int, end: int, values: dict[str, Any]) -> int:
        count = values[row.count] & row.mask if row.count != "rest" else end - at
        found: list[dict[str, Any]] = []
        values[row.name] = found
        while len(found) < count and (at < end or row.count != "rest"):
            element: dict[str, Any] = {}
            after = at
            try:
                for each in steps:
                    after = each(octets, after, end, element)
            except ArtefactError as error:
                if row.count == "rest":
                    return at  # what is left is no whole element and stays as surplus
                error.path = f"{row.name}[{len(found)}].{error.path}"
                raise
            found.append(element)
            at = after
        return at

    return step


def _switch(row: FieldRow) -> Step:
    cases = {value: compile_fields(fields) for value, fields in row.cases.items()}

    def step(octets: bytes, at: int, end: int, values: dict[str, Any]) -> int:
        steps = cases.get(values[row.on])
        if steps is None:
            values[row.name] = None
            return at
        inner: dict[str, Any] = {}
        after = at
        try:
            for each in steps:
                after = each(octets, after, end, inner)
        except ArtefactError as error:
            if values[row.on] in row.confirmed:
                error.path = f"{row.name}.{error.path}"
                raise
            values[row.name] = None  # nobody has confirmed these fields: a device is not refused for them
            return at
        values[row.name] = inner
        return after

    return step


_MAKERS: dict[str, Callable[[FieldRow], Step]] = {
    "octet-string": _string,
    "character-string": _string,
    "typed-value": _typed_value,
    "group": _group,
    "switch": _switch,
}


def _cut_short(field: tuple[str, int], end: int) -> ArtefactError:
    name, at = field
    return ArtefactError(
        "the payload of a command ends inside a field",
        offset=at,
        length=end - at,
        path=name,
        clause=_CLAUSE,
        expected="the whole field",
        seen=f"{end - at} octets" if end > at else "the end",
    )

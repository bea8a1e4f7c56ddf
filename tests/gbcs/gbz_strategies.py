"""Hypothesis strategies for GBZ payloads, from the command table: every known command, and unknown ones."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from trialconformance.gbcs.gbz import NO_VALUE, CommandTable, Component, GbzAlert, GbzPayload, TypedValue, codec
from trialconformance.gbcs.gbz.commands import FieldRow
from trialconformance.gbcs.gbz.values import ATTRIBUTE_TYPES, FIXED, STRING_LENGTH_OCTETS

__all__ = ["COMMANDS", "components", "field_values", "gbz_alerts", "gbz_payloads"]

_SERVER_TO_CLIENT = 0x08
_UNKNOWN_CLUSTER = 0x0B05

# (cluster, frame control, command) of everything in the table.
COMMANDS: list[tuple[int, int, int]] = [
    (cluster.id, 0x01 | (_SERVER_TO_CLIENT if command.sender == "server" else 0), command.id)
    for cluster in CommandTable.shipped().clusters
    for command in cluster.commands
] + [(0x0702, 0x00, command.id) for command in CommandTable.shipped().general_commands]


def _numbers(octets: int, *, signed: bool) -> st.SearchStrategy[int]:
    bits = 8 * octets
    return st.integers(-(1 << bits - 1), (1 << bits - 1) - 1) if signed else st.integers(0, (1 << bits) - 1)


def _octets(size: int) -> st.SearchStrategy[bytes]:
    return st.binary(min_size=size, max_size=size)


@st.composite
def _typed_values(draw: st.DrawFn) -> TypedValue:
    code = draw(st.sampled_from(sorted(ATTRIBUTE_TYPES)))
    kind = ATTRIBUTE_TYPES[code]
    if kind.counted:
        return TypedValue(code, draw(st.just(NO_VALUE) | st.binary(max_size=20)))
    if kind.signed is None:
        return TypedValue(code, draw(_octets(kind.octets)))
    return TypedValue(code, draw(_numbers(kind.octets, signed=kind.signed)))


@st.composite
def field_values(draw: st.DrawFn, rows: tuple[FieldRow, ...]) -> dict[str, Any]:
    """Values of some fields that fit each other: counts, cases and conditions included."""
    values: dict[str, Any] = {}
    counters = {row.count for row in rows if row.type == "group"}
    ended = False
    for row in rows:
        ended = ended or (row.optional and draw(st.booleans()))
        absent = row.when is not None and values[row.when.field] != row.when.equals
        counted = st.sampled_from([0, 1, 2, 3]) if row.name in counters else _value(row, values)
        values[row.name] = None if ended or absent else draw(counted)
    return values


def _value(row: FieldRow, values: dict[str, Any]) -> st.SearchStrategy[Any]:
    if row.type == "group":
        count = None if row.count == "rest" else values[row.count] & row.mask
        return st.lists(field_values(row.fields), min_size=count or 0, max_size=3 if count is None else count)
    if row.type == "switch":
        fields = row.cases.get(values[row.on])
        return st.none() if fields is None else field_values(fields)
    if row.type == "typed-value":
        return _typed_values()
    if row.type in STRING_LENGTH_OCTETS:
        return st.just(NO_VALUE) | st.binary(max_size=20)
    kind = FIXED[row.type]
    numbers: st.SearchStrategy[Any] = _octets(kind.octets) if kind.signed is None else st.nothing()
    if kind.signed is not None:
        # Small numbers most of the time: they count groups and pick cases.
        small = st.integers(0, 3) if kind.octets <= 2 else st.nothing()
        numbers = small | _numbers(kind.octets, signed=kind.signed)
    return numbers


@st.composite
def components(draw: st.DrawFn) -> Component:
    """A component: known or unknown command, encrypted or not, with or without from-date-time."""
    form = draw(st.sampled_from(["known", "known", "known", "unknown", "manufacturer", "encrypted"]))
    sequence = draw(st.integers(0, 0xFF))
    last = draw(st.integers(0, 1))
    if form == "encrypted":
        ciphered = draw(st.binary(min_size=17, max_size=40))
        return Component(
            last | 0x02, 0x0702, 0x19, sequence, 0x06, additional_header=0, frame_counter=draw(st.integers(0, 0xFF)),
            ciphered_length=len(ciphered), ciphered=ciphered,
        )  # fmt: skip
    if form == "manufacturer":
        code = draw(st.integers(0, 0xFFFF))
        return Component(last, 0x0702, 0x05, sequence, 0x06, surplus=draw(st.binary(max_size=9)), manufacturer=code)
    if form == "unknown":
        return Component(last, _UNKNOWN_CLUSTER, 0x01, sequence, 0x33, surplus=draw(st.binary(max_size=9)))
    cluster, frame_control, number = draw(st.sampled_from(COMMANDS))
    known = codec(cluster, frame_control, number)
    assert known is not None
    values = draw(field_values(known.command.fields))
    moment = draw(st.none() | st.integers(0, 2**32 - 1))
    control = last | (0 if moment is None else 0x10)
    return Component(control, cluster, frame_control, sequence, number, values, from_date_time=moment)


gbz_payloads = st.builds(GbzPayload, components=st.lists(components(), max_size=4).map(tuple))
gbz_alerts = st.one_of(
    st.builds(
        GbzAlert,
        code=st.integers(0, 0xFFFF),
        time=st.integers(0, 2**32 - 1),
        has_extras=st.integers(0, 1),
        extras=st.binary(max_size=20),
        component=st.none(),
    ),
    st.builds(
        GbzAlert,
        code=st.integers(0, 0xFFFF),
        time=st.integers(0, 2**32 - 1),
        has_extras=st.just(0),
        extras=st.just(b""),
        component=components(),
    ),
)

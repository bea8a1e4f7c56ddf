"""Hypothesis strategies for payloads: every layout, every type, also those no official vector shows."""

from __future__ import annotations

from hypothesis import strategies as st

from trialconformance.gbcs.dlms import (
    AccessRequest,
    AccessResponse,
    AccessResult,
    BitString,
    CompactArray,
    Data,
    DataNotification,
    Specification,
    Tag,
    TypeDescription,
)

__all__ = ["access_requests", "access_responses", "data_notifications", "data_values"]

_SCALARS: dict[int, st.SearchStrategy[object]] = {
    Tag.NULL: st.none(),
    Tag.BOOLEAN: st.integers(0, 0xFF),
    Tag.INT32: st.integers(-(2**31), 2**31 - 1),
    Tag.UINT32: st.integers(0, 2**32 - 1),
    Tag.OCTET_STRING: st.binary(max_size=300),
    Tag.VISIBLE_STRING: st.text(alphabet=st.characters(max_codepoint=0xFF), max_size=20),
    Tag.UTF8_STRING: st.binary(max_size=20).map(lambda octets: octets.decode("utf-8", "surrogateescape")),
    Tag.BCD: st.integers(0, 0xFF),
    Tag.INT8: st.integers(-128, 127),
    Tag.INT16: st.integers(-(2**15), 2**15 - 1),
    Tag.UINT8: st.integers(0, 0xFF),
    Tag.UINT16: st.integers(0, 0xFFFF),
    Tag.INT64: st.integers(-(2**63), 2**63 - 1),
    Tag.UINT64: st.integers(0, 2**64 - 1),
    Tag.ENUM: st.integers(0, 0xFF),
    Tag.FLOAT32: st.binary(min_size=4, max_size=4),
    Tag.FLOAT64: st.binary(min_size=8, max_size=8),
    Tag.DATE_TIME: st.binary(min_size=12, max_size=12),
    Tag.DATE: st.binary(min_size=5, max_size=5),
    Tag.TIME: st.binary(min_size=4, max_size=4),
}


@st.composite
def _bit_strings(draw: st.DrawFn) -> BitString:
    size = draw(st.integers(0, 40))
    octets = (size + 7) // 8
    return BitString(size, draw(st.binary(min_size=octets, max_size=octets)))


_SCALARS_AND_BITS: dict[int, st.SearchStrategy[object]] = {**_SCALARS, Tag.BIT_STRING: _bit_strings()}
_scalars = st.sampled_from(sorted(_SCALARS_AND_BITS)).flatmap(
    lambda tag: _SCALARS_AND_BITS[tag].map(lambda value: Data(tag, value))
)


def _least_octets(description: TypeDescription) -> int:
    """Octets that the smallest element of a type takes."""
    tag, size, items = description
    if tag == Tag.ARRAY:
        return size * _least_octets(items[0])
    return sum(map(_least_octets, items)) if tag == Tag.STRUCTURE else int(tag != Tag.NULL)


def _without_octets(description: TypeDescription) -> int:
    """Values inside an element of a type, itself included, that take no octet: nulls and what holds nothing else."""
    tag, size, items = description
    inner = size * _without_octets(items[0]) if tag == Tag.ARRAY else sum(map(_without_octets, items))
    return inner + (_least_octets(description) == 0)


def _can_be_counted(description: TypeDescription) -> bool:
    """Whether elements take octets, and hold no more values without octets than octets: readers refuse the rest."""
    return max(1, _without_octets(description)) <= _least_octets(description)


_DESCRIPTIONS = st.recursive(
    st.sampled_from(sorted(_SCALARS_AND_BITS)).map(TypeDescription),
    lambda inner: st.one_of(
        st.builds(lambda size, item: TypeDescription(Tag.ARRAY, size, (item,)), st.integers(0, 3), inner),
        st.lists(inner, max_size=4).map(lambda items: TypeDescription(Tag.STRUCTURE, len(items), tuple(items))),
    ),
    max_leaves=5,
)


def _elements(description: TypeDescription) -> st.SearchStrategy[Data]:
    """Values of one type, as a compact-array holds them."""
    tag, size, items = description
    if tag == Tag.ARRAY:
        return st.tuples(*[_elements(items[0])] * size).map(lambda values: Data(tag, values))
    if tag == Tag.STRUCTURE:
        return st.tuples(*map(_elements, items)).map(lambda values: Data(tag, values))
    return _SCALARS_AND_BITS[tag].map(lambda value: Data(tag, value))


@st.composite
def _compact_arrays(draw: st.DrawFn) -> Data:
    description = draw(_DESCRIPTIONS.filter(_can_be_counted))
    elements = draw(st.lists(_elements(description), max_size=4))
    return Data(Tag.COMPACT_ARRAY, CompactArray(description, tuple(elements)))


data_values = st.recursive(
    st.one_of(_scalars, _compact_arrays()),
    lambda inner: st.builds(
        lambda tag, items: Data(tag, tuple(items)),
        st.sampled_from([Tag.ARRAY, Tag.STRUCTURE]),
        st.lists(inner, max_size=5),
    ),
    max_leaves=12,
)


@st.composite
def _specifications(draw: st.DrawFn) -> Specification:
    choice = draw(st.integers(1, 5))
    selected = choice >= 4
    return Specification(
        choice,
        draw(st.integers(0, 0xFFFF)),
        draw(st.binary(min_size=6, max_size=6)),
        draw(st.integers(-128, 127)),
        draw(st.integers(0, 0xFF)) if selected else None,
        draw(data_values) if selected else None,
    )


_invoke_ids = st.integers(0, 2**32 - 1)
_date_times = st.sampled_from([b"", bytes(12)])
access_requests = st.builds(
    AccessRequest,
    long_invoke_id=_invoke_ids,
    specifications=st.lists(_specifications(), max_size=4).map(tuple),
    data=st.lists(data_values, max_size=4).map(tuple),
    date_time=_date_times,
)
access_responses = st.builds(
    AccessResponse,
    long_invoke_id=_invoke_ids,
    data=st.lists(data_values, max_size=4).map(tuple),
    results=st.lists(st.tuples(st.integers(1, 5), st.integers(0, 0xFF)), max_size=4).map(
        lambda pairs: tuple(AccessResult(choice, result) for choice, result in pairs)
    ),
    specifications=st.none() | st.lists(_specifications(), max_size=3).map(tuple),
    date_time=_date_times,
)
data_notifications = st.builds(DataNotification, long_invoke_id=_invoke_ids, body=data_values, date_time=_date_times)

"""DLMS payloads, both ways: what is built reads back, and the fast reader equals the construct declaration."""

from __future__ import annotations

from typing import Any

import pytest
from construct import Construct, ConstructError
from hypothesis import given
from hypothesis import strategies as st
from payload_strategies import access_requests, access_responses, data_notifications, data_values

from trialconformance.core import ArtefactError
from trialconformance.gbcs.dlms import (
    AccessRequest,
    AccessResponse,
    AccessResult,
    Apdu,
    BitString,
    CompactArray,
    Data,
    Specification,
    Tag,
    TypeDescription,
    layout,
    long_invoke_id,
    read_apdu,
    read_data,
    write_data,
)
from trialconformance.gbcs.dlms.reader import DEEPEST

# Bounds that only the reader sets: the declaration is never given octets from outside.
_BOUNDS = {"values are nested too deep", "the contents of a compact-array are no whole number of elements"}
_DECLARATIONS = {0xD9: layout.ACCESS_REQUEST, 0xDA: layout.ACCESS_RESPONSE, 0x0F: layout.DATA_NOTIFICATION}


def places(data: Data) -> list[Any]:
    """Everything about a value, places and length widths included: equality of values leaves those out."""
    return [data.tag, data.start, data.end, data.width, *(places(item) for item in data.items)]


@given(data_values)
def test_a_value_reads_back(data: Data) -> None:
    """Every value reads back equal from its octets, and writes the same octets again."""
    octets = write_data(data)
    again = read_data(octets, 0)
    assert again == data
    assert again.end == len(octets)
    assert write_data(again) == octets


@given(st.one_of(access_requests, access_responses, data_notifications))
def test_an_apdu_reads_back(apdu: Apdu) -> None:
    """Every APDU reads back and writes the same octets again."""
    octets = apdu.encode()
    again = read_apdu(octets)
    assert type(again) is type(apdu)
    assert again.encode() == octets
    assert again.long_invoke_id == apdu.long_invoke_id
    assert again.date_time == apdu.date_time


@given(data_values)
def test_the_fast_reader_equals_the_declaration_on_values(data: Data) -> None:
    """The fast reader and the construct declaration read the same values at the same places."""
    octets = write_data(data)
    fast, declared = read_data(octets, 0), layout.DATA.parse(octets)
    assert fast == declared
    assert places(fast) == places(declared)


@given(st.one_of(access_requests, access_responses, data_notifications), st.data())
def test_the_fast_reader_equals_the_declaration_on_any_octets(apdu: Apdu, draw: st.DataObject) -> None:
    """On valid and on damaged APDUs the fast reader and the declaration agree: the same values, or both refuse."""
    octets = bytearray(apdu.encode())
    for _ in range(draw.draw(st.integers(0, 2), label="damaged octets")):
        octets[draw.draw(st.integers(1, len(octets) - 1))] = draw.draw(st.integers(0, 0xFF))
    octets = octets[: draw.draw(st.integers(1, len(octets)) | st.just(len(octets)), label="cut at")]
    assert_same(bytes(octets), _DECLARATIONS[octets[0]])


@given(st.sampled_from(sorted(_DECLARATIONS)), st.binary(max_size=60))
def test_the_fast_reader_equals_the_declaration_on_garbage(tag: int, garbage: bytes) -> None:
    """On octets of any kind the fast reader and the declaration agree."""
    assert_same(bytes((tag,)) + garbage, _DECLARATIONS[tag])


def assert_same(octets: bytes, declaration: Construct) -> None:
    """Read with both and compare."""
    try:
        fast = read_apdu(octets)
    except ArtefactError as error:
        if error.message in _BOUNDS or error.message == "octets are left over after the APDU":
            return
        with pytest.raises(ConstructError):
            declaration.parse(octets)
        return
    declared = declaration.parse(octets)
    assert declared.long_invoke_id == fast.long_invoke_id
    assert declared.date_time == fast.date_time
    if isinstance(fast, AccessRequest | AccessResponse):
        assert [places(each) for each in declared.data["items"]] == [places(each) for each in fast.data]
        listed = declared.specifications["items"] if declared.specifications else []
        fields = Specification._fields
        assert [tuple(each[name] for name in fields) for each in listed] == [
            tuple(s) for s in fast.specifications or ()
        ]
    else:
        assert places(declared.body) == places(fast.body)
    if isinstance(fast, AccessResponse):
        results = [AccessResult(each.choice, each.result, each.start) for each in declared.results["items"]]
        assert results == list(fast.results)


@pytest.mark.parametrize(
    "octets",
    ["0981050102030405", "098200050102030405", "09840000000501020304 05", "0181 02 1101 1102", "04 8105 F8"],
)
def test_a_length_in_a_longer_form_is_kept(octets: str) -> None:
    """A length that is not in its shortest form is read, and written again in the form it had."""
    found = bytes.fromhex(octets)
    data = read_data(found, 0)
    assert data.width
    assert write_data(data) == found


def test_a_compact_array_holds_whole_elements() -> None:
    """Packed elements get the tags of the type description; counts are 2 octets for arrays and 1 for structures."""
    octets = bytes.fromhex("13 02 02 12 01 0002 11 08 0001 0203 0004 0506")
    array = read_data(octets, 0)
    first, second = array.items
    assert array.value.description == TypeDescription(
        Tag.STRUCTURE, 2, (TypeDescription(Tag.UINT16), TypeDescription(Tag.ARRAY, 2, (TypeDescription(Tag.UINT8),)))
    )
    assert first == Data(
        Tag.STRUCTURE, (Data(Tag.UINT16, 1), Data(Tag.ARRAY, (Data(Tag.UINT8, 2), Data(Tag.UINT8, 3))))
    )
    assert (second.start, second.end) == (13, 17)
    assert write_data(array) == octets


def test_contents_width_is_kept() -> None:
    """The contents length of a compact-array keeps its longer form."""
    octets = bytes.fromhex("13 11 8102 0102")
    array = read_data(octets, 0)
    assert array.value == CompactArray(TypeDescription(Tag.UINT8), (Data(Tag.UINT8, 1), Data(Tag.UINT8, 2)), 2, 2)
    assert write_data(array) == octets


@pytest.mark.parametrize(
    ("octets", "offset", "path"),
    [
        ("", 0, ""),
        ("07", 0, ""),
        ("FF", 0, ""),
        ("12 01", 0, ""),
        ("09 05 01", 0, ""),
        ("09 80", 1, ""),
        ("09 85 0000000001 01", 1, ""),
        ("04 09 FF", 0, ""),
        ("02 02 1101", 4, "[1]"),
        ("02 01 02 01 FE", 4, "[0][0]"),
        ("01 84 FFFFFFFF 11 01", 8, "[1]"),
        ("13 07 00", 1, ".type"),
        ("13", 1, ".type"),
        ("13 01 00", 1, ""),
        ("13 12 03 000102", 5, "[1]"),
        ("13 00 01 00", 3, ""),
        ("13 09 02 0501", 3, "[0]"),
        ("13 02 01 01 FFFF 00 01 00", 8, "[0][0][9]"),
        ("13 11 05 01", 3, ""),
        ("02 01" * 40, 64, "[0]" * 32),
        ("13" + "0201" * 40, 63, ""),
    ],
)
def test_a_broken_value_is_refused_where_it_breaks(octets: str, offset: int, path: str) -> None:
    """A value that cannot be read is refused with the offset and the path of the fault."""
    with pytest.raises(ArtefactError) as caught:
        read_data(bytes.fromhex(octets), 0)
    assert (caught.value.offset, caught.value.path) == (offset, path)
    assert caught.value.clause


@pytest.mark.parametrize(
    ("octets", "offset", "path"),
    [
        ("", 0, "tag"),
        ("D8", 0, "tag"),
        ("D9 2000", 1, "long_invoke_id"),
        ("D9 20000001 81", 5, "date_time"),
        ("D9 20000001 0C 07", 5, "date_time"),
        ("D9 20000001 00", 6, "request"),
        ("D9 20000001 00 80", 6, "request"),
        ("D9 20000001 00 01 01 0001", 7, "request[0]"),
        ("D9 20000001 00 01 06 0001 0000000000FF 02 01 00", 7, "request[0].choice"),
        ("D9 20000001 00 01 04 0001 0000000000FF 02", 17, "request[0].selector"),
        ("D9 20000001 00 01 04 0001 0000000000FF 02 01", 18, "request[0].selection"),
        ("D9 20000001 00 01 01 0001 0000000000FF 02 01 0201FE", 20, "data[0][0]"),
        ("D9 20000001 00 00 00 00", 8, ""),
        ("DA 20000001 00", 6, "specifications"),
        ("DA 20000001 00 02", 6, "specifications"),
        ("DA 20000001 00 00 01", 8, "data[0]"),
        ("DA 20000001 00 00 01 00", 9, "result"),
        ("DA 20000001 00 00 01 00 02 0100", 10, "result"),
        ("DA 20000001 00 00 01 00 01 0700", 10, "result[0].choice"),
        ("0F 20000001 00 02 02 12", 8, "body[0]"),
        ("0F 20000001 00 02 00 FF", 8, ""),
    ],
)
def test_a_broken_apdu_is_refused_where_it_breaks(octets: str, offset: int, path: str) -> None:
    """A DLMS payload that cannot be read is refused with the offset and the path of the fault."""
    with pytest.raises(ArtefactError) as caught:
        read_apdu(bytes.fromhex(octets))
    assert (caught.value.offset, caught.value.path) == (offset, path)
    assert caught.value.clause


@pytest.mark.parametrize(
    "data",
    [
        Data(0x07, 1),
        Data(Tag.UINT8, 256),
        Data(Tag.UINT8, "one"),
        Data(Tag.OCTET_STRING, None),
        Data(Tag.DATE, bytes(4)),
        Data(Tag.BIT_STRING, 5),
        Data(Tag.ARRAY, (1,)),
        Data(Tag.OCTET_STRING, bytes(200), width=1),
        Data(Tag.COMPACT_ARRAY, CompactArray(TypeDescription(Tag.UINT8), (Data(Tag.UINT8, 256),))),
    ],
)
def test_a_value_that_fits_no_octets_is_refused(data: Data) -> None:
    """Writing a value that does not fit its type is refused."""
    with pytest.raises(ArtefactError, match="does not fit its field"):
        write_data(data)


def test_a_deep_value_at_the_bound_is_read() -> None:
    """Values nested to the bound are read, one more level is refused."""
    data = Data(Tag.NULL)
    for _ in range(DEEPEST):
        data = Data(Tag.STRUCTURE, (data,))
    assert read_data(write_data(data), 0) == data


def test_a_huge_count_takes_no_memory() -> None:
    """A count that the payload cannot hold fails at the end of the payload, not after allocating for it."""
    with pytest.raises(ArtefactError) as caught:
        read_data(bytes.fromhex("0184FFFFFFFF") + bytes(1000), 0)
    assert caught.value.offset == 1006


def test_long_invoke_id_follows_the_counter() -> None:
    """The long-invoke-id is octet 20 and the low three octets of the Originator Counter."""
    assert long_invoke_id(0x1122334455667788) == 0x20667788


def test_values_compare_by_tag_and_value() -> None:
    """Two values are equal wherever they lie; the type counts."""
    assert Data(Tag.UINT8, 1, 3, 5) == Data(Tag.UINT8, 1)
    assert Data(Tag.UINT8, 1) != Data(Tag.ENUM, 1)
    assert Data(Tag.UINT8, 1) != 1
    assert len({Data(Tag.UINT8, 1, 3, 5), Data(Tag.UINT8, 1)}) == 1
    assert str(BitString(3, b"\xa0")) == "101"


def test_a_specification_names_its_descriptor() -> None:
    """A specification writes itself as the use-case templates do, and says where it lies."""
    request = read_apdu(bytes.fromhex("D9 20000001 00 01 03 001E 00002B0201FF 01 01 00"))
    assert isinstance(request, AccessRequest)
    [specification] = request.specifications
    assert specification.descriptor == "3:30/00002b0201ff/1"
    assert (specification.span.start, specification.span.length) == (7, 10)

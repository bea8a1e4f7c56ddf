"""DLMS values for a person: dates with their special values, names, units, and the field tree."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from payload_strategies import access_requests, access_responses, data_notifications

from trialconformance.gbcs.dlms import (
    NEVER,
    NOW,
    Apdu,
    BitString,
    CosemNames,
    Data,
    Specification,
    Tag,
    date_time_octets,
    date_time_text,
    describe,
    describe_data,
    obis_text,
    read_apdu,
    read_data,
    read_date_time,
    write_data,
)
from trialconformance.gbcs.dlms.moment import date_text, time_text

MIDNIGHT = "07df0101ff000000008000ff"


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        ("07DF0101FF000000008000FF", "2015-01-01 00:00:00"),
        ("07DF010104173B3B6380 00 00", "2015-01-01 Thursday 23:59:59.99"),
        ("07DF0101FF00000000FFC480", "2015-01-01 00:00:00 deviation -60 min (clock DST)"),
        ("07DF0101FF00000000800003", "2015-01-01 00:00:00 (clock invalid, doubtful)"),
        ("07DF0101FF00000000800010", "2015-01-01 00:00:00 (clock status 10)"),
        ("FFFFFFFFFFFFFFFFFF000000", "any year, any month, any day --:--:-- deviation 0 min"),
        ("FFFFFDFE07020000008000FF", "any year, daylight saving ends, last day Sunday 02:00:00"),
        ("07DF02FDFFFFFFFFFF8000FF", "2015, month 2, second last day --:--:--"),
        (NOW.hex(), "now"),
        (NEVER.hex(), "never"),
        ("07DF0D01FF000000008000FF", ""),
        ("07DF0101FF180000008000FF", ""),
        ("07DF0101FF000000007FFFFF", ""),
        ("07DF0101FF", ""),
    ],
)
def test_date_times_are_written_for_a_person(octets: str, text: str) -> None:
    """Dates, wildcards, special values, deviation and clock status are spelled out; no date-time has no text."""
    assert date_time_text(bytes.fromhex(octets)) == text


def test_dates_and_times_of_another_size_have_no_text() -> None:
    """A date has 5 octets and a time 4."""
    assert date_text(bytes(4)) == time_text(bytes(5)) == ""


@given(st.datetimes(min_value=datetime.datetime(2000, 1, 1), timezones=st.just(datetime.UTC)))  # noqa: DTZ001
def test_a_moment_reads_back(moment: datetime.datetime) -> None:
    """A moment written as a date-time reads back to the hundredth of a second."""
    moment = moment.replace(microsecond=moment.microsecond // 10_000 * 10_000)
    assert read_date_time(date_time_octets(moment)) == moment


@pytest.mark.parametrize("octets", ["", NOW.hex(), NEVER.hex(), "07DF021DFF000000008000FF", "270F0C1FFF173B3B000001FF"])
def test_special_and_impossible_date_times_name_no_moment(octets: str) -> None:
    """A special value, a wildcard, a day that is not in the calendar or beyond it name no moment."""
    assert read_date_time(bytes.fromhex(octets)) is None


def test_a_deviation_moves_the_moment() -> None:
    """DLMS counts a deviation from local time to UTC."""
    found = read_date_time(bytes.fromhex("07DF0701FF01000000FFC4FF"))
    assert found == datetime.datetime(2015, 7, 1, 0, 0, tzinfo=datetime.UTC)


def test_names_are_data() -> None:
    """Classes, attributes, methods, results and units have names; what is not known has none."""
    names = CosemNames.shipped()
    assert names.class_name(111) == "Account"
    assert names.class_name(5555) == ""
    assert names.member_name(1, 8, 2) == "time"
    assert names.member_name(3, 115, 1) == "enter"
    assert names.member_name(3, 115, 99) == names.member_name(3, 5555, 1) == ""
    assert names.results[13] == "scope of access violated"
    assert names.units[30] == "Wh"
    assert obis_text(bytes.fromhex("00005e2c64ff")) == "0-0:94.44.100.255"
    assert obis_text(b"") == ""


@given(st.one_of(access_requests, access_responses, data_notifications))
def test_the_tree_covers_the_payload(apdu: Apdu) -> None:
    """Every field of the tree lies inside its parent, after the field before it, under a path of its own."""
    octets = apdu.encode()
    tree = describe(read_apdu(octets), len(octets))
    assert (tree.start, tree.length) == (0, len(octets))
    paths = [node.path for node in tree.walk()]
    assert len(paths) == len(set(paths))
    for node in tree.walk():
        at = node.start
        for child in node.children:
            assert at <= child.start <= child.end <= node.end
            at = child.end


def test_a_request_is_described_for_a_person() -> None:
    """A request shows the kind of access, class, OBIS code, attribute, and what each value is for."""
    octets = bytes.fromhex(
        "D9 20000064 00 03 02 006F 0000130000FF 10 01 0008 0000010000FF 02"
        " 04 0007 0000630100FF 02 01 02021201000600000000 03 0607D00000 00 00"
    )
    tree = describe(read_apdu(octets), len(octets))
    texts = {node.path: node.text for node in tree.walk()}
    assert texts["request[0]"] == "set Account 0-0:19.0.0.255 low_credit_threshold"
    assert texts["request[0].obis"] == "0-0:19.0.0.255"
    assert texts["request[1].obis"] == "0-0:1.0.0.255, clock"
    assert texts["request[2].selector"] == "range"
    assert texts["data[1]"] == "get Clock 0-0:1.0.0.255 time"
    assert tree.find("request[2].selection[0]") is not None
    assert texts["date_time"] == "absent"


def test_a_response_is_described_for_a_person() -> None:
    """A response shows results by name, and its request list where it has one."""
    octets = bytes.fromhex("DA 20000064 00 01 01 01 1234 0000000000FF 02 01 00 02 0104 0177")
    tree = describe(read_apdu(octets), len(octets))
    texts = {node.path: node.text for node in tree.walk()}
    assert texts["request[0]"] == "get class 4660 0-0:0.0.0.255 member 2"
    assert texts["result[0].result"] == "object undefined"
    assert texts["result[1].result"] == "unknown"


@pytest.mark.parametrize(
    ("data", "value", "text"),
    [
        (Data(Tag.NULL), None, ""),
        (Data(Tag.BOOLEAN, 1), True, ""),
        (Data(Tag.BOOLEAN, 7), 7, ""),
        (Data(Tag.BIT_STRING, BitString(3, b"\xa0")), "101", ""),
        (Data(Tag.OCTET_STRING, b"\x00\x01"), "0001", ""),
        (Data(Tag.OCTET_STRING, b"GBCS"), "47424353", '"GBCS"'),
        (Data(Tag.OCTET_STRING, bytes.fromhex("07DF0101FF")), "07df0101ff", "2015-01-01"),
        (Data(Tag.OCTET_STRING, bytes.fromhex(MIDNIGHT)), MIDNIGHT, "2015-01-01 00:00:00"),
        (Data(Tag.UTF8_STRING, "\udcff"), "\\udcff", ""),
        (Data(Tag.VISIBLE_STRING, "é"), "é", ""),
        (Data(Tag.FLOAT32, bytes.fromhex("3FC00000")), "3fc00000", "1.5"),
        (Data(Tag.FLOAT64, bytes.fromhex("3FF8000000000000")), "3ff8000000000000", "1.5"),
        (Data(Tag.DATE, bytes.fromhex("07DF0101FF")), "07df0101ff", "2015-01-01"),
        (Data(Tag.TIME, bytes.fromhex("0A0B0CFF")), "0a0b0cff", "10:11:12"),
        (Data(Tag.DATE_TIME, NOW), NOW.hex(), "now"),
        (Data(Tag.STRUCTURE, (Data(Tag.INT8, -3), Data(Tag.ENUM, 27))), None, "x 10^-3 W"),
        (Data(Tag.STRUCTURE, (Data(Tag.INT8, 0), Data(Tag.ENUM, 200))), None, "unit 200"),
        (
            Data(
                Tag.STRUCTURE,
                (
                    Data(Tag.UINT16, 8),
                    Data(Tag.OCTET_STRING, bytes.fromhex("0000010000FF")),
                    Data(Tag.INT8, 2),
                    Data(Tag.UINT16, 0),
                ),
            ),
            None,
            "get Clock 0-0:1.0.0.255 time",
        ),
    ],
)  # fmt: skip
def test_a_value_is_described_for_a_person(data: Data, value: object, text: str) -> None:
    """A value is shown plain for a machine, and with what it means for a person."""
    node = describe_data(read_data(write_data(data), 0), name="x", path="x")
    assert (node.value, node.text) == (value, text)


def test_a_compact_array_names_its_type() -> None:
    """A compact-array shows the type of its elements and every element."""
    data = read_data(bytes.fromhex("13 01 0002 02 02 11 16 04 01020304"), 0)
    node = describe_data(data, name="x", path="x")
    assert node.kind == "compact-array of array of 2 structure of {uint8, enum}"
    assert [child.path for child in node.walk()][-1] == "x[0][1][1]"


def test_a_length_in_a_longer_form_is_noted() -> None:
    """A length that is not in its shortest form is noted in the tree."""
    node = describe_data(read_data(bytes.fromhex("09810100"), 0), name="x", path="x")
    assert node.note == "length not in its shortest form"


def test_a_response_is_named_by_what_was_asked() -> None:
    """A response that does not repeat its request list is named by what the use case asks for, part by part."""
    switch = "02 03 09 04 07000000 09 06 00000A0064FF 12 0065"
    octets = bytes.fromhex(f"DA 20000064 00 00 03 02 02 0F FE 16 1E 01 01 02 02 11 01 01 01 {switch} 1101 02 0100 0100")
    asked = [Specification.from_descriptor(each) for each in ("1:3/0100010800ff/3", "1:20/00000d0000ff/5")]
    tree = describe(read_apdu(octets), len(octets), asked=[*asked, None])
    found = {node.path: (node.name, node.text) for node in tree.walk()}
    assert found["data[0]"][1] == "get Register 1-0:1.8.0.255 scaler_unit, x 10^-2 Wh"
    assert found["data[0][1]"] == ("unit", "Wh")
    assert found["data[1][0][1]"] == ("day_schedule", "")
    assert found["data[1][0][1][0][0]"] == ("start_time", "07:00:00")
    assert found["data[1][0][1][0][1]"] == ("script_logical_name", "0-0:10.0.100.255")
    assert found["data[2]"] == ("data[2]", "")
    assert found["result[1]"][1] == "get Activity calendar 0-0:13.0.0.255 day_profile_table_active"


def test_parts_of_another_number_keep_their_positions() -> None:
    """A structure with more members than the class has keeps positions for names."""
    octets = bytes.fromhex("DA 20000064 00 00 01 02 03 0F00 161E 1101 01 0100")
    asked = [Specification.from_descriptor("1:3/0100010800ff/3")]
    tree = describe(read_apdu(octets), len(octets), asked=asked)
    node = tree.find("data[0][2]")
    assert node is not None
    assert node.name == "[2]"


def test_octets_with_a_name_but_another_size_are_shown_as_they_are() -> None:
    """A time or a logical name of another size is not given a meaning."""
    octets = bytes.fromhex("DA 20000064 00 00 01 01 01 02 02 11 01 01 01 02 03 09 01 07 09 01 00 11 01 01 0100")
    asked = [Specification.from_descriptor("1:20/00000d0000ff/5")]
    tree = describe(read_apdu(octets), len(octets), asked=asked)
    texts = {node.path: node.text for node in tree.walk()}
    assert texts["data[0][0][1][0][0]"] == texts["data[0][0][1][0][1]"] == ""


def test_a_range_selection_is_named() -> None:
    """The access parameters of a range selection are named."""
    octets = bytes.fromhex(
        "D9 20000064 00 01 04 0007 0000630100FF 02 01"
        " 0204 0204 120001 0906 00005E2C64FF 0F02 120000 0600000000 06FFFFFFFF 0100 01 00"
    )
    tree = describe(read_apdu(octets), len(octets))
    node = tree.find("request[0].selection[0][1]")
    assert node is not None
    assert (node.name, node.text) == ("logical_name", "0-0:94.44.100.255")


def test_what_a_method_takes_is_named_in_the_command_only() -> None:
    """The objects that a Data Protection method is asked for are named; what it answers has another shape."""
    value = "02 02 01 01 02 05 120003 0906 0100010800FF 0F02 120000 0202 1600 00 01 00"
    command = bytes.fromhex(f"D9 20000064 00 01 03 001E 00002B0201FF 01 01 {value}")
    node = describe(read_apdu(command), len(command)).find("data[0][0][0][1]")
    assert node is not None
    assert (node.name, node.text) == ("logical_name", "1-0:1.8.0.255")
    response = bytes.fromhex(f"DA 20000064 00 00 01 {value} 01 0300")
    asked = [Specification.from_descriptor("3:30/00002b0201ff/1")]
    node = describe(read_apdu(response), len(response), asked=asked).find("data[0][0]")
    assert node is not None
    assert node.name == "[0]"

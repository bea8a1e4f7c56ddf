"""GBZ payloads, both ways: every command reads back, and the fast reader equals the construct declaration."""

from __future__ import annotations

from typing import Any

import pytest
from construct import ConstructError, Container
from gbz_strategies import COMMANDS, field_values, gbz_alerts, gbz_payloads
from hypothesis import given, settings
from hypothesis import strategies as st

from trialconformance.core import ArtefactError
from trialconformance.gbcs.gbz import (
    NO_VALUE,
    CommandCodec,
    CommandTable,
    Component,
    GbzAlert,
    GbzPayload,
    TypedValue,
    codec,
    describe,
    describe_alert,
    layout,
    read_alert,
    read_payload,
    utc_text,
)
from trialconformance.gbcs.gbz.values import zcl_date_text
from trialconformance.gbcs.gbz.zcl_layout import plain
from trialconformance.gbcs.node import Node


def known(key: tuple[int, int, int]) -> CommandCodec:
    """The codec of a command that is in the table."""
    found = codec(*key)
    assert found is not None
    return found


def read_by_declaration(command: CommandCodec, octets: bytes) -> tuple[dict[str, Any], bytes]:
    """Fields and surplus as the construct declaration reads them."""
    fields = plain(command.layout.parse(octets))
    surplus: bytes = fields.pop("surplus")
    return fields, surplus


@settings(max_examples=400)
@given(st.sampled_from(COMMANDS), st.data())
def test_a_command_reads_back_and_both_readers_agree(key: tuple[int, int, int], data: st.DataObject) -> None:
    """Whatever is written for a command reads back the same from the fast reader and from the declaration."""
    command = known(key)
    octets = command.write(data.draw(field_values(command.command.fields)))
    values, end = command.read(octets, 0, len(octets))
    assert values is not None
    assert command.write(values, octets[end:]) == octets
    assert (values, octets[end:]) == read_by_declaration(command, octets)


@settings(max_examples=300)
@given(st.sampled_from(COMMANDS), st.binary(max_size=50))
def test_both_readers_agree_on_any_octets(key: tuple[int, int, int], octets: bytes) -> None:
    """On octets of any kind the fast reader and the declaration read the same, or both refuse."""
    command = known(key)
    try:
        values, end = command.read(octets, 0, len(octets))
    except ArtefactError:
        values = None
        assert command.command.confirmed
    if values is None:
        with pytest.raises(ConstructError):
            command.layout.parse(octets)
        return
    assert (values, octets[end:]) == read_by_declaration(command, octets)
    assert command.write(values, octets[end:]) == octets


@given(gbz_payloads)
def test_a_payload_reads_back(payload: GbzPayload) -> None:
    """Every payload writes the same octets again after reading, and its tree covers it."""
    octets = payload.encode()
    again = read_payload(octets)
    assert again.encode() == octets
    assert [each.sequence for each in again.components] == [each.sequence for each in payload.components]
    assert describe(again).length == len(octets)
    assert_nested(describe(again))


@given(gbz_alerts)
def test_an_alert_reads_back(alert: GbzAlert) -> None:
    """Every alert writes the same octets again after reading."""
    octets = alert.encode()
    again = read_alert(octets, with_component=alert.component is not None)
    assert again.encode() == octets
    assert (again.code, again.time, again.extras) == (alert.code, alert.time, alert.extras)
    assert sum(node.length for node in describe_alert(again, "")) == len(octets)


@given(gbz_payloads)
def test_components_equal_the_declaration(payload: GbzPayload) -> None:
    """The header of every component reads the same from the construct declaration."""
    octets = payload.encode()
    for component in read_payload(octets).components:
        declared: Container = layout.COMPONENT.parse(octets[component.start : component.end])
        body = declared.body
        assert (declared.control, declared.cluster) == (component.control, component.cluster)
        assert (body.frame_control, body.sequence) == (component.frame_control, component.sequence)
        assert (body.command, body.manufacturer) == (component.command, component.manufacturer)
        assert (body.from_date_time, body.ciphered_length) == (component.from_date_time, component.ciphered_length)
        assert len(body.content) == component.end - component.content_start
        if component.additional_header is not None:
            assert body.additional_header.frame_counter == component.frame_counter


def assert_nested(node: Node) -> None:
    """Every field lies inside its parent and after the field before it."""
    at = node.start
    for child in node.children:
        assert at <= child.start <= child.end <= node.end, child.path
        assert_nested(child)
        at = child.end


def test_the_table_covers_the_clusters_gbcs_uses() -> None:
    """The table names the clusters and has commands of each but Basic, whose attributes are only read."""
    table = CommandTable.shipped()
    names = [cluster.name for cluster in table.clusters]
    assert names == [
        "Basic", "Price", "Metering", "Messaging", "Prepayment", "Calendar", "Device Management", "Events",
    ]  # fmt: skip
    assert all(cluster.commands for cluster in table.clusters[1:])
    assert table.cluster_name(0x0702) == "Metering"
    assert table.attribute_name(0x0702, 0x0000) == "CurrentSummationDelivered"
    assert table.attribute_name(0x0B05, 0x0000) == table.cluster_name(0x0B05) == ""


def test_an_unknown_command_keeps_its_octets_and_says_so() -> None:
    """A command that is not in the table keeps its octets, writes them again and is marked."""
    octets = bytes.fromhex("0109 01 01 0702 0006 01 00 7F AABBCC")
    payload = read_payload(octets)
    [component] = payload.components
    assert (component.values, component.surplus) == (None, b"\xaa\xbb\xcc")
    assert payload.encode() == octets
    notes = [node.note for node in describe(payload).walk() if node.note]
    assert notes == ["unknown command: octets kept"] * 2


def test_octets_beyond_the_fields_are_kept_and_marked() -> None:
    """Octets after the fields of a known command are kept and marked."""
    octets = bytes.fromhex("0109 01 01 0705 0009 01 00 09 404B4C00 FFFF")
    payload = read_payload(octets)
    [component] = payload.components
    assert component.values == {"low_credit_warning_level": 5_000_000}
    assert component.surplus == b"\xff\xff"
    assert payload.encode() == octets
    assert describe(payload).find("component[0].zcl.surplus") is not None


def test_read_attributes_response_is_typed() -> None:
    """A Read Attributes Response gives each attribute its status, and a typed value where the status is success."""
    octets = bytes.fromhex("0109 01 01 0000 0013 08 00 01 0400C0 0500 00 42 08 3132333435363738")
    [component] = read_payload(octets).components
    assert component.values == {
        "attributes": [
            {"attribute_id": 4, "status": 0xC0, "value": None},
            {"attribute_id": 5, "status": 0, "value": TypedValue(0x42, b"12345678")},
        ]
    }
    texts = {node.path: node.text for node in describe(read_payload(octets)).walk()}
    assert texts["component[0].zcl.attributes[0].attribute_id"] == "ManufacturerName"
    assert texts["component[0].zcl.attributes[0].status"] == "hardware failure"
    assert texts["component[0].zcl.attributes[1].value"] == '"12345678"'


def test_an_unknown_attribute_type_keeps_what_follows() -> None:
    """After an attribute type that is not known the size is not known: the rest is kept as its value, and marked."""
    octets = bytes.fromhex("0109 01 01 0702 0008 18 00 01 0000 00 77 01")
    payload = read_payload(octets)
    [component] = payload.components
    assert component.values is not None
    assert component.values["attributes"][0]["value"] == TypedValue(0x77, b"\x01")
    assert payload.encode() == octets
    assert any(node.note == "unknown type: octets kept" for node in describe(payload).walk())


def test_a_sample_is_described_for_a_person() -> None:
    """Flags, times, enumerations, dates and strings are shown as what they mean."""
    seasons = "0109 02 10 0707 001F 28483500 09 00 03 07000000 00354828 0A354828 00 01 790A1FFF 01 7A031B07 02"
    top_up = "01 0705 0019 01 01 04 00 14 3132333435363738393031323334353637383930"
    tree = describe(read_payload(bytes.fromhex(seasons + top_up)))
    texts = {node.path: node.text for node in tree.walk()}
    assert texts["component[0].control"] == "from-date-time"
    assert texts["component[0].from_date_time"] == "2021-06-01T00:00:00Z"
    assert texts["component[0].zcl.seasons[0].season_start_date"] == "2021-10-31"
    assert texts["component[0].zcl.seasons[1].season_start_date"] == "2022-03-27 Sunday"
    assert texts["component[1].control"] == "last component"
    assert texts["component[1].zcl.originating_device"] == "energy service interface"
    assert texts["component[1].zcl.top_up_code"] == '"12345678901234567890"'


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "now"),
        (0xFFFFFFFE, "cancel"),
        (0xFFFFFFFF, "not set"),
        (0x1C374A80, "2015-01-01T00:00:00Z"),
    ],
)
def test_times_count_from_2000(seconds: int, text: str) -> None:
    """A UTCTime counts seconds from 2000-01-01; three values are special."""
    assert utc_text(seconds) == text


def test_a_date_may_hold_wildcards() -> None:
    """FF stands for any year, month or day."""
    assert zcl_date_text(b"\xff\xff\xff\xff") == "any year-any month-any day"


def test_a_string_without_value_takes_one_octet() -> None:
    """A string length of all ones says that there is no value."""
    octets = bytes.fromhex("0109 01 01 0708 0010 09 00 03 01000000 00000000 00000000 FF")
    [component] = read_payload(octets).components
    assert component.values is not None
    assert component.values["site_id"] == NO_VALUE
    node = describe(read_payload(octets)).find("component[0].zcl.site_id")
    assert node is not None
    assert (node.length, node.text) == (1, "no value")


@pytest.mark.parametrize(
    ("octets", "offset", "path"),
    [
        ("", 0, "profile"),
        ("010901", 3, "component[0].control"),
        ("0109 01 01 0702 00", 3, "component[0].control"),
        ("0109 01 01 0702 0004 0100", 6, "component[0].length"),
        ("0109 01 01 0702 0002 0100", 8, "component[0].frame_control"),
        ("0109 01 02 0702 0001 00", 8, "component[0].additional_header"),
        ("0109 01 10 0702 0003 000000", 8, "component[0].from_date_time"),
        ("0109 01 01 0702 0003 05 0000", 9, "component[0].manufacturer"),
        ("0109 01 03 0702 0006 0000 190006 00", 13, "component[0].ciphered_length"),
        ("0109 01 01 0702 0006 01 00 06 000000", 11, "component[0].zcl.earliest_start_time"),
        ("0109 01 01 0705 0006 01 00 04 00 14 31", 12, "component[0].zcl.top_up_code"),
        ("0109 01 01 0705 0004 01 00 04 00", 12, "component[0].zcl.top_up_code"),
        ("0109 01 01 0700 0003 01 00 00", 11, "component[0].zcl.command_options"),
        ("0109 00 00", 3, "component"),
    ],
)
def test_a_broken_payload_is_refused_where_it_breaks(octets: str, offset: int, path: str) -> None:
    """A GBZ payload that cannot be read is refused with the offset and the path of the fault."""
    with pytest.raises(ArtefactError) as caught:
        read_payload(bytes.fromhex(octets))
    assert (caught.value.offset, caught.value.path) == (offset, path)
    assert caught.value.clause


@pytest.mark.parametrize(
    ("octets", "component", "path"),
    [
        ("0109008F30", False, "alert_code"),
        ("0109008F0A00000000 03", True, "component.control"),
        ("0109008F0A00000000 01 0700 0004 01000000 FF", True, "component"),
    ],
)
def test_a_broken_alert_is_refused(octets: str, component: bool, path: str) -> None:
    """A GBZ alert that cannot be read is refused."""
    with pytest.raises(ArtefactError) as caught:
        read_alert(bytes.fromhex(octets), with_component=component)
    assert caught.value.path == path


def test_a_group_that_is_cut_short_names_the_element() -> None:
    """A counted group that the payload cannot hold is refused at the element that is missing."""
    octets = bytes.fromhex("0109 01 01 0702 0013 19 00 07 0100 00000000 00 0000 0200 010000 0200")
    with pytest.raises(ArtefactError) as caught:
        read_payload(octets)
    assert caught.value.path == "component[0].zcl.samples[1].value"


def test_a_case_that_is_cut_short_names_the_field() -> None:
    """Fields that an earlier one picked are refused where they are cut short."""
    octets = bytes.fromhex("0109 01 01 0708 000D 09 00 04 01000000 00000000 00 01")
    with pytest.raises(ArtefactError) as caught:
        read_payload(octets)
    assert caught.value.path == "component[0].zcl.event_configuration_payload.event_group_id"


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"low_credit_warning_level": 1 << 32},
        {"low_credit_warning_level": "much"},
        {"low_credit_warning_level": None},
    ],
)
def test_values_that_fit_no_octets_are_refused(values: dict[str, Any]) -> None:
    """Writing a command with a value that is missing or too large is refused."""
    with pytest.raises(ArtefactError, match="Set Low Credit Warning Level"):
        known((0x0705, 0x01, 0x09)).write(values)


def test_a_string_that_is_too_long_is_refused() -> None:
    """A string of 255 octets cannot be written: its length octet means something else."""
    with pytest.raises(ArtefactError, match="Consumer Top Up"):
        known((0x0705, 0x01, 0x04)).write({"originating_device": 0, "top_up_code": bytes(255)})


@pytest.mark.parametrize(
    "broken",
    [GbzPayload(components=(Component(256, 0, 1, 0, 0),)), GbzPayload(components=(), profile=-1)],
)
def test_a_component_that_fits_no_octets_is_refused(broken: GbzPayload) -> None:
    """Writing a payload with a value that does not fit its field is refused."""
    with pytest.raises(ArtefactError, match="does not fit its field"):
        broken.encode()


def test_an_encrypted_component_is_a_unit_only_when_whole() -> None:
    """An encrypted component whose length field says something else is read, but holds no unit to decrypt."""
    whole = bytes.fromhex("0109 01 03 0702 0018 0000 190006 0011 3100000000 000000000000000000000000")
    assert len(read_payload(whole).encrypted_units) == 1
    shorter = whole.replace(bytes.fromhex("0011 31"), bytes.fromhex("0010 31"))
    payload = read_payload(shorter)
    assert payload.encrypted_units == ()
    assert payload.encode() == shorter


def test_unconfirmed_fields_never_refuse_a_payload() -> None:
    """Where the fields of a command do not fit that no official vector shows, its octets are kept and marked."""
    octets = bytes.fromhex("0109 01 01 0705 0008 01 00 02 0100000005")
    payload = read_payload(octets)
    [component] = payload.components
    assert component.codec is not None
    assert component.codec.command.name == "Change Debt"
    assert (component.values, component.surplus) == (None, bytes.fromhex("0100000005"))
    assert component.unfit
    assert payload.encode() == octets
    [note] = [node.note for node in describe(payload).walk() if node.note]
    assert "no official vector confirms" in note


def test_an_unconfirmed_case_never_refuses_a_payload() -> None:
    """Where the fields of a case do not fit that no official vector shows, its octets are kept as surplus."""
    octets = bytes.fromhex("0109 01 01 0708 000D 09 00 04 01000000 00000000 00 03")
    [component] = read_payload(octets).components
    assert component.values is not None
    assert component.values["event_configuration_payload"] is None
    assert read_payload(octets).encode() == octets


def test_events_are_named_by_the_alert_catalogue() -> None:
    """An event id in a log is named as the alert code of the same number."""
    log = "0109 01 01 0709 0018 19 00 01 0200 00 01 00 04 308F 00F9351C 00 04 7777 00F9351C 00"
    texts = {node.path: node.text for node in describe(read_payload(bytes.fromhex(log))).walk()}
    assert texts["component[0].zcl.events[0].event_id"].startswith("8F30 ")
    assert texts["component[0].zcl.events[1].event_id"] == "7777 unknown event"

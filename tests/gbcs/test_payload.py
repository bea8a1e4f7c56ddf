"""The way into a payload: family, tree, spans, notes, JSON; and alerts of every form."""

from __future__ import annotations

import datetime
import json
from typing import Any

import jsonschema
import pytest
from gbz_strategies import gbz_alerts, gbz_payloads
from hypothesis import given
from hypothesis import strategies as st
from payload_strategies import access_requests, access_responses, data_notifications

from trialconformance.core import ArtefactError, read_data
from trialconformance.gbcs.alert_codes import AlertTable
from trialconformance.gbcs.asn1 import Asn1Payload, build_payload
from trialconformance.gbcs.data_file import DataFile
from trialconformance.gbcs.dlms import AccessRequest, CosemNames, DataNotification
from trialconformance.gbcs.gbz import CommandTable, GbzAlert, GbzPayload
from trialconformance.gbcs.node import Node
from trialconformance.gbcs.payload import Family, Payload, decode_payload
from trialconformance.gbcs.templates import RequestTemplates
from trialconformance.gbcs.usecases import UseCases

DLMS_ALERT = "0F 20000007 00 02 {n} 12 {code} 09 0C 07DF0101FF000000008000FF {extras}"
GBZ_ALERT = "0109 {k} {code} 1C374A80 {extras}"
COUNTER = "00000000000003F0"


def decode(text: str, message_code: int = 0x0027, kind: str = "command", **options: Any) -> Payload:
    """Decode hex."""
    return decode_payload(bytes.fromhex(text), message_code=message_code, kind=kind, **options)


@given(
    st.one_of(access_requests, access_responses, data_notifications, gbz_payloads).map(lambda value: value.encode()),
    st.sampled_from(["command", "response"]),
)
def test_a_payload_reads_back(octets: bytes, kind: str) -> None:
    """Whatever the family, a payload writes the same octets again, and its JSON is JSON."""
    payload = decode_payload(octets, message_code=0x0027, kind=kind)
    assert payload.encode() == octets
    assert json.loads(json.dumps(payload.to_json()))["family"] == payload.family
    assert payload.span("").length == len(octets)


@given(gbz_alerts)
def test_a_gbz_alert_reads_back(alert: GbzAlert) -> None:
    """A GBZ alert writes the same octets again and says the same."""
    octets = alert.encode()
    payload = decode_payload(octets, message_code=0x008B if alert.component else 0x1000, kind="alert")
    assert payload.encode() == octets
    assert payload.alert is not None
    assert payload.alert.code == alert.code
    assert payload.tree.length == len(octets)


@pytest.mark.parametrize(
    ("octets", "kind", "family", "content"),
    [
        ("D9 20000064 00 00 00", "command", Family.DLMS, AccessRequest),
        ("0F 20000064 00 00", "alert", Family.DLMS, DataNotification),
        ("0109 00", "command", Family.GBZ, GbzPayload),
        ("0109 00 8F30 00000000", "alert", Family.GBZ, GbzAlert),
        ("0101FF", "command", Family.ASN1, Asn1Payload),
        ("0500", "command", Family.ASN1, Asn1Payload),
    ],
)
def test_the_octets_tell_the_family(octets: str, kind: str, family: Family, content: type) -> None:
    """D9, DA and 0F begin DLMS, 0109 begins GBZ, everything else is ASN.1."""
    payload = decode(octets, 0xFFFF, kind)
    assert payload.family is family
    assert isinstance(payload.content, content)


def test_the_catalogue_settles_the_family() -> None:
    """Where ASN.1 is in question the catalogue decides; DLMS and GBZ octets show what they are."""
    with pytest.raises(ArtefactError) as caught:
        decode("D9 20000064 00 00 00", 0x0012, use_cases=UseCases.shipped())
    assert caught.value.clause.startswith("GBCS 4.3.1")
    with pytest.raises(ArtefactError) as caught:
        decode("0500", 0x0027, use_cases=UseCases.shipped())
    assert caught.value.clause.startswith("GBCS 7.3")
    assert decode("D9 20000064 00 00 00", 0x0027, use_cases=UseCases.shipped()).family is Family.DLMS
    assert decode("0109 00", 0x0027, use_cases=UseCases.shipped()).family is Family.GBZ
    assert decode("0109 00", 0xFFFF, use_cases=UseCases.shipped()).family is Family.GBZ


def test_an_empty_payload_is_refused() -> None:
    """A payload without octets is refused at its start."""
    with pytest.raises(ArtefactError) as caught:
        decode("")
    assert caught.value.offset == 0


def test_spans_and_notes() -> None:
    """A field is found by its path; a path that is not there gives the whole payload; leniency is noted."""
    payload = decode("D9 20000064 00 01 01 0001 0000000000FF 02 01 09 8102 0102")
    assert (payload.span("request[0].class_id").start, payload.span("request[0].class_id").length) == (8, 2)
    assert payload.span("no such field").length == len(payload.encode())
    assert [node.path for node in payload.notes] == ["data[0]"]
    assert payload.alert is None
    assert payload.encrypted_units == ()


def test_asn1_notes_name_longer_lengths() -> None:
    """A length that is not in its shortest form is read, noted and written again as it was."""
    payload = decode("30820004 0401 00 0401 00".replace("0004 ", "0006 "), 0xFFFF)
    assert [node.note for node in payload.notes] == ["length not in its shortest form"]
    assert payload.encode().hex() == "30820006040100040100"


def names_of(payload: Payload) -> dict[str, tuple[str, str]]:
    """Name and text of every field by path."""
    return {node.path: (node.name, node.text) for node in payload.tree.walk()}


def test_a_generic_dlms_alert() -> None:
    """A generic alert is a code and a time, named in the tree."""
    payload = decode(DLMS_ALERT.format(n="02", code="8F30", extras=""), 0x1000, "alert")
    alert = payload.alert
    assert alert is not None
    assert (alert.code, alert.extras) == (0x8F30, ())
    assert alert.moment == datetime.datetime(2015, 1, 1, tzinfo=datetime.UTC)
    assert alert.time_text == "2015-01-01 00:00:00"
    assert names_of(payload)["body[0]"] == ("alert_code", f"8F30 {alert.name}")
    assert names_of(payload)["body[1]"] == ("time", "2015-01-01 00:00:00")


def test_a_future_dated_dlms_alert_names_its_instruction() -> None:
    """A future-dated execution alert says which command and which attribute it is about."""
    extras = f"09 13 0019 {COUNTER} 0071 0000131400FF 07"
    payload = decode(DLMS_ALERT.format(n="03", code="8F66", extras=extras), 0x00CC, "alert")
    assert payload.alert is not None
    found = {extra.name: extra.value for extra in payload.alert.extras}
    assert found == {
        "message_code": 0x0019,
        "originator_counter": 0x3F0,
        "class_id": 113,
        "obis": bytes.fromhex("0000131400FF"),
        "attribute": 7,
    }
    node = payload.tree.find("body[2].originator_counter")
    assert node is not None
    assert bytes.fromhex(COUNTER) == payload.encode()[node.start : node.end]


def test_extras_of_another_size_are_kept_whole() -> None:
    """Extras that do not have the size of their fields are kept as they are."""
    payload = decode(DLMS_ALERT.format(n="03", code="8F66", extras="09 02 0019"), 0x00CC, "alert")
    assert payload.alert is not None
    [extra] = payload.alert.extras
    assert (extra.name, extra.path) == ("instruction", "body[2]")
    assert names_of(payload)["body[2]"][0] == "instruction"


def test_extras_nobody_expects_are_numbered() -> None:
    """More extras than the Message Code has are numbered."""
    payload = decode(DLMS_ALERT.format(n="03", code="8F30", extras="1105"), 0x1000, "alert")
    assert payload.alert is not None
    assert [extra.name for extra in payload.alert.extras] == ["[0]"]
    assert payload.alert.named("[0]") is payload.alert.extras[0]
    assert payload.alert.named("none") is None


def test_a_dlms_payload_without_code_and_time_is_no_alert() -> None:
    """A notification of another shape is read, and is no alert."""
    payload = decode("0F 20000007 00 02 01 11 05", 0x1000, "alert")
    assert payload.alert is None
    assert names_of(payload)["body[0]"] == ("[0]", "")


@pytest.mark.parametrize(
    ("message_code", "code", "extras", "names"),
    [
        (0x1001, "810E", "", []),
        (
            0x00CD,
            "8F66",
            f"0E 00A3 {COUNTER} 0700 09 05",
            ["length", "message_code", "originator_counter", "cluster", "frame_control", "command"],
        ),
        (0x00CF, "8F72", "09 20" + "AB" * 32, ["type", "length", "image_hash"]),
        (0x00F2, "81A0", "0005", ["reason"]),
        (0x1000, "8F30", "FFFF", ["extras"]),
    ],
)
def test_gbz_alerts(message_code: int, code: str, extras: str, names: list[str]) -> None:
    """GBZ alerts of every form are told by their Message Code; anything else is kept."""
    text = GBZ_ALERT.format(k="01" if extras else "00", code=code, extras=extras)
    payload = decode(text, message_code, "alert")
    assert payload.alert is not None
    assert [extra.name for extra in payload.alert.extras] == names
    assert payload.alert.time_text == "2015-01-01T00:00:00Z"
    assert payload.alert.moment == datetime.datetime(2015, 1, 1, tzinfo=datetime.UTC)
    assert payload.encode() == bytes.fromhex(text)
    for extra in payload.alert.extras:
        assert payload.span(extra.path).length == extra.length


def test_a_gbz_alert_may_carry_an_encrypted_component() -> None:
    """The billing data log of the GSME is an encrypted component after the time."""
    component = "03 0702 0018 0000 190006 0011 3100000000 000000000000000000000000"
    payload = decode(GBZ_ALERT.format(k="00", code="8F0A", extras=component), 0x008B, "alert")
    assert payload.alert is not None
    assert [extra.name for extra in payload.alert.extras] == ["billing_data_log"]
    [unit] = payload.encrypted_units
    assert (unit.path, payload.span(unit.path).start) == ("component.ciphered", unit.start)


def test_asn1_alerts() -> None:
    """ASN.1 alerts have a code and a time of one of two names; a time of another form names no moment."""
    moment = datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)
    value = {
        "alertCode": 0x8F66,
        "executionTime": moment,
        "originatorCounter": 7,
        "outcome": {"code": "success", "firmwareVersion": bytes(4)},
    }
    octets = build_payload(value, message_code=0x00CA, kind="alert").encode()
    alert = decode_payload(octets, message_code=0x00CA, kind="alert").alert
    assert alert is not None
    assert (alert.code, alert.moment, alert.time_path) == (0x8F66, moment, "executionTime")
    assert [extra.name for extra in alert.extras] == ["originatorCounter", "outcome"]
    broken = octets.replace(b"20300101000000Z", b"20301301000000Z")
    again = decode_payload(broken, message_code=0x00CA, kind="alert").alert
    assert again is not None
    assert (again.moment, again.time_text) == (None, "20301301000000Z")
    assert decode("0500", 0xFFFF, "alert").alert is None


def test_an_unknown_alert_code_says_so() -> None:
    """An alert code that is not in the catalogue has no name and is marked in the tree."""
    payload = decode(DLMS_ALERT.format(n="02", code="7777", extras=""), 0x1000, "alert")
    assert payload.alert is not None
    assert payload.alert.name == ""
    assert names_of(payload)["body[0]"][1] == "7777 unknown alert code"


def test_the_catalogue_of_alerts() -> None:
    """There are 188 alert codes; criticality belongs to the Message Code, as in the use-case catalogue."""
    table = AlertTable.shipped()
    assert len(table.alert_codes) == 188
    assert len({row.alert_code for row in table.alert_codes}) == 188
    assert all(row.name for row in table.alert_codes)
    use_cases = UseCases.shipped()
    for row in table.message_codes:
        use_case = use_cases.get(int(row.message_code, 16))
        assert use_case is not None
        assert "alert" in use_case.kinds
        assert use_case.critical == row.critical
    known = {row.message_code for row in table.message_codes}
    assert all(set(row.message_codes) <= known for row in table.alert_codes)
    assert table.code(0x1234) is None
    assert table.message(0x1234) is None
    assert not table.has_component(0x1234)


@pytest.mark.parametrize("table", [AlertTable, CommandTable, CosemNames])
def test_the_facts_are_of_their_published_schema(table: type[DataFile]) -> None:
    """The data files of this package hold what the schemas generated from their models say."""
    octets = read_data("trialconformance.gbcs", f"data/{table.file}")
    jsonschema.validate(json.loads(octets), table.model_json_schema(by_alias=True))


def test_a_response_is_named_by_its_use_case() -> None:
    """The data of a Response is named by what every Command of its use case asks for."""
    templates = RequestTemplates.shipped().templates
    row = next(each for each in templates if len({*each.requests}) == 1 and each.requests[0][0].startswith("1:"))
    count = len(row.requests[0])
    text = f"DA 20000064 00 00 {count:02X} {'00' * count} {count:02X} {'0100' * count}"
    payload = decode(text, int(row.message_code, 16), "response")
    assert payload.tree.find("data[0]") is not None
    assert names_of(payload)["data[0]"][1].startswith("get ")
    assert names_of(decode(text, 0xFFFF, "response"))["data[0]"][1] == ""


def test_a_node_is_plain_json() -> None:
    """A field is plain JSON: what is empty is left out, what was decrypted is marked."""
    leaf = Node(name="a", path="a", start=0, length=1, kind="null", decrypted=True)
    node = Node(name="b", path="", start=0, length=1, text="t", note="n").holding(leaf)
    assert node.to_json() == {
        "name": "b",
        "path": "",
        "offset": 0,
        "length": 1,
        "text": "t",
        "note": "n",
        "children": [
            {"name": "a", "path": "a", "offset": 0, "length": 1, "type": "null", "value": None, "decrypted": True}
        ],
    }

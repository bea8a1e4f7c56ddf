"""ASN.1 payloads, both ways: every structure reads back, equal to what asn1crypto reads."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from asn1_strategies import CERTIFICATE, certification_request, natives, structure_keys
from hypothesis import given
from hypothesis import strategies as st

from trialconformance.core import ArtefactError, InternalError
from trialconformance.gbcs.asn1 import (
    CANCELLED,
    STRUCTURES,
    Element,
    Form,
    build_payload,
    describe,
    read_payload,
    time_text,
)
from trialconformance.gbcs.length import write_length
from trialconformance.gbcs.node import Node
from trialconformance.smki import Certificate

KEY_USAGE_COMMAND = 0x000A
FIRMWARE = 0x0012
CLOCK = 0x007F
UPDATE = 0x0102


def native_of(element: Element) -> Any:
    """The value as asn1crypto gives it."""
    rule, value = element.rule, element.value
    if rule.form is Form.SEQUENCE:
        return {field.name: native_of(child) if (child := element.child(field.name)) else None for field in rule.fields}
    if rule.form is Form.SEQUENCE_OF:
        return [native_of(child) for child in element.children]
    if rule.form is Form.INTEGER:
        return rule.meanings.get(value, value)
    if rule.form is Form.BITS:
        bits = "".join(f"{octet:08b}" for octet in value[1:])
        return {name for at, name in rule.meanings.items() if bits[at : at + 1] == "1"}
    if rule.form is Form.TIME:
        return datetime.datetime.strptime(value, "%Y%m%d%H%M%SZ").replace(tzinfo=datetime.UTC)
    return value


def without_certificates(native: Any) -> Any:
    """The same without what asn1crypto makes of a certificate: ours are octets for smki."""
    if isinstance(native, dict):
        if "tbs_certificate" in native or "certification_request_info" in native:
            return "certificate"
        return {name: without_certificates(value) for name, value in native.items()}
    if isinstance(native, list):
        return [without_certificates(value) for value in native]
    return "certificate" if native in (CERTIFICATE, certification_request()) else native


def lengthened(element: Element) -> Element:
    """The same value with every length above 127 written as 82 00 xx, as RTDS writes some."""
    children = tuple(map(lengthened, element.children))
    inner = b"".join(child.encode() for child in children) if children else element.content
    return element._replace(children=children, width=3 if 0x80 <= len(inner) <= 0xFF else 0)


@given(structure_keys, st.data())
def test_a_structure_reads_back_as_asn1crypto_reads_it(key: tuple[int, str], data: st.DataObject) -> None:
    """Every structure is built in strict DER, reads back the same from our reader and from asn1crypto."""
    message_code, kind = key
    structure = STRUCTURES[key]
    payload = build_payload(data.draw(natives(structure.rule)), message_code=message_code, kind=kind)
    octets = payload.encode()
    assert payload.known
    assert payload.longer_lengths == ()
    assert payload.encode(strict=True) == octets
    theirs = structure.declaration.load(octets, strict=True)
    theirs = theirs.chosen if structure.rule.form is Form.CHOICE else theirs
    assert without_certificates(native_of(payload.root)) == without_certificates(theirs.native)
    assert_nested(describe(payload), len(octets))


@given(structure_keys, st.data())
def test_the_official_form_of_lengths_is_kept(key: tuple[int, str], data: st.DataObject) -> None:
    """Lengths written as 82 00 xx are read, written again as they were, and written shorter when DER is asked for."""
    message_code, kind = key
    strict = build_payload(data.draw(natives(STRUCTURES[key].rule)), message_code=message_code, kind=kind)
    octets = lengthened(strict.root).encode()
    payload = read_payload(octets, message_code=message_code, kind=kind)
    assert payload.encode() == octets
    assert payload.encode(strict=True) == strict.encode()
    assert payload.value == strict.value or payload.certificates
    assert bool(payload.longer_lengths) == (octets != strict.encode())


@given(structure_keys, st.data())
def test_damage_is_refused_or_written_again(key: tuple[int, str], data: st.DataObject) -> None:
    """A damaged payload is refused with a clause, or reads as something that writes the same octets again."""
    message_code, kind = key
    structure = STRUCTURES[key]
    octets = bytearray(build_payload(data.draw(natives(structure.rule)), message_code=message_code, kind=kind).encode())
    octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 0xFF))
    try:
        payload = read_payload(bytes(octets), message_code=message_code, kind=kind)
    except ArtefactError as error:
        assert error.clause  # noqa: PT017  # either outcome is right, each on its own terms
        return
    assert payload.encode() == octets
    assert_nested(describe(payload), len(octets))


@given(st.binary(max_size=60))
def test_any_octets_are_read_or_refused(octets: bytes) -> None:
    """Without a known structure any DER value is read, and writes the same octets again; anything else is refused."""
    try:
        payload = read_payload(octets, message_code=0xFFFF, kind="command")
    except ArtefactError as error:
        assert error.clause  # noqa: PT017
        return
    assert not payload.known
    assert payload.structure == "unknown structure"
    assert payload.encode() == octets


def assert_nested(root: Node, length: int) -> None:
    """Every field lies inside its parent and after the field before it."""
    assert (root.start, root.length) == (0, length)
    for node in root.walk():
        at = node.start
        for child in node.children:
            assert at <= child.start <= child.end <= node.end, child.path
            at = child.end


def test_an_update_command_is_typed() -> None:
    """The context tags of CS02b are told apart, and certificates inside are handed over whole."""
    command = {
        "authorisation": {
            "mode": "supplier by supplier",
            "applyTimeBasedCPV": "disapply",
            "authorisingCell": {"role": "supplier", "keyUsage": {"digitalSignature"}},
            "authSeqNo": 2**62,
            "newRemotePartyFloorSeqNo": 0,
            "newSpecialistFloorSeqNos": [{"usage": "prepayment top-up", "seqNo": 0}],
            "otherSeqNoChanges": [{"role": "network operator", "floorSeqNo": 128}],
        },
        "replacements": [],
        "certificationPath": [],
    }
    payload = build_payload(command, message_code=UPDATE, kind="command")
    found = payload.value["authorisation"]
    assert found["authSeqNo"] == 2**62
    assert found["authorisingCell"] == {"role": 2, "keyUsage": b"\x07\x80"}
    assert found["newSpecialistFloorSeqNos"] == [{"usage": 1, "seqNo": 0}]
    texts = {node.path: node.text for node in describe(payload).walk()}
    assert texts["authorisation.mode"] == "supplier by supplier"
    assert texts["authorisation.authorisingCell.keyUsage"] == "digitalSignature"
    assert texts["authorisation.otherSeqNoChanges[0].role"] == "network operator"


def test_a_certificate_is_handed_to_smki() -> None:
    """A certificate inside a payload is its own octets and is shown in one line."""
    payload = read_payload(CERTIFICATE, message_code=0x000B, kind="command")
    [element] = payload.certificates
    assert element.value == CERTIFICATE
    assert Certificate.parse(element.encode()).octets == CERTIFICATE
    assert describe(payload).text.startswith("device certificate of ")
    assert "digital signature" in describe(payload).text


def test_a_broken_certificate_is_named() -> None:
    """Octets in the place of a certificate that are none are kept and named."""
    payload = read_payload(bytes.fromhex("3003020101"), message_code=0x000B, kind="command")
    assert describe(payload).text.startswith("Certificate that cannot be read")


def test_a_certification_request_or_a_code() -> None:
    """CS02c answers with a request or with a number."""
    request = read_payload(certification_request(), message_code=KEY_USAGE_COMMAND, kind="response")
    assert request.root.name == "certificationRequest"
    assert describe(request).text.startswith("certification request of no identity")
    code = read_payload(bytes.fromhex("020103"), message_code=KEY_USAGE_COMMAND, kind="response")
    assert (code.value, describe(code).text) == (3, "certification request failed")


def test_values_are_shown_for_a_person() -> None:
    """Alert codes, times, codes that mean nothing and identities are shown as what they are."""
    alert = "301f 02030 08f8b 180f 32303231303630313132333030305a 0404 00000b01 02017f".replace(" ", "")
    texts = {node.path: node.text for node in describe(read(alert, 0x012B, "alert")).walk()}
    assert texts == {
        "": "",
        "alertCode": "8F8B",
        "time": "2021-06-01T12:30:00Z",
        "firmwareVersion": "",
        "code": "unknown",
    }
    unjoin = read("04080102030405060708", 0x000F, "command")
    assert describe(unjoin).text == "0102030405060708"
    assert describe(read("0407" + "00" * 7, 0x000F, "command")).text == ""


def read(octets: str, message_code: int, kind: str) -> Any:
    """Read hex."""
    return read_payload(bytes.fromhex(octets), message_code=message_code, kind=kind)


def test_a_time_may_cancel() -> None:
    """The last time there is cancels; another form than YYYYMMDDhhmmssZ has no text."""
    assert time_text(CANCELLED) == "cancel or never"
    assert time_text("20150101000000+0100") == ""


@pytest.mark.parametrize(
    ("octets", "message_code", "kind", "offset", "path"),
    [
        ("", FIRMWARE, "command", 0, ""),
        ("3080", FIRMWARE, "command", 1, ""),
        ("3003020101", FIRMWARE, "command", 2, "manufacturerImageHash"),
        ("30050401000401", FIRMWARE, "command", 5, "originatorCounter"),
        ("3009040100020101020101", FIRMWARE, "command", 8, ""),
        ("300604010002010100", FIRMWARE, "command", 8, ""),
        ("3005040100020200", FIRMWARE, "command", 5, "originatorCounter"),
        ("300504010002", FIRMWARE, "command", 0, ""),
        ("30050401000200", FIRMWARE, "command", 5, "originatorCounter"),
        ("300f040100020a01020304050607080910", FIRMWARE, "command", 5, "originatorCounter"),
        ("0401", FIRMWARE, "response", 0, ""),
        ("050100", FIRMWARE, "response", 0, ""),
        ("3004020100", CLOCK, "response", 0, ""),
        ("301030070201020302078030060201020401 00", 0x0008, "command", 11, "roles"),
        ("300a" * 40, 0xFFFF, "command", 2, ""),
        ("1f8101", 0xFFFF, "command", 0, ""),
        ("0500ff", 0xFFFF, "command", 2, ""),
    ],
)
def test_a_broken_payload_is_refused_where_it_breaks(
    octets: str, message_code: int, kind: str, offset: int, path: str
) -> None:
    """An ASN.1 payload that cannot be read is refused with the offset and the path of the fault."""
    with pytest.raises(ArtefactError) as caught:
        read(octets, message_code, kind)
    assert (caught.value.offset, caught.value.path) == (offset, path)
    assert caught.value.clause


def test_nesting_is_bounded() -> None:
    """Values nested deeper than any structure are refused."""
    octets = b""
    for _ in range(40):
        octets = b"\x30" + write_length(len(octets)) + octets
    with pytest.raises(ArtefactError, match="nested too deep"):
        read_payload(octets, message_code=0xFFFF, kind="command")


@pytest.mark.parametrize("value", [{"keyUsage": {"no such bit"}}, {"other": 1}, 5])
def test_a_value_that_does_not_fit_is_refused(value: Any) -> None:
    """Building a structure from a value that does not fit it is refused."""
    with pytest.raises(ArtefactError, match="CS02c command"):
        build_payload(value, message_code=KEY_USAGE_COMMAND, kind="command")


def test_building_needs_a_known_structure() -> None:
    """Nothing can be built for a Message Code that carries no ASN.1."""
    with pytest.raises(InternalError, match="no ASN"):
        build_payload({}, message_code=0xFFFF, kind="command")

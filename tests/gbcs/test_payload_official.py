"""Official data: every payload typed to its last octet, written again unchanged, every unit decrypted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from trialconformance.gbcs import Message, Status, decode
from trialconformance.gbcs.asn1 import Asn1Payload
from trialconformance.gbcs.attribute_encryption import Parties, decrypt, decrypt_payload
from trialconformance.gbcs.dlms import AccessRequest, Data
from trialconformance.gbcs.gbz import GbzPayload, TypedValue
from trialconformance.gbcs.topup import Token, TokenParties, ValueClass, make_token, verify_token
from trialconformance.smki import KeyStore

pytestmark = pytest.mark.official

TOP_UP_BY_DLMS, TOP_UP_BY_GBZ = 0x0007, 0x0097
NOTE_OF_LENIENCE = "length not in its shortest form"


def messages(rtds: Path) -> Iterator[Message]:
    """Every official message."""
    for file in sorted((rtds / "RTDS-4.5.0").rglob("*.HEX")):
        yield decode(bytes.fromhex(file.read_text()), name=file.name)


@pytest.fixture(scope="module")
def keystore(rtds: Path) -> KeyStore:
    """The official key store."""
    return KeyStore.read(rtds / "keystore")


def test_every_payload_is_written_again_unchanged(rtds: Path) -> None:
    """Every payload is read into values that write the same octets, non-minimal DER lengths included."""
    count = longer = 0
    for message in messages(rtds):
        payload = message.typed_payload
        assert payload.encode() == message.payload, message.name
        count += 1
        content = payload.content
        if isinstance(content, Asn1Payload) and content.longer_lengths:
            longer += 1
            assert len(content.encode(strict=True)) < len(message.payload)
    assert count >= 872
    assert longer


def test_every_payload_is_fully_typed(rtds: Path) -> None:
    """No payload leaves octets that nothing explains: every command, structure and alert code is known."""
    for message in messages(rtds):
        payload = message.typed_payload
        content = payload.content
        assert {node.note for node in payload.notes} <= {NOTE_OF_LENIENCE}, message.name
        if isinstance(content, GbzPayload):
            for component in content.components:
                assert component.codec is not None, message.name
                assert not component.surplus, message.name
                assert component.values is not None or component.ciphered, message.name
        if isinstance(content, Asn1Payload):
            assert content.known, message.name
        if message.cra == 3:
            assert payload.alert is not None, message.name
            assert payload.alert.name, message.name
            assert payload.alert.moment is not None, message.name


def test_every_field_lies_where_it_says(rtds: Path) -> None:
    """The fields of every payload lie inside each other, in order, under paths of their own."""
    for message in messages(rtds):
        tree = message.typed_payload.tree
        assert (tree.start, tree.length) == (0, len(message.payload)), message.name
        paths = [node.path for node in tree.walk()]
        assert len(paths) == len(set(paths)), message.name
        for node in tree.walk():
            at = node.start
            for child in node.children:
                assert at <= child.start <= child.end <= node.end, (message.name, child.path)
                at = child.end


def test_every_unit_decrypts(rtds: Path, keystore: KeyStore) -> None:
    """Every encrypted unit decrypts with its tag and is read to its last octet; with another counter none does."""
    count = 0
    for message in messages(rtds):
        for unit in decrypt_payload(message, keystore).units:
            count += 1
            assert unit.status is Status.VALID, message.name
            assert unit.error is None, message.name
            assert unit.fields, message.name
            assert not [node.note for field in unit.fields for node in field.walk() if node.note], message.name
            parties = Parties.of(message)
            other = Parties(device=parties.device, recipient=parties.recipient, counter=parties.counter + 1)
            assert decrypt(unit.unit, other, keystore).status is Status.INVALID, message.name
    assert count >= 52


def test_protection_parameters_agree_with_the_header(rtds: Path) -> None:
    """The parameters beside every DLMS unit name Device, party and counter of the header.

    One Response (ECS21b to an unknown party) names the Originator Counter and the Business Target, although the
    supplementary counter and party make its key.
    """
    for message in messages(rtds):
        parties = Parties.of(message)
        for unit in message.typed_payload.encrypted_units:
            if unit.parameters is not None:
                counters = {parties.counter, message.originator_counter}
                accepted = {b"\x04" + counter.to_bytes(8) for counter in counters}
                assert unit.parameters.transaction_id in accepted, message.name
                assert unit.parameters.originator == parties.device, message.name
                assert unit.parameters.recipient in {parties.recipient, message.target}, message.name


def test_worked_example_of_attribute_encryption(rtds: Path, keystore: KeyStore) -> None:
    """The plaintext of the published example comes out as published."""
    [message] = [each for each in messages(rtds) if each.name == "ECS17b_4.1.1_SINGLE_SUCCESS_RESPONSE_GBCS.HEX"]
    [unit] = decrypt_payload(message, keystore).units
    assert unit.unit.tag.hex() == "1d3cb50d35311b344436f883"
    assert unit.plaintext.hex() == "02010204060000000a02020f00161e060000000a02020f001620"


def test_worked_example_of_a_token(rtds: Path, keystore: KeyStore) -> None:
    """The published token verifies and is made again with the same digits."""
    parties = TokenParties(supplier=bytes.fromhex("90b3d51f30010000"), device=bytes.fromhex("00db1234567890a0"))
    token = Token.from_utrn("73946144332040217315")
    assert token.ptut().hex() == "0001a00a9cd029e3"
    counter = 0x0000000300000000
    assert verify_token(token, originator_counter=counter, parties=parties, keystore=keystore) is Status.VALID
    made = make_token(
        originator_counter=counter, value_class=ValueClass.POUNDS, value=10, parties=parties, keystore=keystore
    )
    assert made.utrn() == "73946144332040217315"
    assert rtds.is_dir()


def test_tokens_inside_messages_verify(rtds: Path, keystore: KeyStore) -> None:
    """Every token in a top-up that was accepted verifies with the counter of its message."""
    verified = 0
    for message in messages(rtds):
        utrn = _utrn_in(message)
        if utrn is None or "ERROR" in message.name or message.message_code not in (TOP_UP_BY_DLMS, TOP_UP_BY_GBZ):
            continue
        token = Token.from_utrn(utrn)
        parties = TokenParties(supplier=message.originator, device=message.target)
        status = verify_token(token, originator_counter=message.originator_counter, parties=parties, keystore=keystore)
        assert status is Status.VALID, message.name
        verified += 1
    assert verified > 1


def _utrn_in(message: Message) -> str | None:
    """The 20 digits of a top-up command, None in another message."""
    if message.cra != 1:
        return None
    content = message.typed_payload.content
    found: Data | bytes | TypedValue | None = None
    if isinstance(content, AccessRequest):
        found = content.data[0].value if content.specifications[0].class_id == 115 else None
    elif isinstance(content, GbzPayload):
        values = content.components[0].values or {}
        found = values.get("top_up_code")
    return found.decode() if isinstance(found, bytes) else None

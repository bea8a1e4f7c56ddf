"""Encrypted attributes: what is encrypted for a party decrypts for it and for nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from gbcs_samples import ESME, GSME, NETWORK_OPERATOR, PKI, SUPPLIER, keystore, unprotected
from hypothesis import given, settings
from hypothesis import strategies as st
from payload_strategies import data_values

from trialconformance.core import UsageError
from trialconformance.gbcs import Message, Status
from trialconformance.gbcs.attribute_encryption import (
    DecryptedPayload,
    DecryptedUnit,
    Parties,
    decrypt,
    decrypt_payload,
    encrypt,
    encrypted_component,
    protected_value,
)
from trialconformance.gbcs.dlms import (
    AccessResponse,
    AccessResult,
    Data,
    DataNotification,
    Tag,
    encrypted_units,
    protected_attributes,
    protection_parameters,
    read_apdu,
)
from trialconformance.gbcs.encrypted_unit import EncryptedUnit, ProtectionParameters
from trialconformance.gbcs.gbz import Component, GbzAlert, GbzPayload
from trialconformance.gbcs.payload import decode_payload
from trialconformance.smki import KeyStore, KeyUsage

PARTIES = Parties(device=ESME, recipient=SUPPLIER, counter=100)
REGISTER = Data(Tag.STRUCTURE, (Data(Tag.UINT32, 10), Data(Tag.STRUCTURE, (Data(Tag.INT8, 0), Data(Tag.ENUM, 30)))))
SNAPSHOT = Component(0x01, 0x0702, 0x19, 0, 0x0D, {"sample_id": 7})


def response(payload: bytes, **fields: Any) -> Message:
    """A Response of the ESME to the supplier."""
    return unprotected(cra=2, originator=ESME, target=SUPPLIER, payload=payload, **fields)


def dlms_response(data: Data) -> bytes:
    """An access-response that answers one method call with a value."""
    return AccessResponse(long_invoke_id=100, data=(data,), results=(AccessResult(3, 0),)).encode()


def without_private_keys() -> KeyStore:
    """The key store with its certificates only."""
    return KeyStore.of(keystore().certificates)


@settings(max_examples=40)
@given(data_values)
def test_a_dlms_value_decrypts(data: Data) -> None:
    """Any value protected for a party decrypts for it to the same value, and is shown below its octets."""
    message = response(dlms_response(protected_value(data, PARTIES, keystore())))
    decrypted = decrypt_payload(message, keystore())
    [unit] = decrypted.units
    assert (unit.status, decrypted.status) == (Status.VALID, Status.VALID)
    assert unit.error is None
    node = decrypted.tree.find("data[0][1].plaintext")
    assert node is not None
    assert node.length == len(unit.plaintext)
    assert all(each.decrypted for each in node.walk())
    assert not decrypted.tree.decrypted


def test_the_protection_parameters_say_who_and_how() -> None:
    """The parameters that stand before the octets name counter, Device and party."""
    [unit] = decode_payload(
        dlms_response(protected_value(REGISTER, PARTIES, keystore())), message_code=0x0027, kind="response"
    ).encrypted_units
    assert unit.parameters == ProtectionParameters(
        protection_type=2, transaction_id=bytes.fromhex("040000000000000064"), originator=ESME, recipient=SUPPLIER
    )
    assert (unit.security_control, unit.invocation_counter) == (0x31, 0)


def test_a_gbz_component_decrypts() -> None:
    """A component encrypted for a party decrypts for it, into the fields of its command."""
    component = encrypted_component(SNAPSHOT, PARTIES, keystore(), frame_counter=3)
    message = response(GbzPayload(components=(component,)).encode())
    decrypted = decrypt_payload(message, keystore())
    assert decrypted.status is Status.VALID
    node = decrypted.tree.find("component[0].ciphered.plaintext.sample_id")
    assert node is not None
    assert (node.value, node.start, node.length, node.decrypted) == (7, 0, 2, True)
    ciphered = decrypted.tree.find("component[0].ciphered")
    assert ciphered is not None
    assert ciphered.text == "decrypted"


def test_an_unknown_gbz_command_keeps_its_plaintext() -> None:
    """The plaintext of a command that is not in the table is kept and marked."""
    unknown = Component(0x01, 0x0B05, 0x19, 0, 0x77, surplus=b"\x01\x02")
    message = response(GbzPayload(components=(encrypted_component(unknown, PARTIES, keystore()),)).encode())
    decrypted = decrypt_payload(message, keystore())
    node = decrypted.tree.find("component[0].ciphered.plaintext.surplus")
    assert node is not None
    assert (node.value, node.note) == ("0102", "unknown command: octets kept")


def test_alerts_hold_units_too() -> None:
    """A DLMS alert holds parameters and octets side by side, a GBZ alert an encrypted component."""
    whole = protected_value(REGISTER, PARTIES, keystore())
    body = Data(Tag.STRUCTURE, (Data(Tag.UINT16, 0x8F0A), Data(Tag.OCTET_STRING, bytes(12)), *whole.items))
    dlms = DataNotification(long_invoke_id=1, body=body).encode()
    gbz = GbzAlert(code=0x8F0A, time=0, component=encrypted_component(SNAPSHOT, PARTIES, keystore())).encode()
    for payload, code, path in (
        (dlms, 0x0061, "body[3].plaintext"),
        (gbz, 0x008B, "component.ciphered.plaintext.sample_id"),
    ):
        message = unprotected(code, cra=3, originator=ESME, target=SUPPLIER, payload=payload)
        decrypted = decrypt_payload(message, keystore())
        assert decrypted.status is Status.VALID
        assert decrypted.tree.find(path) is not None


def test_every_unit_of_a_message_is_decrypted() -> None:
    """Several units share key and nonce; each decrypts, and one that does not decides the status."""
    components = tuple(
        encrypted_component(SNAPSHOT, PARTIES, keystore(), frame_counter=at)._replace(control=2 + (at == 2))
        for at in range(3)
    )
    message = response(GbzPayload(components=components).encode())
    assert [unit.status for unit in decrypt_payload(message, keystore()).units] == [Status.VALID] * 3
    spoilt = components[1]._replace(ciphered=components[1].ciphered[:-1] + b"\x00")
    message = response(GbzPayload(components=(components[0], spoilt, components[2])).encode())
    decrypted = decrypt_payload(message, keystore())
    assert [unit.status for unit in decrypted.units] == [Status.VALID, Status.INVALID, Status.VALID]
    assert decrypted.status is Status.INVALID
    node = decrypted.tree.find("component[1].ciphered")
    assert node is not None
    assert node.text == "does not decrypt"


@pytest.mark.parametrize(
    "parties",
    [
        Parties(device=ESME, recipient=SUPPLIER, counter=101),
        Parties(device=ESME, recipient=NETWORK_OPERATOR, counter=100),
        Parties(device=GSME, recipient=SUPPLIER, counter=100),
    ],
)
def test_another_counter_or_party_does_not_decrypt(parties: Parties) -> None:
    """Counter, Device and party all make the key: with another one the tag is wrong."""
    unit = EncryptedUnit(path="", start=0, ciphered=encrypt(b"\x11\x01", PARTIES, keystore()))
    assert decrypt(unit, PARTIES, keystore()).status is Status.VALID
    assert decrypt(unit, parties, keystore()).status is Status.INVALID


@given(st.integers(0, 18), st.integers(1, 0xFF))
def test_any_damage_is_noticed(at: int, change: int) -> None:
    """Changing any octet, the security header included, is noticed."""
    ciphered = bytearray(encrypt(b"\x11\x01", PARTIES, keystore()))
    ciphered[at] ^= change
    unit = EncryptedUnit(path="", start=0, ciphered=bytes(ciphered))
    assert decrypt(unit, PARTIES, keystore()).status is Status.INVALID


def test_without_a_key_nothing_is_valid() -> None:
    """Without a private key a unit is unverified and stays closed; encrypting is refused."""
    message = response(dlms_response(protected_value(REGISTER, PARTIES, keystore())))
    decrypted = decrypt_payload(message, without_private_keys())
    assert decrypted.status is Status.UNVERIFIED
    [unit] = decrypted.units
    assert (unit.plaintext, unit.fields) == (b"", ())
    node = decrypted.tree.find("data[0][1]")
    assert node is not None
    assert node.text == "encrypted, no key at hand"
    with pytest.raises(UsageError, match="no keys"):
        encrypt(b"", PARTIES, without_private_keys())


def test_the_private_key_of_either_side_will_do() -> None:
    """The party's private key decrypts with the Device's certificate alone, as for official data."""
    certificates = keystore().certificates
    private = keystore().private_key(SUPPLIER, KeyUsage.KEY_AGREEMENT)
    assert private is not None
    message = response(dlms_response(protected_value(REGISTER, PARTIES, keystore())))
    assert decrypt_payload(message, KeyStore.of(certificates, [private])).status is Status.VALID


def test_the_supplementary_party_and_counter_come_first() -> None:
    """Where a supplementary party and counter are there, they make the key, not target and Originator Counter."""
    parties = Parties(device=ESME, recipient=NETWORK_OPERATOR, counter=9)
    message = response(
        dlms_response(protected_value(REGISTER, parties, keystore())),
        supplementary_remote_party_id=NETWORK_OPERATOR,
        supplementary_remote_party_counter=77,
        supplementary_originator_counter=9,
    )
    assert Parties.of(message) == parties
    assert decrypt_payload(message, keystore()).status is Status.VALID


@pytest.mark.parametrize(
    ("plaintext", "message"),
    [(b"\x11\x01\x00", "left over"), (b"\x07", "no type of Data"), (b"", "ends inside a value")],
)
def test_a_plaintext_that_cannot_be_read_is_said_so(plaintext: bytes, message: str) -> None:
    """A unit whose tag is right but whose plaintext is no value is valid, and says why it cannot be read."""
    unit = EncryptedUnit(path="data[0][1]", start=0, ciphered=encrypt(plaintext, PARTIES, keystore()))
    found = decrypt(unit, PARTIES, keystore())
    assert found.status is Status.VALID
    assert found.plaintext == plaintext
    assert found.error is not None
    assert message in str(found.error)


def test_a_broken_plaintext_is_noted_in_the_tree() -> None:
    """The tree says that decrypted octets cannot be read."""
    parameters = protected_value(REGISTER, PARTIES, keystore()).items[0]
    broken = Data(Tag.STRUCTURE, (parameters, Data(Tag.OCTET_STRING, encrypt(b"\x07", PARTIES, keystore()))))
    decrypted = decrypt_payload(response(dlms_response(broken)), keystore())
    node = decrypted.tree.find("data[0][1]")
    assert node is not None
    assert "decrypted octets cannot be read" in node.note


def test_a_payload_without_units_has_no_status() -> None:
    """A payload that holds nothing encrypted is absent, not valid."""
    assert decrypt_payload(unprotected(), keystore()).status is Status.ABSENT


def test_unverified_weighs_less_than_invalid() -> None:
    """One invalid unit decides, then one unverified."""
    unit = EncryptedUnit(path="", start=0, ciphered=bytes(17))
    payload = decode_payload(bytes.fromhex("0500"), message_code=0, kind="response")

    def status_of(*found: Status) -> Status:
        units = tuple(DecryptedUnit(unit=unit, status=each) for each in found)
        return DecryptedPayload(payload=payload, units=units).status

    assert status_of(Status.VALID, Status.UNVERIFIED, Status.INVALID) is Status.INVALID
    assert status_of(Status.VALID, Status.UNVERIFIED) is Status.UNVERIFIED


def _parameters(**changed: Data) -> Data:
    """Protection parameters with some members replaced."""
    parts = {
        "transaction": Data(Tag.OCTET_STRING, bytes(9)),
        "originator": Data(Tag.OCTET_STRING, ESME),
        "recipient": Data(Tag.OCTET_STRING, SUPPLIER),
        "information": Data(Tag.OCTET_STRING, b""),
        "key": Data(
            Tag.STRUCTURE,
            (
                Data(Tag.ENUM, 2),
                Data(Tag.STRUCTURE, (Data(Tag.OCTET_STRING, b"\x02"), Data(Tag.OCTET_STRING, b""))),
            ),
        ),
    }
    return Data(Tag.STRUCTURE, (Data(Tag.ENUM, 2), Data(Tag.STRUCTURE, tuple((parts | changed).values()))))


@pytest.mark.parametrize(
    "data",
    [
        Data(Tag.NULL),
        Data(Tag.STRUCTURE, (Data(Tag.ENUM, 2),)),
        _parameters(originator=Data(Tag.UINT8, 1)),
        _parameters(key=Data(Tag.STRUCTURE, (Data(Tag.ENUM, 1), Data(Tag.OCTET_STRING, b"")))),
        _parameters(key=Data(Tag.STRUCTURE, (Data(Tag.ENUM, 1), Data(Tag.STRUCTURE, ())))),
    ],
)
def test_another_shape_is_no_protection(data: Data) -> None:
    """Only the exact shape of protection parameters makes a unit; the error form of GBCS is a plain value."""
    assert protection_parameters(_parameters()) is not None
    assert protection_parameters(data) is None
    value = Data(Tag.STRUCTURE, (Data(Tag.ARRAY, (data,)), Data(Tag.OCTET_STRING, bytes(17))))
    apdu = read_apdu(dlms_response(value))
    assert isinstance(apdu, AccessResponse)
    assert encrypted_units(apdu) == ()


@pytest.mark.parametrize(
    "value",
    [
        Data(Tag.STRUCTURE, (Data(Tag.ARRAY, (_parameters(),)), Data(Tag.OCTET_STRING, bytes(16)))),
        Data(Tag.STRUCTURE, (Data(Tag.ARRAY, ()), Data(Tag.OCTET_STRING, bytes(17)))),
        Data(Tag.STRUCTURE, (Data(Tag.OCTET_STRING, bytes(17)), Data(Tag.ARRAY, (_parameters(),)))),
    ],
)
def test_too_little_is_no_unit(value: Data) -> None:
    """Octets too short for header and tag, or without parameters before them, are no unit."""
    apdu = read_apdu(dlms_response(value))
    assert isinstance(apdu, AccessResponse)
    assert encrypted_units(apdu) == ()


def test_ciphered_information_has_a_least_size() -> None:
    """Building protected attributes from octets that cannot be ciphered information is refused."""
    parameters = ProtectionParameters(protection_type=2, transaction_id=bytes(9), originator=ESME, recipient=SUPPLIER)
    with pytest.raises(UsageError, match="16 octets"):
        protected_attributes(parameters, bytes(16))


def test_the_synthetic_parties_are_distinct() -> None:
    """The parties of these tests are different ones, or nothing would be shown by them."""
    assert len({ESME, GSME, SUPPLIER, NETWORK_OPERATOR}) == 4
    assert PKI.entity("esme") == ESME

"""The cases that no changed octet of one message can break, and what the cases admit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from gbcs_samples import (
    ACB,
    ECS10,
    ECS30,
    ESME,
    GSME,
    PKI,
    SUPPLIER,
    alert,
    command,
    keystore,
    protected,
    response,
    scenarios,
    unprotected,
)

from trialconformance.core import Claims, Finding
from trialconformance.gbcs import Capture, Message, Status, Verification, subjects
from trialconformance.gbcs.attribute_encryption import DecryptedUnit, Parties, encrypt, protected_value
from trialconformance.gbcs.checks import CHECKS, cryptography, encryption
from trialconformance.gbcs.dlms import AccessResponse, AccessResult, Data, Tag
from trialconformance.gbcs.subjects import MessageInContext
from trialconformance.smki import Certificate, KeyStore, oids
from trialconformance.smki import der_writer as write
from trialconformance.smki.recipe import Recipe, name

BY_ID = {check.case.id: check for check in CHECKS}


def judge(case: str, *messages: Message, **context: Any) -> list[Finding]:
    """What a case finds in some messages of one scenario."""
    captures = [Capture.of(each.octets, name=f"{at} {each.name}") for at, each in enumerate(messages)]
    given: dict[str, Any] = {"keystore": keystore(), "acb": ACB}
    return _judge(case, subjects(captures, **(given | context)))


def _judge(case: str, found: dict[str, list[Any]]) -> list[Finding]:
    check = BY_ID[case]
    return [
        finding
        for subject in found[check.case.scope.kind]
        if check.case.scope.admits(subject)
        for finding in check(subject)
    ]


@pytest.mark.parametrize(("code", "form"), [(0x1000, "mac"), (0x1001, "signature"), (0x1000, "mac+signature")])
def test_an_alert_protected_the_other_way_is_found(code: int, form: str) -> None:
    """SEC-005 finds a critical Alert with a MAC and a non-critical one with a signature."""
    bare = unprotected(code, cra=3, originator=ESME, target=SUPPLIER)
    assert judge("GBCS-SEC-005", protected(bare, form=form))
    assert not judge("GBCS-SEC-005", alert(code))


def test_an_alert_with_a_wrong_mac_is_found() -> None:
    """SEC-009 finds an Alert whose MAC does not verify."""
    good = alert(0x1001)
    assert not judge("GBCS-SEC-009", good)
    assert judge("GBCS-SEC-009", replace(good, mac=bytes(12)))


def test_a_tool_that_verifies_anything_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """SEC-011 finds a verification that does not notice a flipped bit, and finds nothing in this one."""
    both = command(ECS30)
    assert not judge("GBCS-SEC-011", both)
    everything = Verification(signature=Status.VALID, mac=Status.VALID)
    monkeypatch.setattr(cryptography, "verify", lambda *_, **__: everything)
    assert judge("GBCS-SEC-011", both)


def test_a_key_that_does_not_depend_on_the_kind_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """SEC-012 finds a MAC that verifies under the key of an Alert, and finds nothing in this one."""
    answer = response(ECS10)
    assert not judge("GBCS-SEC-012", answer)
    monkeypatch.setattr(cryptography, "mac_of", lambda message, *_, **__: message.mac)
    assert judge("GBCS-SEC-012", answer)


def _without(oid: str) -> Callable[[Recipe], Recipe]:
    return lambda made: replace(made, extensions=tuple(each for each in made.extensions if each.oid != oid))


def _with_value(oid: str, value: bytes) -> Callable[[Recipe], Recipe]:
    return lambda made: replace(
        made, extensions=tuple(replace(each, value=value) if each.oid == oid else each for each in made.extensions)
    )


_MODULE = write.sequence(write.oid("1.2.826.0.1.8641679.1.2.2.1"), write.octet_string(ESME))
# The EXPLICIT tag around the module is missing.
_BARE_NAME = write.sequence(write.explicit(0, write.oid(oids.HARDWARE_MODULE_NAME), _MODULE))
DEVIATIONS: list[tuple[str, Callable[[Recipe], Recipe]]] = [
    ("GBCS-SEC-014", _with_value(oids.KEY_USAGE, bytes.fromhex("03020388"))),
    ("GBCS-SEC-014", _without(oids.KEY_USAGE)),
    ("GBCS-SEC-014", _with_value(oids.SUBJECT_ALT_NAME, _BARE_NAME)),
    ("GBCS-SEC-015", _without(oids.SUBJECT_KEY_IDENTIFIER)),
    ("GBCS-SEC-015", _without(oids.AUTHORITY_KEY_IDENTIFIER)),
    ("GBCS-SEC-015", lambda made: replace(made, subject=name((oids.COMMON_NAME, write.utf8_string("device"))))),
    ("GBCS-SEC-015", lambda made: replace(made, key=write.sequence(write.sequence(), write.bit_string(b"\x04")))),
    ("GBCS-SEC-015", lambda made: replace(made, outer_algorithm=write.sequence(write.oid("1.2.840.10045.4.3.3")))),
]


@pytest.mark.parametrize(("case", "deviate"), DEVIATIONS)
def test_a_device_certificate_that_deviates_is_found(case: str, deviate: Callable[[Recipe], Recipe]) -> None:
    """SEC-014 and SEC-015 find a Device Certificate without its one usage, its name, its identifiers or its key."""
    octets = deviate(PKI.recipe(ESME, "ds")).signed_by(PKI.authority_key(PKI.issuer_of(ESME)))
    store = KeyStore.of([Certificate.parse(octets, name="bad.pem")])
    assert judge(case, response(ECS30), keystore=store)
    assert not judge(case, response(ECS30))


def test_a_certificate_that_cannot_be_read_is_not_compared() -> None:
    """SEC-013 compares no key where CS02e returns something that is no certificate."""
    show = {each.name: each for each in scenarios()["show certificate"]}
    for payload in (bytes.fromhex("3003020105"), bytes.fromhex("020101")):
        assert not judge("GBCS-SEC-013", show["command"], replace(show["response"], payload=payload))


def test_a_key_that_does_not_depend_on_the_counter_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """SEC-017 finds attributes that open with another counter too, and finds nothing in these."""
    messages = scenarios()["read registers"]
    assert not judge("GBCS-SEC-017", *messages)
    opened = DecryptedUnit(unit=messages[1].typed_payload.encrypted_units[0], status=Status.VALID)
    monkeypatch.setattr(encryption, "decrypt", lambda *_: opened)
    assert judge("GBCS-SEC-017", *messages)


def test_decrypted_octets_that_cannot_be_read_are_found() -> None:
    """DLM-008 finds encrypted attributes that open but hold no DLMS value."""
    asked, answered = scenarios()["read registers"]
    parties = Parties.of(answered)
    layers, _ = protected_value(Data(Tag.NULL), parties, keystore()).items
    value = Data(Tag.STRUCTURE, (layers, Data(Tag.OCTET_STRING, encrypt(b"\x07", parties, keystore()))))
    content = AccessResponse(long_invoke_id=0x20000064, data=(value,), results=(AccessResult(3, 0),))
    assert not judge("GBCS-DLM-008", asked, answered)
    assert judge("GBCS-DLM-008", asked, protected(replace(answered, payload=content.encode())))


def claims(*use_cases: str, device_type: str = "ESME") -> Claims:
    """An ICS."""
    return Claims(device_type=device_type, use_cases=frozenset(use_cases))


@pytest.mark.parametrize(
    ("case", "ics", "found"),
    [
        ("GBCS-ICS-001", claims("ECS10"), 0),
        ("GBCS-ICS-001", claims("0x0021"), 0),
        ("GBCS-ICS-001", claims("ECS30"), 1),
        ("GBCS-ICS-002", claims("ECS10"), 0),
        ("GBCS-ICS-002", claims("ECS10", "ECS30"), 1),
        ("GBCS-ICS-002", claims("ECS10", "HECS01"), 0),
        ("GBCS-ICS-003", claims("ECS10"), 0),
        ("GBCS-ICS-003", claims("ECS10", "CCS05"), 0),
        ("GBCS-ICS-003", claims("ECS10", "ECS99z"), 1),
        ("GBCS-ICS-004", claims("ECS10"), 0),
        ("GBCS-ICS-005", claims("ECS10"), 0),
        ("GBCS-ICS-005", claims("ECS10", device_type="HCALCS"), 1),
    ],
)
def test_the_ics_is_held_against_the_captures_both_ways(case: str, ics: Claims, found: int) -> None:
    """What is shown must be claimed, what is claimed should be shown, verified, and of the claimed type."""
    assert len(judge(case, command(ECS10), response(ECS10), alert(), claims=ics, under_test=[ESME])) == found


def test_use_cases_of_companions_count_not_against_the_ics() -> None:
    """Only the Device under test is held against the ICS; what a companion answers needs no claim."""
    assert not judge("GBCS-ICS-001", response(ECS10), claims=claims("ECS30"), under_test=[GSME])
    assert judge("GBCS-ICS-001", response(ECS10), claims=claims("ECS30"))


def test_a_claim_that_nobody_could_verify_is_found() -> None:
    """ICS-004 finds a claimed use case of which no capture could be verified."""
    nobody = KeyStore.of([])
    assert judge("GBCS-ICS-004", response(ECS10), claims=claims("ECS10"), keystore=nobody)


def test_without_an_ics_nothing_is_held_against_it() -> None:
    """Bare captures without an ICS make no subject for the ICS cases."""
    assert subjects([])["gbcs-claims"] == []


def test_without_a_key_store_nothing_is_verified_and_nothing_judged() -> None:
    """Without certificates protection stays unverified, and the cases that need keys admit no message."""
    found = subjects([Capture.of(command(ECS30).octets, name="x")])
    [subject] = found["gbcs-message"]
    assert subject.verification == Verification(signature=Status.UNVERIFIED, mac=Status.UNVERIFIED)
    assert not BY_ID["GBCS-SEC-006"].case.scope.admits(subject)
    assert not BY_ID["GBCS-HDR-007"].case.scope.admits(subject)
    assert found["gbcs-device-certificate"] == []


@pytest.mark.parametrize(
    ("case", "scenario"),
    [
        ("GBCS-SEC-006", "set payment mode"),
        ("GBCS-SEC-007", "read firmware version"),
        ("GBCS-SEC-008", "read firmware version"),
        ("GBCS-SEC-017", "read registers"),
        ("GBCS-UTR-003", "top up"),
    ],
)
def test_what_lacks_a_key_says_which(case: str, scenario: str) -> None:
    """A message that ought to be verified but cannot be says what is lacking; with the keys nothing is."""
    captures = [Capture.of(each.octets, name=each.name) for each in scenarios()[scenario]]
    scope = BY_ID[case].case.scope
    lacking = [scope.wants(each) for each in subjects(captures)[scope.kind]]
    assert any("at hand" in each for each in lacking)
    assert not any(scope.admits(each) for each in subjects(captures)[scope.kind])
    assert not any(scope.wants(each) for each in subjects(captures, keystore=keystore(), acb=ACB)[scope.kind])


def test_an_alert_without_keys_says_so() -> None:
    """SEC-009 says that the keys of a MAC'd Alert are lacking, and nothing of other messages."""
    scope = BY_ID["GBCS-SEC-009"].case.scope
    captures = [Capture.of(alert(0x1001).octets, name="alert"), Capture.of(command().octets, name="command")]
    assert [bool(scope.wants(each)) for each in subjects(captures)["gbcs-message"]] == [True, False]


def test_a_key_store_without_devices_says_nothing_of_devices() -> None:
    """HDR-007 holds nobody against a key store that holds no Device Certificate at all."""
    parties = KeyStore.of([PKI.certificate("supplier", "ds")])
    assert not judge("GBCS-HDR-007", response(ECS10), keystore=parties)
    assert judge("GBCS-HDR-007", response(ECS10), keystore=KeyStore.of([PKI.certificate("gsme", "ds")]))


def test_the_access_control_broker_is_known_by_its_role() -> None:
    """Without a setting the only certificate of role 04 tells who the Access Control Broker is."""
    [subject] = subjects([Capture.of(command().octets, name="x")], keystore=keystore())["gbcs-message"]
    assert isinstance(subject, MessageInContext)
    assert subject.verification.mac is Status.VALID
    assert subject.context.is_acb(ACB) is True
    assert subject.context.is_acb(SUPPLIER) is False
    assert replace(subject.context, keystore=None).is_acb(SUPPLIER) is False
    assert replace(subject.context, keystore=None, acb=None).is_acb(SUPPLIER) is None


def test_every_requirement_is_a_sentence() -> None:
    """The requirement texts are whole sentences, as a report shows them."""
    for check in CHECKS:
        assert check.case.requirement[0].isupper()
        assert check.case.requirement.endswith(".")
        assert check.case.clause

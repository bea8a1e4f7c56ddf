"""Steps and services in places that no procedure goes: future-dated credentials, odd payloads, missing keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from trialconformance.core import ArtefactError, InternalError, UsageError
from trialconformance.gbcs import decode, wire
from trialconformance.gbcs.dlms.access import AccessResponse, read_apdu
from trialconformance.harness import Bench, Capability, Command, EmulatorSession, Party, Trouble
from trialconformance.harness.asn1_fields import (
    cell_fields,
    integer,
    key_usage,
    members,
    octets_of,
    root,
    time,
    usage_of,
)
from trialconformance.harness.commands import build_message
from trialconformance.harness.mutations import Mutant, bit_flips
from trialconformance.harness.observations import (
    dlms_results,
    firmware_version,
    gbz_values,
    number,
    replacement_statuses,
    role_entry,
)
from trialconformance.harness.report import Collector, ProcedureEndedError
from trialconformance.harness.sensitivity import procedures_in
from trialconformance.harness.times import as_dlms, as_generalized, from_dlms, from_generalized
from trialconformance.smki import KeyStore, KeyUsage
from trialconformance.smki import der_writer as write
from trialconformance.smki.issue import SyntheticPki

_DS = KeyUsage.DIGITAL_SIGNATURE
_HOUR = 3600


def _later(opened: Bench, **values: Any) -> Command:
    certificate = opened.certificate(Party.OTHER_SUPPLIER, _DS)
    replaced = opened.own_credentials(2)
    replaced["replacements"] = [replace(replaced["replacements"][0], certificate=certificate.octets)]
    return opened.command("CS02b:supplier", **replaced, **values)


def test_credentials_are_replaced_when_they_are_due(bench: Callable[..., Bench]) -> None:
    """A future-dated CS02b is answered without an outcome, and executed with an alert of its own when it is due."""
    opened = bench()
    answer = opened.expect_answer(_later(opened, due=opened.session.take_time() + _HOUR), "a later update")
    assert answer is not None
    assert replacement_statuses(answer) is None
    before = role_entry(opened, 2).held(_DS)
    alerts = opened.let_time_pass(_HOUR)
    after = role_entry(opened, 2).held(_DS)
    assert [each.message_code for each in alerts] == [0x00CB]
    assert opened.reports_execution(alerts[0])
    assert before is not None
    assert after is not None
    assert (before.entity, after.entity) == (opened.party(Party.SUPPLIER), opened.party(Party.OTHER_SUPPLIER))


def test_later_credentials_can_be_cancelled(bench: Callable[..., Bench]) -> None:
    """A cancelled CS02b is not executed."""
    opened = bench()
    opened.expect_answer(_later(opened, due=opened.session.take_time() + _HOUR), "a later update")
    opened.expect_answer(_later(opened, cancel=True), "a cancellation")
    assert opened.let_time_pass(_HOUR) == []


def test_transitional_cos_replaces_the_supplier(bench: Callable[..., Bench]) -> None:
    """The transitional change-of-supplier party puts another supplier into the supplier's cell."""
    opened = bench()
    replaced = opened.own_credentials(2)
    certificate = opened.certificate(Party.OTHER_SUPPLIER, _DS)
    replaced["replacements"] = [replace(replaced["replacements"][0], certificate=certificate.octets)]
    command = opened.command("CS02b:transitional-cos", party=Party.TRANSITIONAL_COS, **replaced | {"mode": 7})
    answer = opened.expect_answer(command, "an update by transitional CoS")
    assert answer is not None
    assert replacement_statuses(answer) == [0]
    held = role_entry(opened, 2).held(_DS)
    assert held is not None
    assert held.entity == opened.party(Party.OTHER_SUPPLIER)


def test_mode_of_another_message_code_is_dropped(bench: Callable[..., Bench]) -> None:
    """A payload whose mode is not that of the message code is neither executed nor answered."""
    opened = bench()
    assert opened.exchange(opened.command("CS02b:supplier", **opened.own_credentials(2) | {"mode": 7})).nothing


def test_outcome_given_too_soon(bench: Callable[..., Bench]) -> None:
    """The fault of an outcome in the answer to a future-dated command shows for CS02b as well."""
    opened = bench(future="outcome-in-answer")
    answer = opened.expect_answer(_later(opened, due=opened.session.take_time() + _HOUR), "a later update")
    assert answer is not None
    assert replacement_statuses(answer) == []


def test_payment_mode_changes_when_it_is_due(bench: Callable[..., Bench]) -> None:
    """A future-dated payment mode of a GSME shows in its attribute once it is due."""
    opened = bench("GSME")
    opened.schedule(_HOUR)
    alerts = opened.let_time_pass(_HOUR)
    assert [each.message_code for each in alerts] == [0x00CD]
    session = opened.session
    assert isinstance(session, EmulatorSession)
    assert session.device.state.payment_mode == 0x0097


@pytest.mark.parametrize(
    "payload", [b"", b"\x00", bytes.fromhex("da20000001000000"), bytes.fromhex("0f2000000100020112ffff")]
)
def test_payload_that_is_no_request_is_dropped(bench: Callable[..., Bench], payload: bytes) -> None:
    """A genuine command whose payload is no access-request or no GBZ payload is dropped."""
    for device_type in ("ESME", "GSME"):
        opened = bench(device_type)
        message = replace(opened.message(opened.use_case("other_read")), payload=payload)
        assert opened.exchange(opened.protected(message, "ECS26m")).nothing


def test_unknown_attributes_and_odd_values_get_results(bench: Callable[..., Bench]) -> None:
    """An attribute that is not there, a time of another type and an odd interval are answered with a result."""
    opened = bench()
    read = opened.message("ECS52")
    missing = replace(read, payload=read.payload.replace(bytes.fromhex("0000000201ff"), bytes(6)))
    answer = opened.answer(opened.protected(missing, "ECS52"))
    assert answer is not None
    assert [result for _, result in dlms_results(answer)] == [4]
    clock = opened.message("ECS70", **opened.plain_values("ECS70"))
    odd = replace(clock, payload=clock.payload.replace(b"\x09\x0c\x07", b"\x09\x0c\xff"))
    answer = opened.answer(opened.protected(odd, "ECS70"))
    assert answer is not None
    assert dlms_results(answer)[1][1] == 0x0C
    price = opened.message("ECS01d")
    odd = replace(price, payload=price.payload.replace(bytes(9) + b"\x80\x00\xff", b"\xff" * 11 + b"\x01"))
    assert opened.answer(opened.protected(odd, "ECS01d")) is not None


def test_read_of_protected_attributes_that_are_not_there(bench: Callable[..., Bench]) -> None:
    """A protected read of an attribute that is not there is answered with a result and no value."""
    opened = bench()
    message = opened.message("ECS17b")
    missing = replace(message, payload=message.payload.replace(bytes.fromhex("00005e2c220a"), bytes(6)))
    answer = opened.answer(opened.protected(missing, "ECS17b"))
    assert answer is not None
    assert [result for _, result in dlms_results(answer)] == [4]
    apdu = read_apdu(answer.payload)
    assert isinstance(apdu, AccessResponse)


def test_party_whose_key_is_gone_gets_no_answer(bench: Callable[..., Bench]) -> None:
    """A device that no longer holds the key agreement key of who asks cannot MAC an answer, and sends none."""
    opened = bench()
    wanted = opened.certificate(Party.OTHER_SUPPLIER, KeyUsage.KEY_AGREEMENT)
    opened.expect_answer(opened.replacing((wanted, 2, KeyUsage.KEY_AGREEMENT)), "a replacement")
    assert opened.exchange(opened.command("ECS52")).nothing


@pytest.mark.parametrize(
    ("read", "octets"),
    [
        (root, b"\x30\x05"),
        (lambda octets: members(root(octets)), b"\x02\x01\x00"),
        (lambda octets: members(root(octets), least=1), b"\x30\x00"),
        (lambda octets: integer(root(octets)), b"\x04\x01\x00"),
        (lambda octets: octets_of(root(octets)), b"\x02\x01\x00"),
        (lambda octets: key_usage(root(octets)), b"\x03\x01\x00"),
        (lambda octets: time(root(octets)), b"\x18\x01\x30"),
        (lambda octets: cell_fields(members(root(octets))), b"\x30\x03\x02\x01\x00"),
    ],
)
def test_other_asn1_values_are_refused(read: Callable[[bytes], object], octets: bytes) -> None:
    """A value of another type than the field has is the artefact's fault."""
    with pytest.raises(ArtefactError):
        read(octets)


def test_asn1_values_are_read() -> None:
    """Times, usages and absent fields are read as what they are."""
    assert time(None) is None
    assert usage_of(_DS | KeyUsage.KEY_AGREEMENT) is None
    assert usage_of(_DS) is _DS
    assert time(root(write.tlv(0x18, b"99991231235959Z"))) == -1


@pytest.mark.parametrize("seconds", [0, 568_080_000, 4_000_000_000])
def test_times_read_back(seconds: int) -> None:
    """The three ways of writing a time read back to the same second."""
    assert from_dlms(as_dlms(seconds)) == seconds
    assert from_generalized(as_generalized(seconds)) == seconds


@pytest.mark.parametrize("octets", [b"", bytes(12), b"\xff" * 12])
def test_unspecified_times_are_none(octets: bytes) -> None:
    """A DLMS date-time that is not fully specified, and a text that is no time, are no time."""
    assert from_dlms(octets) is None
    assert from_generalized("soon") is None


def test_odd_answers_are_no_observations(bench: Callable[..., Bench]) -> None:
    """An answer of another protocol gives no results, no values, no number and no statuses."""
    opened = bench()
    answer = opened.answer(opened.command_for("read"))
    assert answer is not None
    odd = replace(answer, payload=b"\x01")
    assert (dlms_results(odd), gbz_values(odd), number(odd), replacement_statuses(odd)) == ([], [], None, None)
    notified = replace(answer, payload=bytes.fromhex("0f2000000100020112ffff"))
    assert dlms_results(notified) == []


@pytest.mark.parametrize("fault", [{"silent": True}, {"answer_edit": "no-payload"}])
def test_device_that_does_not_tell_is_undecided(bench: Callable[..., Bench], fault: dict[str, object]) -> None:
    """What a device does not say leaves a procedure undecided instead of passed."""
    for step in ("version", "cells", "log", "clock"):
        opened = bench(**fault)
        with pytest.raises((ProcedureEndedError, ArtefactError)):
            _STEPS[step](opened)


_STEPS: dict[str, Callable[[Bench], object]] = {
    "version": firmware_version,
    "cells": lambda opened: role_entry(opened, 2),
    "log": lambda opened: opened.log_times(-1, 1),
    "clock": lambda opened: opened.clock_after(-1, 1),
}


def test_missing_keys_leave_procedures_undecided(bench: Callable[..., Bench], pki: SyntheticPki) -> None:
    """Without the keys of a party, a token, a certificate or another device, a procedure is undecided."""
    opened = bench()
    opened.credentials = replace(opened.credentials, keystore=KeyStore.of([pki.certificate("supplier", "ds")]))
    for step in (
        opened.next_token,
        opened.another_device,
        opened.tampered_path,
        lambda: opened.certificate(Party.RECOVERY, KeyUsage.KEY_AGREEMENT),
        lambda: opened.foreign_certificate(Party.SUPPLIER, _DS),
        lambda: opened.with_mac_for_this_device(opened.message("ECS52")),
    ):
        with pytest.raises(ProcedureEndedError):
            step()
    opened.credentials = replace(opened.credentials, parties={})
    with pytest.raises(ProcedureEndedError):
        opened.party(Party.SUPPLIER)


def test_missing_rig_parts_leave_procedures_undecided(bench: Callable[..., Bench]) -> None:
    """Without an image or a declared model a procedure is undecided; one without a use case is none of its business."""
    opened = bench()
    opened.session.firmware_image = None
    with pytest.raises(ProcedureEndedError, match="no firmware image"):
        opened.deliver_image()
    opened.session.identity = replace(opened.session.identity, model="")
    with pytest.raises(ProcedureEndedError, match="model"):
        opened.expect_identity()
    with pytest.raises(ProcedureEndedError) as caught:
        bench("HCALCS").use_case("top_up")
    assert not caught.value.concerns
    with pytest.raises(ProcedureEndedError, match="only a GSME"):
        bench().credit()


def test_identity_without_answer_is_a_finding(bench: Callable[..., Bench], collector: Collector) -> None:
    """A read that must be answered and is not leaves a finding."""
    opened = bench(silent=True)
    opened.expect_identity()
    opened.expect_code(opened.join_command(), 0)
    opened.expect_activation(bytes(32), 0)
    opened.expect_token(opened.next_token(), accepted=True, what="a token")
    assert len(collector.findings) == 4


def test_late_answer_to_hostile_input_is_noticed(bench: Callable[..., Bench], collector: Collector) -> None:
    """A device that answers hostile input only after the deadline is found out with the next question."""
    opened = bench(delay_ms=3_500, skipped_gates=["mac"])
    opened.expect_silence(opened.with_octet(opened.command_for("read"), -1), "a wrong MAC")
    assert any("after the deadline" in each.seen for each in collector.findings)


def test_campaign_ends_where_the_device_dies(bench: Callable[..., Bench], collector: Collector) -> None:
    """A campaign against a device that dies stops early, and one that is answered stops after five findings."""
    dying = bench(crashes_on=["malformed"])
    command = dying.command_for("read")
    dying.campaign(command, [Mutant(title="nothing", octets=b"")] * 200)
    assert len(collector.findings) == 1
    lax = bench(skipped_gates=["mac"])
    command = lax.command_for("read")
    lax.campaign(command, list(bit_flips(command.octets, seed="x", budget=632))[-40:])
    assert len(collector.findings) == 6


def test_unknown_use_case_is_refused(bench: Callable[..., Bench]) -> None:
    """A use case that no payload is known for is refused, and the known ones are listed."""
    opened = bench()
    with pytest.raises(UsageError, match="ECS70"):
        build_message("ECS99", credentials=opened.credentials, device=opened.device, party=Party.SUPPLIER, counter=1)


def test_replay_trouble_is_told(bench: Callable[..., Bench]) -> None:
    """A harness that cannot carry a command leaves the procedure undecided."""
    opened = bench()
    opened.session.capabilities = frozenset({Capability.SEND})
    with pytest.raises(ProcedureEndedError, match="tamper"):
        opened.exchange(Command(octets=b"", hostile=True))
    assert opened.session.send(Command(octets=b"", hostile=True)) is not None
    assert Trouble.UNSUPPORTED in {each.value for each in Trouble}


def test_case_with_two_procedures_is_refused(tmp_path: Path) -> None:
    """Two functions for one case are a mistake of the suites."""
    module = "import pytest\n\n@pytest.mark.case('GBCS-LIV-001')\ndef test_one(bench):\n    pass\n"
    for name in ("test_one.py", "test_two.py"):
        (tmp_path / name).write_text(module, "utf-8")
    with pytest.raises(InternalError, match="two procedures"):
        procedures_in(tmp_path)


def test_prepayment_cell_is_told_by_its_usage(bench: Callable[..., Bench]) -> None:
    """CS02a names the cell for prepayment top-up apart from the one for key agreement."""
    entry = role_entry(bench(), 2)
    management = entry.held(KeyUsage.KEY_AGREEMENT)
    prepayment = entry.held(KeyUsage.KEY_AGREEMENT, cell_usage=1)
    assert management is not None
    assert prepayment is not None
    assert management.key_identifier != prepayment.key_identifier
    assert entry.held(KeyUsage.KEY_CERT_SIGN) is None


def test_alert_goes_under_its_own_counter(bench: Callable[..., Bench]) -> None:
    """An alert is a message of its own: CRA 3, and a counter of the device's own sequence."""
    opened = bench()
    alert = opened.exchange(opened.command("GCS38")).alerts[0]
    assert alert.cra == wire.ALERT
    assert decode(alert.octets).originator_counter == 2

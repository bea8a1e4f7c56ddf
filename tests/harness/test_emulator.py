"""The emulator: a good device by default, the faults it was told otherwise, and no way to bring it down."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialconformance.core import Basis, UsageError
from trialconformance.gbcs import Capture, decode, wire
from trialconformance.harness import PROCEDURES, Bench, EmulatorSession, Party
from trialconformance.harness.emulator import Behaviour, Emulator, Fault, Faults
from trialconformance.harness.emulator.behaviour import Gate
from trialconformance.harness.emulator.device import PowerLossError
from trialconformance.harness.emulator.personality import Attribute, Personalities
from trialconformance.harness.emulator.services import SERVICES
from trialconformance.harness.emulator.values import first_values
from trialconformance.harness.observations import firmware_version, role_entry, stored_counter
from trialconformance.harness.report import Collector, ProcedureEndedError
from trialconformance.harness.sensitivity import Procedure, run_procedure
from trialconformance.smki import KeyUsage
from trialconformance.smki.issue import SyntheticPki

_TYPES = ("ESME", "GSME", "HCALCS")
_PROCEDURE_IDS = [case.id for case in PROCEDURES]
_FAULTS = Faults.shipped().faults


@pytest.mark.parametrize("device_type", _TYPES)
@pytest.mark.parametrize("case", _PROCEDURE_IDS)
def test_good_device_is_not_blamed(
    bench: Callable[..., Bench], collector: Collector, procedures: dict[str, Procedure], device_type: str, case: str
) -> None:
    """No procedure finds anything wrong with a good device of any type."""
    opened = bench(device_type)
    opened.budget = 24
    run_procedure(procedures[case], opened, collector)
    assert collector.findings == []


@pytest.mark.parametrize("fault", _FAULTS, ids=[each.name for each in _FAULTS])
def test_fault_is_noticed_by_its_case(
    bench: Callable[..., Bench], collector: Collector, procedures: dict[str, Procedure], fault: Fault
) -> None:
    """Each fault is noticed by the case that was written for it."""
    opened = bench(fault.device, **fault.behaviour.model_dump(exclude_defaults=True))
    run_procedure(procedures[fault.written_for], opened, collector)
    assert collector.findings


def test_faults_are_many_and_name_procedures() -> None:
    """There are more than sixty faults, each under a name of its own and written for a procedure that exists."""
    names = {each.name for each in _FAULTS}
    assert len(names) == len(_FAULTS) > 60
    assert {each.written_for for each in _FAULTS} <= set(_PROCEDURE_IDS)
    assert all(each.behaviour != Behaviour() for each in _FAULTS)


def test_every_procedure_has_its_function(procedures: dict[str, Procedure]) -> None:
    """The procedures of the catalogue and the functions of the suites are the same."""
    assert sorted(procedures) == sorted(_PROCEDURE_IDS)


def test_unconfirmed_procedures_are_assumed() -> None:
    """What a device does with hostile input is confirmed by nobody: those cases rest on an assumption."""
    hostile = [case for case in PROCEDURES if case.id.startswith(("GBCS-NEG-00", "GBCS-CTR"))]
    confirmed = {case.id for case in hostile if case.basis is not Basis.ASSUMED}
    assert confirmed == {"GBCS-NEG-006", "GBCS-NEG-007"}


def test_unknown_fault_is_refused() -> None:
    """A fault that does not exist is refused, and the known ones are listed."""
    with pytest.raises(UsageError, match="accepts-bad-mac"):
        Faults.shipped().get("no-such-fault")


def test_unknown_device_type_is_refused() -> None:
    """The emulator says what it can be."""
    with pytest.raises(UsageError, match="ESME, GSME, HCALCS"):
        Emulator("PPMID")


@pytest.mark.parametrize("device_type", _TYPES)
def test_personality_names_services_that_exist(device_type: str) -> None:
    """Every service of a personality has a function, and every message code stands once."""
    services = Personalities.shipped().get(device_type).services
    assert {each.service for each in services} <= set(SERVICES)
    assert len({each.code for each in services}) == len(services)


def test_attribute_of_no_type_is_refused() -> None:
    """An attribute of a type that A-XDR does not have, or with a value that is no number, is refused."""
    with pytest.raises(UsageError, match="A-XDR"):
        first_values([Attribute(name="1/0/2", type="decimal", value=1)])
    with pytest.raises(UsageError, match="number"):
        first_values([Attribute(name="1/0/2", type="uint8", value="x")])
    assert first_values([Attribute(name="1/0/2", type="visible-string", value="x")])["1/0/2"].value == "x"


@settings(max_examples=60, deadline=None)
@given(octets=st.binary(max_size=300))
def test_random_octets_are_neither_answered_nor_harmful(octets: bytes) -> None:
    """Octets at random get no answer, and the device goes on."""
    device = Emulator("ESME")
    assert device.handle(octets) == ()
    assert not device.state.stopped


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_changed_messages_are_neither_answered_nor_harmful(data: st.DataObject) -> None:
    """A genuine message with some octets changed, removed or added gets no answer, and the device goes on."""
    session = EmulatorSession("ESME")
    opened = Bench(session, Collector())
    octets = bytearray(opened.command_for("protected").octets)
    at = data.draw(st.integers(0, len(octets) - 1))
    kind = data.draw(st.sampled_from(["change", "remove", "insert"]))
    if kind == "change":
        octets[at] ^= data.draw(st.integers(1, 255))
    elif kind == "remove":
        del octets[at : at + data.draw(st.integers(1, 20))]
    else:
        octets[at:at] = data.draw(st.binary(min_size=1, max_size=20))
    sent = session.device.handle(bytes(octets))
    assert all(decode(each.octets).cra == wire.ALERT for each in sent)
    assert not session.device.state.stopped


@pytest.mark.parametrize("device_type", _TYPES)
def test_answers_pass_the_static_checks(bench: Callable[..., Bench], device_type: str) -> None:
    """What the emulator sends can be read to the last octet, payload included."""
    opened = bench(device_type)
    for purpose in ("read", "other_read", "sensitive", "log", "clock", "protected", "identity", "future"):
        if getattr(opened.purposes, purpose) is None:
            continue
        answer = opened.expect_answer(opened.command_for(purpose), purpose)
        assert answer is not None
        capture = Capture.of(answer.octets, name=purpose)
        assert capture.message is not None
        assert capture.message.typed_payload.encode() == answer.payload


def test_crashed_device_breaks_the_connection(pki: SyntheticPki) -> None:
    """A device that has crashed breaks the connection from then on."""
    device = Emulator("ESME", behaviour=Behaviour(crashes_on=frozenset({"malformed"})), pki=pki)
    for _ in range(2):
        with pytest.raises(PowerLossError):
            device.handle(b"\xdd")


def test_everything_survives_a_restart(bench: Callable[..., Bench]) -> None:
    """A good device remembers counters, cells and firmware over a power loss."""
    opened = bench()
    opened.deliver_image()
    opened.expect_answer(opened.command_for("protected"), "a command")
    before = (stored_counter(opened, 2), role_entry(opened, 2), firmware_version(opened))
    opened.restart()
    assert (stored_counter(opened, 2), role_entry(opened, 2), firmware_version(opened)) == before


def test_cells_can_be_forgotten(bench: Callable[..., Bench]) -> None:
    """A device that forgets its cells trusts the first supplier again after a power loss."""
    opened = bench(forgets=["cells"])
    wanted = opened.certificate(Party.OTHER_SUPPLIER, KeyUsage.DIGITAL_SIGNATURE)
    opened.expect_answer(opened.replacing((wanted, 2, KeyUsage.DIGITAL_SIGNATURE)), "a replacement")
    opened.restart()
    held = role_entry(opened, 2).held(KeyUsage.DIGITAL_SIGNATURE)
    assert held is not None
    assert held.entity == opened.party(Party.SUPPLIER)


def test_log_of_joined_devices_is_read(bench: Callable[..., Bench]) -> None:
    """CS07 of a GSME lists what was joined; a full log refuses the next one."""
    opened = bench("GSME")
    for number in range(17):
        command = opened.command("CS03B", party=Party.ACCESS_CONTROL_BROKER, other=bytes([number] * 8), device_type=5)
        answer = opened.expect_answer(command, "a join")
        assert answer is not None
        assert answer.payload == bytes([2, 1, 4 if number == 16 else 0])
    answer = opened.expect_answer(opened.command("CS07", party=Party.ACCESS_CONTROL_BROKER), "a log read")
    assert answer is not None
    assert answer.payload.count(b"\x04\x08") == 16


def test_odd_requests_get_honest_results(bench: Callable[..., Bench]) -> None:
    """A key usage that is none, an attribute that is not there and a log without entries are answered as such."""
    opened = bench()
    for use_case in ("CS02c", "CS02e"):
        answer = opened.answer(opened.command(use_case, usage=KeyUsage.KEY_CERT_SIGN))
        assert answer is not None
        assert answer.payload == bytes([2, 1, 1])
    gas = bench("GSME")
    assert gas.log_times(-10, -5) == []
    answer = gas.expect_answer(gas.command("GCS02"), "a payment mode")
    assert answer is not None
    cancel = gas.expect_answer(gas.command("GCS02", cancel=True), "a cancellation")
    assert cancel is not None


def test_command_in_blocks_is_executed(bench: Callable[..., Bench]) -> None:
    """A command that arrives in blocks is put together and answered."""
    opened = bench()
    command = opened.command_for("protected")
    assert opened.send_blocks(command, opened.blocks_of(command, most=64)) is not None


def test_skipped_gates_have_names() -> None:
    """Every gate can be named in a fault."""
    assert Behaviour.model_validate({"skipped_gates": [each.value for each in Gate]}).skipped_gates == set(Gate)


def test_undecided_procedure_is_no_pass(bench: Callable[..., Bench], collector: Collector) -> None:
    """A procedure that cannot be decided ends, and says so; it does not count as one that found nothing."""

    def undecided(opened: Bench) -> None:
        opened.undecided("because")

    assert run_procedure(Procedure(case="GBCS-LIV-001", function=undecided), bench(), collector) is None
    with pytest.raises(ProcedureEndedError) as caught:
        collector.not_applicable("elsewhere")
    assert not caught.value.concerns

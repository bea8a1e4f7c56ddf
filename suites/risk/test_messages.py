"""Attacks on messages: flipped bits, broken structures, stripped and transplanted protection, replays, other roles."""

from __future__ import annotations

from dataclasses import replace

import pytest

from trialconformance.gbcs import decode
from trialconformance.harness import Bench, Capability, Party
from trialconformance.harness.credentials import ROLE_CODES
from trialconformance.harness.mutations import bit_flips, payload_mutants, structural_mutants
from trialconformance.harness.observations import role_entry, stored_counter
from trialconformance.harness.payloads.asn1 import Replacement
from trialconformance.smki import KeyUsage

_SUPPLIER = ROLE_CODES[Party.SUPPLIER]


@pytest.mark.case("RISK-MSG-001")
def test_no_flipped_bit_of_a_read_is_accepted(bench: Bench) -> None:
    """No message that differs from a genuine read in one bit is answered."""
    command = bench.command_for("read")
    bench.campaign(command, bit_flips(command.octets, seed="read", budget=bench.budget))


@pytest.mark.case("RISK-MSG-002")
def test_no_flipped_bit_of_a_critical_command_is_accepted(bench: Bench) -> None:
    """No message that differs from a genuine critical command in one bit is answered."""
    command = bench.command_for("protected")
    bench.campaign(command, bit_flips(command.octets, seed="critical", budget=bench.budget))


@pytest.mark.case("RISK-MSG-003")
def test_no_broken_structure_is_accepted(bench: Bench) -> None:
    """No message with a field left out, doubled or overwritten, or a length misstated, is answered."""
    command = bench.command_for("read")
    bench.campaign(command, structural_mutants(command.octets, budget=bench.budget))


@pytest.mark.case("RISK-MSG-004")
def test_odd_payloads_under_good_protection_are_survived(bench: Bench) -> None:
    """Payloads that make no sense, sent by a party with good keys, do no harm."""
    bench.needs(Capability.TAMPER)
    bench.prove_alive()
    use_case = bench.use_case("other_read")
    message = bench.message(use_case, **bench.plain_values(use_case))
    for number, mutant in enumerate(payload_mutants(message, seed="payload", budget=64)):
        counter = bench.session.take_counter(message.originator)
        bench.attack(bench.protected(replace(mutant, originator_counter=counter), use_case, hostile=True))
        if number % 16 == 15 and not bench.expect_alive_still(f"after {number + 1} odd payloads"):
            return
    bench.expect_alive_still("after odd payloads")


@pytest.mark.case("RISK-MSG-005")
def test_odd_asn1_payloads_are_survived(bench: Bench) -> None:
    """ASN.1 payloads that make no sense, sent by a party with good keys, do no harm."""
    bench.needs(Capability.TAMPER)
    bench.prove_alive()
    message = bench.message("CS06", image_hash=bytes(32))
    for number, mutant in enumerate(payload_mutants(message, seed="asn1", budget=64)):
        counter = bench.session.take_counter(message.originator)
        bench.attack(bench.protected(replace(mutant, originator_counter=counter), "CS06", hostile=True))
        if number % 16 == 15 and not bench.expect_alive_still(f"after {number + 1} odd payloads"):
            return
    bench.expect_alive_still("after odd payloads")


@pytest.mark.case("RISK-MSG-006")
def test_stripped_protection_is_refused(bench: Bench) -> None:
    """A genuine critical command without its MAC, its signature or both is refused."""
    bench.prove_alive()
    genuine = decode(bench.command_for("protected").octets)
    for what, message in (
        ("its MAC", replace(genuine, mac=None)),
        ("its signature", bench.with_mac_for_this_device(replace(genuine, signature=b""))),
        ("any protection", replace(genuine, mac=None, signature=b"")),
    ):
        bench.expect_silence(bench.hostile(message), f"a critical command without {what}")


@pytest.mark.case("RISK-MSG-007")
def test_transplanted_payload_is_refused(bench: Bench) -> None:
    """The header, MAC and signature of one command do not carry the payload of another."""
    bench.prove_alive()
    genuine = decode(bench.command_for("protected").octets)
    other = decode(bench.command("CS06", image_hash=bytes(32)).octets)
    bench.expect_silence(bench.hostile(replace(genuine, payload=other.payload)), "a transplanted payload")
    bench.expect_silence(
        bench.hostile(replace(genuine, message_code=other.message_code)), "a transplanted message code"
    )


@pytest.mark.case("RISK-RPL-001")
def test_nothing_in_the_replay_window_is_accepted(bench: Bench) -> None:
    """None of the last commands is accepted again, in whatever order they are replayed."""
    bench.needs(Capability.REPLAY)
    commands = [bench.command_for("protected") for _ in range(6)]
    for command in commands:
        bench.expect_answer(command, "a replay-protected command")
    before = stored_counter(bench, _SUPPLIER)
    for command in (*commands, *reversed(commands)):
        bench.expect_silence(command, f"a replayed command with counter {command.counter}")
    after = stored_counter(bench, _SUPPLIER)
    bench.expect(after == before, expected=f"stored counter {before}", seen=f"{after}")


@pytest.mark.case("RISK-RPL-002")
def test_command_for_another_device_is_refused(bench: Bench) -> None:
    """A genuine command of another device, MAC and signature and all, is refused."""
    bench.prove_alive()
    use_case = bench.use_case("protected")
    message = replace(bench.message(use_case, **bench.plain_values(use_case)), target=bench.another_device())
    bench.expect_silence(bench.protected(message, use_case, hostile=True), "a command for another device")


@pytest.mark.case("RISK-RPL-003")
def test_response_of_the_device_is_not_a_command(bench: Bench) -> None:
    """What the device sends cannot be sent back to it as a command."""
    bench.needs(Capability.TAMPER)
    answer = bench.expect_answer(bench.command_for("read"), "a plain read")
    if answer is not None:
        bench.expect_silence(bench.hostile(answer), "its own response")
        bench.expect_silence(bench.hostile(replace(answer, cra=1)), "its own response marked as a command")


@pytest.mark.case("RISK-ROL-001")
def test_no_role_escalates(bench: Bench) -> None:
    """No party that is not the supplier gets a command of the supplier executed."""
    bench.prove_alive()
    use_case = bench.use_case("protected")
    before = stored_counter(bench, _SUPPLIER)
    for party in (
        Party.NETWORK_OPERATOR,
        Party.ACCESS_CONTROL_BROKER,
        Party.RECOVERY,
        Party.TRANSITIONAL_COS,
        Party.WAN_PROVIDER,
        Party.LOAD_CONTROLLER,
        Party.OTHER_SUPPLIER,
    ):
        if party not in bench.credentials.parties:
            continue
        command = bench.command(use_case, party=party, **bench.plain_values(use_case))
        bench.expect_silence(replace(command, hostile=True), f"{use_case} of the {party}")
    after = stored_counter(bench, _SUPPLIER)
    bench.expect(after == before, expected=f"stored counter {before}", seen=f"{after}")


@pytest.mark.case("RISK-ROL-002")
def test_borrowed_identity_is_refused(bench: Bench) -> None:
    """A party that signs in the supplier's name with its own key is refused."""
    bench.prove_alive()
    use_case = bench.use_case("protected")
    values = bench.plain_values(use_case)
    signed = decode(bench.command(use_case, party=Party.OTHER_SUPPLIER, **values).octets)
    posing = bench.with_mac_for_this_device(replace(signed, originator=bench.party(Party.SUPPLIER)))
    bench.expect_silence(bench.hostile(posing), "a command signed by another party in the supplier's name")


@pytest.mark.case("RISK-ROL-004")
def test_party_cannot_reach_beyond_its_own_cells(bench: Bench) -> None:
    """A credentials update of the network operator does not touch the supplier's cells, however good its chain is."""
    before = role_entry(bench, _SUPPLIER).cells
    values = bench.own_credentials(ROLE_CODES[Party.NETWORK_OPERATOR])
    stolen = bench.own_credentials(_SUPPLIER)["replacements"][0].cell
    certificate = bench.certificate(Party.OTHER_SUPPLIER, KeyUsage.DIGITAL_SIGNATURE)
    values["replacements"] = [Replacement(certificate=certificate.octets, cell=stolen)]
    bench.exchange(bench.command("CS02b:network-operator", party=Party.NETWORK_OPERATOR, **values))
    after = role_entry(bench, _SUPPLIER).cells
    bench.expect(after == before, expected="the supplier's cells as they were", seen="other content")
    bench.expect_alive_still("after a credentials update beyond the sender's own cells")


@pytest.mark.case("RISK-ROL-003")
def test_other_party_cannot_replace_the_suppliers_credentials(bench: Bench) -> None:
    """A network operator cannot put its certificate into the supplier's cell."""
    bench.prove_alive()
    values = bench.own_credentials(ROLE_CODES[Party.NETWORK_OPERATOR])
    values["mode"] = bench.own_credentials(_SUPPLIER)["mode"]
    command = bench.command("CS02b:supplier", party=Party.NETWORK_OPERATOR, **values)
    bench.expect_silence(replace(command, hostile=True), "a supplier update of the network operator")

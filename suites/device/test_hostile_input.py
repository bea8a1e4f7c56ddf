"""Hostile input: what a device must not answer, and what must not bring it down. Much of it is ``assumed``."""

from __future__ import annotations

from dataclasses import replace

import pytest

from trialconformance.gbcs import decode, wire
from trialconformance.harness import Bench, Capability, Party
from trialconformance.harness.credentials import ROLE_CODES
from trialconformance.harness.observations import stored_counter

_SECURITY_HEADER = slice(8, 13)


@pytest.mark.case("GBCS-NEG-001")
def test_wrong_mac_is_not_answered(bench: Bench) -> None:
    """A command whose MAC is wrong in one bit gets no response."""
    bench.prove_alive()
    for offset in (-1, -wire.MAC_OCTETS):
        bench.expect_silence(bench.with_octet(bench.command_for("read"), offset), "a command with a wrong MAC")


@pytest.mark.case("GBCS-NEG-002")
def test_wrong_signature_is_not_answered(bench: Bench) -> None:
    """A critical command whose signature is wrong under a right MAC gets no response."""
    bench.prove_alive()
    command = bench.with_wrong_signature(bench.command_for("protected"))
    bench.expect_silence(command, "a critical command with a wrong signature")


@pytest.mark.case("GBCS-NEG-003")
def test_unknown_originator_is_not_answered(bench: Bench) -> None:
    """A party that the device does not know gets no response, however well it signs."""
    bench.prove_alive()
    use_case = bench.use_case("protected")
    command = bench.command(use_case, party=Party.OTHER_SUPPLIER, **bench.plain_values(use_case))
    bench.expect_silence(replace(command, hostile=True), "a command of a party that the device does not know")


@pytest.mark.case("GBCS-NEG-004")
def test_wrong_target_is_not_answered(bench: Bench) -> None:
    """A command for another device gets no response, also where its MAC was made for this one."""
    bench.prove_alive()
    other = bytes(reversed(bench.device))
    message = replace(bench.message(bench.use_case("read")), target=other)
    command = bench.hostile(bench.with_mac_for_this_device(message))
    bench.expect_silence(command, "a command for another device")


@pytest.mark.case("GBCS-NEG-005")
def test_malformed_octets_are_survived(bench: Bench) -> None:
    """Truncated, over-long and wrongly measured messages get no response and do no harm."""
    bench.prove_alive()
    good = bench.command_for("read")
    octets = good.octets
    for what, hostile in (
        ("no octets", b""),
        ("one octet", octets[:1]),
        ("half a message", octets[: len(octets) // 2]),
        ("a message without its last octet", octets[:-1]),
        ("a message with one octet too many", octets + b"\x00"),
        ("a length of 80 (indefinite)", octets[:7] + b"\x80" + octets[8:]),
        ("a length field of four octets", octets[:7] + b"\x84\xff\xff\xff\xff" + octets[8:]),
        ("other information of length 0", bench.with_other_information_length(good, 0)),
        ("80,000 octets", octets + bytes(80_000 - len(octets))),
    ):
        bench.expect_silence(bench.with_octets(good, hostile), what)


@pytest.mark.case("GBCS-NEG-006")
def test_unsupported_command_raises_an_alert_or_nothing(bench: Bench) -> None:
    """A genuine command for a use case that the device does not have is reported by alert 8F85, or not at all."""
    bench.prove_alive()
    command = bench.command(bench.use_case("unsupported"))
    happened = bench.exchange(command)
    bench.expect(not happened.answers, expected="no response to an unsupported command", seen=happened.describe())
    embedded = command.message_code.to_bytes(2, "big") + command.counter.to_bytes(8, "big")
    for alert in happened.alerts:
        bench.expect(
            b"\x8f\x85" in alert.payload and embedded in alert.payload,
            expected=f"alert 8F85 that names message code {command.message_code:04X} and counter {command.counter}",
            seen=alert.payload.hex(),
        )
        bench.expect(bench.is_protected(alert), expected="a genuine alert", seen="one that does not verify")
    bench.expect_alive("after an unsupported command")


@pytest.mark.case("GBCS-NEG-007")
def test_role_without_permission_has_no_effect(bench: Bench) -> None:
    """A party that the device knows cannot use a command that is another role's."""
    bench.prove_alive()
    use_case = bench.use_case("protected")
    role = ROLE_CODES[Party.NETWORK_OPERATOR]
    before = stored_counter(bench, role)
    command = bench.command(use_case, party=Party.NETWORK_OPERATOR, **bench.plain_values(use_case))
    bench.expect_silence(replace(command, hostile=True), f"{use_case} of the network operator")
    after = stored_counter(bench, role)
    bench.expect(after == before, expected=f"stored counter {before} of the network operator", seen=f"{after}")


@pytest.mark.case("GBCS-NEG-008")
def test_responses_and_alerts_are_ignored(bench: Bench) -> None:
    """A message that says it is a response or an alert is not taken for a command."""
    bench.prove_alive()
    for cra in (wire.RESPONSE, wire.ALERT):
        message = replace(bench.message(bench.use_case("read")), cra=cra)
        command = bench.hostile(bench.with_mac_for_this_device(message))
        bench.expect_silence(command, f"a message with CRA {cra:02X}")


@pytest.mark.case("GBCS-NEG-009")
def test_security_header_is_compared_literally(bench: Bench) -> None:
    """The octets that no MAC covers are compared: another security header makes a message invalid."""
    bench.prove_alive()
    for offset in range(_SECURITY_HEADER.start, _SECURITY_HEADER.stop):
        command = bench.with_octet(bench.command_for("read"), offset)
        bench.expect_silence(command, f"a message with octet {offset} of its security header changed")


@pytest.mark.case("GBCS-NEG-010")
def test_missing_protection_is_refused(bench: Bench) -> None:
    """A command without the signature or the MAC that its use case asks for gets no response."""
    bench.prove_alive()
    critical = bench.use_case("protected")
    message = bench.message(critical, **bench.plain_values(critical))
    bench.expect_silence(bench.protected(message, form="mac", hostile=True), "a critical command without signature")
    message = bench.message(critical, **bench.plain_values(critical))
    bench.expect_silence(bench.protected(message, form="signature", hostile=True), "a critical command without MAC")
    bare = replace(bench.message(bench.use_case("read")), signature=b"")
    bench.expect_silence(bench.hostile(bare), "a command without any protection")


@pytest.mark.case("GBCS-NEG-011")
def test_protection_of_another_command_is_refused(bench: Bench) -> None:
    """The MAC of one command does not protect another one, and its counter cannot be changed under it."""
    bench.needs(Capability.TAMPER)
    bench.prove_alive()
    first = decode(bench.command_for("read").octets)
    second = replace(first, originator_counter=first.originator_counter + 1)
    bench.expect_silence(bench.hostile(second), "a command under the MAC of another counter")

"""Counters: what a device refuses because it is old, and what it remembers (GBCS 4.3.1)."""

from __future__ import annotations

import pytest

from trialconformance.harness import Bench, Capability, Party
from trialconformance.harness.credentials import ROLE_CODES
from trialconformance.harness.observations import stored_counter

_SUPPLIER = ROLE_CODES[Party.SUPPLIER]


@pytest.mark.case("GBCS-CTR-002")
def test_replayed_command_is_not_answered(bench: Bench) -> None:
    """The same octets a second time get no response and have no effect."""
    bench.needs(Capability.REPLAY)
    command = bench.command_for("protected")
    bench.expect_answer(command, "a replay-protected command")
    before = stored_counter(bench, _SUPPLIER)
    bench.expect_silence(command, "a replayed command")
    after = stored_counter(bench, _SUPPLIER)
    bench.expect(after == before, expected=f"stored counter {before}", seen=f"{after}")


@pytest.mark.case("GBCS-CTR-003")
def test_counter_below_the_last_one_is_refused(bench: Bench) -> None:
    """A command with a counter below the last accepted one is refused."""
    older = bench.session.take_counter(bench.party(Party.SUPPLIER))
    bench.expect_answer(bench.command_for("protected"), "a replay-protected command")
    bench.expect_silence(bench.command_for("protected", counter=older), "a counter below the last accepted one")


@pytest.mark.case("GBCS-CTR-004")
def test_counter_equal_to_the_last_one_is_refused(bench: Bench) -> None:
    """Another command with the counter of the last accepted one is refused."""
    first = bench.command_for("protected")
    bench.expect_answer(first, "a replay-protected command")
    second = bench.command(
        "CS06", counter=first.counter, image_hash=bytes(32), due=bench.session.take_time() + 3600, cancel=True
    )
    bench.expect_silence(second, "another command with the last accepted counter")


@pytest.mark.case("GBCS-CTR-005")
def test_counter_may_skip_ahead(bench: Bench) -> None:
    """A command whose counter skips some numbers is accepted."""
    bench.expect_answer(bench.command_for("protected"), "a replay-protected command")
    for _ in range(9):
        bench.session.take_counter(bench.party(Party.SUPPLIER))
    bench.expect_answer(bench.command_for("protected"), "a command whose counter skips nine numbers")


@pytest.mark.case("GBCS-CTR-006")
def test_refused_command_does_not_raise_the_counter(bench: Bench) -> None:
    """A command with a wrong MAC or signature leaves the stored counter as it is."""
    bench.expect_answer(bench.command_for("protected"), "a replay-protected command")
    before = stored_counter(bench, _SUPPLIER)
    bench.exchange(bench.with_octet(bench.command_for("protected"), -1))
    bench.exchange(bench.with_wrong_signature(bench.command_for("protected")))
    after = stored_counter(bench, _SUPPLIER)
    bench.expect(after == before, expected=f"stored counter {before} after two refused commands", seen=f"{after}")


@pytest.mark.case("GBCS-CTR-007")
def test_each_role_has_a_counter_of_its_own(bench: Bench) -> None:
    """A high counter of the supplier does not keep the network operator out."""
    low = bench.session.take_counter(bench.party(Party.NETWORK_OPERATOR))
    bench.expect_answer(bench.command_for("protected"), "a command of the supplier")
    other = bench.command(
        "CS02b:network-operator", party=Party.NETWORK_OPERATOR, counter=low, cancel=True, **bench.own_credentials(3)
    )
    bench.expect_answer(other, "a command of the network operator with a counter below the supplier's")


@pytest.mark.case("GBCS-CTR-008")
def test_plain_read_may_repeat_its_counter(bench: Bench) -> None:
    """A read without replay protection is answered again under the same counter."""
    bench.needs(Capability.REPLAY)
    command = bench.command_for("read")
    bench.expect_answer(command, "a plain read")
    bench.expect_answer(command, "the same plain read again")


@pytest.mark.case("GBCS-CTR-009")
def test_new_floor_is_honoured(bench: Bench) -> None:
    """After a credentials update the new floor decides which counters are accepted."""
    counter = bench.session.take_counter(bench.party(Party.SUPPLIER))
    floor = counter + 3
    update = bench.command("CS02b:supplier", counter=counter, floor=floor, **bench.own_credentials(_SUPPLIER))
    bench.expect_answer(update, "a credentials update with a new floor")
    bench.expect_silence(bench.command_for("protected", counter=floor), "a counter equal to the new floor")
    while bench.session.take_counter(bench.party(Party.SUPPLIER)) <= floor:
        continue
    bench.expect_answer(bench.command_for("protected"), "a counter above the new floor")


@pytest.mark.case("GBCS-CTR-010")
def test_alert_counters_increase(bench: Bench) -> None:
    """Each alert carries a higher counter than the one before."""
    counters = bench.provoke_alerts(3)
    bench.expect(
        counters == sorted(set(counters)),
        expected="strictly increasing alert counters",
        seen=", ".join(map(str, counters)),
    )


@pytest.mark.case("GBCS-CTR-011")
def test_alert_counters_survive_a_power_loss(bench: Bench) -> None:
    """The first alert after a power loss carries a higher counter than the last one before."""
    bench.needs(Capability.RESTART)
    before = bench.provoke_alerts(2)
    bench.restart()
    after = bench.provoke_alerts(1)
    bench.expect(after > before[-1:], expected=f"an alert counter above {before[-1]}", seen=f"{after[0]}")


@pytest.mark.case("GBCS-CTR-012")
def test_execution_counters_survive_a_power_loss(bench: Bench) -> None:
    """A command that was accepted before a power loss is refused after it."""
    bench.needs(Capability.RESTART, Capability.REPLAY)
    command = bench.command_for("protected")
    bench.expect_answer(command, "a replay-protected command")
    bench.restart()
    bench.expect_silence(command, "a command replayed after a power loss")


@pytest.mark.case("GBCS-CTR-013")
def test_counters_are_compared_in_full_width(bench: Bench) -> None:
    """A counter that is higher only in its upper 32 bits is higher."""
    bench.needs(Capability.TAMPER)
    base = (bench.session.take_counter(bench.party(Party.SUPPLIER)) | 0xFFFF_FFFF) + 1
    bench.expect_answer(bench.command_for("protected", counter=base + 5), "a command with a counter above 32 bits")
    higher = base + (1 << 32) + 1
    bench.expect_answer(bench.command_for("protected", counter=higher), "a counter higher in its upper half only")

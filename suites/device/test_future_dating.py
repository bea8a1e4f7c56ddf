"""Future dating: instructions that wait for their time, alerts about them, and cancelling them (GBCS 9.2.2.6)."""

from __future__ import annotations

import pytest

from trialconformance.harness import Bench, Capability
from trialconformance.harness.observations import firmware_version, number

_HOUR = 3600


@pytest.mark.case("GBCS-FDT-005")
def test_one_alert_for_each_instruction_when_it_is_due(bench: Bench) -> None:
    """A future-dated instruction raises exactly one execution alert, at or after its time."""
    command = bench.schedule(_HOUR)
    alerts = bench.let_time_pass(_HOUR + 60)
    about = [alert for alert in alerts if bench.reports_execution(alert)]
    bench.expect(len(about) == 1, expected="one alert 8F66 or 8F67", seen=f"{len(about)} of them")
    again = [alert for alert in bench.let_time_pass(_HOUR) if bench.reports_execution(alert)]
    bench.expect(not again, expected=f"no further alert about {command.use_case}", seen=f"{len(again)} of them")


@pytest.mark.case("GBCS-ALR-007")
def test_failed_execution_changes_nothing(bench: Bench) -> None:
    """An activation that fails when it is due is reported by 8F67 and leaves the firmware as it is."""
    bench.needs(Capability.CLOCK, Capability.ALERTS, Capability.FIRMWARE)
    bench.deliver_image()
    before = firmware_version(bench)
    due = bench.session.take_time() + _HOUR
    bench.expect_answer(bench.command("CS06", image_hash=bytes(32), due=due), "an activation of another image, later")
    alerts = bench.let_time_pass(_HOUR + 60)
    failed = [alert for alert in alerts if b"\x8f\x67" in alert.payload]
    bench.expect(len(failed) == 1, expected="one alert 8F67", seen=f"{len(failed)} of them")
    after = firmware_version(bench)
    bench.expect(after == before, expected=f"firmware version {before.hex()}", seen=after.hex())


@pytest.mark.case("GBCS-FDT-006")
def test_cancelled_instruction_is_not_executed(bench: Bench) -> None:
    """A cancelled instruction raises no execution alert when its time comes."""
    bench.schedule(_HOUR)
    bench.expect_answer(bench.command_for("future", cancel=True), "a cancellation")
    alerts = [alert for alert in bench.let_time_pass(_HOUR + 60) if bench.reports_execution(alert)]
    bench.expect(not alerts, expected="no execution alert after a cancellation", seen=f"{len(alerts)} of them")


@pytest.mark.case("GBCS-ALR-011")
def test_execution_alert_is_genuine(bench: Bench) -> None:
    """The execution alert goes to who sent the command, and its signature or MAC verifies."""
    command = bench.schedule(_HOUR)
    for alert in bench.let_time_pass(_HOUR + 60):
        bench.expect(bench.is_protected(alert), expected="an alert that verifies", seen="one that does not")
        bench.expect(
            alert.target == command.originator,
            expected=f"alert for {command.originator.hex()}",
            seen=f"alert for {alert.target.hex()}",
        )


@pytest.mark.case("GBCS-FDT-001")
def test_nothing_happens_before_its_time(bench: Bench) -> None:
    """A future-dated instruction is not executed before its time."""
    bench.schedule(_HOUR)
    alerts = [alert for alert in bench.let_time_pass(_HOUR - 60) if bench.reports_execution(alert)]
    bench.expect(not alerts, expected="no execution alert a minute before the time", seen=f"{len(alerts)} of them")


@pytest.mark.case("GBCS-FDT-002")
def test_response_to_a_future_dated_command_has_no_outcome(bench: Bench) -> None:
    """A future-dated activation is answered without an outcome: there is none yet."""
    due = bench.session.take_time() + _HOUR
    answer = bench.expect_answer(bench.command("CS06", image_hash=bytes(32), due=due), "a future-dated activation")
    if answer is not None:
        bench.expect(number(answer) is None, expected="a response without an outcome", seen=answer.payload.hex())


@pytest.mark.case("GBCS-FDT-003")
def test_instructions_survive_a_power_loss(bench: Bench) -> None:
    """An instruction that waits is executed although the power went away in between."""
    bench.schedule(_HOUR)
    bench.restart()
    alerts = [alert for alert in bench.let_time_pass(_HOUR + 60) if bench.reports_execution(alert)]
    bench.expect(len(alerts) == 1, expected="one execution alert", seen=f"{len(alerts)} of them")


@pytest.mark.case("GBCS-FDT-004")
def test_execution_alert_names_its_command(bench: Bench) -> None:
    """The execution alert embeds message code and counter of the command."""
    command = bench.schedule(_HOUR)
    embedded = command.message_code.to_bytes(2, "big") + command.counter.to_bytes(8, "big")
    for alert in bench.let_time_pass(_HOUR + 60):
        bench.expect(
            embedded in alert.payload,
            expected=f"message code {command.message_code:04X} and counter {command.counter} in the alert",
            seen=alert.payload.hex(),
        )

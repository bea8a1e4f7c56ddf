"""Clock, sensitive reads, identity, logs and joins."""

from __future__ import annotations

import pytest

from trialconformance.harness import Bench

_HOUR = 3600
_JOINED, _NOT_IN_LOG = 0, 1


@pytest.mark.case("GBCS-CLK-001")
def test_clock_is_set_where_the_interval_covers_the_time(bench: Bench) -> None:
    """A device takes the time where the interval of the command covers it, and says that it can be trusted."""
    reliable = bench.clock_after(-60, 60)
    bench.expect(reliable, expected="a reliable clock", seen="another state")


@pytest.mark.case("GBCS-CLK-002")
def test_clock_is_not_set_where_the_interval_does_not_cover_the_time(bench: Bench) -> None:
    """A device refuses the time where the interval of the command does not cover it."""
    reliable = bench.clock_after(_HOUR, 2 * _HOUR)
    bench.expect(not reliable, expected="a clock that was not set", seen="a reliable clock")


@pytest.mark.case("GBCS-ENC-001")
def test_sensitive_read_is_encrypted_for_who_asked(bench: Bench) -> None:
    """The answer to a sensitive read holds encrypted attributes that the requester, and its key, can decrypt."""
    command = bench.command_for("sensitive")
    answer = bench.expect_answer(command, "a sensitive read")
    if answer is not None:
        bench.expect_decryptable(answer)


@pytest.mark.case("GBCS-ENC-002")
def test_sensitive_values_are_not_in_the_clear(bench: Bench) -> None:
    """The answer to a sensitive read holds no value outside its encrypted units."""
    answer = bench.expect_answer(bench.command_for("sensitive"), "a sensitive read")
    if answer is not None:
        bench.expect(
            bench.encrypted_units(answer), expected="encrypted attributes", seen=f"plain payload {answer.payload.hex()}"
        )


@pytest.mark.case("GBCS-ENC-003")
def test_each_answer_has_a_key_of_its_own(bench: Bench) -> None:
    """Two reads of the same values under two counters give different ciphertexts."""
    ciphertexts = []
    for _ in range(2):
        answer = bench.expect_answer(bench.command_for("sensitive"), "a sensitive read")
        if answer is not None:
            ciphertexts += [each.ciphered for each in bench.encrypted_units(answer)]
    bench.expect(
        len(set(ciphertexts)) == len(ciphertexts), expected="different ciphertexts", seen="the same ciphertext twice"
    )


@pytest.mark.case("GBCS-IDN-001")
def test_identity_is_stable(bench: Bench) -> None:
    """The device says the model that its maker declares."""
    bench.expect_identity()


@pytest.mark.case("GBCS-JON-001")
def test_joined_device_can_be_unjoined(bench: Bench) -> None:
    """A device that was taken into the log can be taken out of it."""
    bench.expect_code(bench.join_command(), _JOINED)
    bench.expect_code(bench.unjoin_command(), _JOINED)


@pytest.mark.case("GBCS-JON-002")
def test_unjoining_a_stranger_is_reported(bench: Bench) -> None:
    """Unjoining a device that is not in the log gives code 1."""
    bench.expect_code(bench.unjoin_command(), _NOT_IN_LOG)


@pytest.mark.case("GBCS-LOG-001")
def test_log_read_keeps_to_its_range(bench: Bench) -> None:
    """A log read gives no entry outside the range that was asked for."""
    bench.provoke_log_entry()
    times = bench.log_times(-2 * _HOUR, -_HOUR)
    bench.expect(not times, expected="no entry before the range ends", seen=f"{len(times)} of them")


@pytest.mark.case("GBCS-LOG-002")
def test_refused_command_is_logged(bench: Bench) -> None:
    """A command that the device refuses leaves an entry in its security log."""
    before = len(bench.log_times(-_HOUR, _HOUR))
    bench.provoke_log_entry()
    after = len(bench.log_times(-_HOUR, _HOUR))
    bench.expect(after > before, expected=f"more than {before} entries", seen=f"{after}")

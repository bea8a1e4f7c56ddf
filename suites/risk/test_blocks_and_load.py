"""Attacks on block transfer, and floods: gaps, repetitions, lies about the end, transfers that never end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from trialconformance.harness import Bench, Capability

_MOST = 64  # octets of data in a block, so that a short command has several
_FLOOD = 200


@pytest.mark.case("RISK-GBT-001")
def test_blocks_with_a_gap_are_not_executed(bench: Bench) -> None:
    """A transfer with a block missing is not executed."""
    bench.prove_alive()
    command = bench.command_for("protected")
    blocks = bench.blocks_of(command, most=_MOST)
    answer = bench.send_blocks(command, [each for each in blocks if each.number != 2])
    bench.expect(answer is None, expected="no response to a transfer with a gap", seen="a genuine response")
    bench.expect_alive_still("after a transfer with a gap")


@pytest.mark.case("RISK-GBT-002")
def test_contradicting_blocks_are_not_executed(bench: Bench) -> None:
    """A block that is sent twice with different content makes the transfer worthless."""
    bench.prove_alive()
    command = bench.command_for("protected")
    blocks = bench.blocks_of(command, most=_MOST)
    forged = replace(blocks[1], data=bytes(len(blocks[1].data)))
    answer = bench.send_blocks(command, [blocks[0], forged, *blocks[2:]])
    bench.expect(answer is None, expected="no response to a transfer with a forged block", seen="a genuine response")
    bench.expect_alive_still("after a forged block")


@pytest.mark.case("RISK-GBT-003")
def test_block_numbers_out_of_range_are_survived(bench: Bench) -> None:
    """Blocks numbered 0 and 65,535, and a last block before the first, do no harm."""
    bench.prove_alive()
    command = bench.command_for("protected")
    first = bench.blocks_of(command, most=_MOST)[0]
    for block in (replace(first, number=0), replace(first, number=65_535, last=True), replace(first, last=True)):
        seen = bench.attack(bench.block(command, block))
        bench.expect(not seen, expected=f"no response to block {block.number}", seen=seen)
    bench.expect_alive_still("after block numbers out of range")


@pytest.mark.case("RISK-GBT-004")
def test_transfers_that_never_end_are_survived(bench: Bench) -> None:
    """Two hundred transfers that were begun and never ended do not keep the device from working."""
    bench.prove_alive()
    for _ in range(_FLOOD):
        command = bench.command_for("protected")
        bench.attack(bench.block(command, bench.blocks_of(command, most=_MOST)[0]))
    bench.expect_alive_still("after two hundred transfers that were begun")


@pytest.mark.case("RISK-RES-001")
def test_flood_of_garbage_is_survived(bench: Bench) -> None:
    """Two hundred messages of garbage do not keep the device from working."""
    bench.needs(Capability.TAMPER)
    bench.prove_alive()
    command = bench.command_for("read")
    for number in range(_FLOOD):
        bench.attack(bench.with_octets(command, bytes([number % 256]) * (number + 1)))
    bench.expect_alive_still("after two hundred messages of garbage")


@pytest.mark.case("RISK-RES-002")
def test_flood_of_refused_commands_does_not_weaken_the_device(bench: Bench) -> None:
    """After two hundred refused commands the device still refuses what it must refuse."""
    bench.needs(Capability.TAMPER)
    bench.prove_alive()
    for _ in range(_FLOOD):
        bench.attack(bench.with_octet(bench.command_for("read"), -1))
    seen = bench.attack(bench.with_octet(bench.command_for("read"), -1))
    bench.expect(not seen, expected="no response to a command with a wrong MAC after a flood", seen=seen)
    bench.expect_alive_still("after two hundred refused commands")


@pytest.mark.case("RISK-RES-003")
def test_deeply_nested_payload_is_survived(bench: Bench) -> None:
    """A payload of a thousand values inside each other does no harm."""
    bench.needs(Capability.TAMPER)
    bench.prove_alive()
    for use_case, payload in (
        ("CS06", bench.nested_der(1000)),
        (bench.use_case("other_read"), bench.nested_data(1000)),
    ):
        message = replace(bench.message(use_case, image_hash=bytes(32)), payload=payload)
        bench.attack(bench.protected(message, use_case, hostile=True))
        bench.expect_alive_still(f"after a deeply nested payload of {use_case}")

"""General block transfers in captures: reassembled and judged, block by block and as the message they make."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from gbcs_samples import ACB, command, keystore, response

from trialconformance.core import Finding
from trialconformance.gbcs import Capture, Message, subjects
from trialconformance.gbcs.checks import CHECKS
from trialconformance.gbcs.gbt import Block, Routing, segment

BY_ID = {check.case.id: check for check in CHECKS}
LARGE = response(payload=bytes.fromhex("da2000006400000109820500") + bytes(1280) + bytes.fromhex("010100"))


def blocks(message: Message) -> list[Block]:
    """The blocks of a message, of 400 octets each."""
    routing = Routing(message.cra, message.originator_counter, message.originator, message.target, message.message_code)
    return list(segment(message.octets, routing, most=400))


def captured(*found: Block) -> list[Capture]:
    """Blocks as captures of one scenario."""
    return [Capture.of(block.encode(), name=f"block {at}") for at, block in enumerate(found)]


def judge(case: str, captures: list[Capture]) -> list[Finding]:
    """What a case finds."""
    check = BY_ID[case]
    found = subjects(captures, keystore=keystore(), acb=ACB)[check.case.scope.kind]
    return [finding for each in found if check.case.scope.admits(each) for finding in check(each)]


def test_blocks_are_judged_as_the_message_they_make() -> None:
    """The message that blocks make is read, verified and paired like one captured whole, and not too long."""
    captures = captured(*reversed(blocks(LARGE)), *blocks(LARGE)[:1])
    found = subjects([*captures, Capture.of(command().octets, name="command")], keystore=keystore(), acb=ACB)
    [transfer] = found["gbcs-transfer"]
    assert transfer.capture.octets == LARGE.octets
    assert {each.name for each in found["gbcs-message"]} == {"command", "block 0 (reassembled)"}
    assert len(found["gbcs-exchange"]) == 1
    assert not judge("GBCS-STR-017", captures)
    assert not any(judge(case, captures) for case in ("GBCS-GBT-001", "GBCS-GBT-002", "GBCS-GBT-003"))


SPOIL: dict[str, tuple[str, Callable[[list[Block]], list[Block]]]] = {
    "a gap": ("GBCS-GBT-001", lambda found: [found[0], found[2], found[3]]),
    "last flag too early": ("GBCS-GBT-001", lambda found: [replace(found[0], last=True), *found[1:]]),
    "no last flag": ("GBCS-GBT-001", lambda found: [*found[:-1], replace(found[-1], last=False)]),
    "no message": ("GBCS-GBT-002", lambda found: [replace(found[0], data=b"\0" + found[0].data[1:]), *found[1:]]),
    "incomplete": ("GBCS-GBT-002", lambda found: found[:-1]),
    "too much in a block": (
        "GBCS-GBT-002",
        lambda found: [replace(found[-1], number=1, last=True, data=LARGE.octets)],
    ),
    "another header": (
        "GBCS-GBT-003",
        lambda found: [replace(each, routing=each.routing._replace(message_code=1)) for each in found],
    ),
}


@pytest.mark.parametrize("fault", SPOIL)
def test_a_broken_transfer_is_found(fault: str) -> None:
    """Gaps, flags, sizes, contents and headers of blocks are each found by their case."""
    case, spoil = SPOIL[fault]
    assert judge(case, captured(*spoil(blocks(LARGE))))


def test_a_block_that_cannot_be_read_is_found_with_its_place() -> None:
    """A block of another layout is one finding, with the offset, and keeps no message from being judged."""
    captures = [Capture.of(bytes.fromhex("dd0902"), name="broken"), *captured(*blocks(LARGE))]
    [found] = judge("GBCS-GBT-002", captures)
    assert found.span is not None
    assert len(subjects(captures)["gbcs-message"]) == 1


def test_acknowledgements_make_no_transfer() -> None:
    """A block without data only acknowledges and belongs to no message."""
    [first, *_] = blocks(LARGE)
    assert subjects(captured(replace(first, data=b"")))["gbcs-transfer"] == []

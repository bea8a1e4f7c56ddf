"""GBCS-GBT: blocks of a general block transfer are complete, small enough, and carry the message they say."""

from __future__ import annotations

from collections.abc import Iterator

from trialconformance.core import Basis, Finding, Scope, Span, check, finding, format_eui64
from trialconformance.gbcs.gbt import DATA_MOST, Routing
from trialconformance.gbcs.subjects import TRANSFER
from trialconformance.gbcs.transfers import Transfer

_CLAUSE = "GBCS 7.2.8"

TRANSFERS = Scope(kind=TRANSFER, title="every general block transfer")
REASSEMBLED = Scope(
    kind=TRANSFER,
    title="every general block transfer that makes a message",
    admits=lambda transfer: transfer.capture is not None and transfer.capture.message is not None,
)


@check("GBCS-GBT-001", clause=_CLAUSE, applies_to=TRANSFERS)
def blocks_are_numbered_without_a_gap(transfer: Transfer) -> Iterator[Finding]:
    """The blocks of a message are numbered from 1 without a gap, and only the highest one is marked the last."""
    if not transfer.blocks:
        return
    numbers = sorted({each.block.number for each in transfer.blocks})
    wanted = list(range(1, numbers[-1] + 1))
    if numbers != wanted:
        yield finding(
            expected=f"blocks 1 to {numbers[-1]}", seen=f"blocks {', '.join(str(number) for number in numbers)}"
        )
    for each in transfer.blocks:
        is_highest = each.block.number == numbers[-1]
        if each.block.last != is_highest:
            yield finding(
                artefact=each.capture.name,
                expected=f"the last flag {'set' if is_highest else 'not set'} on block {each.block.number}",
                seen="set" if each.block.last else "not set",
            )


@check("GBCS-GBT-002", clause=_CLAUSE, applies_to=TRANSFERS)
def blocks_make_a_message(transfer: Transfer) -> Iterator[Finding]:
    """A block holds at most 1,149 octets of the message, and the blocks together make a whole GBCS message."""
    error = transfer.error
    if error is None and transfer.capture is not None:
        error = transfer.capture.error
    if error is not None:
        offset = None if transfer.capture is not None or error.offset is None else error.offset
        yield finding(
            at=None if offset is None else Span(start=offset, length=error.length, path=error.path),
            expected=error.expected or "blocks that make a message",
            seen=f"{error.message}: {error.seen}",
        )
    for each in transfer.blocks:
        if len(each.block.data) > DATA_MOST:
            yield finding(
                artefact=each.capture.name,
                expected=f"at most {DATA_MOST} octets of data",
                seen=f"{len(each.block.data)} octets in block {each.block.number}",
            )


@check("GBCS-GBT-003", clause=_CLAUSE, applies_to=REASSEMBLED, basis=Basis.ASSUMED)
def blocks_repeat_the_header_of_their_message(transfer: Transfer) -> Iterator[Finding]:
    """The header of the blocks repeats kind, counter, parties and Message Code of the message they make."""
    message = None if transfer.capture is None else transfer.capture.message
    if message is None:
        return
    expected = Routing(
        message.cra, message.originator_counter, message.originator, message.target, message.message_code
    )
    seen = transfer.blocks[0].block.routing
    if seen != expected:
        yield finding(expected=_words(expected), seen=_words(seen))


def _words(routing: Routing) -> str:
    return (
        f"kind {routing.cra:02X}, counter {routing.originator_counter}, {format_eui64(routing.originator)} to "
        f"{format_eui64(routing.target)}, Message Code {routing.message_code:04X}"
    )

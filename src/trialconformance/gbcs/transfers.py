"""General block transfers in captures: which blocks belong together, and the message they make."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from trialconformance.core import ArtefactError
from trialconformance.gbcs.captures import Capture
from trialconformance.gbcs.gbt import Block, Reassembly, Routing, decode_block

__all__ = ["CapturedBlock", "Transfer", "transfers"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturedBlock:
    """One block with the capture it was read from.

    Args:
        capture: the capture.
        block: the block.
    """

    capture: Capture
    block: Block


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """The blocks of one scenario that repeat the same header, or one block that cannot be read.

    Args:
        name: name of the first capture.
        octets: its octets.
        blocks: the blocks in the order of their captures, acknowledgements left out.
        error: why a block cannot be read, or why the blocks make no message.
        capture: the message they make, None where they make none.
    """

    name: str
    octets: bytes = field(repr=False)
    blocks: tuple[CapturedBlock, ...] = ()
    error: ArtefactError | None = None
    capture: Capture | None = None


def transfers(captures: Iterable[Capture]) -> list[Transfer]:
    """Put captured blocks together.

    Args:
        captures: captures of any kind; only blocks are looked at.

    Returns:
        One transfer for each message that was cut into blocks and for each block that cannot be read; blocks that
        only acknowledge make none.
    """
    found: list[Transfer] = []
    groups: dict[tuple[str, Routing], list[CapturedBlock]] = {}
    for capture in captures:
        if not capture.block:
            continue
        try:
            block = decode_block(capture.octets)
        except ArtefactError as error:
            found.append(Transfer(name=capture.name, octets=capture.octets, error=error))
            continue
        if not block.is_acknowledgement:
            key = (capture.scenario, block.routing)
            groups.setdefault(key, []).append(CapturedBlock(capture=capture, block=block))
    return [*found, *(_reassembled(blocks) for blocks in groups.values())]


def _reassembled(blocks: list[CapturedBlock]) -> Transfer:
    first = blocks[0].capture
    error: ArtefactError | None = None
    capture: Capture | None = None
    try:
        octets = Reassembly.of(each.block for each in blocks).octets()
    except ArtefactError as failure:
        error = failure
    else:
        capture = Capture.of(octets, name=f"{first.name} (reassembled)", scenario=first.scenario, reassembled=True)
    return Transfer(name=first.name, octets=first.octets, blocks=tuple(blocks), error=error, capture=capture)

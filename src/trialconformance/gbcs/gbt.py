"""General block transfer: a message too large for one unit of 1,200 octets, cut into blocks and put together again.

GBCS 7.2.8. No official vector shows it: the layout is what public parsers read, the security header of a block and the
rules of retransmission are not confirmed. Blocks carry no MAC; the message they make has its own protection.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from construct import (
    BitsInteger,
    BitStruct,
    Byte,
    Bytes,
    Const,
    ConstructError,
    Flag,
    Int16ub,
    Int32ub,
    Int64ub,
    Struct,
    this,
)

from trialconformance.core import ArtefactError, UsageError
from trialconformance.gbcs.length import LENGTH, Length, write_length

__all__ = ["DATA_MOST", "MESSAGE_MOST", "UNIT_OCTETS", "Block", "Reassembly", "Routing", "decode_block", "segment"]

UNIT_OCTETS = 1200  # what one unit may hold
DATA_MOST = 1149  # octets of data in a block: 1,200 less 51 of overhead with length fields of 3 octets
MESSAGE_MOST = 63 * DATA_MOST  # GBCS plans 72,000 octets for 63 full blocks; smaller blocks may be more of them
_CLAUSE = "GBCS 7.2.8"
_WINDOW_MOST = 0x3F
_NUMBER_MOST = 0xFFFF

_LAYOUT = Struct(
    "tag" / Const(0xDD, Byte),
    "transaction_id_length" / Const(9, Byte),
    "cra" / Byte,
    "originator_counter" / Int64ub,
    "originator_length" / Const(8, Byte),
    "originator" / Bytes(8),
    "target_length" / Const(8, Byte),
    "target" / Bytes(8),
    "date_time_length" / Const(0, Byte),
    "other_information_length" / Const(2, Byte),
    "message_code" / Int16ub,
    "key_info" / Const(0, Byte),
    "content_length" / LENGTH,
    "security_control" / Byte,
    "invocation_counter" / Int32ub,
    "block_tag" / Const(0xE0, Byte),
    "control" / BitStruct("last" / Flag, "streaming" / Flag, "window" / BitsInteger(6)),
    "number" / Int16ub,
    "acknowledged" / Int16ub,
    "data_length" / LENGTH,
    "data" / Bytes(this.data_length),
)
_CONTENT_LENGTH = 34  # octets before the length field of the content
_CONTENT_HEAD = 11  # octets of content before the length field of the data


class Routing(NamedTuple):
    """What every block repeats of the message it belongs to.

    Args:
        cra: 1 command, 2 response, 3 alert.
        originator_counter: Originator Counter.
        originator: EUI-64, 8 octets.
        target: EUI-64, 8 octets.
        message_code: Message Code.
    """

    cra: int
    originator_counter: int
    originator: bytes
    target: bytes
    message_code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block.

    Args:
        routing: what it repeats of the message.
        number: block number, from 1.
        data: its part of the message; without any the block is an acknowledgement.
        last: whether it is the last block.
        streaming: whether more blocks follow without waiting for an acknowledgement.
        window: blocks the sender takes before it must acknowledge, 0 to 63.
        acknowledged: number of the last block received.
        security_control: 00 expected, not confirmed.
        invocation_counter: 0 expected, not confirmed.
        widths: octets of the two length fields where they are not the shortest form, otherwise 0.
    """

    routing: Routing
    number: int
    data: bytes
    last: bool = False
    streaming: bool = False
    window: int = 1
    acknowledged: int = 0
    security_control: int = 0
    invocation_counter: int = 0
    widths: tuple[int, int] = (0, 0)

    @property
    def is_acknowledgement(self) -> bool:
        """Whether the block only says what was received."""
        return not self.data

    def encode(self) -> bytes:
        """The octets of the block.

        Raises:
            ArtefactError: a value does not fit its field.
        """
        content_width, data_width = self.widths
        data_length = Length(len(self.data), data_width)
        content_length = _CONTENT_HEAD + len(write_length(data_length, data_width)) + data_length
        values = {
            **self.routing._asdict(),
            "content_length": Length(content_length, content_width),
            "security_control": self.security_control,
            "invocation_counter": self.invocation_counter,
            "control": {"last": self.last, "streaming": self.streaming, "window": self.window},
            "number": self.number,
            "acknowledged": self.acknowledged,
            "data_length": data_length,
            "data": self.data,
        }
        try:
            octets: bytes = _LAYOUT.build(values)
        except ConstructError as error:
            seen = str(error).splitlines()[-1]
            raise ArtefactError("a value does not fit its field of a block", clause=_CLAUSE, seen=seen) from error
        return octets


def decode_block(octets: bytes) -> Block:
    """Read one block to its last octet.

    Args:
        octets: begins with DD 09.

    Returns:
        The block.

    Raises:
        ArtefactError: it has another layout, or octets are missing or left over.
    """
    stream = io.BytesIO(octets)
    try:
        found = _LAYOUT.parse_stream(stream)
    except (ConstructError, ArtefactError) as error:
        raise _broken(octets, stream.tell(), _path_of(error), "the layout of a block", str(error)) from error
    content = _CONTENT_HEAD + len(write_length(found.data_length, found.data_length.width)) + found.data_length
    if found.content_length != content:
        raise _broken(octets, _CONTENT_LENGTH, "content_length", f"{content} octets", f"{found.content_length} octets")
    if (at := stream.tell()) != len(octets):
        raise _broken(octets, at, "data", "the end of the block", f"{len(octets) - at} octets more")
    return Block(
        routing=Routing(*(found[name] for name in Routing._fields)),
        number=found.number,
        data=found.data,
        last=found.control.last,
        streaming=found.control.streaming,
        window=found.control.window,
        acknowledged=found.acknowledged,
        security_control=found.security_control,
        invocation_counter=found.invocation_counter,
        widths=(found.content_length.width, found.data_length.width),
    )


def segment(octets: bytes, routing: Routing, *, most: int = DATA_MOST, window: int = 1) -> tuple[Block, ...]:
    """Cut a message into blocks.

    Args:
        octets: the protected message.
        routing: what every block repeats of it.
        most: octets of data in a block, 1 to 1,149.
        window: blocks before an acknowledgement, 1 to 63.

    Returns:
        The blocks, numbered from 1, all but the last of them full.

    Raises:
        UsageError: nothing to cut, more than the largest message GBCS plans for, or a number out of range.
    """
    if not 1 <= most <= DATA_MOST or not 1 <= window <= _WINDOW_MOST:
        raise UsageError(
            f"blocks of {most} octets in a window of {window}",
            where="segment",
            accepted=f"1 to {DATA_MOST} octets, a window of 1 to {_WINDOW_MOST}",
        )
    accepted = min(MESSAGE_MOST, most * _NUMBER_MOST)
    if not 0 < len(octets) <= accepted:
        raise UsageError(f"{len(octets)} octets", where="segment", accepted=f"1 to {accepted} octets")
    count = -(-len(octets) // most)
    return tuple(
        Block(
            routing=routing,
            number=at + 1,
            data=octets[at * most : (at + 1) * most],
            last=at == count - 1,
            streaming=(at + 1) % window != 0 and at < count - 1,
            window=window,
        )
        for at in range(count)
    )


class Reassembly:
    """Puts the blocks of one message together, in whatever order they come.

    Memory is bounded: no more octets than the largest message GBCS plans for.

    Args:
        routing: what every block must repeat.
    """

    __slots__ = ("_blocks", "_held", "_last", "routing")

    def __init__(self, routing: Routing) -> None:
        self.routing = routing
        self._blocks: dict[int, bytes] = {}
        self._held = 0
        self._last: int | None = None

    @classmethod
    def of(cls, blocks: Iterable[Block]) -> Reassembly:
        """Take blocks of one message.

        Raises:
            ArtefactError: as ``add``.
            UsageError: there are no blocks.
        """
        blocks = list(blocks)
        if not blocks:
            raise UsageError("no blocks", where="reassembly", accepted="one block at least")
        reassembly = cls(blocks[0].routing)
        for block in blocks:
            reassembly.add(block)
        return reassembly

    def add(self, block: Block) -> None:
        """Take one block; an acknowledgement and a repeated block change nothing.

        Raises:
            ArtefactError: it belongs to another message, has number 0, contradicts a block that is there, comes after
                the last one, or is too much.
        """
        if block.routing != self.routing:
            raise _refused("the block belongs to another message", str(self.routing), str(block.routing))
        if block.is_acknowledgement:
            return
        if not block.number:
            raise _refused("no block has this number", "1 or more", "0")
        known = self._blocks.get(block.number)
        if known is not None:
            if known != block.data or block.last != (block.number == self._last):
                raise _refused("a block was repeated with other content", f"block {block.number} as before", "another")
            return
        highest = max([*self._blocks, block.number])
        last = block.number if block.last else self._last
        if (block.last and self._last is not None) or (last is not None and highest > last):
            raise _refused("a block comes after the last one", f"at most block {last}", f"block {highest}")
        if self._held + len(block.data) > MESSAGE_MOST:
            raise _refused("the blocks are too much", f"{MESSAGE_MOST} octets", f"{self._held + len(block.data)}")
        self._blocks[block.number] = block.data
        self._held += len(block.data)
        self._last = last

    @property
    def missing(self) -> tuple[int, ...]:
        """Numbers of the blocks that are not there, as far as the highest one that is known of."""
        highest = self._last or max(self._blocks, default=0)
        return tuple(number for number in range(1, highest + 1) if number not in self._blocks)

    @property
    def complete(self) -> bool:
        """Whether every block up to the last one is there."""
        return self._last is not None and not self.missing

    def octets(self) -> bytes:
        """The message.

        Raises:
            ArtefactError: blocks are missing.
        """
        if not self.complete:
            missing = ", ".join(map(str, self.missing)) or "the last one"
            raise _refused("blocks are missing", "every block up to the last one", f"without {missing}")
        return b"".join(self._blocks[number] for number in sorted(self._blocks))


def _path_of(error: ConstructError | ArtefactError) -> str:
    """The field construct stopped in, as a field path."""
    return ".".join(part for part in str(error.path or "").split(" -> ") if not part.startswith("("))


def _broken(octets: bytes, at: int, path: str, expected: str, seen: str) -> ArtefactError:
    return ArtefactError(
        "this is no whole block of a general block transfer",
        offset=at,
        length=len(octets) - at,
        path=path,
        clause=_CLAUSE,
        expected=expected,
        seen=seen.splitlines()[-1],
    )


def _refused(message: str, expected: str, seen: str) -> ArtefactError:
    return ArtefactError(message, path="block", clause=_CLAUSE, expected=expected, seen=seen)

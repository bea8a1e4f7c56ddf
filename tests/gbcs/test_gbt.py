"""General block transfer: blocks both ways, reassembly in any order, gaps, duplicates, acknowledgements, bounds."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialconformance.core import ArtefactError, UsageError
from trialconformance.gbcs.gbt import (
    DATA_MOST,
    MESSAGE_MOST,
    UNIT_OCTETS,
    Block,
    Reassembly,
    Routing,
    decode_block,
    segment,
)

ROUTING = Routing(1, 1000, bytes.fromhex("90b3d51f30010000"), bytes.fromhex("00db1234567890a0"), 0x0027)
OTHER = ROUTING._replace(originator_counter=1001)
blocks = st.builds(
    Block,
    routing=st.builds(
        Routing,
        st.integers(0, 0xFF),
        st.integers(0, 2**64 - 1),
        st.binary(min_size=8, max_size=8),
        st.binary(min_size=8, max_size=8),
        st.integers(0, 0xFFFF),
    ),
    number=st.integers(0, 0xFFFF),
    data=st.binary(max_size=300),
    last=st.booleans(),
    streaming=st.booleans(),
    window=st.integers(0, 63),
    acknowledged=st.integers(0, 0xFFFF),
    security_control=st.integers(0, 0xFF),
    invocation_counter=st.integers(0, 2**32 - 1),
    widths=st.sampled_from([(0, 0), (0, 0), (4, 0), (0, 4), (5, 5)]),
)


@given(blocks)
def test_a_block_reads_back(block: Block) -> None:
    """Every block reads back from its octets, also with lengths in a longer form."""
    assert decode_block(block.encode()) == block


@given(st.binary(max_size=80))
def test_any_octets_are_read_or_refused(octets: bytes) -> None:
    """Octets of any kind are a block that writes the same octets again, or are refused with an offset."""
    try:
        block = decode_block(b"\xdd\x09" + octets)
    except ArtefactError as error:
        assert error.offset is not None  # noqa: PT017  # either outcome is right, each on its own terms
        return
    assert block.encode() == b"\xdd\x09" + octets


@given(
    st.binary(min_size=1, max_size=2000), st.integers(40, 1149), st.integers(1, 63), st.randoms(use_true_random=False)
)
def test_a_message_comes_together_in_any_order(octets: bytes, most: int, window: int, random: object) -> None:
    """Blocks of a message, shuffled and repeated, make the same message again."""
    cut = list(segment(octets, ROUTING, most=most, window=window))
    shuffled = [*cut, *cut[:2], Block(routing=ROUTING, number=0, data=b"", acknowledged=1)]
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random
    reassembly = Reassembly.of(shuffled)
    assert reassembly.complete
    assert reassembly.missing == ()
    assert reassembly.octets() == octets
    assert [block.number for block in cut] == list(range(1, len(cut) + 1))
    assert [block.last for block in cut] == [False] * (len(cut) - 1) + [True]


def test_a_full_block_fills_a_unit() -> None:
    """A block of 1,149 octets of data takes 1,200 octets."""
    first, last = segment(bytes(DATA_MOST + 1), ROUTING)
    assert len(first.encode()) == UNIT_OCTETS
    assert len(last.data) == 1


def test_streaming_stops_for_an_acknowledgement() -> None:
    """Within a window blocks follow each other; the last of a window waits, and so does the last of all."""
    cut = segment(bytes(50), ROUTING, most=10, window=2)
    assert [block.streaming for block in cut] == [True, False, True, False, False]


@pytest.mark.parametrize(
    ("octets", "most", "window"),
    [
        (b"", 10, 1),
        (bytes(MESSAGE_MOST + 1), DATA_MOST, 1),
        (bytes(0x10000), 1, 1),
        (b"1", 0, 1),
        (b"1", 1150, 1),
        (b"1", 10, 0),
        (b"1", 10, 64),
    ],
)
def test_what_cannot_be_cut_is_refused(octets: bytes, most: int, window: int) -> None:
    """Nothing, too much, or numbers out of range are refused."""
    with pytest.raises(UsageError):
        segment(octets, ROUTING, most=most, window=window)


def test_missing_blocks_are_named() -> None:
    """A message with gaps, or without its last block, does not come together and says what is missing."""
    cut = segment(bytes(50), ROUTING, most=10)
    gap = Reassembly.of([cut[0], cut[2], cut[4]])
    assert (gap.complete, gap.missing) == (False, (2, 4))
    with pytest.raises(ArtefactError, match="without 2, 4"):
        gap.octets()
    open_end = Reassembly.of(cut[:2])
    assert (open_end.complete, open_end.missing) == (False, ())
    with pytest.raises(ArtefactError, match="without the last one"):
        open_end.octets()
    assert Reassembly(ROUTING).missing == ()


def test_no_blocks_are_refused() -> None:
    """Nothing cannot be put together."""
    with pytest.raises(UsageError, match="no blocks"):
        Reassembly.of([])


@pytest.mark.parametrize(
    ("block", "message"),
    [
        (Block(routing=OTHER, number=2, data=b"b"), "another message"),
        (Block(routing=ROUTING, number=0, data=b"b"), "no block has this number"),
        (Block(routing=ROUTING, number=1, data=b"b"), "other content"),
        (Block(routing=ROUTING, number=1, data=b"a", last=True), "other content"),
        (Block(routing=ROUTING, number=4, data=b"d"), "after the last one"),
        (Block(routing=ROUTING, number=2, data=b"b", last=True), "after the last one"),
        (Block(routing=ROUTING, number=2, data=bytes(MESSAGE_MOST)), "too much"),
    ],
)
def test_blocks_that_contradict_are_refused(block: Block, message: str) -> None:
    """A block of another message, with an impossible number, other content or too much of it is refused."""
    reassembly = Reassembly.of(
        [Block(routing=ROUTING, number=1, data=b"a"), Block(routing=ROUTING, number=3, data=b"c", last=True)]
    )
    with pytest.raises(ArtefactError, match=message):
        reassembly.add(block)


def test_a_last_block_before_others_is_refused() -> None:
    """A block that calls itself the last one although a higher one is there is refused."""
    reassembly = Reassembly.of([Block(routing=ROUTING, number=5, data=b"e")])
    with pytest.raises(ArtefactError, match="after the last one"):
        reassembly.add(Block(routing=ROUTING, number=2, data=b"b", last=True))


def block_octets(**changed: object) -> bytes:
    """One block with some values changed."""
    return replace(Block(routing=ROUTING, number=1, data=b"data", last=True), **changed).encode()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("octets", "offset", "path"),
    [
        (b"", 0, "tag"),
        (b"\xdd", 1, "transaction_id_length"),
        (block_octets()[:-1], len(block_octets()) - 1, "data"),
        (block_octets() + b"\x00", len(block_octets()), "data"),
        (block_octets().replace(b"\xe0\x81", b"\xe1\x81"), 41, "block_tag"),
        (block_octets().replace(b"\x00\x10\x00", b"\x00\x0e\x00"), 34, "content_length"),
    ],
)
def test_what_is_no_block_is_refused_where_it_breaks(octets: bytes, offset: int, path: str) -> None:
    """Octets of another layout are refused with the offset and the field."""
    with pytest.raises(ArtefactError) as caught:
        decode_block(octets)
    assert (caught.value.offset, caught.value.path) == (offset, path)


@pytest.mark.parametrize("changed", [{"number": 65536}, {"window": 64}, {"routing": ROUTING._replace(originator=b"")}])
def test_a_block_that_fits_no_octets_is_refused(changed: dict[str, object]) -> None:
    """Writing a block with a value that does not fit its field is refused."""
    with pytest.raises(ArtefactError, match="does not fit its field"):
        block_octets(**changed)

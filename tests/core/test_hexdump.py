"""The hex dump marks exactly the octets at fault."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trialconformance.core import HexRow, Span, finding, hex_rows, place, stamp

OCTETS = bytes(range(200))


def rows_of(span: Span | None, octets: bytes = OCTETS) -> tuple[HexRow, ...]:
    """The dump of a finding as the judge completes it."""
    stamped = stamp([finding(expected="", seen="", at=span)], case="GBCS-STR-001", artefact="a", octets={"a": octets})
    return hex_rows(stamped[0].excerpt, stamped[0].span)


@given(st.integers(0, 199), st.integers(1, 60))
def test_marks_are_the_span(start: int, length: int) -> None:
    """Marked cells are the octets of the span, and every offset in the gutter is true."""
    rows = rows_of(Span(start=start, length=length))
    marked = [octet.hex for row in rows for octet in row.octets if octet.marked]
    assert marked == [f"{value:02X}" for value in OCTETS[start : start + length]]
    for row in rows:
        assert row.octets[0].hex == f"{OCTETS[int(row.offset, 16)]:02X}"


@given(st.integers(0, 200))
def test_gap_is_one_cell_and_shifts_no_offset(start: int) -> None:
    """A span of no octets marks a gap; the offsets of later rows stay true."""
    rows = rows_of(Span(start=start, length=0))
    assert [octet.hex for row in rows for octet in row.octets if octet.marked] == [".."]
    for row in rows:
        first = next(octet for octet in row.octets if octet.hex != "..")
        assert first.hex == f"{OCTETS[int(row.offset, 16)]:02X}"


def test_finding_without_place_has_no_dump() -> None:
    """No span, no rows and no words."""
    assert rows_of(None) == ()
    assert place(None) == ""


def test_place_in_words() -> None:
    """One octet, several octets and a gap are told apart."""
    assert place(Span(start=18, length=1)) == "octet 18 (0x12)"
    assert place(Span(start=18, length=8)) == "octets 18 to 25 (0x12 to 0x19)"
    assert place(Span(start=18, length=0)) == "at octet 18 (0x12)"


def test_gap_in_an_empty_artefact() -> None:
    """An empty artefact shows the gap alone."""
    rows = rows_of(Span(start=0, length=0), b"")
    assert [octet.hex for row in rows for octet in row.octets] == [".."]

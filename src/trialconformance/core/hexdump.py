"""An excerpt as rows of a hex dump with the octets at fault marked, and the place of a span in words."""

from __future__ import annotations

from dataclasses import dataclass

from trialconformance.core.finding import Excerpt, Span

__all__ = ["HexRow", "Octet", "hex_rows", "place"]

_ROW = 16
_PRINTABLE = range(0x20, 0x7F)


@dataclass(frozen=True, slots=True, kw_only=True)
class Octet:
    """One cell of the dump.

    Args:
        hex: two hex digits, or two dots for "something is missing here".
        text: the printable character or a middle dot.
        marked: whether the octet is at fault.
    """

    hex: str
    text: str
    marked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HexRow:
    """Up to 16 octets.

    Args:
        offset: octets from the start of the artefact, as five hex digits.
        octets: the cells.
        padding: blanks that line up the text column of a short row.
    """

    offset: str
    octets: tuple[Octet, ...]
    padding: str

    @property
    def marked(self) -> bool:
        """Whether the row holds an octet at fault."""
        return any(octet.marked for octet in self.octets)


def hex_rows(excerpt: Excerpt | None, span: Span | None) -> tuple[HexRow, ...]:
    """Lay out the excerpt of a finding.

    Args:
        excerpt: the octets to show; without any there are no rows.
        span: the octets at fault, counted from the start of the artefact.

    Returns:
        Rows of 16 octets, the span marked. A span of no octets marks a gap before the octet at its place.
    """
    if excerpt is None or span is None:
        return ()
    octets = bytes.fromhex(excerpt.octets)
    first = excerpt.start
    cells = [
        Octet(
            hex=f"{value:02X}",
            text=chr(value) if value in _PRINTABLE else "·",
            marked=span.start <= first + index < span.end,
        )
        for index, value in enumerate(octets)
    ]
    rows = [list(cells[start : start + _ROW]) for start in range(0, len(cells), _ROW)]
    gap = span.start - first
    if span.length == 0 and 0 <= gap <= len(cells):
        # The gap stands in its row beside the octets, so that the offsets of later rows stay true.
        row = min(gap // _ROW, max(len(rows) - 1, 0))
        rows = rows or [[]]
        rows[row].insert(gap - row * _ROW, Octet(hex="..", text="·", marked=True))
    return tuple(
        HexRow(offset=f"{first + index * _ROW:05X}", octets=tuple(row), padding="   " * (_ROW - len(row)))
        for index, row in enumerate(rows)
    )


def place(span: Span | None) -> str:
    """Say in words where a span lies, for a reader who does not see the dump.

    Args:
        span: the octets at fault.

    Returns:
        For example ``octets 18 to 25 (0x12 to 0x19)``; empty when there is no place.
    """
    if span is None:
        return ""
    if span.length == 0:
        return f"at octet {span.start} (0x{span.start:X})"
    if span.length == 1:
        return f"octet {span.start} (0x{span.start:X})"
    return f"octets {span.start} to {span.end - 1} (0x{span.start:X} to 0x{span.end - 1:X})"

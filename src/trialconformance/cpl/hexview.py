"""The octets around an objection, in rows, with those at fault marked."""

from __future__ import annotations

from dataclasses import dataclass

from trialconformance.cpl.report import Place

__all__ = ["HexOctet", "HexRow", "hex_rows"]

_ROW = 16  # octets


@dataclass(frozen=True, slots=True, kw_only=True)
class HexOctet:
    """One octet.

    Args:
        text: two hex digits.
        character: what it is in ASCII, a dot where it is no visible character.
        marked: whether it is at fault.
    """

    text: str
    character: str
    marked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HexRow:
    """Up to 16 octets.

    Args:
        offset: octets from the start of the file to the first of them.
        octets: the octets.
    """

    offset: int
    octets: tuple[HexOctet, ...]


def hex_rows(place: Place) -> tuple[HexRow, ...]:
    """Lay out the excerpt of an objection.

    Args:
        place: the objection.

    Returns:
        Rows of 16 octets; none where there is no excerpt.
    """
    if place.excerpt is None or place.excerpt_offset is None or place.offset is None:
        return ()
    octets = bytes.fromhex(place.excerpt)
    first, last = place.offset, place.offset + (place.length or 0)
    return tuple(
        HexRow(
            offset=place.excerpt_offset + start,
            octets=tuple(
                HexOctet(
                    text=f"{octet:02X}",
                    character=chr(octet) if 0x20 <= octet < 0x7F else ".",
                    marked=first <= place.excerpt_offset + start + index < last,
                )
                for index, octet in enumerate(octets[start : start + _ROW])
            ),
        )
        for start in range(0, len(octets), _ROW)
    )

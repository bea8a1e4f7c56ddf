"""BER definite lengths as DLMS and DER write them, read leniently: the shortest form is not asked for.

X.690 8.1.3; DLMS Green Book. RTDS: DLMS lengths are always the shortest, 18 DER payloads hold ``82 00 xx``.
"""

from __future__ import annotations

import io
from typing import Any, Self

from construct import Construct, ConstructError, stream_read, stream_write

from trialconformance.core import ArtefactError

__all__ = ["LENGTH", "Length", "read_length", "shortest_width", "write_length"]

_WIDEST = 5  # octets of the field: 84 and four more; a GBCS message never reaches 65,536 octets


class Length(int):
    """A length and the octets its field takes.

    Args:
        value: the length.
        width: octets of the field where it is not the shortest form, otherwise 0.
    """

    width: int

    def __new__(cls, value: int, width: int = 0) -> Self:
        """Keep the width beside the number."""
        self = super().__new__(cls, value)
        self.width = width
        return self


def shortest_width(value: int) -> int:
    """Octets the shortest field of a length takes."""
    return 1 if value < 0x80 else 1 + (value.bit_length() + 7) // 8


def read_length(octets: bytes, at: int) -> tuple[int, int, int]:
    """Read a length field.

    Args:
        octets: what it stands in.
        at: offset of the field.

    Returns:
        The length, the offset after the field, and the octets of the field where it is not the shortest form, else 0.

    Raises:
        ArtefactError: the field is cut short, indefinite (80) or longer than four octets of number.
    """
    if at >= len(octets):
        raise _refused(at, 0, "the end")
    first = octets[at]
    if first < 0x80:
        return first, at + 1, 0
    width = 1 + (first & 0x7F)
    after = at + width
    if width == 1 or width > _WIDEST or after > len(octets):
        raise _refused(at, min(width, len(octets) - at), octets[at : at + _WIDEST].hex().upper())
    value = int.from_bytes(octets[at + 1 : after])
    return value, after, 0 if shortest_width(value) == width else width


def write_length(value: int, width: int = 0) -> bytes:
    """Write a length field.

    Args:
        value: the length, below 2 ** 32.
        width: octets the field is to take, 0 for the shortest form.

    Returns:
        The field.

    Raises:
        ArtefactError: the length does not fit that width.
    """
    shortest = shortest_width(value)
    width = width or shortest
    if width < shortest or shortest > _WIDEST or (width == 1 and value >= 0x80):
        raise ArtefactError(
            "a length does not fit its field", clause="X.690 8.1.3", expected=f"{width} octets", seen=str(value)
        )
    return bytes((value,)) if width == 1 else bytes((0x7F + width,)) + value.to_bytes(width - 1)


class _LengthField(Construct):  # type: ignore[misc]  # construct ships no types
    """The same as a construct field; reading gives a ``Length``, writing takes any int."""

    def _parse(self, stream: io.BytesIO, context: Any, path: str) -> Length:  # noqa: ARG002  # construct's protocol
        first = stream_read(stream, 1, path)
        width = 1 if first[0] < 0x80 else 1 + (first[0] & 0x7F)
        if first[0] == 0x80 or width > _WIDEST:
            raise ConstructError(f"length octet {first.hex()}", path=path)
        value, _, width = read_length(first + stream_read(stream, width - 1, path), 0)
        return Length(value, width)

    def _build(self, obj: int, stream: io.BytesIO, context: Any, path: str) -> int:  # noqa: ARG002
        field = write_length(obj, obj.width if isinstance(obj, Length) else 0)
        stream_write(stream, field, len(field), path)
        return obj


LENGTH = _LengthField()


def _refused(at: int, length: int, seen: str) -> ArtefactError:
    return ArtefactError(
        "a length cannot be read",
        offset=at,
        length=length,
        clause="X.690 8.1.3",
        expected="00 to 7F, or 81 to 84 and as many octets",
        seen=seen,
    )

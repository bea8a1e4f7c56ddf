"""A-XDR data: the values DLMS carries, each with its tag and its place.

IEC 61334-6 as DLMS profiles it (Green Book, Data). All numbers are big-endian.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, NamedTuple, cast

__all__ = ["BitString", "CompactArray", "Data", "Tag", "TypeDescription"]


class Tag(IntEnum):
    """Tags of the Data choice; 17 to 1B, 0D, 14 and 15 are legal although RTDS shows none of them."""

    NULL = 0x00
    ARRAY = 0x01
    STRUCTURE = 0x02
    BOOLEAN = 0x03
    BIT_STRING = 0x04
    INT32 = 0x05
    UINT32 = 0x06
    OCTET_STRING = 0x09
    VISIBLE_STRING = 0x0A
    UTF8_STRING = 0x0C
    BCD = 0x0D
    INT8 = 0x0F
    INT16 = 0x10
    UINT8 = 0x11
    UINT16 = 0x12
    COMPACT_ARRAY = 0x13
    INT64 = 0x14
    UINT64 = 0x15
    ENUM = 0x16
    FLOAT32 = 0x17
    FLOAT64 = 0x18
    DATE_TIME = 0x19
    DATE = 0x1A
    TIME = 0x1B

    @property
    def title(self) -> str:
        """The type for a person, for example ``octet-string``."""
        return self.name.lower().replace("_", "-")


class BitString(NamedTuple):
    """Bits, first bit in the top bit of the first octet.

    Args:
        size: number of bits; the length field of a bit-string counts bits, not octets.
        octets: as many octets as the bits need, padding bits included.
    """

    size: int
    octets: bytes

    def __str__(self) -> str:
        return "".join(f"{octet:08b}" for octet in self.octets)[: self.size]


class TypeDescription(NamedTuple):
    """What one element of a compact-array is.

    Args:
        tag: its tag.
        size: elements of an array (2 octets on the wire) or members of a structure (1 octet), 0 for a scalar.
        items: description of the array's elements, or of every member of the structure.
    """

    tag: int
    size: int = 0
    items: tuple[TypeDescription, ...] = ()


class CompactArray(NamedTuple):
    """Elements of one type, packed without tags. Two are equal when type and elements are.

    Args:
        description: the type.
        elements: the elements, with the tags the description gives them.
        contents_start: offset of the contents length field.
        contents_width: octets of that field, 0 for the shortest form.
    """

    description: TypeDescription
    elements: tuple[Data, ...]
    contents_start: int = 0
    contents_width: int = 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CompactArray) and self[:2] == other[:2]

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self[:2])


class Data(NamedTuple):
    """One value. Two are equal when tag and value are, wherever they lie and however their length is written.

    A tuple and not a dataclass: a message holds up to some hundred of them and they are most of the work of decoding.

    Args:
        tag: a ``Tag``.
        value: None for null; int for numbers, enum, bcd (one octet) and boolean (the octet); bytes for octet-string,
            float32, float64, date-time, date and time; str for visible-string (Latin-1) and utf8-string (octets
            that are no UTF-8 as surrogate escapes); ``BitString``; ``CompactArray``; tuple of ``Data`` for array
            and structure.
        start: offset of the tag, or of the first octet inside a compact-array, from the start of the payload.
        end: offset after the value.
        width: octets of the length field where it is not the shortest form, otherwise 0.
    """

    tag: int
    value: Any = None
    start: int = 0
    end: int = 0
    width: int = 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Data) and self.tag == other.tag and bool(self.value == other.value)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash((self.tag, self.value))

    @property
    def items(self) -> tuple[Data, ...]:
        """The values inside an array, structure or compact-array; none for a scalar."""
        if self.tag in {Tag.ARRAY, Tag.STRUCTURE}:
            return cast("tuple[Data, ...]", self.value)
        return self.value.elements if isinstance(self.value, CompactArray) else ()

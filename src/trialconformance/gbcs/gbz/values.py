"""Types of ZCL values: how many octets they take and how they stand in Python.

ZCL data types. Numbers and times are little-endian; times count seconds from 2000-01-01T00:00:00Z.
"""

from __future__ import annotations

import datetime
from typing import Final, NamedTuple

__all__ = [
    "ATTRIBUTE_TYPES",
    "FIXED",
    "NO_VALUE",
    "STRING_LENGTH_OCTETS",
    "AttributeType",
    "FixedType",
    "TypedValue",
    "utc_text",
    "zcl_date_text",
]

# A ZCL string whose length is all ones holds no value; None says that the field itself is absent.
NO_VALUE: Final = "no value"

_EPOCH = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
_SPECIAL_TIMES = {0x00000000: "now", 0xFFFFFFFE: "cancel", 0xFFFFFFFF: "not set"}
_ANY = 0xFF
_FIRST_YEAR = 1900
_DAYS_OF_WEEK = ("", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class FixedType(NamedTuple):
    """A type of fixed size.

    Args:
        octets: its size.
        signed: whether a number may be negative; None where the octets are kept as octets.
    """

    octets: int
    signed: bool | None = False


FIXED: dict[str, FixedType] = {
    "uint8": FixedType(1),
    "uint16": FixedType(2),
    "uint24": FixedType(3),
    "uint32": FixedType(4),
    "uint48": FixedType(6),
    "int8": FixedType(1, signed=True),
    "int16": FixedType(2, signed=True),
    "int32": FixedType(4, signed=True),
    "bitmap8": FixedType(1),
    "bitmap16": FixedType(2),
    "bitmap24": FixedType(3),
    "bitmap32": FixedType(4),
    "enum8": FixedType(1),
    "utc-time": FixedType(4),
    "date": FixedType(4, signed=None),
    "attribute": FixedType(2),
    "event": FixedType(2),
}
STRING_LENGTH_OCTETS = {"octet-string": 1, "character-string": 1, "long-octet-string": 2, "long-character-string": 2}


class AttributeType(NamedTuple):
    """A data type that names itself on the wire.

    Args:
        name: name of the type.
        octets: its size; for a string, octets of its length field.
        signed: as in ``FixedType``.
        counted: whether a length field comes first.
    """

    name: str
    octets: int
    signed: bool | None = False
    counted: bool = False


class TypedValue(NamedTuple):
    """A value with the type octet that stands before it.

    Args:
        type: ZCL data type.
        value: int, or bytes for strings, floats, dates, keys and for everything after an unknown type; ``NO_VALUE``
            for a string without one.
    """

    type: int
    value: int | bytes | str


# ZCL table of data types: general data 08.., bitmaps 18.., unsigned 20.., signed 28.., then single ones.
ATTRIBUTE_TYPES: dict[int, AttributeType] = {
    0x00: AttributeType("no data", 0, signed=None),
    **{0x07 + n: AttributeType(f"data{8 * n}", n) for n in range(1, 9)},
    0x10: AttributeType("boolean", 1),
    **{0x17 + n: AttributeType(f"bitmap{8 * n}", n) for n in range(1, 9)},
    **{0x1F + n: AttributeType(f"uint{8 * n}", n) for n in range(1, 9)},
    **{0x27 + n: AttributeType(f"int{8 * n}", n, signed=True) for n in range(1, 9)},
    0x30: AttributeType("enum8", 1),
    0x31: AttributeType("enum16", 2),
    0x38: AttributeType("semi-precision", 2, signed=None),
    0x39: AttributeType("single precision", 4, signed=None),
    0x3A: AttributeType("double precision", 8, signed=None),
    0x41: AttributeType("octet-string", 1, signed=None, counted=True),
    0x42: AttributeType("character-string", 1, signed=None, counted=True),
    0x43: AttributeType("long-octet-string", 2, signed=None, counted=True),
    0x44: AttributeType("long-character-string", 2, signed=None, counted=True),
    0xE0: AttributeType("time of day", 4, signed=None),
    0xE1: AttributeType("date", 4, signed=None),
    0xE2: AttributeType("utc-time", 4),
    0xE8: AttributeType("cluster id", 2),
    0xE9: AttributeType("attribute id", 2),
    0xEA: AttributeType("bacnet oid", 4),
    0xF0: AttributeType("ieee address", 8, signed=None),
    0xF1: AttributeType("security key", 16, signed=None),
    0xFF: AttributeType("unknown", 0, signed=None),
}


def utc_text(seconds: int) -> str:
    """A UTCTime for a person: a moment, ``now`` (0), ``cancel`` (FFFFFFFE) or ``not set`` (FFFFFFFF).

    Args:
        seconds: seconds from 2000-01-01T00:00:00Z, 32 bits.
    """
    special = _SPECIAL_TIMES.get(seconds)
    return special or (_EPOCH + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def zcl_date_text(octets: bytes) -> str:
    """A ZCL date (year from 1900, month, day, day of week; FF for any) for a person."""
    year, month, day, weekday = octets
    date = "-".join(
        (
            "any year" if year == _ANY else str(_FIRST_YEAR + year),
            "any month" if month == _ANY else f"{month:02}",
            "any day" if day == _ANY else f"{day:02}",
        )
    )
    return f"{date} {_DAYS_OF_WEEK[weekday]}" if 1 <= weekday <= 7 else date

"""A small DER writer. ``tlv`` takes any content, so that illegal encodings can be written on purpose.

Clause: ITU-T X.690 clauses 8 to 11.
"""

from __future__ import annotations

from datetime import datetime

from trialconformance.smki import der

__all__ = [
    "bit_string",
    "boolean",
    "context",
    "explicit",
    "generalized_time",
    "integer",
    "length_octets",
    "named_bits",
    "null",
    "octet_string",
    "oid",
    "printable_string",
    "sequence",
    "set_of",
    "time",
    "tlv",
    "utc_time",
    "utf8_string",
]


def length_octets(length: int) -> bytes:
    """Write a definite length in its shortest form."""
    if length < 0x80:
        return bytes([length])
    octets = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes([0x80 | len(octets)]) + octets


def tlv(identifier: int, *contents: bytes) -> bytes:
    """Write a value with a one-octet identifier around the joined contents."""
    content = b"".join(contents)
    return bytes([identifier]) + length_octets(len(content)) + content


def sequence(*elements: bytes) -> bytes:
    """Write a SEQUENCE."""
    return tlv(der.SEQUENCE, *elements)


def set_of(*elements: bytes) -> bytes:
    """Write a SET OF, its elements in DER order."""
    return tlv(der.SET, *sorted(elements))


def boolean(value: bool) -> bytes:  # noqa: FBT001  (the value itself, not a switch)
    """Write a BOOLEAN."""
    return tlv(der.BOOLEAN, b"\xff" if value else b"\x00")


def integer(value: int) -> bytes:
    """Write an INTEGER."""
    return tlv(der.INTEGER, value.to_bytes((value if value >= 0 else ~value).bit_length() // 8 + 1, signed=True))


def bit_string(octets: bytes, *, unused: int = 0) -> bytes:
    """Write a BIT STRING whose last octet has this number of unused bits."""
    return tlv(der.BIT_STRING, bytes([unused]), octets)


def named_bits(*bits: int) -> bytes:
    """Write a named-bit list: bit 0 is the first one, trailing zero bits are left out."""
    if not bits:
        return bit_string(b"")
    size = max(bits) // 8 + 1
    value = sum(1 << (size * 8 - 1 - bit) for bit in set(bits))
    return bit_string(value.to_bytes(size), unused=7 - max(bits) % 8)


def octet_string(octets: bytes) -> bytes:
    """Write an OCTET STRING."""
    return tlv(der.OCTET_STRING, octets)


def null() -> bytes:
    """Write a NULL."""
    return tlv(der.NULL)


def oid(dotted: str) -> bytes:
    """Write an OBJECT IDENTIFIER given as dotted numbers."""
    first, second, *rest = map(int, dotted.split("."))
    content = bytearray()
    for arc in (first * 40 + second, *rest):
        septets = [arc & 0x7F]
        while arc := arc >> 7:
            septets.append(arc & 0x7F | 0x80)
        content += bytes(reversed(septets))
    return tlv(der.OID, bytes(content))


def utf8_string(text: str) -> bytes:
    """Write a UTF8String."""
    return tlv(der.UTF8_STRING, text.encode())


def printable_string(text: str) -> bytes:
    """Write a PrintableString."""
    return tlv(der.PRINTABLE_STRING, text.encode("ascii"))


def utc_time(moment: datetime) -> bytes:
    """Write a UTCTime with seconds and ``Z``."""
    return tlv(der.UTC_TIME, f"{moment:%y%m%d%H%M%S}Z".encode())


def generalized_time(moment: datetime) -> bytes:
    """Write a GeneralizedTime with seconds and ``Z``."""
    return tlv(der.GENERALIZED_TIME, f"{moment.year:04}{moment:%m%d%H%M%S}Z".encode())


def time(moment: datetime) -> bytes:
    """Write a Time of a certificate: UTCTime through 2049, GeneralizedTime after (RFC 5280 4.1.2.5)."""
    return utc_time(moment) if moment.year < 2050 else generalized_time(moment)


def context(number: int, *contents: bytes) -> bytes:
    """Write a primitive context-specific value, as IMPLICIT tagging of a primitive type gives."""
    return tlv(0x80 | number, *contents)


def explicit(number: int, *elements: bytes) -> bytes:
    """Write a constructed context-specific value, as EXPLICIT tagging gives."""
    return tlv(0xA0 | number, *elements)

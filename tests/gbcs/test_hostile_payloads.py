"""Octets made to hurt: only ArtefactError escapes, and no decoder makes many more values than it was given octets."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from trialconformance.core import ArtefactError
from trialconformance.gbcs.asn1 import Element
from trialconformance.gbcs.asn1 import read_payload as read_asn1
from trialconformance.gbcs.dlms import Data, read_apdu, read_data
from trialconformance.gbcs.gbt import decode_block
from trialconformance.gbcs.gbz import read_payload as read_gbz
from trialconformance.gbcs.payload import decode_payload

SIZE = 1 << 15  # octets; a payload inside a message has at most 65,535
HEAD = bytes.fromhex("0F 20000001 00")
RESPONSE = bytes.fromhex("DA 20000001 00 00")

# name -> octets of about SIZE
HOSTILE: dict[str, bytes] = {
    "nulls": HEAD + b"\x01\x83" + SIZE.to_bytes(3) + bytes(SIZE),
    "deep": HEAD + b"\x02\x01" * (SIZE // 2),
    "deep to the bound, again and again": RESPONSE + b"\x82\x07\xd0" + (b"\x02\x01" * 31 + b"\x00") * 2000 + b"\x00",
    "huge count": HEAD + b"\x01\x84\xff\xff\xff\xff" + bytes(SIZE),
    "huge octet-string": HEAD + b"\x09\x84\xff\xff\xff\xff" + bytes(SIZE),
    "huge bit-string": HEAD + b"\x04\x84\xff\xff\xff\xff" + bytes(SIZE),
    "many compact-arrays": RESPONSE + b"\x82\x40\x00" + bytes.fromhex("13 11 04 01020304") * 0x4000 + b"\x00",
    "elements without octets": HEAD + bytes.fromhex("13 02 02 11 01 FFFF 01 FFFF 00 82 7FFF") + bytes(0x7FFF),
    "arrays without elements": HEAD + bytes.fromhex("13 02 02 11 01 0000 00 82 7FFF") + bytes(0x7FFF),
    "description without end": HEAD + b"\x13" + b"\x02\xff" * (SIZE // 2),
    "wide description": HEAD + b"\x13\x02\xff" + b"\x00" * 254 + b"\x11" + b"\x82\x7f\xff" + bytes(0x7FFF),
    "GBZ components": b"\x01\x09\xff" + bytes.fromhex("00 0B05 0003 01 00 00") * 255,
    "GBZ log": b"\x01\x09\x01" + bytes.fromhex("01 0709 FFFF 19 00 01 2000 00 01 00") + bytes(0xFFFF - 8),
    "GBZ attributes": b"\x01\x09\x01" + bytes.fromhex("01 0702 FFFF 18 00 01") + bytes(0xFFFF - 3),
    "GBZ samples": b"\x01\x09\x01" + bytes.fromhex("01 0702 FFFF 19 00 07 0100 00000000 00 0000 FFFF") + bytes(0xFFF0),
    "DER nesting": b"\x30\x82\x7f\xff" * (SIZE // 5),
    "DER integers": b"\x30\x83" + SIZE.to_bytes(3) + b"\x02\x01\x00" * (SIZE // 3) + b"\x05\x00",
    "DER empty sequences": b"\x30\x83" + SIZE.to_bytes(3) + b"\x30\x00" * (SIZE // 2),
    "block": bytes.fromhex("DD 09 01") + bytes(SIZE),
    "zeros": bytes(SIZE),
    "ones": b"\xff" * SIZE,
}


def values_of(data: Data) -> Iterator[Data]:
    """A value and all values inside it."""
    yield data
    for item in data.items:
        yield from values_of(item)


def count_dlms(octets: bytes) -> int:
    """Values a DLMS payload is read into."""
    apdu = read_apdu(octets)
    found = getattr(apdu, "data", None) or (getattr(apdu, "body", None),)
    return sum(1 for data in found if data is not None for _ in values_of(data))


def count_gbz(octets: bytes) -> int:
    """Components and group elements a GBZ payload is read into."""
    groups = (value for each in read_gbz(octets).components for value in (each.values or {}).values())
    return sum(len(value) for value in groups if isinstance(value, list))


def count_asn1(octets: bytes) -> int:
    """Values an ASN.1 payload is read into."""
    root: Element = read_asn1(octets, message_code=0xFFFF, kind="command").root
    return sum(1 for _ in root.walk())


def count_block(octets: bytes) -> int:
    """Octets a block holds."""
    return len(decode_block(octets).data)


def count_payload(octets: bytes) -> int:
    """Fields of the whole payload, tree and JSON made."""
    payload = decode_payload(octets, message_code=0x1000, kind="alert")
    payload.to_json()
    return sum(1 for _ in payload.tree.walk())


DECODERS: dict[str, Callable[[bytes], int]] = {
    "dlms": count_dlms,
    "gbz": count_gbz,
    "asn1": count_asn1,
    "block": count_block,
    "payload": count_payload,
}


@pytest.mark.parametrize("shape", sorted(HOSTILE))
@pytest.mark.parametrize("decoder", sorted(DECODERS))
def test_hostile_octets_are_read_in_proportion_or_refused(decoder: str, shape: str) -> None:
    """A decoder reads at most a few values for each octet, or refuses with ArtefactError."""
    octets = HOSTILE[shape]
    try:
        count = DECODERS[decoder](octets)
    except ArtefactError as error:
        assert error.clause  # noqa: PT017  # either outcome is right, each on its own terms
        return
    assert count <= 4 * len(octets) + 64


def test_shapes_that_are_valid_are_read() -> None:
    """Hostile shapes that break no rule are read: the bounds refuse nothing but what breaks one."""
    assert count_dlms(HOSTILE["nulls"]) == SIZE + 1
    assert count_dlms(HOSTILE["many compact-arrays"]) == 5 * 0x4000
    assert count_dlms(HOSTILE["deep to the bound, again and again"]) == 32 * 2000


def test_values_without_octets_cannot_multiply() -> None:
    """A few octets of type description cannot ask for millions of empty values."""
    for shape in ("elements without octets", "wide description"):
        with pytest.raises(ArtefactError) as caught:
            read_data(HOSTILE[shape], len(HEAD))
        assert caught.value.expected == "no more values without octets than the array has octets"

"""What is fuzzed: one function for each decoder, which must take any octets and let nothing but ArtefactError escape.

A target also proves, for a part of the inputs it accepts, that what was read writes the same octets again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trialconformance.core import ArtefactError
from trialconformance.gbcs import Message, decode
from trialconformance.gbcs.asn1 import STRUCTURES
from trialconformance.gbcs.asn1 import read_payload as read_asn1
from trialconformance.gbcs.dlms import (
    AccessRequest,
    AccessResponse,
    AccessResult,
    Data,
    DataNotification,
    Specification,
    Tag,
    read_apdu,
    read_data,
    write_data,
)
from trialconformance.gbcs.gbt import Block, Reassembly, Routing, decode_block, segment
from trialconformance.gbcs.gbz import CommandTable, codec, read_alert
from trialconformance.gbcs.gbz import read_payload as read_gbz
from trialconformance.gbcs.payload import decode_payload
from trialconformance.gbcs.topup import Token

__all__ = ["SEEDS", "TARGETS"]

_AGAIN = 8  # one input in so many is also written again: writing is slower than reading
_KINDS = ("command", "response", "alert")
_CODES = sorted(STRUCTURES)
_COMMANDS = [
    (cluster.id, 0x09 if command.sender == "server" else 0x01, command.id)
    for cluster in CommandTable.shipped().clusters
    for command in cluster.commands
] + [(0x0702, 0x00, command.id) for command in CommandTable.shipped().general_commands]


class EscapeError(AssertionError):
    """A decoder accepted octets that it does not write again."""


def _same(written: bytes, octets: bytes) -> None:
    if written != octets:
        raise EscapeError(f"read {octets.hex()}, wrote {written.hex()}")


def _again(octets: bytes) -> bool:
    return len(octets) % _AGAIN == 0


def data(octets: bytes) -> None:
    """A-XDR values."""
    found = read_data(octets, 0)
    if _again(octets):
        _same(write_data(found), octets[: found.end])


def dlms(octets: bytes) -> None:
    """DLMS APDUs."""
    apdu = read_apdu(octets)
    if _again(octets):
        _same(apdu.encode(), octets)


def gbz(octets: bytes) -> None:
    """GBZ payloads."""
    payload = read_gbz(octets)
    if _again(octets):
        _same(payload.encode(), octets)


def gbz_alert(octets: bytes) -> None:
    """GBZ alerts, half of them with a component."""
    with_component = len(octets) % 2 == 0
    _same(read_alert(octets, with_component=with_component).encode(), octets)


def zcl(octets: bytes) -> None:
    """Payloads of ZCL commands; the first octet picks the command."""
    if not octets:
        return
    known = codec(*_COMMANDS[octets[0] % len(_COMMANDS)])
    if known is None:
        raise EscapeError("a command of the table has no codec")
    values, end = known.read(octets, 1, len(octets))
    if _again(octets):
        _same(known.write(values, octets[end:]), octets[1:])


def asn1(octets: bytes) -> None:
    """ASN.1 payloads; the first octet picks the structure, or none."""
    if not octets:
        return
    message_code, kind = _CODES[octets[0]] if octets[0] < len(_CODES) else (0xFFFF, "command")
    _same(read_asn1(octets[1:], message_code=message_code, kind=kind).encode(), octets[1:])


def gbt(octets: bytes) -> None:
    """Blocks of a general block transfer, and their reassembly."""
    block = decode_block(octets)
    _same(block.encode(), octets)
    reassembly = Reassembly(block.routing)
    reassembly.add(block)
    if reassembly.complete:
        _same(reassembly.octets(), block.data)


def payload(octets: bytes) -> None:
    """Whole payloads with tree, alert and JSON; the first three octets are Message Code and kind."""
    if len(octets) < 3:
        return
    code, kind = int.from_bytes(octets[:2]), _KINDS[octets[2] % 3]
    found = decode_payload(octets[3:], message_code=code, kind=kind)
    if _again(octets):
        found.to_json()
        for unit in found.encrypted_units:
            found.span(unit.path)


def message(octets: bytes) -> None:
    """Whole messages."""
    found = decode(octets)
    _same(found.encode(), octets)
    found.typed_payload.encrypted_units  # noqa: B018  # looking for them is the point


def token(octets: bytes) -> None:
    """UTRNs and PTUTs."""
    Token.from_utrn(octets.decode("latin-1")).utrn()


TARGETS: dict[str, Callable[[bytes], None]] = {
    each.__name__: each for each in (data, dlms, gbz, gbz_alert, zcl, asn1, gbt, payload, message, token)
}


def _request() -> bytes:
    specifications = (
        Specification(1, 8, bytes.fromhex("0000010000ff"), 2),
        Specification(4, 7, bytes.fromhex("0000630100ff"), 2, 1, Data(Tag.STRUCTURE, (Data(Tag.UINT32, 5),))),
    )
    return AccessRequest(long_invoke_id=1, specifications=specifications, data=(Data(0), Data(0))).encode()


def _response() -> bytes:
    values = (Data(Tag.ARRAY, (Data(Tag.UINT8, 1),)), Data(Tag.UTF8_STRING, "text"), Data(Tag.FLOAT64, bytes(8)))
    results = tuple(AccessResult(1, 0) for _ in values)
    return AccessResponse(long_invoke_id=1, data=values, results=results).encode()


_COMPACT = bytes.fromhex("13 02 02 12 01 0002 11 08 0001 0203 0004 0506")
_ALERT = DataNotification(
    long_invoke_id=1, body=Data(Tag.STRUCTURE, (Data(Tag.UINT16, 0x8F30), Data(Tag.OCTET_STRING, bytes(12))))
).encode()
_READ = bytes.fromhex("0109 02 00 0702 0005 00 00 00 0003 01 0705 0009 01 01 09 404B4C00 FFFF")
_SECRET = bytes.fromhex("0109 01 03 0702 0018 0000 190006 0011 3100000000 000000000000000000000000")
_GBZ_ALERT = bytes.fromhex("0109 01 8F66 1C374A80 0E 00A3 00000000000003EA 0700 09 05")
_ROLES = bytes.fromhex("30113007020105030207803006020103020106")
_UPDATE_AT = _CODES.index((0x0102, "command"))
_UPDATE = bytes.fromhex("3023 301d 020102 a207 020102 03020780 830205 14 840100 a508 3006 020100 020100 3000 3000")
_ROUTING = Routing(1, 1000, bytes(8), bytes(8), 0x0027)
_ACKNOWLEDGEMENT = Block(routing=_ROUTING, number=0, data=b"", acknowledged=1)


def _message(**fields: Any) -> bytes:
    values: dict[str, Any] = {
        "originator_counter": 100,
        "originator": bytes(8),
        "target": bytes(8),
        "message_code": 0x0027,
    }
    return Message(**(values | fields)).encode()


# A few small inputs for each target, made here: the corpus that grows from them stays outside the project.
SEEDS: dict[str, tuple[bytes, ...]] = {
    "data": (_COMPACT, write_data(Data(Tag.STRUCTURE, (Data(Tag.NULL), Data(Tag.INT64, -1))))),
    "dlms": (_request(), _response(), _ALERT),
    "gbz": (_READ, _SECRET),
    "gbz_alert": (_GBZ_ALERT, _GBZ_ALERT[:9], bytes.fromhex("010900 8F0A 00000000") + _SECRET[3:]),
    "zcl": tuple(bytes((at,)) + bytes(24) for at in range(len(_COMMANDS))),
    "asn1": (*(bytes((at,)) + _ROLES for at in range(len(_CODES) + 1)), bytes((_UPDATE_AT,)) + _UPDATE),
    "gbt": (*(block.encode() for block in segment(bytes(40), _ROUTING, most=30)), _ACKNOWLEDGEMENT.encode()),
    "payload": (
        b"\x00\x27\x00" + _request(),
        b"\x00\x27\x01" + _response(),
        b"\x10\x00\x02" + _ALERT,
        b"\x00\xcd\x02" + _GBZ_ALERT,
        b"\x00\x08\x00" + _ROLES,
        b"\x00\x27\x01" + _SECRET,
    ),
    "message": (
        _message(cra=1, payload=_request(), signature=None, mac=None),
        _message(cra=2, payload=_response(), signature=b"", mac=bytes(12)),
        _message(cra=3, payload=_ALERT, signature=bytes(64), mac=None, message_code=0x1000),
    ),
    "token": (b"73946156990786306048", Token(counter=1, value_class=1, value=10, mac=bytes(4)).utrn().encode()),
}


def run(name: str, octets: bytes) -> bool:
    """Run one target; ArtefactError is how a decoder refuses.

    Args:
        name: name of the target.
        octets: the input.

    Returns:
        Whether the decoder accepted the input.
    """
    try:
        TARGETS[name](octets)
    except ArtefactError:
        return False
    return True

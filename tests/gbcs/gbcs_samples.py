"""Synthetic messages for the tests of this folder, protected with the keys of the synthetic PKI."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from hypothesis import strategies as st

from trialconformance.gbcs import LengthWidths, Message, protect
from trialconformance.smki import KeyStore
from trialconformance.smki.issue import SyntheticPki

PKI = SyntheticPki()
SUPPLIER = PKI.entity("supplier")
NETWORK_OPERATOR = PKI.entity("network-operator")
ACB = PKI.entity("access-control-broker")
ESME = PKI.entity("esme")
GSME = PKI.entity("gsme")
PPMID = PKI.entity("ppmid")

ECS10 = 0x0021  # not critical, DLMS
ECS30 = 0x0046  # critical, DLMS
CS02A = 0x0008  # declared variants
PCS02 = 0x0090  # from device to device
GENERIC_CRITICAL_ALERT = 0x1000
READ_CLOCK = bytes.fromhex("d920000064000101000800000100 00ff020100")
CLOCK_READ = bytes.fromhex("da2000006400000100010100")
GENERIC_ALERT = bytes.fromhex("0f2000000500020212 8f30 090c 07e40101ff0a0000008000ff")


@cache
def keystore() -> KeyStore:
    """Every certificate and private key of the synthetic PKI."""
    return PKI.keystore()


def unprotected(message_code: int = ECS10, **fields: Any) -> Message:
    """A Command of the supplier to the ESME, as a PRECOMMAND."""
    values: dict[str, Any] = {
        "cra": 1,
        "originator_counter": 100,
        "originator": SUPPLIER,
        "target": ESME,
        "message_code": message_code,
        "payload": READ_CLOCK,
        "name": "sample",
    }
    return Message(**(values | fields))


def protected(message: Message, **options: Any) -> Message:
    """The message as its use case protects it."""
    return protect(message, keystore(), acb=ACB, deterministic=True, **options)


def command(message_code: int = ECS10, **fields: Any) -> Message:
    """A protected Command."""
    return protected(unprotected(message_code, **fields))


def response(message_code: int = ECS10, **fields: Any) -> Message:
    """A protected Response of the ESME to ``command``."""
    values: dict[str, Any] = {"cra": 2, "originator": ESME, "target": SUPPLIER, "payload": CLOCK_READ}
    return protected(unprotected(message_code, **(values | fields)))


def alert(message_code: int = GENERIC_CRITICAL_ALERT, **fields: Any) -> Message:
    """A protected Alert of the ESME."""
    values: dict[str, Any] = {
        "cra": 3,
        "originator": ESME,
        "target": SUPPLIER,
        "payload": GENERIC_ALERT,
        "originator_counter": 5,
    }
    return protected(unprotected(message_code, **(values | fields)))


def small_samples() -> dict[str, Message]:
    """One message of each shape that GBCS 1.5 knows."""
    return {
        "precommand": unprotected(ECS30),
        "command with MAC": command(ECS10),
        "command with MAC and signature": command(ECS30),
        "response with MAC": response(ECS10),
        "response with signature": response(ECS30),
        "alert with signature": alert(),
    }


def octets(text: str) -> bytes:
    """Hex as people write it."""
    return bytes.fromhex(text.replace(" ", ""))


def exchange(code: int, asked: str, answered: str, **fields: Any) -> list[Message]:
    """A Command with its Response; ``device`` and ``party`` say between whom."""
    device, party = fields.pop("device", ESME), fields.pop("party", SUPPLIER)
    date_time = fields.pop("date_time", b"")
    form = fields.pop("form", None)
    ask = unprotected(code, payload=octets(asked), originator=party, target=device, **fields)
    answer = unprotected(
        code, cra=2, payload=octets(answered), originator=device, target=party, date_time=date_time, **fields
    )
    return [
        replace(protected(ask, form=form), name="command"),
        replace(protected(answer, form=form), name="response"),
    ]


_MOMENT = octets("07e40101ff0a000000 8000ff")


def scenarios() -> dict[str, list[Message]]:
    """Small scenarios in which no case finds anything, to be spoilt one fault at a time."""
    supplementary = {
        "supplementary_remote_party_id": NETWORK_OPERATOR,
        "supplementary_remote_party_counter": 77,
    }
    return {
        "read firmware version": exchange(
            0x0059, "d920000064000101000100000002 01ff020100", "da2000006400000109040102030401 0100"
        ),
        "set payment mode": exchange(
            0x001A,
            "d92000006400 03 02006f0001130000ff02 02006f0001130000ff0b 02006f0001130000ff0d"
            "03 020216011601 0100 090c07e40101ff0a0000008000ff",
            "da200000640000 03000000 03020002000200",
            date_time=_MOMENT,
        ),
        "read event log": exchange(
            0x0048,
            "d92000006400 01 0400070000636200ff02 01 0204 0204 120001 090600005e2c64ff 0f02 120000"
            "0625980600 0625990000 0100 01 00",
            "da200000640000 01 0102 0202 0625980600 128f30 0202 0625980700 128f30 01 0100",
        ),
        "for an unknown party": exchange(
            0x0059,
            "d920000064000101000100000002 01ff020100",
            "da2000006400000109040102030401 0100",
            party=ACB,
            **supplementary,
        ),
    }


_COUNTERS = st.integers(0, 2**64 - 1)
_ENTITIES = st.binary(min_size=8, max_size=8)
_PAYLOADS = st.one_of(st.binary(max_size=40), st.sampled_from([b"\x01" * n for n in (127, 128, 255, 256, 700)]))


@st.composite
def _other_information(draw: st.DrawFn) -> dict[str, Any]:
    form = draw(st.sampled_from([2, 10, 18, 26, 27]))
    certificate = bytes.fromhex("3003020105") if form == 27 else None
    return {
        "supplementary_remote_party_id": draw(_ENTITIES) if form >= 10 else None,
        "supplementary_remote_party_counter": draw(_COUNTERS) if form >= 18 else None,
        "supplementary_originator_counter": draw(_COUNTERS) if form == 26 else None,
        "certificate": certificate,
    }


@st.composite
def any_messages(draw: st.DrawFn) -> Message:
    """Every message that the layouts can hold, whether GBCS allows it or not."""
    cra = draw(st.integers(1, 3))
    macced = draw(st.booleans())
    signature = draw(st.sampled_from([b"", bytes(range(64))]))
    bare = cra == 1 and not macced and draw(st.booleans())
    wide = st.sampled_from([0, 0, 4, 5])  # never the shortest form, which counts as no width
    return Message(
        cra=cra,
        originator_counter=draw(_COUNTERS),
        originator=draw(_ENTITIES),
        target=draw(_ENTITIES),
        message_code=draw(st.integers(0, 0xFFFF)),
        payload=draw(_PAYLOADS),
        date_time=draw(st.sampled_from([b"", bytes(12)])),
        signature=None if bare else signature,
        mac=draw(st.binary(min_size=12, max_size=12)) if macced else None,
        security_header=draw(st.sampled_from([bytes.fromhex("1100000000"), bytes.fromhex("1100000001")]))
        if macced
        else bytes.fromhex("1100000000"),
        widths=LengthWidths(
            mac_header=draw(wide) if macced else 0,
            other_information=draw(wide),
            content=draw(wide),
        ),
        **draw(_other_information()),
    )

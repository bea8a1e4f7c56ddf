"""Synthetic messages for the tests of this folder, protected with the keys of the synthetic PKI."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import cache
from typing import Any

from hypothesis import strategies as st

from trialconformance.gbcs import LengthWidths, Message, protect
from trialconformance.gbcs.attribute_encryption import Parties, encrypted_component, protected_value
from trialconformance.gbcs.dlms import AccessResponse, AccessResult, Data, Tag
from trialconformance.gbcs.gbz import GbzPayload, read_payload
from trialconformance.gbcs.length import write_length
from trialconformance.gbcs.topup import TokenParties, ValueClass, make_token
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
    form = fields.pop("form", None)
    return protected(unprotected(message_code, **fields), form=form)


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


def _der(identifier: int, *contents: bytes) -> bytes:
    content = b"".join(contents)
    return bytes((identifier,)) + write_length(len(content)) + content


def _sequence(*contents: bytes) -> bytes:
    return _der(0x30, *contents)


_CELL = octets("3007 020102 03020780")
_HASH = hashlib.sha256(b"image").digest()
IMAGE = b"image"


def update_credentials() -> tuple[bytes, bytes]:
    """Payloads of a CS02b Command that replaces one certificate, and of its Response."""
    new = PKI.certificate("supplier-2", "ds")
    uid = PKI.entity("supplier-2")
    asked = _sequence(
        _sequence(octets("020102 830164")),
        _sequence(_sequence(new.octets, _CELL)),
        _sequence(),
    )
    ids = b"".join(_der(0x04, each) for each in (uid, new.ski or b"", uid, new.ski or b""))
    outcome = _sequence(octets("020164 020102"), _sequence(), _sequence(_sequence(_CELL, octets("0a0100"), ids)))
    return asked, _sequence(octets("0500"), outcome)


def executed_later() -> list[Message]:
    """A future dated CS06 with its Response and its execution alert."""
    asked = _sequence(_der(0x04, _HASH), octets("020164"), _der(0x18, b"20200101120000Z"))
    command_and_response = exchange(0x0012, asked.hex(), "0500", date_time=_MOMENT)
    told = _sequence(octets("0203008f66"), _der(0x18, b"20200101120000Z"), octets("020164 3009 020100 040401020304"))
    return [*command_and_response, replace(alert(0x00CA, payload=told), name="alert")]


def executed_instruction() -> list[Message]:
    """A Command whose settings become active at a time, its Response, and two execution alerts of the ESME."""
    told = (
        "0f{invoke} 00 0203 128f66 090c07e40101ff0a0000008000ff 0913 001a 0000000000000064 006f0001130000ff{attribute}"
    )
    alerts = [
        alert(
            0x00CC,
            originator_counter=counter,
            payload=octets(told.format(invoke=f"20{counter:06x}", attribute=f"{attribute:02x}")),
        )
        for counter, attribute in ((5, 2), (6, 11))
    ]
    names = ("alert", "second alert")
    return [*_payment_mode(), *(replace(each, name=name) for each, name in zip(alerts, names, strict=True))]


def _payment_mode() -> list[Message]:
    return exchange(
        0x001A,
        "d920000064 00 03 02006f0001130000ff02 02006f0001130000ff0b 02006f0001130000ff0d"
        "03 020216011601 0100 090c07e40101ff0a0000008000ff",
        "da20000064 00 00 03000000 03020002000200",
        date_time=_MOMENT,
    )


def read_registers() -> list[Message]:
    """A DLMS read of personal data with its encrypted answer."""
    asked, answered = exchange(
        0x0027,
        "d920000064 00 01 03001e00002b0208ff01 01 02020100 0100",
        "da20000064 00 00 0100 010300",
        date_time=_MOMENT,
    )
    value = protected_value(Data(Tag.STRUCTURE, (Data(Tag.UINT32, 10),)), Parties.of(answered), keystore())
    payload = AccessResponse(long_invoke_id=0x20000064, data=(value,), results=(AccessResult(3, 0),)).encode()
    return [asked, replace(protected(replace(answered, payload=payload)), name="response")]


def read_protected_log() -> list[Message]:
    """A DLMS read of a log with personal data for a range, with its encrypted answer."""
    moment = Data(Tag.OCTET_STRING, _MOMENT)
    asked, answered = exchange(
        0x0060,
        "d920000064 00 01 03001e00002b0204ff01 01 0202 0101 0205 120007 0906000062010bff 0f02 120000"
        "0202 1601 0202 090c07e30101ff0a0000008000ff 090c07e50101ff0a0000008000ff 0100",
        "da20000064 00 00 0100 010300",
    )
    entry = Data(Tag.STRUCTURE, (moment, Data(Tag.UINT32, 10)))
    log = Data(Tag.STRUCTURE, (Data(Tag.ARRAY, (entry, entry)),))
    value = protected_value(log, Parties.of(answered), keystore())
    payload = AccessResponse(long_invoke_id=0x20000064, data=(value,), results=(AccessResult(3, 0),)).encode()
    return [asked, replace(protected(replace(answered, payload=payload)), name="response")]


def read_consumption() -> list[Message]:
    """A GBZ read of personal data of the GSME with two encrypted components."""
    asked, answered = exchange(
        0x0074,
        "0109 02 00 0702 0005 00 00 00 0000 01 0702 0005 00 01 00 0000",
        "0109 00",
        device=GSME,
        date_time=_MOMENT,
    )
    clear = read_payload(
        octets("0109 02 00 0702 000d 18 00 01 0000 00 25 010000000000 01 0702 000d 18 01 01 0000 00 25 020000000000")
    )
    sealed = tuple(
        encrypted_component(component, Parties.of(answered), keystore(), frame_counter=at)
        for at, component in enumerate(clear.components)
    )
    payload = GbzPayload(components=sealed).encode()
    return [asked, replace(protected(replace(answered, payload=payload)), name="response")]


def top_up() -> list[Message]:
    """A top-up that the ESME accepted."""
    counter = 3 << 32
    token = make_token(
        originator_counter=counter,
        value_class=ValueClass.POUNDS,
        value=10,
        parties=TokenParties(supplier=SUPPLIER, device=ESME),
        keystore=keystore(),
    )
    asked = octets("d920000000 00 01 0300730000132800ff01 01 0914") + token.utrn().encode()
    return exchange(0x0007, asked.hex(), "da20000000 00 00 0100 010300", originator_counter=counter, date_time=_MOMENT)


def gas_top_up() -> list[Message]:
    """A top-up that the GSME accepted."""
    counter = 5 << 32
    token = make_token(
        originator_counter=counter,
        value_class=ValueClass.PENCE,
        value=99,
        parties=TokenParties(supplier=SUPPLIER, device=GSME),
        keystore=keystore(),
    )
    asked = octets("0109 01 01 0705 0019 01 00 04 01 14") + token.utrn().encode()
    return exchange(
        0x0097,
        asked.hex(),
        "0109 01 01 0705 000d 09 00 03 00 63000000 01 63000000",
        device=GSME,
        originator_counter=counter,
        date_time=_MOMENT,
    )


def scenarios() -> dict[str, list[Message]]:
    """Small scenarios in which no case finds anything, to be spoilt one fault at a time."""
    supplementary = {
        "supplementary_remote_party_id": NETWORK_OPERATOR,
        "supplementary_remote_party_counter": 77,
    }
    update, updated = update_credentials()
    esme_ds = PKI.certificate("esme", "ds").octets
    return {
        "read firmware version": exchange(
            0x0059, "d920000064 00 01 0100010000000201ff02 01 00", "da20000064 00 00 01 090401020304 01 0100"
        ),
        "set payment mode": _payment_mode(),
        "read event log": exchange(
            0x0048,
            "d920000064 00 01 0400070000636200ff02 01 0204 0204 120001 090600005e2c64ff 0f02 120000"
            "0625980600 0625990000 0100 01 00",
            "da20000064 00 00 01 0102 0202 0625980600 128f30 0202 0625980700 128f30 01 0100",
        ),
        "set billing calendar": exchange(
            0x0046,
            "d920000064 00 01 02001600000f0000ff04 01 0101 0202 0904ffffffff 0905ffffffffff",
            "da20000064 00 00 0100 010200",
        ),
        "for an unknown party": exchange(
            0x0059,
            "d920000064 00 01 0100010000000201ff02 01 00",
            "da20000064 00 00 01 090401020304 01 0100",
            party=ACB,
            **supplementary,
        ),
        "read gas firmware version": exchange(
            0x0084,
            "0109 02 00 0702 0005 00 00 00 0602 01 0702 0005 00 01 00 0602",
            "0109 02 00 0702 000b 08 00 01 0602 00 23 04030201 01 0702 0005 08 01 0b 00 8b",
            device=GSME,
        ),
        "read registers": read_registers(),
        "read protected log": read_protected_log(),
        "read consumption": read_consumption(),
        "list trust anchors": exchange(
            CS02A,
            "3011 3007 020104 03020780 3006 020102 020103",
            "3010 3006 020102 0a0100 3006 020103 0a0100",
            party=ACB,
        ),
        "update credentials": exchange(0x0102, update.hex(), updated.hex(), date_time=_MOMENT),
        "store certificate": exchange(0x000B, esme_ds.hex(), "020100"),
        "show certificate": exchange(0x000C, "3004 03020780", esme_ds.hex()),
        "activate firmware": exchange(
            0x0012, f"3025 0420 {_HASH.hex()} 020164", "3009 020100 040401020304", date_time=_MOMENT
        ),
        "activate firmware later": executed_later(),
        "set payment mode later": executed_instruction(),
        "generic alert": [replace(alert(), name="alert")],
        "generic gas alert": [replace(alert(originator=GSME, payload=octets("0109 00 8f30 1c374a80")), name="alert")],
        "firmware receipt": [
            replace(
                alert(
                    0x00CE, payload=octets(f"0f20000005 00 0203 128f72 090c07e40101ff0a0000008000ff 0920{_HASH.hex()}")
                ),
                name="alert",
            )
        ],
        "top up": top_up(),
        "gas top up": gas_top_up(),
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

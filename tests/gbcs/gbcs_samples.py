"""Synthetic messages for the tests of this folder, protected with the keys of the synthetic PKI."""

from __future__ import annotations

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
GENERIC_ALERT = bytes.fromhex("0f200000050002021 28f30090c07e4010103ff0a000000800 0ff".replace(" ", ""))


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

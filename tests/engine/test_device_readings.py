"""Firmware and identity out of captures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from trialconformance import gbcs
from trialconformance.core import parse_eui64
from trialconformance.engine.device_readings import device_readings
from trialconformance.packaged import packaged

_ESME, _GSME, _HCALCS = (bytes.fromhex(f"00005EEF100000{end}") for end in ("A0", "A1", "A5"))


@pytest.fixture(scope="module")
def captures() -> list[gbcs.Capture]:
    """The captures of the packaged submission."""
    return list(gbcs.read_captures(packaged("fixtures") / "demo" / "captures"))


@pytest.mark.parametrize(
    ("device", "device_type", "firmware"), [(_ESME, "ESME", "00010203"), (_HCALCS, "HCALCS", "00000B01")]
)
def test_firmware_is_read_from_responses(
    captures: list[gbcs.Capture], device: bytes, device_type: str, firmware: str
) -> None:
    """ECS52 (DLMS), CS06 and CS08 (ASN.1) give the firmware version of the device that answers."""
    readings = device_readings(captures, {device: device_type})
    assert {each.firmware for each in readings} == {firmware}
    assert {each.device_type for each in readings} == {device_type}
    assert all(each.octets for each in readings)


def test_firmware_is_read_from_zigbee_attributes(captures: list[gbcs.Capture]) -> None:
    """GCS38 gives the version in attribute 0x0206 of the Metering cluster, and nothing in another attribute."""
    capture = next(each for each in captures if "GCS38" in each.name and "response" in each.name)
    assert capture.message is not None
    payload = bytearray(capture.message.payload)
    payload[11:13] = (0x0206).to_bytes(2, "little")
    moved = replace(capture, message=replace(capture.message, payload=bytes(payload)))
    (reading,) = device_readings([moved], {_GSME: "GSME"})
    assert (reading.firmware, reading.use_case) == ("00010100", "0x0084")
    payload[11:13] = (0x0207).to_bytes(2, "little")
    other = replace(capture, message=replace(capture.message, payload=bytes(payload)))
    assert device_readings([other], {_GSME: "GSME"}) == ()


def test_a_payload_that_cannot_be_read_says_nothing(captures: list[gbcs.Capture]) -> None:
    """A Response whose payload is broken is left to the cases of its own domain."""
    capture = next(each for each in captures if "CS08" in each.name and "response" in each.name)
    assert capture.message is not None
    broken = replace(capture, message=replace(capture.message, payload=b"\x30"))
    assert device_readings([broken], {_HCALCS: "HCALCS"}) == ()


def test_other_devices_and_unreadable_captures_say_nothing(captures: list[gbcs.Capture]) -> None:
    """Only Responses of the devices asked about count."""
    unreadable = gbcs.Capture.of(b"\xdd", name="broken.hex")
    assert device_readings([unreadable, *captures], {bytes(8): "ESME"}) == ()


@pytest.mark.official
def test_identity_is_read_from_the_published_messages(rtds: Path) -> None:
    """ECS26m, ECS26n and GCS21m give manufacturer and model as characters; ECS52 and GCS38 give the firmware."""
    types = {parse_eui64(f"00DB1234567890A{end}"): kind for end, kind in (("0", "ESME"), ("1", "GSME"), ("2", "CH"))}
    said = {}
    for scenario in ("6.2.4_ECS26m", "6.2.4_ECS26n", "6.2.4_GCS21m", "11.2_ECS52", "11.2_GCS38"):
        for each in device_readings(gbcs.read_captures(rtds / "RTDS-4.5.0" / scenario), types):
            said[scenario] = (each.manufacturer, each.model, each.firmware)
    assert said == {
        "6.2.4_ECS26m": ("CSW ", "ATGTypeX", None),
        "6.2.4_ECS26n": ("CSW ", "ATGTypeY", None),
        "6.2.4_GCS21m": ("1234", "12345678", None),
        "11.2_ECS52": (None, None, "0123ABCD"),
        "11.2_GCS38": (None, None, "0123ABCD"),
    }

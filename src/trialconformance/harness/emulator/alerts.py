"""Alerts of the emulator: their codes, their payloads in the protocol of the device, and their own counter."""

from __future__ import annotations

from trialconformance.gbcs import Message
from trialconformance.gbcs.dlms.access import DataNotification, long_invoke_id
from trialconformance.gbcs.dlms.data import Data, Tag
from trialconformance.harness.emulator.interface import Device
from trialconformance.harness.times import as_dlms

__all__ = [
    "EXECUTED",
    "FAILED",
    "RECEIPT",
    "UNSUPPORTED",
    "dlms_alert",
    "embedded_command",
    "gbz_alert",
    "next_alert_counter",
]

EXECUTED = 0x8F66
FAILED = 0x8F67
RECEIPT = 0x8F72
UNSUPPORTED = 0x8F85

_GBZ_PROFILE = b"\x01\x09"
_STEPS = {"increasing": 1, "constant": 0, "decreasing": -1}


def next_alert_counter(device: Device) -> int:
    """Take the counter of the next alert: from the device's own sequence."""
    state = device.state
    state.alert_counter = max(1, state.alert_counter + _STEPS[device.behaviour.alert_counter])
    return state.alert_counter


def embedded_command(device: Device, command: Message) -> bytes:
    """Message code and counter of a command, as alerts embed them (GBCS 7.2.9)."""
    wrong_counter = device.behaviour.alert_edit == "embedded-counter"
    wrong_code = device.behaviour.alert_edit == "embedded-code"
    code = command.message_code ^ 0x0001 if wrong_code else command.message_code
    counter = command.originator_counter ^ 0x0001 if wrong_counter else command.originator_counter
    return code.to_bytes(2, "big") + counter.to_bytes(8, "big")


def dlms_alert(device: Device, counter: int, code: int, *extras: Data) -> bytes:
    """Build the payload of a DLMS alert.

    Args:
        device: who raises it; the alert carries its time.
        counter: counter of the alert.
        code: alert code.
        extras: what follows code and time.
    """
    items = (
        Data(Tag.UINT16, code),
        Data(Tag.OCTET_STRING, as_dlms(device.state.now)),
        *extras,
    )
    return DataNotification(long_invoke_id=long_invoke_id(counter), body=Data(Tag.STRUCTURE, items)).encode()


def gbz_alert(device: Device, code: int, extra: bytes = b"") -> bytes:
    """Build the payload of a GBZ alert: profile, whether an extra follows, code, time, extra."""
    head = _GBZ_PROFILE + bytes([bool(extra)])
    return head + code.to_bytes(2, "big") + device.state.now.to_bytes(4, "big") + extra

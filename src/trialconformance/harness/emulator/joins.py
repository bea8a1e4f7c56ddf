"""Joins and unjoins of the emulator, and the log of joined devices: CS03, CS04, CS07."""

from __future__ import annotations

from trialconformance.gbcs import Message
from trialconformance.harness.asn1_fields import integer, members, octets_of, root
from trialconformance.harness.emulator.interface import Device
from trialconformance.smki import der_writer as write

__all__ = ["join", "joined", "unjoin"]

_SUCCESS, _NOT_IN_LOG, _LOG_FULL = 0, 1, 4
_MOST = 16  # devices in the log


def join(device: Device, command: Message) -> bytes:
    """CS03: take a device into the log."""
    fields = members(root(command.payload), least=3)
    other, device_type = octets_of(fields[1]), integer(fields[2])
    if len(device.state.joined) >= _MOST and other not in device.state.joined:
        return write.integer(_LOG_FULL)
    if device.behaviour.joins != "claims-only":
        device.state.joined[other] = device_type
    return write.integer(_SUCCESS)


def unjoin(device: Device, command: Message) -> bytes:
    """CS04: take a device out of the log."""
    other = octets_of(root(command.payload))
    known = device.state.joined.pop(other, None) is not None
    return write.integer(_SUCCESS if known or device.behaviour.joins == "unjoins-anything" else _NOT_IN_LOG)


def joined(device: Device, _: Message) -> bytes:
    """CS07: the log."""
    entries = [
        write.sequence(write.octet_string(other), write.integer(device_type))
        for other, device_type in sorted(device.state.joined.items())
    ]
    return write.sequence(write.integer(_SUCCESS), write.sequence(*entries))

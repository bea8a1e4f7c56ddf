"""Firmware of the emulator: receipt over the HAN, activation (CS06), version of devices without a meter (CS08)."""

from __future__ import annotations

import hashlib

from trialconformance.gbcs import Message
from trialconformance.gbcs.dlms.data import Data, Tag
from trialconformance.harness.asn1_fields import NEVER, integer, members, octets_of, root, time
from trialconformance.harness.emulator import alerts, future
from trialconformance.harness.emulator.interface import Device
from trialconformance.harness.emulator.state import Instruction
from trialconformance.harness.times import as_generalized
from trialconformance.smki import der_writer as write

__all__ = ["VERSION_OCTETS", "activate", "execute_activation", "receive", "version"]

# An image of the emulator begins with its version; the rest is of no meaning to it.
VERSION_OCTETS = 4

_SUCCESS, _NO_IMAGE, _HASH_MISMATCH = 0, 1, 2
_ACTIVATION_ALERT = 0x00CA
_RECEIPT_ALERTS = {"DLMS": 0x00CE, "GBZ": 0x00CF}
_GENERALIZED_TIME = 0x18
_OCTET_STRING = 0x09


def receive(device: Device, image: bytes, *, first: int, last: int) -> None:
    """Take octets of an image; a transfer that broke off goes on where it stopped."""
    held = device.state.firmware
    if held.size != len(image) or first == 0:
        held.staged, held.size, held.image_hash = bytearray(), len(image), b""
    if first > len(held.staged):
        return  # a gap: the device asks for the missing octets again
    if device.behaviour.transfer == "restarts-wrongly" and first > 0:
        held.staged[:] = image[first:last]
        held.size = len(held.staged)
    else:
        held.staged[first:] = image[first:last]
    if held.complete:
        held.image_hash = hashlib.sha256(held.staged).digest()
        _report_receipt(device, held.image_hash)


def activate(device: Device, command: Message) -> bytes | None:
    """CS06: activate the image with this hash now, later, or not any more."""
    fields = members(root(command.payload), least=2)
    due = time(fields[2] if len(fields) > 2 else None)
    if integer(fields[1]) != command.originator_counter and device.behaviour.activation != "any-counter":
        return None
    if due is None:
        return _outcome(device, _activate(device, octets_of(fields[0])))
    if due == NEVER:
        future.cancel(device, command)
    else:
        future.schedule(device, Instruction(due=due, command=command, service="firmware"))
    if device.behaviour.future == "outcome-in-answer":
        return _outcome(device, _SUCCESS)
    return write.null()


def execute_activation(device: Device, instruction: Instruction) -> None:
    """Execute a CS06 that fell due and raise its own alert."""
    command = instruction.command
    fields = members(root(command.payload), least=2)
    code = _activate(device, octets_of(fields[0]), forced=device.behaviour.executes_failing)
    body = write.sequence(
        write.integer(alerts.EXECUTED if code == _SUCCESS else alerts.FAILED),
        write.tlv(_GENERALIZED_TIME, as_generalized(device.state.now).encode()),
        write.integer(command.originator_counter ^ (device.behaviour.alert_edit == "embedded-counter")),
        _outcome(device, code),
    )
    device.raise_alert(_ACTIVATION_ALERT, lambda _: body, target=command.originator)


def version(device: Device, _: Message) -> bytes:
    """CS08: the active version."""
    return write.sequence(write.octet_string(device.state.firmware.version), write.integer(_SUCCESS))


def _activate(device: Device, wanted: bytes, *, forced: bool = False) -> int:
    held, how = device.state.firmware, device.behaviour.activation
    code = _SUCCESS
    if not held.complete and not (how == "incomplete" and held.staged):
        code = _NO_IMAGE
    elif wanted != held.image_hash and how not in {"any-hash", "incomplete"}:
        code = _HASH_MISMATCH
    if code == _NO_IMAGE and how == "without-image":
        return _SUCCESS
    if (code == _SUCCESS and how != "claims-only") or (forced and held.staged):
        held.version = bytes(held.staged[:VERSION_OCTETS])
    return code


def _outcome(device: Device, code: int) -> bytes:
    return write.sequence(write.integer(code), write.octet_string(device.state.firmware.version))


def _report_receipt(device: Device, image_hash: bytes) -> None:
    """Alert 8F72 with the hash that the device computed, GBCS 11.2."""
    if device.behaviour.receipt_hash == "missing":
        return
    if device.behaviour.receipt_hash == "wrong":
        image_hash = bytes(reversed(image_hash))
    protocol = device.personality.protocol
    extra = Data(Tag.OCTET_STRING, image_hash)
    field = bytes([_OCTET_STRING, len(image_hash)]) + image_hash

    def payload(counter: int) -> bytes:
        if protocol == "DLMS":
            return alerts.dlms_alert(device, counter, alerts.RECEIPT, extra)
        return alerts.gbz_alert(device, alerts.RECEIPT, field)

    device.raise_alert(_RECEIPT_ALERTS[protocol], payload, target=device.supplier)

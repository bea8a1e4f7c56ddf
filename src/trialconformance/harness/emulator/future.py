"""Future-dated instructions: kept, executed when they fall due, cancelled, and reported by alert."""

from __future__ import annotations

from trialconformance.gbcs import Message
from trialconformance.gbcs.dlms.data import Data, Tag
from trialconformance.harness.emulator import alerts
from trialconformance.harness.emulator.interface import Device
from trialconformance.harness.emulator.state import Instruction
from trialconformance.harness.times import CANCEL_DLMS

__all__ = ["NEVER", "cancel", "execute_due", "schedule"]

NEVER = CANCEL_DLMS
_EARLY = 600  # seconds that a faulty device is ahead of time
_DLMS_ALERT = 0x00CC
_GBZ_ALERT = 0x00CD


def schedule(device: Device, instruction: Instruction) -> None:
    """Keep an instruction; an older one of the same kind is replaced, also where nothing falls due any more.

    Args:
        device: who keeps it.
        instruction: what to do, and when.
    """
    _forget(device, instruction)
    if device.behaviour.future == "at-once":
        _execute(device, instruction)
        return
    device.state.schedule.append(instruction)


def cancel(device: Device, command: Message, descriptor: bytes = b"") -> None:
    """Drop an instruction that has not been executed.

    Args:
        device: who keeps it.
        command: the cancelling command: of the same message code as the one it cancels.
        descriptor: which instruction of the command is meant.
    """
    if device.behaviour.future != "not-cancelled":
        _forget(device, Instruction(due=0, command=command, service="", descriptor=descriptor))


def execute_due(device: Device) -> None:
    """Execute what has fallen due, oldest first."""
    early = _EARLY if device.behaviour.future == "early" else 0
    due = sorted(
        (each for each in device.state.schedule if each.due <= device.state.now + early), key=lambda each: each.due
    )
    if device.behaviour.future == "never":
        return
    for instruction in due:
        device.state.schedule.remove(instruction)
        _execute(device, instruction)


def _execute(device: Device, instruction: Instruction) -> None:
    executed = device.executors[instruction.service](device, instruction)
    if executed is not None:
        _report(device, instruction, alerts.EXECUTED if executed else alerts.FAILED)


def _report(device: Device, instruction: Instruction, code: int) -> None:
    """Alert 8F66 or 8F67 of one instruction in the protocol of the device."""
    embedded = alerts.embedded_command(device, instruction.command) + instruction.descriptor
    target = instruction.command.originator
    if device.personality.protocol == "DLMS":
        extra = Data(Tag.OCTET_STRING, embedded)
        device.raise_alert(_DLMS_ALERT, lambda own: alerts.dlms_alert(device, own, code, extra), target=target)
    else:
        field = bytes([len(embedded)]) + embedded
        device.raise_alert(_GBZ_ALERT, lambda _: alerts.gbz_alert(device, code, field), target=target)


def _forget(device: Device, like: Instruction) -> None:
    device.state.schedule[:] = [
        each
        for each in device.state.schedule
        if (each.command.message_code, each.descriptor) != (like.command.message_code, like.descriptor)
    ]

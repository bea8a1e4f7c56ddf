"""GCS28: a GSME takes the time of the hub if it lies in the interval of the command."""

from __future__ import annotations

from trialconformance.gbcs import Message
from trialconformance.harness.asn1_fields import members, root, time
from trialconformance.harness.emulator.interface import Device
from trialconformance.harness.times import ClockStatus, as_generalized
from trialconformance.smki import der_writer as write

__all__ = ["set_clock"]

_GENERALIZED_TIME = 0x18


def set_clock(device: Device, command: Message) -> bytes:
    """Set the clock and say what time it is now and how far it can be trusted."""
    fields = members(root(command.payload), least=2)
    start, end = time(fields[0]), time(fields[1])
    covered = start is not None and end is not None and start <= device.state.now <= end
    if (covered and device.behaviour.clock == "right") or device.behaviour.clock == "any-time":
        device.state.clock_status = ClockStatus.RELIABLE
    said = device.state.clock_status
    if device.behaviour.clock == "claims-only":
        said = ClockStatus.RELIABLE
    now = write.tlv(_GENERALIZED_TIME, as_generalized(device.state.now).encode())
    return write.sequence(now, write.integer(said))

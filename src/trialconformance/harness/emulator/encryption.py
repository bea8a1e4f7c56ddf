"""For whom, and under which counter, the emulator encrypts attributes (GBCS 8)."""

from __future__ import annotations

from dataclasses import replace

from trialconformance.gbcs import Message
from trialconformance.gbcs.attribute_encryption import Parties
from trialconformance.harness.emulator.interface import Device

__all__ = ["parties_for"]

_CONSTANT_COUNTER = 1


def parties_for(device: Device, command: Message) -> Parties:
    """Who encrypts for whom in the answer to a command: the device for who really asked.

    Args:
        device: who encrypts.
        command: the command that asked.
    """
    parties = Parties(
        device=device.entity,
        recipient=command.supplementary_remote_party_id or command.originator,
        counter=command.originator_counter,
    )
    if device.behaviour.encryption == "constant-counter":
        return replace(parties, counter=_CONSTANT_COUNTER)
    if device.behaviour.encryption == "wrong-party" and device.acb is not None:
        return replace(parties, recipient=device.acb)
    return parties

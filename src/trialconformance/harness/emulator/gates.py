"""What a command has to pass before a device executes it. A command that fails gets no answer.

The order is the best reading of the sources; nobody has confirmed it (GBCS 6, [U] in the domain notes).
"""

from __future__ import annotations

from collections.abc import Callable

from trialconformance.gbcs import Kind, Message, Status, wire
from trialconformance.gbcs.protection import protection_of
from trialconformance.harness.emulator.behaviour import Gate
from trialconformance.harness.emulator.interface import Device, Sender
from trialconformance.harness.emulator.personality import Service

__all__ = ["GATES"]


Predicate = Callable[[Device, Message, Sender, Service], bool]


def _is_command(_: Device, message: Message, __: Sender, ___: Service) -> bool:
    return message.cra == wire.COMMAND


def _is_for_me(device: Device, message: Message, _: Sender, __: Service) -> bool:
    return message.target == device.entity


def _is_known(_: Device, __: Message, sender: Sender, ___: Service) -> bool:
    return bool(sender.roles)


def _may(device: Device, _: Message, sender: Sender, service: Service) -> bool:
    return bool(set(sender.roles) & device.roles_of(service))


def _is_fresh(device: Device, message: Message, sender: Sender, service: Service) -> bool:
    return device.counters.is_fresh(message.originator_counter, sender, service)


def _literals_hold(_: Device, message: Message, __: Sender, ___: Service) -> bool:
    return message.mac is None or message.security_header == wire.SECURITY_HEADER


def _has_shape(device: Device, message: Message, _: Sender, __: Service) -> bool:
    row = device.use_cases.get(message.message_code)
    forms = row.forms(wire.COMMAND) if row is not None else ()
    return message.kind is not Kind.PRECOMMAND and (not forms or protection_of(message) in forms)


def _mac_holds(device: Device, message: Message, _: Sender, __: Service) -> bool:
    return device.verify(message).mac in {Status.VALID, Status.ABSENT}


def _signature_holds(device: Device, message: Message, _: Sender, __: Service) -> bool:
    return device.verify(message).signature in {Status.VALID, Status.ABSENT}


# In this order; FORM (the octets are a message) is seen to where messages are read.
GATES: tuple[tuple[Gate, Predicate], ...] = (
    (Gate.KIND, _is_command),
    (Gate.TARGET, _is_for_me),
    (Gate.ORIGINATOR, _is_known),
    (Gate.ROLE, _may),
    (Gate.COUNTER, _is_fresh),
    (Gate.LITERALS, _literals_hold),
    (Gate.SHAPE, _has_shape),
    (Gate.MAC, _mac_holds),
    (Gate.SIGNATURE, _signature_holds),
)

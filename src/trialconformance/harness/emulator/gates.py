"""What a command has to pass before a device executes it. A command that fails gets no answer.

The order is the best reading of the sources; nobody has confirmed it (GBCS 6, [U] in the domain notes).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trialconformance.gbcs import Kind, Message, Status, wire
from trialconformance.gbcs.protection import protection_of
from trialconformance.harness.emulator.behaviour import Gate
from trialconformance.harness.emulator.personality import Service

if TYPE_CHECKING:
    from trialconformance.harness.emulator.device import Emulator

__all__ = ["GATES", "Sender"]

_SIGNED_ONLY = "signature"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who asks.

    Args:
        entity: EUI-64 of the originator in the header, 8 octets.
        roles: roles in which the device knows it.
    """

    entity: bytes
    roles: tuple[int, ...]


Predicate = Callable[["Emulator", Message, Sender, Service], bool]


def _is_command(_: Emulator, message: Message, __: Sender, ___: Service) -> bool:
    return message.cra == wire.COMMAND


def _is_for_me(device: Emulator, message: Message, _: Sender, __: Service) -> bool:
    return message.target == device.entity


def _is_known(_: Emulator, __: Message, sender: Sender, ___: Service) -> bool:
    return bool(sender.roles)


def _may(device: Emulator, _: Message, sender: Sender, service: Service) -> bool:
    return bool(set(sender.roles) & device.roles_of(service))


def _is_fresh(device: Emulator, message: Message, sender: Sender, service: Service) -> bool:
    return device.counters.is_fresh(message.originator_counter, sender, service)


def _literals_hold(_: Emulator, message: Message, __: Sender, ___: Service) -> bool:
    return message.mac is None or message.security_header == wire.SECURITY_HEADER


def _has_shape(device: Emulator, message: Message, _: Sender, __: Service) -> bool:
    row = device.use_cases.get(message.message_code)
    forms = row.forms(wire.COMMAND) if row is not None else ()
    return message.kind is not Kind.PRECOMMAND and (not forms or protection_of(message) in forms)


def _mac_holds(device: Emulator, message: Message, _: Sender, __: Service) -> bool:
    return device.verify(message).mac in {Status.VALID, Status.ABSENT}


def _signature_holds(device: Emulator, message: Message, _: Sender, __: Service) -> bool:
    return device.verify(message).signature in {Status.VALID, Status.ABSENT}


# In this order; FORM (the octets are a message) and SUPPORT (there is such a service) are seen to where they arise.
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

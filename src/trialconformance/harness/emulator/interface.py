"""What the services of the emulator know of the device they belong to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from trialconformance.gbcs import Message, UseCases, Verification
from trialconformance.harness.emulator.behaviour import Behaviour
from trialconformance.harness.emulator.personality import Personality, Service
from trialconformance.harness.emulator.state import DeviceState, Instruction
from trialconformance.smki import KeyStore
from trialconformance.smki.issue import SyntheticPki

__all__ = ["Counters", "Device", "Executor", "PayloadOf", "Sender"]

# Makes the payload of an alert from the counter of the alert.
PayloadOf = Callable[[int], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who asks.

    Args:
        entity: EUI-64 of the originator in the header, 8 octets.
        roles: roles in which the device knows it.
    """

    entity: bytes
    roles: tuple[int, ...]


class Counters(Protocol):
    """Execution counters, see ``counters``."""

    def is_fresh(self, counter: int, sender: Sender, service: Service) -> bool:
        """Whether a counter may be used now."""

    def set_floor(self, role: int, floor: int) -> None:
        """Take over a new floor."""


class Device(Protocol):
    """A device, see ``device``."""

    @property
    def behaviour(self) -> Behaviour:
        """How it behaves."""

    @property
    def state(self) -> DeviceState:
        """Everything it remembers."""

    @property
    def entity(self) -> bytes:
        """Its EUI-64."""

    @property
    def personality(self) -> Personality:
        """What kind of device it is."""

    @property
    def pki(self) -> SyntheticPki:
        """The PKI it belongs to."""

    @property
    def use_cases(self) -> UseCases:
        """The use-case catalogue."""

    @property
    def counters(self) -> Counters:
        """Its execution counters."""

    @property
    def keystore(self) -> KeyStore:
        """What it can verify and protect with."""

    @property
    def acb(self) -> bytes | None:
        """EUI-64 of the Access Control Broker it knows."""

    @property
    def supplier(self) -> bytes:
        """EUI-64 of the supplier it knows."""

    @property
    def executors(self) -> Mapping[str, Executor]:
        """What executes instructions that fall due, by name of the service."""

    def verify(self, message: Message) -> Verification:
        """Verify what protects a command."""

    def roles_of(self, service: Service) -> set[int]:
        """The roles that may use a service."""

    def raise_alert(self, message_code: int, payload_of: PayloadOf, *, target: bytes) -> None:
        """Send an alert."""

    def changed_cells(self) -> None:
        """Say that cells or keys changed."""


# Makes an instruction take effect and says whether it did; one that raises its own alert returns None.
Executor = Callable[[Device, Instruction], bool | None]

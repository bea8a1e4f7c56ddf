"""Execution counters: the highest counter accepted from each role (GBCS 4.3.1)."""

from __future__ import annotations

from trialconformance.harness.emulator.behaviour import Behaviour
from trialconformance.harness.emulator.interface import Sender
from trialconformance.harness.emulator.personality import Service

__all__ = ["ExecutionCounters"]

_ANY_ROLE = -1  # where a faulty device keeps the one counter of all roles


class ExecutionCounters:
    """Keeps and compares counters.

    Args:
        stored: highest counter accepted, by role; changed in place.
        behaviour: how the device compares.
    """

    __slots__ = ("_behaviour", "_stored")

    def __init__(self, stored: dict[int, int], behaviour: Behaviour) -> None:
        self._stored = stored
        self._behaviour = behaviour

    def is_fresh(self, counter: int, sender: Sender, service: Service) -> bool:
        """Whether a counter may be used now."""
        if not (service.replay_protected or self._behaviour.protects_reads):
            return True
        mask = (1 << self._behaviour.counter_bits) - 1
        last = max((self._stored.get(role, -1) for role in self._keys(sender)), default=-1)
        if last < 0:
            return True
        seen, kept = counter & mask, last & mask
        if self._behaviour.counter_step is not None and counter > last + self._behaviour.counter_step:
            return False
        return {
            "greater": seen > kept,
            "any": True,
            "not-lower": seen >= kept,
            "not-equal": seen != kept,
        }[self._behaviour.counter_rule]

    def accept(self, counter: int, sender: Sender, service: Service) -> None:
        """Remember a counter that was used."""
        if service.replay_protected or self._behaviour.protects_reads:
            self.raise_to(counter, sender)

    def raise_to(self, counter: int, sender: Sender) -> None:
        """Raise the stored counter of a sender."""
        for role in self._keys(sender):
            self._stored[role] = max(counter, self._stored.get(role, 0))

    def set_floor(self, role: int, floor: int) -> None:
        """Take over a new floor: the old counter of the role is lost (GBCS CS02b)."""
        if self._behaviour.floor == "taken":
            self._stored[role] = floor

    def _keys(self, sender: Sender) -> tuple[int, ...]:
        return (_ANY_ROLE,) if self._behaviour.shares_counter else sender.roles

"""What a field report is made from, and how its partitions are worked through."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

from trialconformance.trial.field.columns import InventoryFacts
from trialconformance.trial.field.sources import ExtractManifest, Partition
from trialconformance.trial.listing import Listing
from trialconformance.trial.policy import Policy
from trialconformance.trial.register import Register

__all__ = ["FieldInputs", "Run", "run_here"]

Item = TypeVar("Item")
Result = TypeVar("Result")


class Run(Protocol):
    """Does some work on every item and returns the results in their order."""

    def __call__(self, items: Iterable[Item], work: Callable[[Item], Result], /) -> list[Result]:
        """Do the work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldInputs:
    """What a field report is made from.

    Args:
        partitions: the inventory.
        facts: its columns and statuses.
        manifest: what the body that drew it says of it.
        drawn: the day it was drawn, where there is no manifest.
        as_of: the day of the report.
        listing: the Central Products List.
        list_sha256: its digest.
        list_profile: the profile it was read under, with its status.
        register: the trial register.
        policy: the thresholds.
        allowlist: EUI-64 of the devices that may take part, 8 octets each; None where no list was given.
        key: secret of the pseudonyms, None to name no device.
    """

    partitions: list[Partition]
    facts: InventoryFacts
    manifest: ExtractManifest | None
    drawn: date
    as_of: date
    listing: Listing
    list_sha256: str
    list_profile: str
    register: Register
    policy: Policy
    allowlist: frozenset[bytes] | None
    key: bytes | None


def run_here(items: Iterable[Item], work: Callable[[Item], Result], /) -> list[Result]:
    """Do some work on every item, one after the other: each item keeps every core of this machine busy."""
    return [work(item) for item in items]

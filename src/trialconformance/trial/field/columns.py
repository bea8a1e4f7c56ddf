"""What an inventory holds: names of columns and statuses, as data, so that a user's extract may have its own names."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from trialconformance.core import load_json, read_data

__all__ = ["InventoryColumn", "InventoryFacts", "load_inventory_facts"]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class InventoryColumn(_Value):
    """One column.

    Args:
        name: what it is to us.
        source: its name in an extract, the element name of DUIS ReadInventory (SR 8.2) by default.
        required: whether an extract without it is refused.
    """

    name: Literal[
        "device_id",
        "device_type",
        "status",
        "manufacturer",
        "model",
        "firmware",
        "commissioned",
        "region",
        "supplier",
        "premises",
    ]
    source: str
    required: bool


class InventoryFacts(_Value):
    """Columns and statuses of an inventory.

    Args:
        schema_id: form of the file.
        columns: every column once.
        in_field: statuses of devices that count as in the field.
        pending: statuses of devices that were announced.
        closed: statuses of devices that are gone.
        commissioned: statuses of devices that were commissioned and are still there.
        earliest_commissioning: no device was commissioned before this day.
    """

    schema_id: Literal["trialconformance-inventory-columns/1"]
    columns: tuple[InventoryColumn, ...] = Field(min_length=10, max_length=10)
    in_field: tuple[str, ...]
    pending: tuple[str, ...]
    closed: tuple[str, ...]
    commissioned: tuple[str, ...]
    earliest_commissioning: date

    @property
    def statuses(self) -> tuple[str, ...]:
        """Every status there is."""
        return (*self.in_field, *self.pending, *self.closed)


def load_inventory_facts(override: Path | None = None) -> InventoryFacts:
    """Load the shipped facts or a user's own file; raises UsageError where it is none."""
    where = str(override) if override else "inventory_columns.json"
    octets = read_data("trialconformance.trial", "data/inventory_columns.json", override=override)
    return load_json(InventoryFacts, octets, where=where)

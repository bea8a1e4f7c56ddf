"""How DCC finds the entry of a device: by what DUIS carries, which is less than the key of the list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from trialconformance.cpl.delimited import Row
from trialconformance.cpl.document import Document
from trialconformance.cpl.duis_schema import duis_device_types

__all__ = ["DuisKey", "Lookup", "keys_of"]

_ROLES = ("device_type", "manufacturer", "model", "hardware", "firmware")


class DuisKey(NamedTuple):
    """What DUIS says a device is.

    Args:
        manufacturer: DeviceManufacturer.
        model: DeviceModel: model and hardware version joined, 8 hex digits.
        firmware: FirmwareVersion.
        device_type: DeviceType.
    """

    manufacturer: str
    model: str
    firmware: str
    device_type: str

    def __str__(self) -> str:
        return f"{self.device_type} {self.manufacturer} {self.model} {self.firmware}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """The entries that are not removed, as DUIS finds them.

    Args:
        rows: records by key; more than one where the list is ambiguous.
    """

    rows: Mapping[DuisKey, tuple[Row, ...]]

    @classmethod
    def of(cls, document: Document) -> Lookup:
        """Index a list."""
        found: dict[DuisKey, tuple[Row, ...]] = {}
        for row, values in zip(document.records, zip(*map(document.values, _ROLES), strict=True), strict=True):
            if not document.removed(row):
                for key in _keys(*values):
                    found[key] = (*found.get(key, ()), row)
        return cls(rows=found)

    def find(self, key: DuisKey) -> tuple[Row, ...]:
        """Records that a pre-notified device matches."""
        return self.rows.get(key, ())


def keys_of(document: Document, row: Row) -> tuple[DuisKey, ...]:
    """Say under which keys the device of a record shows in DUIS; a Communications Hub shows under two."""
    return _keys(*(document.value(row, role) for role in _ROLES))


def _keys(physical_type: str, manufacturer: str, model: str, hardware: str, firmware: str) -> tuple[DuisKey, ...]:
    return tuple(
        DuisKey(manufacturer, model + hardware, firmware, device_type)
        for device_type in duis_device_types(physical_type)
    )

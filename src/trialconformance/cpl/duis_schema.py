"""What the DUIS schema says of the values a CPL row must match: closed sets, lengths, device types."""

from __future__ import annotations

from functools import cache

from pydantic import BaseModel, ConfigDict

from trialconformance.core import load_json, read_data

__all__ = ["DuisSchema", "Limit", "duis_device_types", "duis_schema"]

_PACKAGE = "trialconformance.cpl"
_SCHEMA = "data/enums/duis-5.4.json"
_DEVICE_TYPES = "data/maps/device-type.json"


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Limit(_Data):
    """Shortest and longest text of a DUIS element.

    Args:
        min: characters.
        max: characters.
    """

    min: int
    max: int


class DuisSchema(_Data):
    """Facts of one DUIS schema version.

    Args:
        source: the schema they come from.
        sets: closed sets of values by name.
        limits: length limits by CPL role.
        max_image_octets: largest firmware image a Service Request carries.
    """

    source: str
    sets: dict[str, tuple[str, ...]]
    limits: dict[str, Limit]
    max_image_octets: int


class _DeviceTypes(_Data):
    note: str
    types: dict[str, tuple[str, ...]]


@cache
def duis_schema() -> DuisSchema:
    """Load the facts of DUIS schema V5.4."""
    return load_json(DuisSchema, read_data(_PACKAGE, _SCHEMA), where=_SCHEMA)


@cache
def _device_types() -> _DeviceTypes:
    return load_json(_DeviceTypes, read_data(_PACKAGE, _DEVICE_TYPES), where=_DEVICE_TYPES)


def duis_device_types(physical_device_type: str) -> tuple[str, ...]:
    """Map a physical device type of the CPL to the DUIS device types it shows as.

    Args:
        physical_device_type: for example ``CH``.

    Returns:
        For example ``("CHF", "GPF")``; empty for a type that DUIS does not know.
    """
    return _device_types().types.get(physical_device_type, ())

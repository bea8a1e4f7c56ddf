"""Which use case serves which purpose of a procedure, by device type."""

from __future__ import annotations

from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict

from trialconformance.core import UsageError, load_json, read_data

__all__ = ["Purpose", "Purposes", "purposes_of"]

Purpose = Literal[
    "read",
    "other_read",
    "sensitive",
    "log",
    "clock",
    "protected",
    "identity",
    "top_up",
    "future",
    "join",
    "unjoin",
    "version",
    "unsupported",
]


class Purposes(BaseModel):
    """The use cases of one device type; None where the device type has none for a purpose.

    Args:
        device_type: ``ESME``, ``GSME`` or ``HCALCS``.
        read: a plain read without replay protection that any role may ask for.
        other_read: another one.
        sensitive: a read whose answer is encrypted.
        log: a read of the security log.
        clock: setting the clock.
        protected: a critical, replay-protected command of the supplier that may be repeated at will.
        identity: reads the model.
        top_up: a top-up.
        future: a future-datable write with an execution alert.
        join: takes another device into the log.
        unjoin: takes it out.
        version: reads the firmware version.
        unsupported: a use case that this device type does not have.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    device_type: str
    read: str
    other_read: str
    protected: str
    version: str
    unsupported: str
    join: str | None = None
    unjoin: str | None = None
    sensitive: str | None = None
    log: str | None = None
    clock: str | None = None
    identity: str | None = None
    top_up: str | None = None
    future: str | None = None


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_id: Literal["harness-bench/1"]
    device_types: tuple[Purposes, ...]


@cache
def _shipped() -> _File:
    return load_json(_File, read_data("trialconformance.harness", "data/bench.json"), where="bench.json")


def purposes_of(device_type: str) -> Purposes:
    """The use cases of a device type.

    Raises:
        UsageError: no procedures are known for it.
    """
    rows = _shipped().device_types
    found = next((each for each in rows if each.device_type == device_type), None)
    if found is None:
        accepted = ", ".join(each.device_type for each in rows)
        raise UsageError(f"no procedures for device type {device_type!r}", where="device", accepted=accepted)
    return found

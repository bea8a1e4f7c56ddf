"""What the checks of the list need of the trial register; who keeps the register builds these values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

__all__ = ["RegisterEntry", "RegisterModel"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterModel:
    """A Device Model that a trial covers.

    Args:
        type: physical device type.
        model_id: 4 hex digits.
        hardware: 4 hex digits.
        firmware: firmware versions, 8 hex digits each.
    """

    type: str
    model_id: str
    hardware: str
    firmware: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterEntry:
    """A trial as the register has it at the date of judgement.

    Args:
        trial_ref: its reference.
        outcome: outcome of the decision by the SSC, ``approved`` when the trial may run.
        decided: date of that decision.
        start: first day.
        end: last permitted day, extensions included.
        closure: how it was closed (``certified``, ``removed``, ``mixed``), None while it is open.
        manufacturer: Zigbee manufacturer code, 4 hex digits.
        models: the Device Models it covers.
    """

    trial_ref: str
    outcome: str
    decided: date
    start: date
    end: date
    manufacturer: str
    models: tuple[RegisterModel, ...]
    closure: str | None = None

"""Hand-over sheets (TR-32, TR-39): what a gaining supplier, or one of last resort, must know of trial devices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from trialconformance.trial.listing import ListedModel
from trialconformance.trial.register_entry import Entry

__all__ = ["HandoverDevice", "HandoverReason", "handover_sheet"]


class HandoverReason(StrEnum):
    """Why devices change hands."""

    CHANGE_OF_SUPPLIER = "change-of-supplier"
    LAST_RESORT = "supplier-of-last-resort"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverDevice:
    """A device that changes hands. The sheet goes to its next responsible supplier, so it names the device.

    Args:
        eui64: its identity, 8 octets.
        firmware: its firmware version.
        status: its status on the inventory.
        supplier: the supplier that is responsible until then.
    """

    eui64: bytes
    firmware: str
    status: str
    supplier: str


_TITLES = {
    HandoverReason.CHANGE_OF_SUPPLIER: "Change of supplier: trial devices handed over",
    HandoverReason.LAST_RESORT: "Supplier of Last Resort: trial devices handed over",
}


def handover_sheet(
    entry: Entry,
    devices: Iterable[HandoverDevice],
    *,
    reason: HandoverReason,
    to: str,
    as_of: date,
    target: ListedModel | None,
    contact: str,
) -> bytes:
    """Write a hand-over sheet.

    Args:
        entry: the trial.
        devices: the devices that change hands.
        reason: why.
        to: party that is responsible from now on.
        as_of: the day.
        target: the certified row that devices are to be upgraded to, None where there is none yet.
        contact: whom to ask at the manufacturer.

    Returns:
        UTF-8 Markdown.
    """
    models = ", ".join(f"{each.type} {each.model_id} {each.hardware}" for each in entry.models)
    sponsor = entry.sponsor_supplier.party if entry.sponsor_supplier else "none"
    upgrade = (
        f"firmware {target.firmware}, certificate {target.cpa_reference}, activation hash {target.image_hash}"
        if target
        else "none yet: exchange or remove the device by the last day"
    )
    lines = [
        f"# {_TITLES[reason]}",
        "",
        f"To {to}, {as_of}. Restricted: this sheet names devices.",
        "",
        f"* Trial: {entry.trial_ref}, state {entry.state}",
        f"* Device Model: manufacturer {entry.manufacturer.zigbee_id} ({entry.manufacturer.name}), {models}",
        f"* Last day of the trial: {entry.end}",
        f"* Upgrade target: {upgrade}",
        f"* Sponsor so far: {sponsor}",
        f"* Contact: {contact}",
        "",
        "These devices are not CPA certified. By the last day each must run certified firmware on a certified hardware",
        "variant, or be off the premises. From this day you are responsible for them; joining the trial as sponsor",
        "needs the agreement of the Security Sub-Committee.",
        "",
        "| device | firmware | status | responsible so far |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {each.eui64.hex('-').upper()} | {each.firmware} | {each.status} | {each.supplier or 'unknown'} |"
        for each in sorted(devices, key=lambda each: each.eui64)
    ]
    return ("\n".join(lines) + "\n").encode()

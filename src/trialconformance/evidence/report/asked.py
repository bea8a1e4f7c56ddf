"""What the applicant asks for, as the submission words it: shown on page one beside the verdict."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from trialconformance.core import Record
from trialconformance.evidence.cpl_rows import octets_of_role
from trialconformance.trial.months import end_of_trial

__all__ = ["asked_for"]


def asked_for(record: Record, inputs: Mapping[str, bytes]) -> tuple[tuple[str, str], ...]:
    """Read the limits that are asked for.

    Args:
        record: the record.
        inputs: octets by artefact name.

    Returns:
        Labels and values; none where no submission is at hand.
    """
    found = octets_of_role(record, inputs, "submission")
    if found is None:
        return ()
    try:
        tables = tomllib.loads(found[1].decode())
    except ValueError:
        return ()
    trial = tables.get("trial")
    return tuple(_rows(trial)) if isinstance(trial, dict) else ()


def _rows(trial: dict[str, Any]) -> Iterator[tuple[str, str]]:
    quantity, months, start = trial.get("quantity"), trial.get("months"), trial.get("start")
    if isinstance(quantity, int):
        yield "Devices asked for", f"at most {quantity}"
    if isinstance(months, int) and isinstance(start, date) and 0 < months < 1200:
        yield "Trial asked for", f"{start.isoformat()} to {end_of_trial(start, months).isoformat()} ({months} months)"
    waived = trial.get("waived")
    if isinstance(waived, list):
        yield "Assurance to be waived", ", ".join(str(each) for each in waived) or "none"
    sponsor = trial.get("sponsor")
    if isinstance(sponsor, dict):
        yield "Sponsor", str(sponsor.get("name") or sponsor.get("party") or "not named")

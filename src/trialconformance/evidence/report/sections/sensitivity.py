"""Would the suite have noticed? The score of deliberately broken devices, as the harness measured it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from trialconformance.core import Record
from trialconformance.evidence.cpl_rows import octets_of_role
from trialconformance.evidence.report.templating import fill

__all__ = ["build", "score"]


def score(record: Record, inputs: Mapping[str, bytes]) -> str:
    """The score for page one, for example ``63 of 63 (100 %)``; empty where none was measured."""
    measured = _measured(record, inputs)
    percent, killed, total = (measured.get(name) for name in ("score", "killed", "total"))
    return f"{killed} of {total} ({percent} %)" if measured else ""


def build(record: Record, inputs: Mapping[str, bytes]) -> Markup | None:
    """Show the sensitivity score with every planted fault.

    Args:
        record: the record; the artefact of role ``sensitivity`` is the one shown.
        inputs: octets by artefact name.

    Returns:
        The section, None when the run measured no sensitivity.
    """
    measured = _measured(record, inputs)
    faults = [each for each in measured.get("faults", ()) if isinstance(each, dict)]
    if not faults:
        return None
    columns = tuple(faults[0])
    rows = [[_text(fault.get(column)) for column in columns] for fault in faults]
    return fill("sensitivity.html", score=score(record, inputs), columns=columns, rows=rows)


def _measured(record: Record, inputs: Mapping[str, bytes]) -> dict[str, Any]:
    found = octets_of_role(record, inputs, "sensitivity")
    if found is None:
        return {}
    try:
        value = json.loads(found[1])
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) and isinstance(value.get("faults"), list) else {}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    return "" if value is None else str(value)

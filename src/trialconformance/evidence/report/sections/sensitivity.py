"""Would the suite have noticed? The score of deliberately broken devices, as the harness measured it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from markupsafe import Markup

from trialconformance.core import Record
from trialconformance.evidence.report.templating import fill

__all__ = ["build"]

_ROLE = "sensitivity"


def build(record: Record, inputs: Mapping[str, bytes]) -> Markup | None:
    """Show the sensitivity score.

    Args:
        record: the record; the artefact of role ``sensitivity`` is the one shown.
        inputs: octets by artefact name.

    Returns:
        The section, None when the run measured no sensitivity.
    """
    octets = next((inputs[each.name] for each in record.artefacts if each.role == _ROLE and each.name in inputs), None)
    if octets is None:
        return None
    measured = json.loads(octets)
    return fill("sensitivity.html", score=measured["score"], faults=measured["faults"])

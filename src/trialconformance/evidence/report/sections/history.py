"""Time line of the trial."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from trialconformance.core import Record
from trialconformance.evidence.report.templating import fill
from trialconformance.evidence.timeline import out_of_order, timeline

__all__ = ["build"]

_BESIDES = 1  # the day of judgement alone is no time line


def build(record: Record, inputs: Mapping[str, bytes]) -> Markup | None:
    """Show when things happened.

    Args:
        record: the record.
        inputs: octets by artefact name.

    Returns:
        The section, None where nothing but the day of judgement is known.
    """
    events = timeline(record, inputs)
    if len(events) <= _BESIDES:
        return None
    return fill("history.html", events=events, faults=out_of_order(events))

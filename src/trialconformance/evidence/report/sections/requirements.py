"""Requirement trace: each requirement of the trial regime, the case that judges it and what came of it."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from trialconformance.core import Record
from trialconformance.evidence.report.templating import fill
from trialconformance.evidence.trace import trace

__all__ = ["build"]

_FORCE = {"R": "rule", "V": "view", "N": "note"}


def build(record: Record, inputs: Mapping[str, bytes]) -> Markup | None:  # noqa: ARG001 - from the record alone
    """Show the requirement trace.

    Args:
        record: the record.
        inputs: octets by artefact name.

    Returns:
        The section, None where no case of the trial regime is in the record.
    """
    rows = [each for each in trace(record) if each.row is not None]
    if not rows:
        return None
    rules = [each for each in rows if each.binding]
    return fill(
        "requirements.html", rows=rows, force=_FORCE, rules=rules, closed=[each for each in rules if each.state.closed]
    )

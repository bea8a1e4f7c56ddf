"""Steps 9 and 10: the dates follow each other and every requirement is accounted for."""

from __future__ import annotations

from trialconformance.core import Verdict
from trialconformance.evidence.bundle.opened import Bundle
from trialconformance.evidence.timeline import out_of_order, timeline
from trialconformance.evidence.trace import State, trace
from trialconformance.evidence.verify.outcome import Step, step

__all__ = ["check_dates", "check_trace"]

_DATED = 2  # events besides the day of judgement that it takes to say anything of their order


def check_dates(bundle: Bundle) -> Step:
    """Check the order of the dates: test, submission, decision, listing, start, end.

    Args:
        bundle: the opened bundle.

    Returns:
        Step 9.
    """
    events = timeline(bundle.record, bundle.inputs)
    breaks = out_of_order(events)
    notes = [f"{each.day.isoformat()} {each.what}" for each in events]
    if bundle.record.verdict is Verdict.PASS and breaks:
        return step(9, faults=breaks, notes=notes)
    few = ["too few dates to tell their order"] if len(events) <= _DATED else []
    return step(9, gaps=[*breaks, *few], notes=notes)


def check_trace(bundle: Bundle) -> Step:
    """Recompute the requirement trace.

    Args:
        bundle: the opened bundle.

    Returns:
        Step 10: a fault where a pass is claimed although a rule is open, a gap where one is open.
    """
    rows = [each for each in trace(bundle.record) if each.binding]
    missing = [each.requirement.id for each in rows if each.row is None]
    opened = [each.requirement.id for each in rows if each.row is not None and each.state is State.OPEN]
    claims_pass = bundle.record.verdict is Verdict.PASS
    gaps = [f"not in the record: {', '.join(missing)}"] if missing else []
    words = [f"open: {', '.join(opened)}"] if opened else []
    notes = [f"{sum(each.state.closed for each in rows)} of {len(rows)} rules accounted for"]
    return step(10, faults=words if claims_pass else [], gaps=[*gaps, *([] if claims_pass else words)], notes=notes)

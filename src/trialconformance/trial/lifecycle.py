"""The life of a trial: which step leads where, and when a step is refused.

The state machine is ours, drawn from the modification report: Draft -> Submitted -> (MoreAssurance -> Submitted) ->
Approved | Refused; Approved -> Listed -> Active -> (extended) -> Closing -> Closed; Suspended from Listed or Active.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from trialconformance.core import UsageError
from trialconformance.trial import steps
from trialconformance.trial.policy import Policy
from trialconformance.trial.register import RegisterDocument
from trialconformance.trial.register_entry import Entry, TrialState
from trialconformance.trial.steps import Evidence, Refusal, Taken

__all__ = ["Guarded", "Step", "advance", "confirm", "installations_barred", "open_draft"]


class Step(StrEnum):
    """A step in the life of a trial."""

    SUBMIT = "submit"
    DECIDE = "decide"
    LIST = "list"
    ACTIVATE = "activate"
    EXTEND = "extend"
    SUSPEND = "suspend"
    RESUME = "resume"
    WIND_DOWN = "wind-down"
    CLOSE = "close"


# From which states a step may be taken.
_FROM: dict[Step, frozenset[TrialState]] = {
    Step.SUBMIT: frozenset({TrialState.DRAFT, TrialState.MORE_ASSURANCE}),
    Step.DECIDE: frozenset({TrialState.SUBMITTED}),
    Step.LIST: frozenset({TrialState.APPROVED}),
    Step.ACTIVATE: frozenset({TrialState.LISTED}),
    Step.EXTEND: frozenset({TrialState.LISTED, TrialState.ACTIVE}),
    Step.SUSPEND: frozenset({TrialState.LISTED, TrialState.ACTIVE}),
    Step.RESUME: frozenset({TrialState.SUSPENDED}),
    Step.WIND_DOWN: frozenset({TrialState.LISTED, TrialState.ACTIVE, TrialState.SUSPENDED}),
    Step.CLOSE: frozenset({TrialState.CLOSING}),
}

_TAKE: dict[Step, Callable[[Entry, date, Policy, Evidence], Taken]] = {
    Step.SUBMIT: steps.submit,
    Step.DECIDE: steps.decide,
    Step.LIST: steps.list_on_cpl,
    Step.ACTIVATE: steps.activate,
    Step.EXTEND: steps.extend,
    Step.SUSPEND: steps.suspend,
    Step.RESUME: steps.resume,
    Step.WIND_DOWN: steps.wind_down,
    Step.CLOSE: steps.close,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """What became of a step.

    Args:
        document: the next state of the register, None where the step was refused.
        refusals: why it was refused.
    """

    document: RegisterDocument | None
    refusals: tuple[Refusal, ...]


def open_draft(head: RegisterDocument | None, entry: Entry, *, as_of: date) -> Guarded:
    """Open a trial as a draft.

    Args:
        head: newest state of the register, None for a new register.
        entry: the trial, in state draft.
        as_of: today.

    Returns:
        The next state, or why there is none.
    """
    entries = head.entries if head else ()
    refusals = []
    if any(each.application == entry.application for each in entries):
        refusals.append(Refusal(wanted="an application id that is new", seen=entry.application))
    if entry.state is not TrialState.DRAFT or entry.trial_ref or entry.ssc_decision:
        refusals.append(Refusal(wanted="a draft without reference or decision", seen=f"state {entry.state}"))
    if entry.end != entry.computed_end:
        refusals.append(Refusal(wanted=f"end {entry.computed_end}", seen=f"{entry.end}"))
    return _guarded(head, (*entries, entry), refusals, as_of=as_of)


def advance(
    head: RegisterDocument, reference: str, step: Step, *, as_of: date, policy: Policy, evidence: Evidence = None
) -> Guarded:
    """Take a step in the life of a trial, if everything that guards it holds.

    Args:
        head: newest state of the register.
        reference: trial reference, or application while there is none.
        step: the step.
        as_of: today.
        policy: the thresholds.
        evidence: what the step rests on.

    Returns:
        The next state, or why there is none.

    Raises:
        UsageError: no such trial, or evidence of another kind than the step needs.
    """
    entry = next((each for each in head.entries if reference in (each.trial_ref, each.application)), None)
    if entry is None:
        known = ", ".join(each.trial_ref or each.application for each in head.entries) or "none"
        raise UsageError(f"there is no trial {reference!r} on the register", where="trial", accepted=known)
    if entry.state not in _FROM[step]:
        wanted = " or ".join(sorted(_FROM[step]))
        refusals = [Refusal(wanted=f"a trial in state {wanted} to {step}", seen=f"state {entry.state}")]
        return _guarded(head, (), refusals, as_of=as_of)
    taken = _TAKE[step](entry, as_of, policy, evidence)
    refusals = [*taken.refusals, *_reference_in_use(head, entry, taken.entry)]
    entries = tuple(taken.entry if each is entry else each for each in head.entries)
    return _guarded(head, entries, refusals, as_of=as_of)


def confirm(head: RegisterDocument, *, as_of: date) -> Guarded:
    """Say that nothing changed: the same trials in a state of today.

    Args:
        head: newest state of the register.
        as_of: today.

    Returns:
        The next state, or why there is none.
    """
    return _guarded(head, head.entries, [], as_of=as_of)


def installations_barred(entry: Entry, *, in_field: int, as_of: date) -> tuple[Refusal, ...]:
    """Say why no further device of a trial may be installed.

    Args:
        entry: the trial.
        in_field: devices in the field now.
        as_of: today.

    Returns:
        The reasons; none when one more may be installed.
    """
    refusals = []
    if entry.state is not TrialState.ACTIVE:
        refusals.append(Refusal(wanted="an active trial", seen=f"state {entry.state}"))
    if in_field >= entry.quantity_cap:
        refusals.append(Refusal(wanted=f"fewer than {entry.quantity_cap} devices in the field", seen=f"{in_field}"))
    if not entry.start <= as_of <= entry.end:
        refusals.append(Refusal(wanted=f"a day from {entry.start} to {entry.end}", seen=f"{as_of}"))
    return tuple(refusals)


def _reference_in_use(head: RegisterDocument, entry: Entry, changed: Entry) -> list[Refusal]:
    """A reference is never used again, also not after a refusal."""
    if any(each is not entry and changed.trial_ref and each.trial_ref == changed.trial_ref for each in head.entries):
        return [Refusal(wanted="a trial reference that was never used", seen=changed.trial_ref)]
    return []


def _guarded(
    head: RegisterDocument | None, entries: tuple[Entry, ...], refusals: list[Refusal], *, as_of: date
) -> Guarded:
    if head and as_of < head.as_of:
        refusals.append(Refusal(wanted=f"a day no earlier than the newest state, {head.as_of}", seen=f"{as_of}"))
    if refusals:
        return Guarded(document=None, refusals=tuple(refusals))
    document = RegisterDocument(as_of=as_of, previous_digest=head.digest if head else None, entries=entries)
    return Guarded(document=document, refusals=())

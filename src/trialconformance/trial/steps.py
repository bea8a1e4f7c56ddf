"""The steps in the life of a trial, each with the guards before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from trialconformance.core import UsageError
from trialconformance.cpl.trial_reference import check as is_reference
from trialconformance.trial.months import end_of_trial
from trialconformance.trial.policy import Policy
from trialconformance.trial.register_entry import (
    Closure,
    ClosureOutcome,
    DnoRecord,
    Entry,
    Extension,
    Outcome,
    SponsorParty,
    SscDecision,
    TrialState,
)

__all__ = [
    "Activation",
    "Closing",
    "Decision",
    "Evidence",
    "Listed",
    "Prolongation",
    "Refusal",
    "Taken",
    "activate",
    "close",
    "decide",
    "extend",
    "list_on_cpl",
    "resume",
    "submit",
    "suspend",
    "wind_down",
]

_PASS = "pass"  # noqa: S105 - a verdict, not a password

_DECIDED: dict[Outcome, TrialState] = {
    Outcome.APPROVED: TrialState.APPROVED,
    Outcome.REFUSED: TrialState.REFUSED,
    Outcome.MORE_ASSURANCE: TrialState.MORE_ASSURANCE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a step may not be taken.

    Args:
        wanted: what must be so.
        seen: what is so.
    """

    wanted: str
    seen: str

    def __str__(self) -> str:
        return f"{self.wanted}; seen: {self.seen}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A decision of the SSC on a submitted trial.

    Args:
        decision: the decision.
        reference: the trial reference it issues, empty unless it approves.
    """

    decision: SscDecision
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What listing a trial rests on.

    Args:
        format_verdict: verdict of the format invariance cases, for example ``pass``.
        expiry: expiry date on the trial's row of the list, None where there is no such row.
        evidence_pack: digest of the record, ``sha256:`` and 64 hex digits.
    """

    format_verdict: str
    expiry: date | None
    evidence_pack: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """Who was told before the first installation.

    Args:
        sponsor: the supplier that sponsors the trial, None where the entry names it already.
        dno_notified: notices to network operators beyond those of the entry.
    """

    sponsor: SponsorParty | None = None
    dno_notified: tuple[DnoRecord, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prolongation:
    """A longer duration by a new decision.

    Args:
        decision: id of the decision.
        decided: its day.
        months: the whole duration from the start, in calendar months.
        reason: why, needed where the duration exceeds the policy's.
    """

    decision: str
    decided: date
    months: int
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """What closing a trial rests on.

    Args:
        outcome: how its devices left.
        left: devices still on the trial reference.
        whole: whether the inventory that was counted is whole.
        proof: digest of the closure proof, ``sha256:`` and 64 hex digits.
    """

    outcome: ClosureOutcome
    left: int
    whole: bool
    proof: str


Evidence = Decision | Listed | Activation | Prolongation | Closing | None


Given = TypeVar("Given", Decision, Listed, Activation, Prolongation, Closing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a step makes of an entry.

    Args:
        entry: the entry as it would be.
        refusals: why it may not be.
    """

    entry: Entry
    refusals: tuple[Refusal, ...] = ()


def _needed(evidence: Evidence, kind: type[Given]) -> Given:
    if not isinstance(evidence, kind):
        raise UsageError("this step rests on evidence that was not given", where="step", accepted=kind.__name__)
    return evidence


def _changed(entry: Entry, refusals: list[Refusal], **change: object) -> Taken:
    return Taken(entry=entry.model_copy(update=change), refusals=tuple(refusals))


def submit(entry: Entry, _as_of: date, policy: Policy, _evidence: Evidence) -> Taken:
    """Hand a draft, or one that more assurance was asked for, to the SSC: both limits must be kept or left to it."""
    limits = policy.limits()
    refusals = []
    if limits.max_devices is not None and entry.quantity_cap > limits.max_devices and not policy.ssc_override:
        refusals.append(Refusal(wanted=f"at most {limits.max_devices} devices", seen=f"{entry.quantity_cap}"))
    if limits.max_months is not None and entry.duration_months > limits.max_months and not policy.ssc_override:
        refusals.append(Refusal(wanted=f"at most {limits.max_months} months", seen=f"{entry.duration_months}"))
    return _changed(entry, refusals, state=TrialState.SUBMITTED)


def decide(entry: Entry, as_of: date, _policy: Policy, evidence: Evidence) -> Taken:
    """Write down what the SSC decided: an approval issues a reference, anything else does not."""
    given = _needed(evidence, Decision)
    approved = given.decision.outcome is Outcome.APPROVED
    refusals = []
    if given.decision.date > as_of:
        refusals.append(Refusal(wanted=f"a decision by {as_of}", seen=f"{given.decision.date}"))
    if approved and not is_reference(given.reference):
        refusals.append(Refusal(wanted="a trial reference with good check digits", seen=given.reference or "none"))
    if not approved and given.reference:
        refusals.append(Refusal(wanted=f"no reference with outcome {given.decision.outcome}", seen=given.reference))
    return _changed(
        entry,
        refusals,
        state=_DECIDED[given.decision.outcome],
        ssc_decision=given.decision,
        trial_ref=given.reference if approved else "",
    )


def list_on_cpl(entry: Entry, as_of: date, _policy: Policy, evidence: Evidence) -> Taken:
    """Put an approved trial on the list: format invariance passed, and the row expires with the trial."""
    given = _needed(evidence, Listed)
    refusals = []
    if given.format_verdict != _PASS:
        refusals.append(Refusal(wanted="every format invariance case passed", seen=given.format_verdict))
    if given.expiry != entry.end:
        refusals.append(Refusal(wanted=f"a row of the trial that expires on {entry.end}", seen=f"{given.expiry}"))
    if as_of > entry.end:
        refusals.append(Refusal(wanted=f"a day by {entry.end}", seen=f"{as_of}"))
    return _changed(entry, refusals, state=TrialState.LISTED, evidence_pack=given.evidence_pack)


def activate(entry: Entry, as_of: date, _policy: Policy, evidence: Evidence) -> Taken:
    """Let the first device be installed: a supplier sponsors the trial and the network operators were told before."""
    given = _needed(evidence, Activation)
    sponsor = given.sponsor or entry.sponsor_supplier
    notified = (*entry.dno_notified, *given.dno_notified)
    refusals = []
    if sponsor is None:
        refusals.append(Refusal(wanted="a sponsoring supplier", seen="none"))
    if not notified:
        refusals.append(Refusal(wanted="notices to the network operators", seen="none"))
    refusals += [
        Refusal(wanted=f"a notice to {each.party} by {as_of}", seen=f"{each.date}")
        for each in notified
        if each.date > as_of
    ]
    if not entry.start <= as_of <= entry.end:
        refusals.append(Refusal(wanted=f"a day from {entry.start} to {entry.end}", seen=f"{as_of}"))
    return _changed(entry, refusals, state=TrialState.ACTIVE, sponsor_supplier=sponsor, dno_notified=notified)


def extend(entry: Entry, as_of: date, policy: Policy, evidence: Evidence) -> Taken:
    """Move the end of a trial by a new decision, before the old end: same reference, same start, a later last day."""
    given = _needed(evidence, Prolongation)
    longest = policy.max_months
    refusals = []
    if given.decided > as_of:
        refusals.append(Refusal(wanted=f"a decision by {as_of}", seen=f"{given.decided}"))
    decisions = {entry.ssc_decision.id if entry.ssc_decision else "", *(each.decision for each in entry.extensions)}
    if given.decision in decisions:
        refusals.append(Refusal(wanted="a new decision", seen=given.decision))
    if as_of > entry.end:
        refusals.append(Refusal(wanted=f"a day by the old end, {entry.end}", seen=f"{as_of}"))
    if given.months <= entry.duration_months:
        refusals.append(Refusal(wanted=f"more than {entry.duration_months} months", seen=f"{given.months}"))
    elif longest is not None and given.months > longest and not (policy.ssc_override and given.reason):
        wanted = f"at most {longest} months in all, or a reason where the policy lets the SSC set more"
        refusals.append(Refusal(wanted=wanted, seen=f"{given.months}"))
    if refusals:
        return Taken(entry=entry, refusals=tuple(refusals))
    end = end_of_trial(entry.start, given.months)
    extension = Extension(decision=given.decision, date=given.decided, duration_months=given.months, end=end)
    return _changed(entry, refusals, duration_months=given.months, end=end, extensions=(*entry.extensions, extension))


def suspend(entry: Entry, _as_of: date, _policy: Policy, _evidence: Evidence) -> Taken:
    """Stop installations for a while."""
    return _changed(entry, [], state=TrialState.SUSPENDED, resumes_to=entry.state)


def resume(entry: Entry, as_of: date, _policy: Policy, _evidence: Evidence) -> Taken:
    """Go on after a suspension where the trial stood, unless it is over meanwhile."""
    refusals = []
    if as_of > entry.end:
        refusals.append(Refusal(wanted=f"a day by {entry.end}", seen=f"{as_of}"))
    return _changed(entry, refusals, state=entry.resumes_to or TrialState.LISTED, resumes_to=None)


def wind_down(entry: Entry, _as_of: date, _policy: Policy, _evidence: Evidence) -> Taken:
    """Begin the end, on the last day or before: no further device, every device goes its route."""
    return _changed(entry, [], state=TrialState.CLOSING)


def close(entry: Entry, as_of: date, _policy: Policy, evidence: Evidence) -> Taken:
    """Close a trial: a whole inventory shows no device left on its reference."""
    given = _needed(evidence, Closing)
    refusals = []
    if not given.whole:
        refusals.append(Refusal(wanted="a whole inventory", seen="a partial one"))
    if given.left:
        refusals.append(Refusal(wanted="no device left on the trial reference", seen=f"{given.left}"))
    closure = Closure(date=as_of, outcome=given.outcome, proof=given.proof)
    return _changed(entry, refusals, state=TrialState.CLOSED, closure=closure)

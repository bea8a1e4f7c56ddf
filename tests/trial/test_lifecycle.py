"""The life of a trial: every step, and the refusal at every guard."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest

from trialconformance.core import UsageError
from trialconformance.trial import load_policy
from trialconformance.trial.lifecycle import (
    Guarded,
    Step,
    advance,
    confirm,
    installations_barred,
    open_draft,
)
from trialconformance.trial.register import RegisterDocument
from trialconformance.trial.register_entry import (
    ClosureOutcome,
    DnoRecord,
    Entry,
    ModelRange,
    Outcome,
    Party,
    SponsorParty,
    SscDecision,
    TrialState,
)
from trialconformance.trial.steps import Activation, Closing, Decision, Evidence, Listed, Prolongation

REFERENCE = "TRIAL-2022-0007-49"
DIGEST = "sha256:" + "0" * 64
POLICY = load_policy("100-18")
END = date(2023, 9, 30)
TODAY = date(2022, 10, 5)


def entry(**change: object) -> Entry:
    """A trial, a draft unless something else is asked for."""
    made = Entry(
        application="APP",
        state=TrialState.DRAFT,
        manufacturer=Party(name="Sample Switches plc", zigbee_id="F0B2"),
        models=(ModelRange(type="HCALCS", model_id="0302", hardware="0001", firmware=("00000B01",)),),
        quantity_cap=100,
        start=date(2022, 10, 1),
        duration_months=12,
        end=END,
    )
    return made.model_copy(update=change)


def decision(**change: object) -> SscDecision:
    """An approval."""
    made = SscDecision(id="D1", date=date(2022, 9, 28), outcome=Outcome.APPROVED)
    return made.model_copy(update=change)


def take(step: Step, evidence: Evidence = None, *, as_of: date = TODAY, **change: object) -> Guarded:
    """Take a step from a register with one trial."""
    return take_of(entry(trial_ref=REFERENCE, **change), step, evidence, as_of=as_of)


def take_of(trial: Entry, step: Step, evidence: Evidence, *, as_of: date = TODAY) -> Guarded:
    """Take a step from a register with this trial."""
    head = RegisterDocument(as_of=date(2022, 9, 1), entries=(trial,))
    return advance(head, REFERENCE, step, as_of=as_of, policy=POLICY, evidence=evidence)


def state_after(guarded: Guarded) -> TrialState:
    """State of the one trial after a step that was taken."""
    assert guarded.refusals == ()
    assert guarded.document is not None
    return guarded.document.entries[0].state


LISTED = Listed(format_verdict="pass", expiry=END, evidence_pack=DIGEST)
TOLD = (DnoRecord(party="DNO", date=date(2022, 9, 30)),)
SPONSOR = SponsorParty(party="EX", role="ImportSupplier")
ACTIVATED = Activation(sponsor=SPONSOR, dno_notified=TOLD)
LONGER = Prolongation(decision="D2", decided=TODAY, months=18)
DONE = Closing(outcome=ClosureOutcome.REMOVED, left=0, whole=True, proof=DIGEST)
APPROVED = Decision(decision=decision(), reference=REFERENCE)

# Every step with what it rests on, the states it may be taken from, and where it leads.
STEPS: list[tuple[Step, Evidence, dict[str, object], set[TrialState], TrialState | None]] = [
    (Step.SUBMIT, None, {}, {TrialState.DRAFT, TrialState.MORE_ASSURANCE}, TrialState.SUBMITTED),
    (Step.DECIDE, APPROVED, {}, {TrialState.SUBMITTED}, TrialState.APPROVED),
    (Step.LIST, LISTED, {}, {TrialState.APPROVED}, TrialState.LISTED),
    (Step.ACTIVATE, ACTIVATED, {}, {TrialState.LISTED}, TrialState.ACTIVE),
    (Step.EXTEND, LONGER, {}, {TrialState.LISTED, TrialState.ACTIVE}, None),
    (Step.SUSPEND, None, {}, {TrialState.LISTED, TrialState.ACTIVE}, TrialState.SUSPENDED),
    (Step.RESUME, None, {"resumes_to": TrialState.ACTIVE}, {TrialState.SUSPENDED}, TrialState.ACTIVE),
    (
        Step.WIND_DOWN,
        None,
        {},
        {TrialState.LISTED, TrialState.ACTIVE, TrialState.SUSPENDED},
        TrialState.CLOSING,
    ),
    (Step.CLOSE, DONE, {}, {TrialState.CLOSING}, TrialState.CLOSED),
]


@pytest.mark.parametrize(
    ("row", "state"), list(product(STEPS, TrialState)), ids=lambda each: str(getattr(each, "value", ""))
)
def test_a_step_may_be_taken_from_its_states_alone(
    row: tuple[Step, Evidence, dict[str, object], set[TrialState], TrialState | None], state: TrialState
) -> None:
    """The whole table of states and steps: nine steps from ten states, and nothing else."""
    step, evidence, change, allowed, leads_to = row
    guarded = take_of(entry(trial_ref=REFERENCE, state=state, **change), step, evidence)
    if state in allowed:
        assert state_after(guarded) is (leads_to or state)
    else:
        assert guarded.document is None
        assert guarded.refusals[0].seen == f"state {state}"


@pytest.mark.parametrize(
    ("step", "evidence", "as_of", "change", "wanted"),
    [
        (Step.DECIDE, Decision(decision=decision(), reference="TRIAL-2022-0007-50"), TODAY, {}, "good check digits"),
        (Step.DECIDE, Decision(decision=decision()), TODAY, {}, "good check digits"),
        (Step.DECIDE, replace(APPROVED, decision=decision(outcome=Outcome.REFUSED)), TODAY, {}, "no reference"),
        (Step.DECIDE, replace(APPROVED, decision=decision(date=date(2022, 10, 6))), TODAY, {}, "a decision by"),
        (Step.LIST, replace(LISTED, format_verdict="fail"), TODAY, {}, "every format"),
        (Step.LIST, replace(LISTED, format_verdict="inconclusive"), TODAY, {}, "every format"),
        (Step.LIST, replace(LISTED, expiry=None), TODAY, {}, "expires on 2023-09-30"),
        (Step.LIST, replace(LISTED, expiry=TODAY), TODAY, {}, "expires on 2023-09-30"),
        (Step.LIST, LISTED, date(2023, 10, 1), {}, "a day by 2023-09-30"),
        (Step.ACTIVATE, Activation(sponsor=SPONSOR), TODAY, {}, "notices to the network operators"),
        (Step.ACTIVATE, Activation(dno_notified=TOLD), TODAY, {}, "a sponsoring supplier"),
        (Step.ACTIVATE, ACTIVATED, date(2022, 9, 29), {}, "a notice to DNO by 2022-09-29"),
        (Step.ACTIVATE, ACTIVATED, date(2022, 9, 30), {}, "a day from 2022-10-01 to 2023-09-30"),
        (Step.ACTIVATE, ACTIVATED, date(2023, 10, 1), {}, "a day from 2022-10-01 to 2023-09-30"),
        (Step.EXTEND, LONGER, date(2023, 10, 1), {"state": TrialState.ACTIVE}, "a day by the old end"),
        (Step.EXTEND, Prolongation(decision="D2", decided=TODAY, months=12), TODAY, {}, "more than 12 months"),
        (Step.EXTEND, Prolongation(decision="D2", decided=TODAY, months=19), TODAY, {}, "at most 18 months"),
        (Step.EXTEND, Prolongation(decision="D1", decided=TODAY, months=18), TODAY, {}, "a new decision"),
        (Step.EXTEND, Prolongation(decision="D2", decided=END, months=18), TODAY, {}, "a decision by"),
        (Step.RESUME, None, date(2023, 10, 1), {}, "a day by 2023-09-30"),
        (Step.CLOSE, replace(DONE, left=1), TODAY, {}, "no device left"),
        (Step.CLOSE, replace(DONE, whole=False), TODAY, {}, "a whole"),
        (Step.SUSPEND, None, date(2022, 8, 31), {}, "no earlier than the newest state"),
    ],
)  # fmt: skip
def test_every_guard_refuses(
    step: Step, evidence: Evidence, as_of: date, change: dict[str, object], wanted: str
) -> None:
    """What must be so before a step is named when it is not, and the register stays as it is."""
    state = next(iter(sorted(next(row[3] for row in STEPS if row[0] is step))))
    trial = entry(**({"trial_ref": REFERENCE, "state": state, "ssc_decision": decision()} | change))
    guarded = take_of(trial, step, evidence, as_of=as_of)
    assert guarded.document is None
    assert any(wanted in each.wanted for each in guarded.refusals), [str(each) for each in guarded.refusals]


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.MORE_ASSURANCE])
def test_other_outcomes_issue_no_reference(outcome: Outcome) -> None:
    """A refusal, and a wish for more assurance, lead where their names say, without a reference."""
    guarded = take(Step.DECIDE, Decision(decision=decision(outcome=outcome)), state=TrialState.SUBMITTED)
    assert state_after(guarded) == outcome.value
    assert guarded.document is not None
    assert guarded.document.entries[0].trial_ref == ""


def test_an_extension_keeps_reference_and_start() -> None:
    """A later end comes by a new decision; reference and start stay, and the extension is on record."""
    guarded = take(Step.EXTEND, LONGER, state=TrialState.ACTIVE)
    assert guarded.document is not None
    (after,) = guarded.document.entries
    assert (after.trial_ref, after.start, after.end) == (REFERENCE, date(2022, 10, 1), date(2024, 3, 31))
    assert [each.decision for each in after.extensions] == ["D2"]


def test_the_ssc_may_extend_beyond_the_policy_with_a_reason() -> None:
    """Beyond the policy's months a reason is needed, and a policy that lets the SSC decide."""
    longer = Prolongation(decision="D2", decided=TODAY, months=24, reason="a second winter")
    assert state_after(take(Step.EXTEND, longer, state=TrialState.ACTIVE)) is TrialState.ACTIVE
    head = RegisterDocument(as_of=TODAY, entries=(entry(trial_ref=REFERENCE, state=TrialState.ACTIVE),))
    strict = POLICY.model_copy(update={"ssc_override": False})
    guarded = advance(head, REFERENCE, Step.EXTEND, as_of=TODAY, policy=strict, evidence=longer)
    assert guarded.document is None


@pytest.mark.parametrize(("cap", "months", "refused"), [(100, 18, False), (101, 18, True), (100, 19, True)])
def test_a_strict_policy_refuses_larger_trials_at_once(cap: int, months: int, *, refused: bool) -> None:
    """Where the SSC may not override the limits, a larger trial cannot even be submitted."""
    strict = POLICY.model_copy(update={"ssc_override": False})
    head = RegisterDocument(as_of=TODAY, entries=(entry(quantity_cap=cap, duration_months=months),))
    assert bool(advance(head, "APP", Step.SUBMIT, as_of=TODAY, policy=strict).refusals) is refused


def test_a_reference_is_never_used_again() -> None:
    """Also after a refusal or a closure a reference stays with its trial."""
    other = entry(application="OLD", trial_ref=REFERENCE, state=TrialState.CLOSED)
    head = RegisterDocument(as_of=TODAY, entries=(other, entry(state=TrialState.SUBMITTED)))
    guarded = advance(head, "APP", Step.DECIDE, as_of=TODAY, policy=POLICY, evidence=APPROVED)
    assert [each.wanted for each in guarded.refusals] == ["a trial reference that was never used"]


def test_an_unknown_trial_and_missing_evidence_are_bad_usage() -> None:
    """The trials there are, or the evidence that is wanted, is named."""
    head = RegisterDocument(as_of=TODAY, entries=(entry(state=TrialState.SUBMITTED),))
    with pytest.raises(UsageError, match="APP"):
        advance(head, "OTHER", Step.SUBMIT, as_of=TODAY, policy=POLICY)
    with pytest.raises(UsageError, match="Decision"):
        advance(head, "APP", Step.DECIDE, as_of=TODAY, policy=POLICY)


def test_a_draft_is_a_draft() -> None:
    """A draft has a new application, no reference, and the end that its months give."""
    first = open_draft(None, entry(), as_of=TODAY)
    assert first.document is not None
    assert first.document.previous_digest is None
    for bad in (entry(), entry(application="B", trial_ref=REFERENCE), entry(application="B", end=TODAY)):
        assert open_draft(first.document, bad, as_of=TODAY).document is None
    second = open_draft(first.document, entry(application="B"), as_of=TODAY)
    assert second.document is not None
    assert second.document.previous_digest == first.document.digest


def test_confirming_changes_nothing_but_the_day() -> None:
    """A confirmation is a state of today with the same trials; it cannot go back in time."""
    head = RegisterDocument(as_of=TODAY, entries=(entry(),))
    confirmed = confirm(head, as_of=TODAY + timedelta(days=7)).document
    assert confirmed is not None
    assert (confirmed.entries, confirmed.previous_digest) == (head.entries, head.digest)
    assert confirm(head, as_of=TODAY - timedelta(days=1)).document is None


@pytest.mark.parametrize(
    ("in_field", "as_of", "state", "barred"),
    [
        (99, date(2022, 10, 1), TrialState.ACTIVE, 0),
        (99, END, TrialState.ACTIVE, 0),
        (100, END, TrialState.ACTIVE, 1),
        (101, END, TrialState.ACTIVE, 1),
        (99, date(2023, 10, 1), TrialState.ACTIVE, 1),
        (99, date(2022, 9, 30), TrialState.ACTIVE, 1),
        (99, END, TrialState.SUSPENDED, 1),
        (100, date(2023, 10, 1), TrialState.LISTED, 3),
    ],
)
def test_installations_are_barred_at_every_limit(in_field: int, as_of: date, state: TrialState, barred: int) -> None:
    """Room for one more, between first and last day, of an active trial: else the reasons are named."""
    assert len(installations_barred(entry(state=state), in_field=in_field, as_of=as_of)) == barred

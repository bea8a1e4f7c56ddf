"""TR-07, TR-14 and TR-15: what people decide.

Software never passes these. While the decision is missing, unsigned, out of date or negative the case has findings, and
its assumed basis leaves it undecided; once a decision is in order the case does not concern software any more, and the
row says who decided what.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from trialconformance.core import ArtefactError, Finding, Scope, sha256_hex
from trialconformance.trial.application import Application
from trialconformance.trial.checks.certification import fault_of
from trialconformance.trial.checks.scopes import applications, requirement
from trialconformance.trial.decision import Decision, HeldDecision, read_decision
from trialconformance.trial.register_entry import Entry, Outcome

# The document that the people who decide must have had before them.
_RESTS_ON = {"TR-07": "risk_assessment", "TR-14": "risk_assessment", "TR-15": "use_case"}


def _held(application: Application, requirement_id: str) -> HeldDecision | Finding:
    path = application.submission.decisions.get(requirement_id)
    if path is None:
        return application.breach(
            f"decisions.{requirement_id}", expected=f"a signed decision on {requirement_id}", seen="none is named"
        )
    octets = application.file(path)
    if octets is None:
        return application.at(path, expected=f"a signed decision on {requirement_id}", seen="the file is not there")
    try:
        return read_decision(octets, name=application.submission.name_of(path), keys=application.ssc_keys)
    except ArtefactError as error:
        return fault_of(error)


def _faults(application: Application, requirement_id: str) -> Iterator[Finding]:
    held = _held(application, requirement_id)
    if isinstance(held, Finding):
        yield held
        return
    path, decision = application.submission.decisions[requirement_id], held.decision
    if not held.signed_by:
        yield application.at(path, expected="a signature by a key of trust.ssc", seen="none that is valid")
    if decision.requirement != requirement_id:
        yield application.at(path, expected=f"a decision on {requirement_id}", seen=f"one on {decision.requirement}")
    if decision.outcome is not Outcome.APPROVED:
        yield application.at(path, expected="a decision in favour", seen=f"{decision.id}: {decision.outcome}")
    if decision.decided > application.as_of:
        yield application.at(path, expected=f"a decision by {application.as_of}", seen=f"{decision.decided}")
    yield from _binding_faults(application, requirement_id, decision)


def _binding_faults(application: Application, requirement_id: str, decision: Decision) -> Iterator[Finding]:
    key = _RESTS_ON[requirement_id]
    document = application.submission.documents.get(key)
    octets = application.file(document) if document else None
    # a document that is not there is the finding of its own requirement
    if octets is not None:
        digest = f"sha256:{sha256_hex(octets)}"
        if decision.binds.get(key) != digest:
            yield application.at(
                application.submission.decisions[requirement_id],
                expected=f"a decision on the {key} of this submission, {digest}",
                seen=decision.binds.get(key, "one that names none"),
            )


def _waits_for(requirement_id: str) -> Scope:
    def reason(application: Application) -> str:
        if any(_every_fault(application, requirement_id)):
            return ""
        held = _held(application, requirement_id)
        return "" if isinstance(held, Finding) else _words(held)

    return applications("an application whose decision by people is not in order", reason)


def _words(held: HeldDecision) -> str:
    decision = held.decision
    return (
        f"for people to judge: {decision.decided_by} decided {decision.id} on {decision.decided} ({decision.outcome}); "
        f"signed by key {held.signed_by[0][:16]}…, which the submission names as the SSC's"
    )


def _every_fault(application: Application, requirement_id: str) -> Iterator[Finding]:
    yield from _faults(application, requirement_id)
    if further := _FURTHER.get(requirement_id):
        yield from further(application)


def _unweighed_trials(application: Application) -> Iterator[Finding]:
    held = _held(application, "TR-15")
    if isinstance(held, Finding) or application.register is None:
        return
    for entry in application.register.head.entries:
        if _is_earlier_trial_of_the_model(application, entry) and entry.trial_ref not in held.decision.acknowledges:
            yield application.at(
                application.submission.decisions["TR-15"],
                expected=f"a decision that weighs the earlier trial {entry.trial_ref} of this model",
                seen="no word of it",
            )


def _is_earlier_trial_of_the_model(application: Application, entry: Entry) -> bool:
    submission = application.submission
    return (
        bool(entry.trial_ref)
        and entry.trial_ref != application.reference
        and entry.start < submission.trial.start
        and entry.manufacturer.zigbee_id == submission.manufacturer.zigbee_id
        and any(
            (each.model_id, each.hardware) == (submission.device.model_id, submission.device.hardware)
            for each in entry.models
        )
    )


_FURTHER: dict[str, Callable[[Application], Iterator[Finding]]] = {"TR-15": _unweighed_trials}


@requirement("TR-07", applies_to=_waits_for("TR-07"))
def ssc_judges_the_risk_low_enough(application: Application) -> Iterator[Finding]:
    """The SSC's signed decision on this risk assessment is held: people judge whether the risk is low enough."""
    yield from _every_fault(application, "TR-07")


@requirement("TR-14", applies_to=_waits_for("TR-14"))
def ssc_and_ncsc_are_engaged_on_any_increase_of_risk(application: Application) -> Iterator[Finding]:
    """A signed statement on how the trial changes the security risk is held: people judge whether to support it."""
    yield from _every_fault(application, "TR-14")


@requirement("TR-15", applies_to=_waits_for("TR-15"))
def trial_proves_technology(application: Application) -> Iterator[Finding]:
    """A signed decision on this use case is held: people judge whether the trial proves technology or cuts short."""
    yield from _every_fault(application, "TR-15")

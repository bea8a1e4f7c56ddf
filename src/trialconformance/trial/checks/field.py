"""TR-13, TR-33 to TR-36, TR-40 and TR-41: devices in the field, the end of the trial, and service levels."""

from __future__ import annotations

from collections.abc import Iterator

from trialconformance.core import Finding, finding
from trialconformance.trial.application import Application
from trialconformance.trial.checks.certification import structured
from trialconformance.trial.checks.documents import faults_of
from trialconformance.trial.checks.scopes import applications, requirement
from trialconformance.trial.closure import ClosureProof, Route
from trialconformance.trial.field.report import Breach, FieldReport, TrialReport
from trialconformance.trial.performance import PerformanceReport
from trialconformance.trial.register_entry import TrialState

__all__ = ["field_report_of"]

_FIELD, _CLOSURE, _PERFORMANCE = "field_report", "closure_proof", "performance_report"

# The cap belongs to TR-02, the end to TR-33.
_OF_THE_END = frozenset({Breach.OVERDUE, Breach.INSTALLED_AFTER_END})
_ELSEWHERE = _OF_THE_END | {Breach.CAP}


def field_report_of(application: Application) -> tuple[FieldReport, TrialReport] | None:
    """The field report that the submission holds with its part on the trial, None where there is none in order."""
    report = structured(application, _FIELD, FieldReport)
    if not isinstance(report, FieldReport):
        return None
    trial = report.trial(application.reference)
    return (report, trial) if trial else None


def _nothing_in_the_field(application: Application) -> str:
    entry = application.entry
    if _FIELD in application.submission.documents or (entry and entry.state.may_be_in_the_field):
        return ""
    return f"no device may be in the field yet: the trial is {entry.state}" if entry else "the trial is not registered"


@requirement("TR-13", applies_to=applications("a trial that may have devices in the field", _nothing_in_the_field))
def ssc_is_told_which_devices_are_in_the_field(application: Application) -> Iterator[Finding]:
    """A field report from a whole inventory is held, no older than the policy's interval, without breach."""
    yield from faults_of(application, _FIELD)
    report = structured(application, _FIELD, FieldReport)
    if report is None:
        return
    if isinstance(report, Finding):
        yield report
        return
    path = application.submission.documents[_FIELD]
    trial = report.trial(application.reference)
    age = (application.as_of - report.as_of).days
    if trial is None:
        yield application.at(path, expected=f"a part on {application.reference}", seen="none")
    if not 0 <= age <= application.policy.field_report_days:
        days = application.policy.field_report_days
        yield application.at(path, expected=f"a report of the last {days} days", seen=f"one of {report.as_of}")
    if not report.coverage.whole:
        yield application.at(path, expected="the whole inventory", seen=report.coverage.reason)
    for kind, count in report.problem_counts.items():
        yield application.at(path, expected="an inventory without faults", seen=f"{kind}: {count}")
    for breach in trial.breaches if trial else ():
        if breach not in _ELSEWHERE:
            yield application.at(path, expected="no breach in the field", seen=breach)


@requirement("TR-33")
def end_follows_the_rules_for_an_expired_certificate(application: Application) -> Iterator[Finding]:
    """After the last day no row of the trial is active, no device was installed since, and none is overdue."""
    end = application.entry.end if application.entry else application.submission.end
    for row in application.trial_rows:
        if application.as_of > end and row.is_active:
            yield finding(
                artefact=row.document, at=row.span, expected=f"a row that expired or left after {end}", seen=row.status
            )
        if row.expiry is None:
            yield finding(artefact=row.document, at=row.span, expected="an expiry date", seen=row.expiry_text or "none")
    held = field_report_of(application)
    for breach in held[1].breaches if held else ():
        if breach in _OF_THE_END:
            yield application.at(
                application.submission.documents[_FIELD], expected="no device after the last day", seen=breach
            )


def _proof(application: Application) -> ClosureProof | None:
    proof = structured(application, _CLOSURE, ClosureProof)
    return proof if isinstance(proof, ClosureProof) else None


def _has_not_ended(application: Application) -> str:
    entry = application.entry
    if _CLOSURE in application.submission.documents or (entry and entry.state is TrialState.CLOSED):
        return ""
    return "the trial is not closed yet"


def _no_device_took(route: Route, application: Application) -> str:
    if reason := _has_not_ended(application):
        return reason
    proof = _proof(application)
    taken = proof.counts.get(route, 0) if proof else 0
    return "" if taken else f"no device left by {route}"


@requirement("TR-34", applies_to=applications("a trial that is closed", _has_not_ended))
def every_device_is_certified_or_gone(application: Application) -> Iterator[Finding]:
    """The closure proof shows for every device that it is fully CPA certified or off the premises; none is left."""
    yield from faults_of(application, _CLOSURE)
    proof = structured(application, _CLOSURE, ClosureProof)
    if proof is None:
        return
    if isinstance(proof, Finding):
        yield proof
        return
    path = application.submission.documents[_CLOSURE]
    if proof.trial_ref != application.reference:
        yield application.at(path, expected=f"a proof on {application.reference}", seen=proof.trial_ref)
    if not proof.whole:
        yield application.at(path, expected="a whole inventory", seen="a partial one")
    if proof.left:
        yield application.at(path, expected="no device left", seen=f"{proof.left} open")
    closure = application.entry.closure if application.entry else None
    if closure and closure.proof != proof.digest:
        yield application.at(path, expected=f"the proof of the register, {closure.proof}", seen=proof.digest)


@requirement(
    "TR-35",
    applies_to=applications(
        "a closure with upgrades over the air", lambda application: _no_device_took(Route.OTA, application)
    ),
)
def upgrade_counts_only_on_certified_hardware(application: Application) -> Iterator[Finding]:
    """Upgrades over the air go to a certified row of the same hardware variant, with an image that fits it."""
    proof = _proof(application)
    path = application.submission.documents[_CLOSURE]
    if proof and proof.target is None:
        yield application.at(path, expected="the certified row that devices were upgraded to", seen="none")
    for refusal in proof.refusals if proof else ():
        yield application.at(path, expected="an upgrade that counts", seen=refusal)


@requirement(
    "TR-36",
    applies_to=applications(
        "a closure with exchanges", lambda application: _no_device_took(Route.EXCHANGE, application)
    ),
)
def exchanged_devices_are_gone(application: Application) -> Iterator[Finding]:
    """A device counts as exchanged when it was decommissioned or withdrawn and another took its place."""
    proof = _proof(application)
    for device in proof.devices if proof else ():
        if device.route is Route.EXCHANGE and device.status not in _GONE:
            yield application.at(
                application.submission.documents[_CLOSURE],
                expected=f"status {' or '.join(_GONE)} of an exchanged device",
                seen=f"{device.pseudonym or 'a device'}: {device.status}",
            )


_GONE = ("Decommissioned", "Withdrawn")


def _no_service_levels(application: Application) -> str:
    named = _PERFORMANCE in application.submission.documents
    return "" if named else "no report on service levels is named: metrics begin with the first device"


@requirement("TR-40", applies_to=applications("a trial with service levels", _no_service_levels))
def effect_on_service_levels_is_shown(application: Application) -> Iterator[Finding]:
    """Service levels are shown with and without trial devices, for a period within the trial."""
    yield from faults_of(application, _PERFORMANCE)
    report = structured(application, _PERFORMANCE, PerformanceReport)
    if isinstance(report, Finding):
        yield report
    elif report is not None:
        path = application.submission.documents[_PERFORMANCE]
        if not report.metrics:
            yield application.at(path, expected="at least one metric", seen="none")
        if report.last > application.as_of or report.first < application.submission.trial.start:
            yield application.at(
                path,
                expected=f"a period from {application.submission.trial.start} to {application.as_of}",
                seen=f"{report.first} to {report.last}",
            )


@requirement("TR-41", applies_to=applications("a trial with service levels", _no_service_levels))
def trial_devices_decide_no_service_level(application: Application) -> Iterator[Finding]:
    """Leaving trial devices out changes no service level from reached to missed or back."""
    report = structured(application, _PERFORMANCE, PerformanceReport)
    for metric in report.metrics if isinstance(report, PerformanceReport) else ():
        if metric.flips:
            yield application.at(
                application.submission.documents[_PERFORMANCE],
                expected=f"{metric.metric}: the same result with and without trial devices",
                seen="another result without them",
            )

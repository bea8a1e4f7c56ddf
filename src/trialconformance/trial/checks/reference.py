"""TR-01, TR-08 to TR-10 and TR-48: the trial on the register and on the Central Products List."""

from __future__ import annotations

from collections.abc import Iterator

from trialconformance import cpl
from trialconformance.core import Finding, Severity, finding
from trialconformance.cpl.checks import CHECKS as CPL_CHECKS
from trialconformance.cpl.trial_reference import ALPHA, Malformed, Trial
from trialconformance.trial.application import Application
from trialconformance.trial.checks.scopes import applications, requirement
from trialconformance.trial.facts import DEVICE_TYPES
from trialconformance.trial.register_entry import Outcome


def _needs_no_cpa(application: Application) -> str:
    device_type = application.submission.device.type
    return "" if DEVICE_TYPES[device_type].needs_cpa else f"a {device_type} needs no CPA certificate"


def _has_no_reference(application: Application) -> str:
    return "" if application.reference else "the SSC has issued no trial reference yet: the submission names none"


WITH_REFERENCE = applications("an application with a trial reference", _has_no_reference)


@requirement("TR-01", applies_to=applications("an application for a type that needs CPA", _needs_no_cpa))
def manufacturer_asks_for_a_trial(application: Application) -> Iterator[Finding]:
    """The application says who asks, whom to contact, when it was made, and that CPA is what it wants waived."""
    submission = application.submission
    if not submission.applicant.contact:
        yield application.breach("applicant.contact", expected="an office to contact", seen="none")
    if submission.trial.submitted is None:
        yield application.breach("trial.submitted", expected="the day of the application", seen="none")
    elif submission.trial.submitted > application.as_of:
        yield application.breach(
            "trial.submitted", expected=f"a day by {application.as_of}", seen=f"{submission.trial.submitted}"
        )


@requirement("TR-08", applies_to=WITH_REFERENCE)
def trial_reference_is_issued_and_registered(application: Application) -> Iterator[Finding]:
    """The trial reference has good check digits and stands on the register, approved by an SSC decision and open."""
    decoded = (application.after.codec if application.after else ALPHA).decode(application.reference)
    if not isinstance(decoded, Trial):
        why = decoded.why if isinstance(decoded, Malformed) else "it is no trial reference"
        yield application.breach(
            "trial.reference",
            expected="TRIAL-YYYY-NNNN-CC with its check digits",
            seen=f"{application.reference}: {why}",
        )
    if application.register_fault is not None:
        fault = application.register_fault
        yield finding(artefact=fault.artefact, expected=fault.expected or "a register", seen=f"{fault}")
        return
    if application.register is None:
        yield application.breach("artefacts.register", expected="the trial register", seen="none is named")
        return
    yield from _entry_faults(application)


def _entry_faults(application: Application) -> Iterator[Finding]:
    register, entry = application.register, application.entry
    if register is None:
        return
    for name in register.unsigned:
        yield finding(artefact=name, expected="a signature by a key of trust.register", seen="none that is valid")
    if entry is None:
        known = ", ".join(each.trial_ref for each in register.head.entries if each.trial_ref) or "none"
        yield finding(
            artefact=register.name, expected=f"an entry for {application.reference}", seen=f"entries: {known}"
        )
        return
    decision = entry.ssc_decision
    if not entry.state.is_granted or decision is None or decision.outcome is not Outcome.APPROVED:
        outcome = f"decision {decision.id}: {decision.outcome}" if decision else "no decision"
        yield finding(
            artefact=register.name, expected="a trial that is approved and open", seen=f"state {entry.state}, {outcome}"
        )
    elif decision.date > application.as_of:
        yield finding(
            artefact=register.name,
            expected=f"a decision by {application.as_of}",
            seen=f"decision {decision.id} of {decision.date}",
        )


@requirement("TR-09", applies_to=WITH_REFERENCE)
def cpl_submission_carries_the_reference(application: Application) -> Iterator[Finding]:
    """The row of the Device Model on the list carries the trial reference, and every row with it is of the trial."""
    if application.after is None:
        yield application.breach("artefacts.cpl_after", expected="the list with the trial on it", seen="none is named")
        return
    submission = application.submission
    if not application.own_rows:
        yield finding(
            artefact=application.after.name,
            expected=f"a row for {submission.manufacturer.zigbee_id} {submission.device.words}",
            seen="none",
        )
    for row in application.own_rows:
        if row.cpa_reference != application.reference:
            yield finding(
                artefact=row.document, at=row.span, expected=application.reference, seen=row.cpa_reference or "empty"
            )
    for row in application.trial_rows:
        if row.manufacturer != submission.manufacturer.zigbee_id:
            yield finding(
                artefact=row.document,
                at=row.span,
                expected=f"rows of manufacturer {submission.manufacturer.zigbee_id} only",
                seen=row.words,
            )
        elif application.entry and not _covers(application, row.words):
            yield finding(
                artefact=row.document,
                at=row.span,
                expected="a model and firmware of the register entry",
                seen=row.words,
            )


def _covers(application: Application, words: str) -> bool:
    entry = application.entry
    return entry is not None and any(
        words == f"{each.type} {entry.manufacturer.zigbee_id} {each.model_id} {each.hardware} {firmware}"
        for each in entry.models
        for firmware in each.firmware
    )


@requirement("TR-10", applies_to=WITH_REFERENCE)
def format_of_the_list_is_unchanged(application: Application) -> Iterator[Finding]:
    """Every case of format invariance that decides holds between the list before and the list with the trial."""
    if application.comparison is None:
        yield application.breach("artefacts.cpl_before", expected="both lists, before and after", seen="not both")
        return
    of_kind = cpl.subjects(application.comparison)
    for check in CPL_CHECKS:
        if check.case.severity is not Severity.MUST:
            continue
        breaches = sum(
            1
            for subject in of_kind.get(check.case.scope.kind, ())
            if check.case.scope.admits(subject)
            for _ in check(subject)
        )
        if breaches:
            yield finding(
                artefact=application.comparison.after.name,
                expected=f"{check.case.id}: {check.case.title}",
                seen=f"{breaches} breach{'es' if breaches > 1 else ''}, shown there",
            )


@requirement("TR-48", applies_to=WITH_REFERENCE)
def device_is_on_the_list_before_the_inventory(application: Application) -> Iterator[Finding]:
    """Manufacturer, model, firmware and type resolve to exactly one active row, and to none in the list before."""
    if application.after is None:
        yield application.breach("artefacts.cpl_after", expected="the list with the trial on it", seen="none is named")
        return
    active = [row for row in application.own_rows if row.is_active]
    if len(active) != 1:
        yield finding(
            artefact=application.after.name,
            expected=f"exactly one active row for {application.submission.device.words}",
            seen=f"{len(active)} of {len(application.own_rows)}",
        )
    for row in active:
        earlier = application.before.models if application.before else ()
        for other in earlier:
            if other.words == row.words and other.cpa_reference == row.cpa_reference:
                yield finding(
                    artefact=other.document,
                    at=other.span,
                    expected="no row of the trial before the change",
                    seen=other.words,
                )

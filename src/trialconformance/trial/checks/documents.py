"""Documents whose presence, headings and text software can see: TR-12, 22, 23, 26, 27, 31, 32, 42 and 43."""

from __future__ import annotations

from collections.abc import Iterator

from trialconformance.core import Basis, Finding, finding
from trialconformance.trial.application import Application
from trialconformance.trial.checks.scopes import applications, requirement
from trialconformance.trial.document import document_faults
from trialconformance.trial.facts import DEVICE_TYPES, DOCUMENTS, ScenarioKind

__all__ = ["faults_of", "rehearsed"]


def faults_of(application: Application, key: str) -> Iterator[Finding]:
    """Say what a document lacks that software can see.

    Args:
        application: the application.
        key: key of the document.

    Returns:
        The findings; one when it is not there at all.
    """
    facts = DOCUMENTS[key]
    path = application.submission.documents.get(key)
    if path is None:
        yield application.breach(
            f"documents.{key}", expected=f"the {facts.title}, for example {facts.file}", seen="none is named"
        )
        return
    octets = application.file(path)
    if octets is None:
        yield application.at(path, expected=f"the {facts.title}", seen="the file is not there")
        return
    for fault in document_faults(facts, octets, suffix=path.suffix.lower()):
        yield finding(
            artefact=application.submission.name_of(path), at=fault.span, expected=fault.expected, seen=fault.seen
        )


def rehearsed(application: Application, *kinds: ScenarioKind) -> Iterator[Finding]:
    """Say what is missing of a rehearsal of one of some kinds: held by now, passed, with its record."""
    held = [(index, each) for index, each in enumerate(application.submission.scenarios) if each.kind in kinds]
    words = " or ".join(kinds)
    if not held:
        yield application.breach("scenarios", expected=f"a rehearsal of {words}", seen="none")
    for index, each in held:
        if each.result != "pass":
            yield application.breach(f"scenarios.{index}", expected=f"{each.kind} with result pass", seen=each.result)
        if each.held > application.as_of:
            yield application.breach(
                f"scenarios.{index}", expected=f"a day by {application.as_of}", seen=f"{each.held}"
            )
        if not application.file(each.file):
            yield application.at(each.file, expected=f"the record of the rehearsal {each.kind}", seen="no such file")


def _no_advice(application: Application) -> str:
    return "" if "ncsc_advice" in application.submission.documents else "the SSC asked the NCSC for no advice"


@requirement("TR-12", applies_to=applications("advice of the NCSC", _no_advice))
def advice_of_the_ncsc_is_held(application: Application) -> Iterator[Finding]:
    """Where the SSC asked the NCSC for guidance, its advice is with the application."""
    yield from faults_of(application, "ncsc_advice")


@requirement("TR-22")
def mvp_guideline_is_held(application: Application) -> Iterator[Finding]:
    """The MVP guideline says scope, what is minimal, known gaps, exclusions and how to roll back."""
    yield from faults_of(application, "mvp")


@requirement("TR-23")
def use_case_with_business_rationale_is_held(application: Application) -> Iterator[Finding]:
    """The use case says objective, hypothesis, benefit, population, measures and end criteria."""
    yield from faults_of(application, "use_case")


@requirement("TR-26")
def supplier_sponsors_the_trial(application: Application) -> Iterator[Finding]:
    """A supplier sponsors the trial by letter, in a role that can send what the trial needs; the register names it."""
    sponsor = application.submission.trial.sponsor
    yield from faults_of(application, "sponsor_letter")
    if sponsor is None:
        yield application.breach("trial.sponsor", expected="the sponsoring supplier", seen="none")
        return
    roles = DEVICE_TYPES[application.submission.device.type].sponsor_roles
    if sponsor.role not in roles:
        yield application.breach("trial.sponsor.role", expected=" or ".join(roles), seen=sponsor.role)
    entry = application.entry
    if (
        entry
        and application.register
        and (entry.sponsor_supplier is None or entry.sponsor_supplier.party != sponsor.party)
    ):
        seen = entry.sponsor_supplier.party if entry.sponsor_supplier else "none"
        yield finding(artefact=application.register.name, expected=f"sponsor {sponsor.party}", seen=seen)


@requirement("TR-27")
def sponsor_says_how_consumers_are_chosen(application: Application) -> Iterator[Finding]:
    """A statement says how consumers are chosen so that they are unlikely to change supplier during the trial."""
    yield from faults_of(application, "consumer_selection")


@requirement("TR-31")
def process_to_remove_or_upgrade_is_held(application: Application) -> Iterator[Finding]:
    """The end-of-trial plan covers upgrade, exchange and removal, and one of them was rehearsed with success."""
    yield from faults_of(application, "end_of_trial_plan")
    yield from rehearsed(application, ScenarioKind.OTA_UPGRADE, ScenarioKind.EXCHANGE)


@requirement("TR-32")
def process_covers_a_change_of_supplier(application: Application) -> Iterator[Finding]:
    """The change-of-supplier plan says how a gaining supplier makes contact, and a change was rehearsed."""
    yield from faults_of(application, "change_of_supplier_plan")
    yield from rehearsed(application, ScenarioKind.CHANGE_OF_SUPPLIER)


@requirement("TR-42", basis=Basis.ASSUMED)
def dcc_has_assessed_the_effect(application: Application) -> Iterator[Finding]:
    """The DCC's own assessment of the effect on its systems is held; until then that is not confirmed."""
    if not application.submission.dcc.assessment:
        yield application.breach(
            "dcc.assessment", expected="the reference of the DCC's assessment", seen="none: not confirmed"
        )
    yield from faults_of(application, "dcc_assessment")


@requirement("TR-43")
def preliminary_assessment_is_asked_for(application: Application) -> Iterator[Finding]:
    """A DCC Preliminary Assessment was asked for: the request is held with its reference."""
    if not application.submission.dcc.preliminary_assessment:
        yield application.breach("dcc.preliminary_assessment", expected="the reference of the request", seen="none")
    yield from faults_of(application, "dcc_preliminary_assessment")

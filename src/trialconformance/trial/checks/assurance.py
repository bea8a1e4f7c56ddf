"""TR-11, TR-16 to TR-18 and TR-47: who assures the device, and what the manufacturer has certified before."""

from __future__ import annotations

from collections.abc import Iterator

from trialconformance.core import Finding
from trialconformance.trial.application import Application
from trialconformance.trial.checks.certification import structured
from trialconformance.trial.checks.documents import faults_of
from trialconformance.trial.checks.scopes import applications, requirement
from trialconformance.trial.listing import ListedModel
from trialconformance.trial.policy import Eligibility
from trialconformance.trial.structured import LaboratoryAssessment

_LAB_REPORT = "lab_report"


def _no_more_assurance(application: Application) -> str:
    wanted = application.submission.trial.more_assurance or _LAB_REPORT in application.submission.documents
    return "" if wanted else "the SSC has asked for no further assurance"


@requirement("TR-11", applies_to=applications("an application that needs more assurance", _no_more_assurance))
def cpa_laboratory_has_assessed_the_risk(application: Application) -> Iterator[Finding]:
    """Where the SSC asks for it, a CPA test laboratory's report on samples of the listed image is held."""
    yield from faults_of(application, _LAB_REPORT)
    report = structured(application, _LAB_REPORT, LaboratoryAssessment)
    if isinstance(report, Finding):
        yield report
    elif report is not None:
        yield from _report_faults(application, report)


def _report_faults(application: Application, report: LaboratoryAssessment) -> Iterator[Finding]:
    path = application.submission.documents[_LAB_REPORT]
    days = (report.received, report.tested_from, report.tested_to, report.issued, application.as_of)
    if list(days) != sorted(days):
        yield application.at(
            path,
            expected="received, tested from, tested to, issued and today in this order",
            seen=", ".join(str(each) for each in days),
        )
    for row in application.own_rows:
        if report.firmware_hash.upper() != row.image_hash.upper():
            yield application.at(path, expected=f"samples with image {row.image_hash}", seen=report.firmware_hash)
    if not report.within_scope:
        yield application.at(
            path, expected="results within the laboratory's accreditation", seen="a result outside its scope"
        )


def _held_certificates(application: Application) -> tuple[ListedModel, ...]:
    if application.before is None:
        return ()
    return application.before.certified(manufacturer=application.submission.manufacturer.zigbee_id)


def _is_not_asked_for(wanted: Eligibility) -> str:
    return f"the policy does not ask for it (eligibility is not {wanted})"


def _any_cpa_is_not_asked_for(application: Application) -> str:
    if application.policy.eligibility is not Eligibility.NONE:
        return ""
    held = len(_held_certificates(application))
    return f"{_is_not_asked_for(Eligibility.ANY_CPA)}; certified rows of the manufacturer: {held}"


def _same_type_is_not_asked_for(application: Application) -> str:
    if application.policy.eligibility is Eligibility.SAME_TYPE_CPA:
        return ""
    return (
        f"{_is_not_asked_for(Eligibility.SAME_TYPE_CPA)}; certified rows of the type: {len(_of_the_type(application))}"
    )


def _of_the_type(application: Application) -> tuple[ListedModel, ...]:
    device_type = application.submission.device.type
    return tuple(each for each in _held_certificates(application) if each.type == device_type)


@requirement(
    "TR-16", applies_to=applications("an application whose policy asks for any certificate", _any_cpa_is_not_asked_for)
)
def manufacturer_holds_a_cpa_certificate(application: Application) -> Iterator[Finding]:
    """Where the policy asks for it, the list before has a row of the manufacturer with a CPA certificate."""
    if not _held_certificates(application):
        yield application.breach(
            "manufacturer.zigbee_id", expected="a certified row of this manufacturer on the list", seen="none"
        )


@requirement(
    "TR-17", applies_to=applications("an application whose policy asks for the type", _same_type_is_not_asked_for)
)
def manufacturer_holds_a_cpa_certificate_for_the_type(application: Application) -> Iterator[Finding]:
    """Where the policy asks for it, the list before has a certified row of the manufacturer for this type."""
    if not _of_the_type(application):
        yield application.breach(
            "device.type", expected=f"a certified {application.submission.device.type} on the list", seen="none"
        )


def _claims_nothing(application: Application) -> str:
    return "" if application.submission.eligibility.certificates else "the application claims no earlier certificates"


@requirement("TR-18", applies_to=applications("an application that claims earlier certificates", _claims_nothing))
def earlier_certificates_are_real(application: Application) -> Iterator[Finding]:
    """CPA certificates that the application points to are on the list, for this manufacturer."""
    listed = {each.cpa_reference for each in _held_certificates(application)}
    for reference in application.submission.eligibility.certificates:
        if reference not in listed:
            yield application.breach(
                "eligibility.certificates", expected="references on certified rows of the manufacturer", seen=reference
            )


@requirement("TR-47")
def independent_verification_is_named(application: Application) -> Iterator[Finding]:
    """A body other than applicant and manufacturer verifies the device in place of CPA."""
    submission, verification = application.submission, application.submission.verification
    if verification is None:
        yield application.breach("verification", expected="the body that verifies in place of CPA", seen="none")
    elif verification.body in {submission.applicant.name, submission.manufacturer.name}:
        yield application.breach(
            "verification.body", expected="a body other than applicant and manufacturer", seen=verification.body
        )

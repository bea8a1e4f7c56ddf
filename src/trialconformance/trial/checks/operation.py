"""TR-28, TR-29, TR-37 to TR-39, TR-45 and TR-46: network operators, commissioning, and what may go wrong."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from trialconformance.core import ArtefactError, Finding
from trialconformance.smki import Certificate, CertificateKind
from trialconformance.trial.application import Application
from trialconformance.trial.checks.certification import structured
from trialconformance.trial.checks.documents import faults_of, rehearsed
from trialconformance.trial.checks.scopes import applications, requirement
from trialconformance.trial.facts import ScenarioKind
from trialconformance.trial.months import add_months
from trialconformance.trial.structured import Commissioning

# GBCS remote party role codes of Organisation Certificates.
_SUPPLIER, _NETWORK_OPERATOR = 2, 3


@requirement("TR-28")
def network_operators_are_told(application: Application) -> Iterator[Finding]:
    """Network operators were told before the start; certificates in the device's slots are of the right role."""
    submission = application.submission
    if not submission.dno_notices:
        yield application.breach("dno_notices", expected="a notice to every network operator concerned", seen="none")
    for index, notice in enumerate(submission.dno_notices):
        if notice.sent >= submission.trial.start:
            yield application.breach(
                f"dno_notices.{index}",
                expected=f"a day before the start, {submission.trial.start}",
                seen=f"{notice.sent}",
            )
        if not application.file(notice.file):
            yield application.at(notice.file, expected=f"the notice to {notice.party}", seen="no such file")
    for path in submission.credentials.supplier:
        yield from _credential_faults(application, path, role=_SUPPLIER, words="a supplier")
    for path in submission.credentials.network_operator:
        yield from _credential_faults(application, path, role=_NETWORK_OPERATOR, words="a network operator")


def _credential_faults(application: Application, path: Path, *, role: int, words: str) -> Iterator[Finding]:
    octets = application.file(path)
    expected = f"an Organisation Certificate of {words}"
    if octets is None:
        yield application.at(path, expected=expected, seen="no such file")
        return
    try:
        der = ssl.PEM_cert_to_DER_cert(octets.decode("ascii").strip())
        certificate = Certificate.parse(der, name=application.submission.name_of(path))
    except (ArtefactError, ValueError) as error:
        yield application.at(path, expected=expected, seen=f"no PEM certificate: {error}")
        return
    if certificate.kind is not CertificateKind.ORGANISATION or certificate.role != role:
        yield application.at(path, expected=expected, seen=f"{certificate.kind.value}, role {certificate.role}")


def _nothing_is_commissioned(application: Application) -> str:
    named = "commissioning_checklist" in application.submission.documents
    return "" if named else "no device of the trial is reported as commissioned yet"


@requirement("TR-29", applies_to=applications("an application with commissioned devices", _nothing_is_commissioned))
def duties_after_commissioning_are_met(application: Application) -> Iterator[Finding]:
    """Commissioned devices had credentials replaced and certificates read back within the policy's days."""
    key = "commissioning_checklist"
    yield from faults_of(application, key)
    checklist = structured(application, key, Commissioning)
    if isinstance(checklist, Finding):
        yield checklist
        return
    path = application.submission.documents[key]
    for row in checklist.devices if checklist else ():
        latest = row.commissioned + timedelta(days=application.policy.post_commissioning_days)
        for duty, done in (
            ("credentials replaced", row.credentials_replaced),
            ("certificates checked", row.certificates_checked),
        ):
            if (done is None and application.as_of > latest) or (done is not None and done > latest):
                yield application.at(path, expected=f"{row.device}: {duty} by {latest}", seen=f"{done or 'not done'}")


@requirement("TR-37")
def mechanism_at_the_end_is_in_place(application: Application) -> Iterator[Finding]:
    """Somebody owns the end of the trial, with prepared routes and a day soon after the end by which all is done."""
    plan = application.submission.end_of_trial
    if plan is None:
        yield application.breach("end_of_trial", expected="owner, routes and a last day", seen="none")
        return
    if not plan.routes:
        yield application.breach("end_of_trial.routes", expected="ota, exchange or removal", seen="none")
    latest = application.submission.end + timedelta(days=application.policy.closure_days)
    if plan.complete_by > latest:
        yield application.breach("end_of_trial.complete_by", expected=f"a day by {latest}", seen=f"{plan.complete_by}")


def _is_history(_: Application) -> str:
    return "a note of history: it shows why TR-34 must be explicit, and there is nothing to check"


@requirement("TR-38", applies_to=applications("nothing: a note", _is_history))
def earlier_devices_stayed(_: Application) -> Iterator[Finding]:
    """Devices of earlier trials were not planned to be removed; TR-34 is the rule that came of it."""
    yield from ()


@requirement("TR-39")
def supplier_of_last_resort_is_rehearsed(application: Application) -> Iterator[Finding]:
    """It was rehearsed that another supplier takes over every device when the sponsor fails."""
    yield from rehearsed(application, ScenarioKind.SUPPLIER_OF_LAST_RESORT)


@requirement("TR-45")
def volume_waits_for_certification(application: Application) -> Iterator[Finding]:
    """Volume is not planned before the trial has ended and CPA, which takes about a year, can be done."""
    volume = application.submission.trial.volume_date
    earliest = add_months(application.submission.end, application.policy.cpa_months)
    if volume is not None and volume < earliest:
        yield application.breach("trial.volume_date", expected=f"{earliest} or later", seen=f"{volume}")


@requirement("TR-46")
def upgrades_survive_trouble(application: Application) -> Iterator[Finding]:
    """Upgrades over the air were rehearsed with success after power loss, restart and interrupted transfer."""
    for kind in application.policy.regression_scenarios:
        yield from rehearsed(application, kind)

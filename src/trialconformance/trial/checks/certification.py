"""TR-19 to TR-21, TR-25, TR-30 and TR-44: what is not waived, self-certification, and tests with DCC systems."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from pydantic import BaseModel

from trialconformance.core import ArtefactError, Finding, finding
from trialconformance.trial.application import Application
from trialconformance.trial.checks.documents import faults_of
from trialconformance.trial.checks.scopes import requirement
from trialconformance.trial.facts import DEVICE_TYPES
from trialconformance.trial.listing import ListedModel
from trialconformance.trial.manifest import AssuranceCertificate
from trialconformance.trial.structured import SelfCertification, read_structured

__all__ = ["fault_of", "structured"]

_ONLY_CPA = ("CPA",)

Model = TypeVar("Model", bound=BaseModel)


def fault_of(error: ArtefactError) -> Finding:
    """Turn what is wrong with a structured document into a finding."""
    seen = error.seen or error.message
    return finding(
        artefact=error.artefact, expected=error.expected, seen=f"{error.path}: {seen}" if error.path else seen
    )


def structured(application: Application, key: str, model: type[Model]) -> Model | Finding | None:
    """Read a structured document.

    Args:
        application: the application.
        key: key of the document.
        model: its form.

    Returns:
        The document; a finding where it is not of that form; None where it is not there or not finished.
    """
    path = application.submission.documents.get(key)
    octets = application.file(path) if path else None
    if path is None or octets is None or any(faults_of(application, key)):
        return None
    try:
        return read_structured(model, octets, name=application.submission.name_of(path))
    except ArtefactError as error:
        return fault_of(error)


@requirement("TR-19")
def only_cpa_is_waived(application: Application) -> Iterator[Finding]:
    """Zigbee and DLMS certificates that the type needs are held, stand on the list, and cover the trial firmware."""
    submission = application.submission
    facts = DEVICE_TYPES[submission.device.type]
    for kind, needed in (("zigbee", facts.needs_zigbee), ("dlms", facts.needs_dlms)):
        held = [each for each in enumerate(submission.certificates) if each[1].kind == kind]
        if needed and not held:
            yield application.breach(
                "certificates", expected=f"a {kind} certificate, which a {facts.type} needs", seen="none"
            )
        for index, certificate in held:
            yield from _certificate_faults(application, index, certificate)
        for row in application.own_rows:
            yield from _listed_faults(row, kind, needed=needed, references=[each.reference for _, each in held])


def _certificate_faults(application: Application, index: int, certificate: AssuranceCertificate) -> Iterator[Finding]:
    device, key = application.submission.device, f"certificates.{index}"
    if not application.file(certificate.file):
        yield application.at(certificate.file, expected=f"certificate {certificate.reference}", seen="no such file")
    if certificate.issued > application.as_of:
        yield application.breach(
            f"{key}.issued", expected=f"a day by {application.as_of}", seen=f"{certificate.issued}"
        )
    wanted = (device.model_id, device.hardware, device.firmware)
    seen = (certificate.model_id, certificate.hardware, certificate.firmware)
    if certificate.mapping is not None:
        if not application.file(certificate.mapping):
            yield application.at(
                certificate.mapping, expected=f"the mapping of {certificate.reference}", seen="no such file"
            )
    elif seen != wanted:
        yield application.breach(
            key, expected=f"{' '.join(wanted)}, or a mapping that says why it covers it", seen=" ".join(seen)
        )


def _listed_faults(row: ListedModel, kind: str, *, needed: bool, references: list[str]) -> Iterator[Finding]:
    listed = row.zigbee_reference if kind == "zigbee" else row.dlms_reference
    if (needed or listed) and references and listed not in references:
        yield finding(
            artefact=row.document,
            at=row.span,
            expected=f"{kind} certificate {' or '.join(references)}",
            seen=listed or "empty",
        )


def _self_certification(application: Application, key: str) -> Iterator[Finding | SelfCertification]:
    yield from faults_of(application, key)
    found = structured(application, key, SelfCertification)
    if found is not None:
        yield found


def _declaration_faults(
    application: Application, key: str, certification: SelfCertification, *, specification: str
) -> Iterator[Finding]:
    submission = application.submission
    path = submission.documents[key]
    if certification.specification != specification:
        yield application.at(path, expected=f"specification {specification}", seen=certification.specification)
    version = submission.specifications.get(specification)
    if version is not None and certification.version != version:
        yield application.at(path, expected=f"version {version}, as the submission", seen=certification.version)
    if certification.firmware != submission.device.firmware:
        yield application.at(path, expected=f"firmware {submission.device.firmware}", seen=certification.firmware)
    if certification.declared > application.as_of:
        yield application.at(path, expected=f"a day by {application.as_of}", seen=f"{certification.declared}")
    for each in certification.results:
        if each.result == "fail":
            yield application.at(path, expected=f"{each.item}: pass", seen="fail")


@requirement("TR-20")
def gbcs_self_certification_is_held(application: Application) -> Iterator[Finding]:
    """The GBCS self-certification is held, for version and firmware, with a result for every use case claimed."""
    for each in _self_certification(application, "gbcs_self_certification"):
        if isinstance(each, Finding):
            yield each
            continue
        yield from _declaration_faults(application, "gbcs_self_certification", each, specification="GBCS")
        certified = {result.item for result in each.results if result.result != "not-applicable"}
        for use_case in sorted(application.submission.ics.use_cases - certified):
            yield application.at(
                application.submission.documents["gbcs_self_certification"],
                expected=f"a result for use case {use_case}, which the ICS claims",
                seen="none",
            )


@requirement("TR-21")
def smets_self_certification_is_held(application: Application) -> Iterator[Finding]:
    """The SMETS self-certification is held, for version and firmware, without a failed result."""
    for each in _self_certification(application, "smets_self_certification"):
        if isinstance(each, Finding):
            yield each
        else:
            yield from _declaration_faults(application, "smets_self_certification", each, specification="SMETS")


@requirement("TR-25")
def device_was_tested_with_dcc_systems(application: Application) -> Iterator[Finding]:
    """Tests with DCC systems ended before the submission, on the listed image, and their results are held."""
    submission = application.submission
    if not submission.test_sessions:
        yield application.breach("test_sessions", expected="a session of tests with DCC systems", seen="none")
    for index, session in enumerate(submission.test_sessions):
        key = f"test_sessions.{index}"
        if session.last < session.first:
            yield application.breach(f"{key}.last", expected=f"{session.first} or later", seen=f"{session.last}")
        if submission.trial.submitted is None or session.last >= submission.trial.submitted:
            yield application.breach(
                f"{key}.last",
                expected=f"a day before the submission, {submission.trial.submitted or 'whose day is not given'}",
                seen=f"{session.last}",
            )
        for row in application.own_rows:
            if session.firmware_hash.upper() != row.image_hash.upper():
                yield application.breach(
                    f"{key}.firmware_hash",
                    expected=f"the hash on the list, {row.image_hash}",
                    seen=session.firmware_hash,
                )
        if not application.file(session.results):
            yield application.at(session.results, expected="the results of the session", seen="no such file")


@requirement("TR-30")
def every_other_duty_stays(application: Application) -> Iterator[Finding]:
    """CPA, and nothing else, is what the SSC is asked to waive."""
    if application.submission.trial.waived != _ONLY_CPA:
        yield application.breach(
            "trial.waived", expected="CPA alone", seen=", ".join(application.submission.trial.waived) or "nothing"
        )


@requirement("TR-44")
def production_proving_is_not_use_in_the_field(application: Application) -> Iterator[Finding]:
    """No session in Production Proving, or any other test environment, is claimed as evidence of use in the field."""
    for index, session in enumerate(application.submission.test_sessions):
        if session.claimed_as_field_evidence:
            yield application.breach(
                f"test_sessions.{index}", expected="no claim of use in the field", seen=f"one for {session.environment}"
            )

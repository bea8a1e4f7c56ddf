"""SMKI-MSG: certificates in use by GBCS messages, and what devices say of those they are sent.

Clause: GBCS, CS02b to CS02g; the layouts and codes are those of the public test data.
"""

from __future__ import annotations

from collections.abc import Iterator

from trialconformance.core import Basis, Finding, Severity, check, finding, format_eui64
from trialconformance.smki.binding import CertificateUse, CredentialMessage, DeviceCertificate, ReplacedCell, RoleUse
from trialconformance.smki.checks.scopes import (
    ANSWERED_CELLS,
    CERTIFICATES_IN_USE,
    CREDENTIAL_MESSAGES,
    DEVICE_CERTIFICATES_SENT,
    FILLED_CELLS,
    PREDICTED_CELLS,
    ROLES_IN_USE,
)
from trialconformance.smki.extension import KeyUsage
from trialconformance.smki.roles import ISSUING_AUTHORITY, ROLES, ROOT

_SUCCESS = 0
_BEYOND_CERTIFICATES = frozenset({17, 25, 30})  # insufficientMemory, trustAnchorNotFound, resourcesBusy
_STATUS = {
    0: "success",
    5: "badCertificate",
    10: "noTrustAnchor",
    17: "insufficientMemory",
    25: "trustAnchorNotFound",
    30: "resourcesBusy",
    127: "other",
}
_AUTHORITIES = frozenset({ROOT, ISSUING_AUTHORITY})
_DEVICE_USAGES = frozenset({KeyUsage.DIGITAL_SIGNATURE, KeyUsage.KEY_AGREEMENT})
# Codes with which a device refuses CS02d; the order is the one that the error vector shows: usage before all else.
_INVALID, _WRONG_DEVICE, _INVALID_USAGE, _WRONG_KEY = 1, 2, 3, 5


def _role(code: int | None) -> str:
    if code is None:
        return "no role"
    return f"{code:02X}, {ROLES[code].title}" if code in ROLES else f"{code:02X}"


def _status(code: int) -> str:
    return f"{code} {_STATUS.get(code, 'unknown')}"


@check("SMKI-MSG-01", clause="GBCS, keys for signatures and MACs", applies_to=CERTIFICATES_IN_USE, basis=Basis.VECTORS)
def certificate_is_for_its_purpose(use: CertificateUse) -> Iterator[Finding]:
    """A signature is made with a digital signature key and a MAC with a key agreement key, as certificates say."""
    if use.purpose not in use.certificate.usage:
        yield finding(at=use.place, expected=use.purpose.words, seen=use.certificate.usage.words)


@check("SMKI-MSG-02", clause="GBCS, Entity Identifier", applies_to=CERTIFICATES_IN_USE, basis=Basis.VECTORS)
def certificate_is_of_the_party(use: CertificateUse) -> Iterator[Finding]:
    """The Entity Identifier in a certificate, from its subjectAltName or x500UniqueIdentifier, is that of the party."""
    entity = use.certificate.entity_id
    if entity != use.entity:
        yield finding(
            at=use.place,
            expected=format_eui64(use.entity),
            seen="no EUI-64" if entity is None else format_eui64(entity),
        )


@check("SMKI-MSG-03", clause="GBCS, role of a Trust Anchor Cell", applies_to=ROLES_IN_USE, basis=Basis.VECTORS)
def role_is_that_of_the_cell_or_use_case(use: RoleUse) -> Iterator[Finding]:
    """The role in a certificate is the one of the Trust Anchor Cell it fills, or one that the use case permits."""
    if use.certificate.role not in use.permitted:
        yield finding(
            at=use.place,
            expected=" or ".join(_role(each) for each in sorted(use.permitted)),
            seen=_role(use.certificate.role),
        )


@check("SMKI-MSG-04", clause="GBCS, keyUsage of a Trust Anchor Cell", applies_to=FILLED_CELLS, basis=Basis.VECTORS)
def usage_is_that_of_the_cell(subject: ReplacedCell) -> Iterator[Finding]:
    """The key usage of a certificate is that of the Trust Anchor Cell it fills; a CA's may go beyond it."""
    certificate, cell = subject.certificate, subject.cell
    if certificate is None:
        return
    good = cell.usage in certificate.usage if cell.role in _AUTHORITIES else cell.usage == certificate.usage
    if not good:
        yield finding(at=subject.place, expected=cell.usage.words, seen=certificate.usage.words)


@check("SMKI-MSG-05", clause="GBCS CS02d, CS02e", applies_to=DEVICE_CERTIFICATES_SENT)
def device_certificate_is_the_devices_own(subject: DeviceCertificate) -> Iterator[Finding]:
    """A device takes only a certificate of its own identity, usage and pending key, and gives only one of its own."""
    breaches = tuple(_breaches(subject))
    codes = {code for code, _, _ in breaches}
    if subject.code is not None and subject.response is not None:
        # Whether the chain holds is not looked at here: a device may refuse a well-made certificate as invalid.
        accepted = codes or {_SUCCESS, _INVALID}
        if subject.code not in accepted and not (codes and subject.code == _INVALID):
            reasons = "; ".join(f"{seen} instead of {expected}" for _, expected, seen in breaches)
            yield finding(
                at=subject.response.payload,
                artefact=subject.response.name,
                expected=f"code {' or '.join(map(str, sorted(accepted)))}{f' because of {reasons}' if reasons else ''}",
                seen=f"code {subject.code}",
            )
        return
    for _, expected, seen in breaches:
        yield finding(at=subject.place, expected=expected, seen=seen)


def _breaches(subject: DeviceCertificate) -> Iterator[tuple[int, str, str]]:
    """What is wrong with the certificate: the code for it, what was expected, what was seen."""
    certificate = subject.certificate
    usages = _DEVICE_USAGES if subject.asked is None else {subject.asked}
    if certificate.usage not in usages:
        words = " or ".join(sorted(each.words for each in usages))
        yield _INVALID_USAGE, words, certificate.usage.words
        return
    if certificate.entity_id != subject.device:
        entity = certificate.entity_id
        seen = "no EUI-64" if entity is None else format_eui64(entity)
        yield _WRONG_DEVICE, format_eui64(subject.device), seen
    if subject.pending and certificate.point not in subject.pending:
        yield _WRONG_KEY, "the key of the device's request", certificate.point.hex().upper()


@check("SMKI-MSG-06", clause="GBCS CS02b, CS02g / RFC 5934", applies_to=PREDICTED_CELLS, basis=Basis.VECTORS)
def status_of_a_cell_is_the_predicted_one(subject: ReplacedCell) -> Iterator[Finding]:
    """A device answers for each cell with the status that the certificate, its path and the root call for."""
    predicted, outcome, response = subject.predicted, subject.outcome, subject.response
    if predicted is None or outcome is None or response is None or outcome.status == predicted.status:
        return
    if predicted.status == _SUCCESS and outcome.status in _BEYOND_CERTIFICATES:
        return  # what else the device holds, no certificate shows
    if not predicted.certain and _SUCCESS not in {predicted.status, outcome.status}:
        return
    reason = f" because of {predicted.reason}" if predicted.reason else ""
    yield finding(
        at=outcome.place,
        artefact=response.name,
        expected=f"{_status(predicted.status)}{reason}",
        seen=_status(outcome.status),
    )


@check("SMKI-MSG-07", clause="GBCS CS02b, CS02g", applies_to=ANSWERED_CELLS, basis=Basis.VECTORS)
def identities_of_a_cell_tell_what_happened(subject: ReplacedCell) -> Iterator[Finding]:
    """After success a cell reports the identities of the certificate it was sent, after failure the old ones again."""
    outcome, certificate, response = subject.outcome, subject.certificate, subject.response
    if outcome is None or response is None or (certificate is None and outcome.status == _SUCCESS):
        return
    expected, new = outcome.identities[:2], outcome.identities[2:]
    if certificate is not None and outcome.status == _SUCCESS:
        # The root has no x500UniqueIdentifier: its cell reports zeros.
        expected = (certificate.entity_id or bytes(8), certificate.ski or bytes(8))
    if new != expected:
        yield finding(at=outcome.place, artefact=response.name, expected=_pair(expected), seen=_pair(new))


def _pair(identities: tuple[bytes, ...]) -> str:
    return " with key ".join(each.hex().upper() for each in identities)


@check(
    "SMKI-MSG-08",
    clause="GBCS, applyTimeBasedCPVChecks",
    applies_to=CREDENTIAL_MESSAGES,
    severity=Severity.INFO,
)
def time_is_disapplied_on_purpose(subject: CredentialMessage) -> Iterator[Finding]:
    """A Command that tells a device not to judge validity in time does so on purpose."""
    if subject.disapplied is not None:
        yield finding(at=subject.disapplied, expected="time applied, or left out on purpose", seen="time disapplied")


@check(
    "SMKI-MSG-09",
    clause="X.690 10.1",
    applies_to=CREDENTIAL_MESSAGES,
    severity=Severity.INFO,
    basis=Basis.VECTORS,
)
def payload_lengths_are_minimal(subject: CredentialMessage) -> Iterator[Finding]:
    """The lengths in a payload that manages credentials are written in their shortest form."""
    for fault in subject.lengths:
        yield finding(at=fault.span, expected=fault.expected, seen=fault.seen)

"""SMKI-REP: what the SMKI Repository says about a certificate."""

from __future__ import annotations

from collections.abc import Iterator

from trialconformance.core import Finding, check, finding
from trialconformance.smki.checks.scopes import CERTIFICATES_WITH_A_STATUS
from trialconformance.smki.context import CertificateInContext

STATUSES = {"P": "pending", "I": "in use", "N": "not in use", "E": "expired", "R": "revoked"}
_IN_USE = "I"


@check("SMKI-REP-01", clause="SMKI Repository search, status", applies_to=CERTIFICATES_WITH_A_STATUS)
def certificate_is_in_use(subject: CertificateInContext) -> Iterator[Finding]:
    """The SMKI Repository lists the certificate as in use."""
    if subject.status != _IN_USE:
        seen = STATUSES.get(subject.status, "no known status")
        yield finding(
            at=subject.certificate.span("serialNumber"), expected="I, in use", seen=f"{subject.status[:8]}, {seen}"
        )

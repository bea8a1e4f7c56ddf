"""SMKI-EXT-05 to 12: key usage and subject key identifier."""

from __future__ import annotations

from collections.abc import Iterator

from trialconformance.core import Basis, Finding, Severity, check, finding
from trialconformance.smki import oids, p256
from trialconformance.smki.certificate import Certificate
from trialconformance.smki.checks.scopes import (
    EVERY_CERTIFICATE,
    ISSUING_CA_CERTIFICATES,
    LEAVES,
    SIGNING_ONLY_CERTIFICATES,
)
from trialconformance.smki.extension import Extension, KeyUsage

_SINGLE = (KeyUsage.DIGITAL_SIGNATURE, KeyUsage.KEY_AGREEMENT)
_AUTHORITY = KeyUsage.KEY_CERT_SIGN | KeyUsage.CRL_SIGN
_SHOWN = 40  # octets of a value shown in a finding


def _usage(certificate: Certificate) -> Extension | None:
    return certificate.extension(oids.KEY_USAGE)


@check("SMKI-EXT-05", clause="GBCS 12 / RFC 5759 3.2", applies_to=EVERY_CERTIFICATE)
def key_usage_is_present(certificate: Certificate) -> Iterator[Finding]:
    """The certificate has the keyUsage extension."""
    if _usage(certificate) is None:
        yield finding(at=certificate.span("keyUsage"), expected="the extension keyUsage", seen="none")


@check("SMKI-EXT-06", clause="GBCS 12 / RFC 5280 4.2.1.3", applies_to=EVERY_CERTIFICATE)
def key_usage_is_critical(certificate: Certificate) -> Iterator[Finding]:
    """The keyUsage extension is marked critical."""
    usage = _usage(certificate)
    if usage is not None and not usage.critical:
        yield finding(at=certificate.span("keyUsage"), expected="critical", seen="not critical")


@check("SMKI-EXT-07", clause="GBCS 12", applies_to=LEAVES)
def key_usage_is_one_of_two(certificate: Certificate) -> Iterator[Finding]:
    """The key of a device or an organisation is for digital signatures or for key agreement: one of them alone."""
    if _usage(certificate) is not None and certificate.usage not in _SINGLE:
        yield finding(
            at=certificate.span("keyUsage"),
            expected="digitalSignature alone or keyAgreement alone",
            seen=certificate.usage.words,
        )


@check(
    "SMKI-EXT-08",
    clause="SMKI practice",
    applies_to=SIGNING_ONLY_CERTIFICATES,
    severity=Severity.SHOULD,
    basis=Basis.VECTORS,
)
def key_usage_of_a_signing_role_is_digital_signature(certificate: Certificate) -> Iterator[Finding]:
    """Keys for XML signing and of recovery, transitional CoS and WAN provider are for digital signatures."""
    if _usage(certificate) is not None and certificate.usage != KeyUsage.DIGITAL_SIGNATURE:
        yield finding(at=certificate.span("keyUsage"), expected="digitalSignature alone", seen=certificate.usage.words)


@check("SMKI-EXT-09", clause="RFC 5280 4.2.1.3", applies_to=ISSUING_CA_CERTIFICATES, basis=Basis.VECTORS)
def key_usage_of_an_issuing_ca_is_signing_certificates_and_lists(certificate: Certificate) -> Iterator[Finding]:
    """The key of an issuing CA signs certificates and revocation lists, and does nothing that a leaf's key does."""
    if _usage(certificate) is not None and certificate.usage != _AUTHORITY:
        yield finding(at=certificate.span("keyUsage"), expected=_AUTHORITY.words, seen=certificate.usage.words)


@check("SMKI-EXT-10", clause="GBCS 12 / RFC 5280 4.2.1.2", applies_to=EVERY_CERTIFICATE)
def subject_key_identifier_is_present(certificate: Certificate) -> Iterator[Finding]:
    """The certificate has the subjectKeyIdentifier extension."""
    if certificate.extension(oids.SUBJECT_KEY_IDENTIFIER) is None:
        yield finding(
            at=certificate.span("subjectKeyIdentifier"), expected="the extension subjectKeyIdentifier", seen="none"
        )


@check("SMKI-EXT-11", clause="GBCS 12 / RFC 5280 4.2.1.2", applies_to=EVERY_CERTIFICATE)
def subject_key_identifier_is_not_critical(certificate: Certificate) -> Iterator[Finding]:
    """The subjectKeyIdentifier extension is not marked critical."""
    extension = certificate.extension(oids.SUBJECT_KEY_IDENTIFIER)
    if extension is not None and extension.critical:
        yield finding(at=certificate.span("subjectKeyIdentifier"), expected="not critical", seen="critical")


@check("SMKI-EXT-12", clause="GBCS 12 / RFC 5280 4.2.1.2", applies_to=EVERY_CERTIFICATE)
def subject_key_identifier_is_method_2(certificate: Certificate) -> Iterator[Finding]:
    """The subject key identifier has 8 octets: 0100 and the low 60 bits of the SHA-1 of the certificate's own point."""
    extension = certificate.extension(oids.SUBJECT_KEY_IDENTIFIER)
    expected = p256.key_identifier(certificate.point)
    if extension is not None and certificate.ski != expected:
        seen = extension.value if certificate.ski is None else certificate.ski
        yield finding(
            at=certificate.span("subjectKeyIdentifier"),
            expected=expected.hex().upper(),
            seen=seen[:_SHOWN].hex().upper() or "no octets",
        )

"""GBCS-SEC-014 and 015: the certificates of the Devices in the captures have the form that GBCS asks for."""

from __future__ import annotations

from collections.abc import Iterator

from trialconformance.core import Basis, Finding, Severity, check, finding, format_eui64
from trialconformance.gbcs.checks.scopes import DEVICE_CERTIFICATES
from trialconformance.gbcs.subjects import DeviceCertificate
from trialconformance.smki import oids, p256
from trialconformance.smki.der_writer import oid, sequence

_CLAUSE = "GBCS 12"
_IDENTIFIER = 8  # octets of a key identifier
_ALGORITHM = sequence(oid(oids.ECDSA_WITH_SHA256))
_KEY = sequence(oid(oids.EC_PUBLIC_KEY), oid(oids.P256))


@check("GBCS-SEC-014", clause=_CLAUSE, applies_to=DEVICE_CERTIFICATES, basis=Basis.VECTORS)
def device_certificate_has_one_usage_and_names_the_device(subject: DeviceCertificate) -> Iterator[Finding]:
    """A Device Certificate has exactly one key usage bit, marked critical, and its subjectAltName names the Device."""
    certificate = subject.certificate
    usage = certificate.extension(oids.KEY_USAGE)
    if len(certificate.usage) != 1 or usage is None or not usage.critical:
        critical = "critical" if usage is not None and usage.critical else "not critical"
        yield finding(
            at=certificate.span("keyUsage"),
            expected="one bit, critical",
            seen=f"{certificate.usage.words}, {critical}",
        )
    module = certificate.hardware_module_name
    serial = module.serial.value if module is not None and module.serial is not None else b""
    if serial != subject.device:
        yield finding(
            at=certificate.span("subjectAltName"),
            expected=format_eui64(subject.device),
            seen=serial.hex().upper() or "no hardware module name",
        )


@check("GBCS-SEC-015", clause=_CLAUSE, applies_to=DEVICE_CERTIFICATES, severity=Severity.SHOULD, basis=Basis.VECTORS)
def device_certificate_has_the_form_of_gbcs(subject: DeviceCertificate) -> Iterator[Finding]:
    """A Device Certificate has an empty subject, key identifiers of 8 octets, a key on P-256 and an ECDSA signature."""
    certificate = subject.certificate
    if not certificate.subject.empty:
        yield finding(at=certificate.span("subject"), expected="an empty name", seen=str(certificate.subject))
    for path, value in (("subjectKeyIdentifier", certificate.ski), ("authorityKeyIdentifier", certificate.aki)):
        if value is None or len(value) != _IDENTIFIER:
            yield finding(
                at=certificate.span(path),
                expected=f"{_IDENTIFIER} octets",
                seen="nothing" if value is None else f"{len(value)} octets",
            )
    key = certificate.node("subjectPublicKeyInfo.algorithm")
    if key is None or key.encoding != _KEY or not p256.on_curve(certificate.point):
        yield finding(
            at=certificate.span("subjectPublicKeyInfo"), expected="a key on the curve P-256", seen="another key"
        )
    algorithm = certificate.node("signatureAlgorithm")
    if algorithm is None or algorithm.encoding != _ALGORITHM:
        yield finding(
            at=certificate.span("signatureAlgorithm"), expected="ECDSA with SHA-256", seen="another algorithm"
        )

"""GBCS-SEC-013 to 015: Device Certificates in the captures and beside them are those of the Device, in due form."""

from __future__ import annotations

from collections.abc import Iterator

from trialconformance.core import ArtefactError, Basis, Finding, Severity, check, finding, format_eui64
from trialconformance.gbcs.asn1 import Asn1Payload
from trialconformance.gbcs.checks.scopes import DEVICE_CERTIFICATES, is_response, messages
from trialconformance.gbcs.subjects import DeviceCertificate, MessageInContext
from trialconformance.smki import Certificate, oids, p256
from trialconformance.smki.der_writer import oid, sequence

_CLAUSE = "GBCS 12"
_PROVIDE_DEVICE_CERTIFICATE = 0x000C  # CS02e
_IDENTIFIER = 8  # octets of a key identifier
_ALGORITHM = sequence(oid(oids.ECDSA_WITH_SHA256))
_KEY = sequence(oid(oids.EC_PUBLIC_KEY), oid(oids.P256))


def _returned(subject: MessageInContext) -> Certificate | None:
    """The certificate that a CS02e Response returns."""
    content = subject.content
    if subject.message.message_code != _PROVIDE_DEVICE_CERTIFICATE or not isinstance(content, Asn1Payload):
        return None
    try:
        return Certificate.parse(content.value) if isinstance(content.value, bytes) else None
    except ArtefactError:
        return None


def _held(subject: MessageInContext) -> Certificate | None:
    """The certificate of the same Device and usage in the key store."""
    returned, keystore = _returned(subject), subject.context.keystore
    if returned is None or keystore is None or len(returned.usage) != 1:
        return None
    return keystore.certificate(subject.message.originator, returned.usage)


@check(
    "GBCS-SEC-013",
    clause=_CLAUSE,
    applies_to=messages(
        "every CS02e Response with a certificate, where the key store holds one of that Device and usage",
        is_response,
        lambda subject: _held(subject) is not None,
    ),
    severity=Severity.SHOULD,
)
def device_uses_the_keys_it_shows(subject: MessageInContext) -> Iterator[Finding]:
    """The key in a certificate that CS02e returns is the one the Device signs and agrees keys with."""
    returned, held = _returned(subject), _held(subject)
    if returned is not None and held is not None and returned.point != held.point:
        yield finding(
            at=subject.span("payload"), expected=f"the key of {held.name}", seen=f"another key, {returned.point.hex()}"
        )


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
    if module is None or not module.well_formed:
        yield finding(
            at=certificate.span("subjectAltName"),
            expected=f"a hardware module name with {format_eui64(subject.device)}",
            seen="another form of name",
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

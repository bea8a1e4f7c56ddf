"""SMKI-TBS: version, serial number, algorithm and validity."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from trialconformance.core import Basis, Finding, Severity, check, finding
from trialconformance.smki import der, oids
from trialconformance.smki.certificate import Certificate
from trialconformance.smki.checks.scopes import (
    DEVICE_CERTIFICATES,
    EVERY_CERTIFICATE,
    ISSUED_CERTIFICATES,
    ORGANISATION_CERTIFICATES,
)
from trialconformance.smki.context import CertificateInContext

_V3 = 2
_LONGEST_SERIAL = 20  # octets, RFC 5280 4.1.2.2
_USUAL_SERIAL = 16  # octets, in every certificate of the public test PKI
_LONGEST_LIFE = 10  # years
_FOR_EVER = b"99991231235959Z"
_ALGORITHMS = ("signature", "signatureAlgorithm")
_TIMES = ("validity.notBefore", "validity.notAfter")
_SHOWN = 40  # octets of a value shown in a finding


def _shown(octets: bytes) -> str:
    return octets[:_SHOWN].hex().upper() or "no octets"


def _serial_octets(serial: int) -> int:
    """Octets of the shortest form: padding is the matter of SMKI-ENC-04."""
    return (serial if serial >= 0 else ~serial).bit_length() // 8 + 1


@check("SMKI-TBS-01", clause="RFC 5759 3.1 / RFC 5280 4.1.2.1", applies_to=EVERY_CERTIFICATE)
def version_is_v3(certificate: Certificate) -> Iterator[Finding]:
    """The certificate is of version 3."""
    if certificate.version != _V3:
        node = certificate.node("version")
        yield finding(
            at=certificate.span("version"),
            expected="version v3, A003020102",
            seen="no version, which means v1" if node is None else _shown(node.encoding),
        )


@check("SMKI-TBS-02", clause="RFC 5280 4.1.2.2", applies_to=EVERY_CERTIFICATE)
def serial_number_is_positive(certificate: Certificate) -> Iterator[Finding]:
    """The serial number is greater than zero."""
    if certificate.serial <= 0:
        yield finding(
            at=certificate.span("serialNumber"), expected="a positive number", seen=f"{certificate.serial:#x}"[:_SHOWN]
        )


@check("SMKI-TBS-03", clause="RFC 5280 4.1.2.2", applies_to=EVERY_CERTIFICATE)
def serial_number_has_at_most_20_octets(certificate: Certificate) -> Iterator[Finding]:
    """The serial number needs no more than 20 octets."""
    if (octets := _serial_octets(certificate.serial)) > _LONGEST_SERIAL:
        yield finding(
            at=certificate.span("serialNumber"), expected=f"at most {_LONGEST_SERIAL} octets", seen=f"{octets} octets"
        )


@check(
    "SMKI-TBS-04",
    clause="SMKI practice",
    applies_to=EVERY_CERTIFICATE,
    severity=Severity.SHOULD,
    basis=Basis.VECTORS,
)
def serial_number_has_16_octets(certificate: Certificate) -> Iterator[Finding]:
    """The serial number has 16 octets, as in every certificate of the public test PKI."""
    if (octets := _serial_octets(certificate.serial)) != _USUAL_SERIAL:
        yield finding(at=certificate.span("serialNumber"), expected=f"{_USUAL_SERIAL} octets", seen=f"{octets} octets")


@check("SMKI-TBS-05", clause="RFC 5280 4.1.1.2", applies_to=EVERY_CERTIFICATE)
def signature_algorithms_agree(certificate: Certificate) -> Iterator[Finding]:
    """The signature algorithm inside the signed part and the one outside are the same octets."""
    inner, outer = (certificate.syntax.fields[path].encoding for path in _ALGORITHMS)
    if inner != outer:
        yield finding(at=certificate.span("signatureAlgorithm"), expected=_shown(inner), seen=_shown(outer))


@check("SMKI-TBS-06", clause="GBCS 12 / RFC 5758 3.2", applies_to=EVERY_CERTIFICATE)
def signature_algorithm_is_ecdsa_with_sha256(certificate: Certificate) -> Iterator[Finding]:
    """The certificate says in its signed part that it is signed with ECDSA and SHA-256."""
    children = certificate.syntax.fields["signature"].children
    algorithm = der.oid_text(children[0].value) if children else "nothing"
    if algorithm != oids.ECDSA_WITH_SHA256:
        yield finding(at=certificate.span("signature"), expected=oids.ECDSA_WITH_SHA256, seen=algorithm)


@check("SMKI-TBS-07", clause="RFC 5758 3.2", applies_to=EVERY_CERTIFICATE)
def signature_algorithm_has_no_parameters(certificate: Certificate) -> Iterator[Finding]:
    """The signature algorithm carries no parameters, not even NULL."""
    if parameters := certificate.syntax.fields["signature"].children[1:]:
        yield finding(
            at=parameters[0].span("signature.parameters"),
            expected="no parameters",
            seen=_shown(parameters[0].encoding),
        )


@check("SMKI-TBS-08", clause="RFC 5280 4.1.2.8", applies_to=EVERY_CERTIFICATE)
def unique_identifiers_are_absent(certificate: Certificate) -> Iterator[Finding]:
    """The issuer and subject unique identifiers of X.509 version 2 are not used."""
    for path in ("issuerUniqueID", "subjectUniqueID"):
        if node := certificate.node(path):
            yield finding(at=node.span(path), expected="no unique identifier", seen=_shown(node.encoding))


@check("SMKI-TBS-09", clause="RFC 5280 4.1.2.5", applies_to=EVERY_CERTIFICATE)
def validity_does_not_end_before_it_starts(certificate: Certificate) -> Iterator[Finding]:
    """The end of validity is not before its start."""
    start, end = certificate.not_before, certificate.not_after
    if start is not None and end is not None and end < start:
        yield finding(
            at=certificate.span("validity.notAfter"),
            expected=f"no earlier than {start:%Y-%m-%d %H:%M:%S}",
            seen=_text(end),
        )


@check("SMKI-TBS-10", clause="RFC 5280 4.1.2.5", applies_to=EVERY_CERTIFICATE)
def times_have_the_form_of_their_year(certificate: Certificate) -> Iterator[Finding]:
    """Times through 2049 are UTCTime and later ones GeneralizedTime, with seconds and Z, without fractions."""
    for path, moment in zip(_TIMES, (certificate.not_before, certificate.not_after), strict=True):
        node = certificate.node(path)
        if node is None:
            continue  # SMKI-ENC-01 reports a validity without two times
        if moment is None:
            expected = "YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ of a real moment"
        elif (moment.year < 2050) is (node.identifier == der.UTC_TIME):
            continue
        else:
            expected = "UTCTime" if moment.year < 2050 else "GeneralizedTime"
        yield finding(
            at=node.span(path),
            expected=expected,
            seen=f"tag {node.identifier:02X} {node.value[:_SHOWN].decode('latin-1')!r}",
        )


@check("SMKI-TBS-11", clause="GBCS 12 / RFC 5280 4.1.2.5", applies_to=DEVICE_CERTIFICATES)
def device_certificate_never_expires(certificate: Certificate) -> Iterator[Finding]:
    """A Device Certificate has no well-defined end: its notAfter is the GeneralizedTime 99991231235959Z."""
    node = certificate.node("validity.notAfter")
    if node is None or node.identifier != der.GENERALIZED_TIME or node.value != _FOR_EVER:
        yield finding(
            at=certificate.span("validity.notAfter"),
            expected=f"GeneralizedTime {_FOR_EVER.decode()}",
            seen="nothing" if node is None else f"tag {node.identifier:02X} {node.value[:_SHOWN].decode('latin-1')!r}",
        )


@check(
    "SMKI-TBS-12",
    clause="SMKI policy (not public)",
    applies_to=ORGANISATION_CERTIFICATES,
    severity=Severity.SHOULD,
    basis=Basis.ASSUMED,
)
def organisation_certificate_lives_at_most_10_years(certificate: Certificate) -> Iterator[Finding]:
    """An Organisation Certificate ends at a real date, no more than 10 years after the day on which it starts."""
    start, end = certificate.not_before, certificate.not_after
    # By days: certificates of the public test PKI end at the last second of such a day.
    if start is not None and end is not None and end.date() > _years_after(start, _LONGEST_LIFE).date():
        yield finding(
            at=certificate.span("validity.notAfter"),
            expected=f"no later than {_text(_years_after(start, _LONGEST_LIFE))}",
            seen=_text(end),
        )


@check(
    "SMKI-TBS-13",
    clause="RFC 5280 6.1.3 (assumed for issuance)",
    applies_to=ISSUED_CERTIFICATES,
    severity=Severity.SHOULD,
    basis=Basis.ASSUMED,
)
def issuer_was_valid_when_the_certificate_starts(subject: CertificateInContext) -> Iterator[Finding]:
    """The validity of a certificate starts within the validity of its issuer."""
    start, issuer = subject.certificate.not_before, subject.issuer
    if start is None or issuer is None or issuer.not_before is None or issuer.not_after is None:
        return
    if not issuer.not_before <= start <= issuer.not_after:
        yield finding(
            at=subject.certificate.span("validity.notBefore"),
            expected=f"{_text(issuer.not_before)} to {_text(issuer.not_after)}, the validity of {issuer.name}",
            seen=_text(start),
        )


def _text(moment: datetime) -> str:
    return f"{moment.isoformat(sep=' ', timespec='seconds').removesuffix('+00:00')}Z"


def _years_after(moment: datetime, years: int) -> datetime:
    year = min(moment.year + years, 9999)
    leap_day = (moment.month, moment.day) == (2, 29)
    return moment.replace(year=year, month=3, day=1) if leap_day else moment.replace(year=year)

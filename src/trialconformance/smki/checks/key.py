"""SMKI-KEY: one P-256 key, as a point that can be used, and not shared with another purpose."""

from __future__ import annotations

from collections.abc import Iterator

from trialconformance.core import Basis, Finding, check, finding
from trialconformance.smki import oids, p256
from trialconformance.smki.certificate import Certificate
from trialconformance.smki.checks.scopes import EVERY_CERTIFICATE, ISSUED_CERTIFICATES, LEAVES_BESIDE_SIBLINGS
from trialconformance.smki.context import CertificateInContext
from trialconformance.smki.der_writer import oid, sequence
from trialconformance.smki.extension import KeyUsage

_ALGORITHM = sequence(oid(oids.EC_PUBLIC_KEY), oid(oids.P256))
_INFINITY = b"\x00"  # SEC 1 2.3.3
_POINT = "subjectPublicKeyInfo.subjectPublicKey"
_PURPOSES = KeyUsage.DIGITAL_SIGNATURE | KeyUsage.KEY_AGREEMENT
_SHOWN = 40  # octets of a value shown in a finding


@check("SMKI-KEY-01", clause="GBCS 12 / RFC 5480 2.1", applies_to=EVERY_CERTIFICATE)
def key_is_on_the_named_curve_p256(certificate: Certificate) -> Iterator[Finding]:
    """The public key is an id-ecPublicKey on the named curve P-256, without explicit parameters."""
    path = "subjectPublicKeyInfo.algorithm"
    node = certificate.node(path)
    if node is None or node.encoding != _ALGORITHM:
        yield finding(
            at=certificate.span(path),
            expected=_ALGORITHM.hex().upper(),
            seen="nothing" if node is None else node.encoding[:_SHOWN].hex().upper(),
        )


@check("SMKI-KEY-02", clause="GBCS 12 / RFC 5480 2.2", applies_to=EVERY_CERTIFICATE)
def key_is_an_uncompressed_point(certificate: Certificate) -> Iterator[Finding]:
    """The public key is a point of 65 octets in the uncompressed form, 04 and two coordinates."""
    point = certificate.point
    if not p256.is_uncompressed(point):
        yield finding(
            at=certificate.span(_POINT),
            expected="65 octets that start with 04",
            seen=f"{len(point)} octets that start with {point[:1].hex().upper() or 'nothing'}",
        )


@check("SMKI-KEY-03", clause="RFC 5480 2.2 / SEC 1 3.2.2", applies_to=EVERY_CERTIFICATE)
def key_is_a_point_of_the_curve(certificate: Certificate) -> Iterator[Finding]:
    """The point of the public key lies on the curve and is not the point at infinity."""
    point = certificate.point
    if point == _INFINITY or (p256.is_uncompressed(point) and not p256.on_curve(point)):
        yield finding(
            at=certificate.span(_POINT),
            expected="a point that satisfies the equation of P-256",
            seen="the point at infinity" if point == _INFINITY else point.hex().upper(),
        )


@check("SMKI-KEY-04", clause="SMKI practice", applies_to=LEAVES_BESIDE_SIBLINGS, basis=Basis.VECTORS)
def one_identity_uses_different_keys(subject: CertificateInContext) -> Iterator[Finding]:
    """One identity does not use the same key for digital signatures and for key agreement."""
    own = subject.certificate
    for other in subject.siblings:
        purposes = own.usage & _PURPOSES, other.usage & _PURPOSES
        # A certificate for neither purpose is the matter of SMKI-EXT-07.
        if other.point == own.point and all(purposes) and purposes[0] != purposes[1]:
            yield finding(
                at=own.span(_POINT),
                expected=f"another key than that of {other.name or other.sha256}, which is for {other.usage.words}",
                seen=f"the same key for {own.usage.words}",
            )


@check("SMKI-KEY-05", clause="RFC 5280 6.1 (separation of keys)", applies_to=ISSUED_CERTIFICATES, basis=Basis.ASSUMED)
def key_is_not_that_of_an_authority(subject: CertificateInContext) -> Iterator[Finding]:
    """The key of a certificate is not the key of any authority above it."""
    for authority in subject.authorities:
        if authority.point == subject.certificate.point:
            yield finding(
                at=subject.certificate.span(_POINT),
                expected="a key of its own",
                seen=f"the key of {authority.name or authority.subject}",
            )

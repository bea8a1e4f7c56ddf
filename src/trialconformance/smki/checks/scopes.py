"""What the certificate cases look at."""

from __future__ import annotations

from collections.abc import Callable

from trialconformance.core import Scope
from trialconformance.smki.certificate import Certificate, CertificateKind
from trialconformance.smki.subjects import CERTIFICATE, CERTIFICATE_IN_CONTEXT, CertificateInContext

__all__ = [
    "DEVICE_CERTIFICATES",
    "EVERY_CERTIFICATE",
    "ISSUED_CERTIFICATES",
    "ISSUING_CA_CERTIFICATES",
    "LEAVES",
    "LEAVES_BESIDE_SIBLINGS",
    "ORGANISATION_CERTIFICATES",
    "SIGNING_ONLY_CERTIFICATES",
]

_LEAVES = frozenset({CertificateKind.DEVICE, CertificateKind.ORGANISATION})
_SIGNING_ONLY_ROLES = frozenset({1, 5, 6})  # recovery, transitional CoS, WAN provider


def _of(*kinds: CertificateKind) -> Callable[[Certificate], bool]:
    accepted = frozenset(kinds)
    return lambda certificate: certificate.kind in accepted


def _signs_only(certificate: Certificate) -> bool:
    return certificate.kind is CertificateKind.XML_SIGN or (
        certificate.kind is CertificateKind.ORGANISATION and certificate.role in _SIGNING_ONLY_ROLES
    )


def _is_issued(subject: CertificateInContext) -> bool:
    return subject.issuer is not None and subject.certificate.kind is not CertificateKind.ROOT


def _is_leaf_beside_siblings(subject: CertificateInContext) -> bool:
    return bool(subject.siblings) and subject.certificate.kind in _LEAVES


EVERY_CERTIFICATE = Scope(kind=CERTIFICATE, title="every certificate")
DEVICE_CERTIFICATES = Scope(kind=CERTIFICATE, title="every Device Certificate", admits=_of(CertificateKind.DEVICE))
ORGANISATION_CERTIFICATES = Scope(
    kind=CERTIFICATE,
    title="every Organisation Certificate, those for XML signing included",
    admits=_of(CertificateKind.ORGANISATION, CertificateKind.XML_SIGN),
)
LEAVES = Scope(
    kind=CERTIFICATE,
    title="every Device Certificate and Organisation Certificate",
    admits=_of(CertificateKind.DEVICE, CertificateKind.ORGANISATION),
)
ISSUING_CA_CERTIFICATES = Scope(
    kind=CERTIFICATE, title="every certificate of an issuing CA", admits=_of(CertificateKind.ISSUING_CA)
)
SIGNING_ONLY_CERTIFICATES = Scope(
    kind=CERTIFICATE,
    title="certificates for XML signing and of recovery, transitional CoS and WAN provider",
    admits=_signs_only,
)
ISSUED_CERTIFICATES = Scope(
    kind=CERTIFICATE_IN_CONTEXT, title="every certificate whose issuer is in the key store", admits=_is_issued
)
LEAVES_BESIDE_SIBLINGS = Scope(
    kind=CERTIFICATE_IN_CONTEXT,
    title="every Device Certificate and Organisation Certificate beside others of its identity",
    admits=_is_leaf_beside_siblings,
)

"""What the certificate cases look at."""

from __future__ import annotations

from collections.abc import Callable

from trialconformance.core import Scope
from trialconformance.smki.binding import CERTIFICATE_USE, CREDENTIAL_MESSAGE, DEVICE_CERTIFICATE, REPLACEMENT, ROLE_USE
from trialconformance.smki.certificate import Certificate, CertificateKind
from trialconformance.smki.context import (
    CERTIFICATE,
    CERTIFICATE_IN_CONTEXT,
    CHAIN,
    KEYSTORE_FILE,
    CertificateInContext,
)
from trialconformance.smki.request import REQUEST
from trialconformance.smki.revocation import REVOCATION_LIST

__all__ = [
    "ANCHORED_CHAINS",
    "ANSWERED_CELLS",
    "ASKED_REQUESTS",
    "CA_CERTIFICATES",
    "CERTIFICATES_BESIDE_TWINS",
    "CERTIFICATES_IN_USE",
    "CERTIFICATES_UNDER_A_CA",
    "CERTIFICATES_WITHOUT_ALT_NAME",
    "CERTIFICATES_WITH_A_STATUS",
    "CERTIFICATES_WITH_KNOWN_POLICIES",
    "CHAINS_WITH_A_CLOCK",
    "CREDENTIAL_MESSAGES",
    "DEVICE_CERTIFICATES",
    "DEVICE_CERTIFICATES_SENT",
    "EVERY_CERTIFICATE",
    "EVERY_LEAF",
    "EVERY_LINK",
    "EVERY_LIST",
    "EVERY_REQUEST",
    "FILLED_CELLS",
    "ISSUED_CERTIFICATES",
    "ISSUING_CA_CERTIFICATES",
    "KEYSTORE_FILES",
    "LEAF_CHAINS",
    "LEAVES",
    "LEAVES_BESIDE_SIBLINGS",
    "NAMED_AUTHORITIES_AND_ORGANISATIONS",
    "NAMED_PATHS",
    "ORGANISATION_AND_CA_CERTIFICATES",
    "ORGANISATION_AND_ISSUING_CA_CERTIFICATES",
    "ORGANISATION_CERTIFICATES",
    "POLICY_BOUND_CERTIFICATES",
    "PREDICTED_CELLS",
    "REQUESTS_BESIDE_CERTIFICATES",
    "REQUESTS_OF_A_DEVICE",
    "ROLES_IN_USE",
    "SIGNING_ONLY_CERTIFICATES",
]

_LEAVES = frozenset({CertificateKind.DEVICE, CertificateKind.ORGANISATION})
_CAS = frozenset({CertificateKind.ISSUING_CA, CertificateKind.ROOT})
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
EVERY_LEAF = Scope(
    kind=CERTIFICATE,
    title="every certificate but those of CAs",
    admits=_of(CertificateKind.DEVICE, CertificateKind.ORGANISATION, CertificateKind.XML_SIGN),
)
CA_CERTIFICATES = Scope(
    kind=CERTIFICATE,
    title="every certificate of an issuing CA or a root",
    admits=_of(CertificateKind.ISSUING_CA, CertificateKind.ROOT),
)
CERTIFICATES_UNDER_A_CA = Scope(
    kind=CERTIFICATE,
    title="every certificate but those of roots",
    admits=lambda certificate: certificate.kind is not CertificateKind.ROOT,
)
CERTIFICATES_WITHOUT_ALT_NAME = Scope(
    kind=CERTIFICATE,
    title="every certificate of an organisation or an issuing CA",
    admits=_of(CertificateKind.ORGANISATION, CertificateKind.XML_SIGN, CertificateKind.ISSUING_CA),
)
POLICY_BOUND_CERTIFICATES = Scope(
    kind=CERTIFICATE,
    title="every Device Certificate, Organisation Certificate and certificate of an issuing CA",
    admits=_of(CertificateKind.DEVICE, CertificateKind.ORGANISATION, CertificateKind.ISSUING_CA),
)
NAMED_AUTHORITIES_AND_ORGANISATIONS = Scope(
    kind=CERTIFICATE,
    title="every certificate but those of devices",
    admits=lambda certificate: certificate.kind is not CertificateKind.DEVICE,
)
ORGANISATION_AND_CA_CERTIFICATES = Scope(
    kind=CERTIFICATE,
    title="every Organisation Certificate and certificate of a CA",
    admits=_of(CertificateKind.ORGANISATION, CertificateKind.ISSUING_CA, CertificateKind.ROOT),
)
ORGANISATION_AND_ISSUING_CA_CERTIFICATES = Scope(
    kind=CERTIFICATE,
    title="every Organisation Certificate and certificate of an issuing CA",
    admits=_of(CertificateKind.ORGANISATION, CertificateKind.ISSUING_CA),
)
CERTIFICATES_WITH_KNOWN_POLICIES = Scope(
    kind=CERTIFICATE_IN_CONTEXT,
    title="every certificate of a kind for which the profile gives policies",
    admits=lambda subject: bool(subject.policies),
)
ISSUED_CERTIFICATES = Scope(
    kind=CERTIFICATE_IN_CONTEXT, title="every certificate whose issuer is in the key store", admits=_is_issued
)
LEAVES_BESIDE_SIBLINGS = Scope(
    kind=CERTIFICATE_IN_CONTEXT,
    title="every Device Certificate and Organisation Certificate beside others of its identity",
    admits=_is_leaf_beside_siblings,
)
ANCHORED_CHAINS = Scope(
    kind=CHAIN, title="every certificate, where anchors are configured", admits=lambda chain: chain.anchored
)
CHAINS_WITH_A_CLOCK = Scope(
    kind=CHAIN, title="every certificate, where time is judged", admits=lambda chain: chain.clock is not None
)
EVERY_REQUEST = Scope(kind=REQUEST, title="every certificate signing request")
REQUESTS_OF_A_DEVICE = Scope(
    kind=REQUEST,
    title="every certificate signing request of a known device",
    admits=lambda subject: subject.device is not None,
)
ASKED_REQUESTS = Scope(
    kind=REQUEST,
    title="every certificate signing request that a command asked for",
    admits=lambda subject: subject.asked is not None,
)
REQUESTS_BESIDE_CERTIFICATES = Scope(
    kind=REQUEST,
    title="every certificate signing request beside certificates",
    admits=lambda subject: bool(subject.certificates),
)
EVERY_LIST = Scope(kind=REVOCATION_LIST, title="every revocation list")
CERTIFICATES_IN_USE = Scope(kind=CERTIFICATE_USE, title="every certificate that a message relies on or carries")
ROLES_IN_USE = Scope(
    kind=ROLE_USE,
    title="every certificate for a Trust Anchor Cell or of the originator of a Command whose use case names its roles",
)
FILLED_CELLS = Scope(kind=REPLACEMENT, title="every Trust Anchor Cell that a Command fills")
ANSWERED_CELLS = Scope(
    kind=REPLACEMENT,
    title="every Trust Anchor Cell that a device answered for",
    admits=lambda cell: cell.outcome is not None,
)
PREDICTED_CELLS = Scope(
    kind=REPLACEMENT,
    title="every Trust Anchor Cell that a device answered for, where a root is configured",
    admits=lambda cell: cell.outcome is not None and cell.predicted is not None,
)
CREDENTIAL_MESSAGES = Scope(kind=CREDENTIAL_MESSAGE, title="every message that manages credentials")
DEVICE_CERTIFICATES_SENT = Scope(kind=DEVICE_CERTIFICATE, title="every Device Certificate in CS02d and CS02e")
KEYSTORE_FILES = Scope(
    kind=KEYSTORE_FILE,
    title="every file of a key store whose name names somebody",
    admits=lambda file: bool(file.stated),
)
EVERY_LINK = Scope(
    kind=CHAIN, title="every certificate whose issuer is at hand", admits=lambda chain: bool(chain.links)
)
LEAF_CHAINS = Scope(
    kind=CHAIN,
    title="every certificate but those of CAs, and what issued it",
    admits=lambda chain: chain.leaf.kind not in _CAS,
)
NAMED_PATHS = Scope(
    kind=CHAIN, title="every certificate whose path certificates are named", admits=lambda chain: bool(chain.offered)
)
CERTIFICATES_BESIDE_TWINS = Scope(
    kind=CERTIFICATE_IN_CONTEXT,
    title="every certificate beside another of the same issuer and serial number",
    admits=lambda subject: bool(subject.twins),
)
CERTIFICATES_WITH_A_STATUS = Scope(
    kind=CERTIFICATE_IN_CONTEXT,
    title="every certificate whose repository status is given",
    admits=lambda subject: bool(subject.status),
)

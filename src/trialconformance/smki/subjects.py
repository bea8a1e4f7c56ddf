"""What the checks of this package look at, made from a key store."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from trialconformance.smki.certificate import Certificate, CertificateKind
from trialconformance.smki.keystore import KeyStore

__all__ = ["CERTIFICATE", "CERTIFICATE_IN_CONTEXT", "CertificateInContext", "subjects"]

CERTIFICATE = "certificate"
CERTIFICATE_IN_CONTEXT = "certificate-in-context"

_AUTHORITIES = frozenset({CertificateKind.ISSUING_CA, CertificateKind.ROOT})
_LONGEST_PATH = 8  # authorities above a certificate; SMKI has two


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateInContext:
    """A certificate with those it must be judged beside.

    Args:
        certificate: the certificate.
        issuer: the certificate of its issuer, None where the store holds none.
        authorities: the issuer, the issuer of that one, and so on as far as the store reaches.
        siblings: other certificates of the same identity.
    """

    certificate: Certificate
    issuer: Certificate | None = None
    authorities: tuple[Certificate, ...] = ()
    siblings: tuple[Certificate, ...] = ()

    @property
    def name(self) -> str:
        """Name of the certificate."""
        return self.certificate.name

    @property
    def octets(self) -> bytes:
        """Octets of the certificate."""
        return self.certificate.octets


def subjects(keystore: KeyStore) -> dict[str, list[Any]]:
    """List what there is to judge in a key store.

    Args:
        keystore: the store.

    Returns:
        Subjects by kind, each with ``name`` and ``octets``: every certificate once as it is and once in its context.
    """
    certificates = keystore.certificates
    return {CERTIFICATE: list(certificates), CERTIFICATE_IN_CONTEXT: list(_in_context(certificates))}


def _in_context(certificates: tuple[Certificate, ...]) -> Iterable[CertificateInContext]:
    authorities: dict[bytes, list[Certificate]] = {}
    identities: dict[bytes, list[Certificate]] = {}
    for each in certificates:
        if each.kind in _AUTHORITIES and each.ski is not None:
            authorities.setdefault(each.ski, []).append(each)
        if each.entity_id is not None:
            identities.setdefault(each.entity_id, []).append(each)
    for each in certificates:
        path = _authorities(each, authorities)
        family = identities.get(each.entity_id, []) if each.entity_id is not None else []
        yield CertificateInContext(
            certificate=each,
            issuer=path[0] if path else None,
            authorities=path,
            siblings=tuple(other for other in family if other is not each),
        )


def _authorities(certificate: Certificate, known: dict[bytes, list[Certificate]]) -> tuple[Certificate, ...]:
    """Go up by key identifiers; of several with one identifier the first whose name is the issuer's name."""
    path: list[Certificate] = []
    lower = certificate
    while len(path) < _LONGEST_PATH:
        candidates = [each for each in known.get(lower.aki or b"", ()) if each not in (certificate, *path)]
        if not candidates:
            break
        lower = next((each for each in candidates if each.subject.octets == lower.issuer.octets), candidates[0])
        path.append(lower)
    return tuple(path)

"""A certificate among others: what the certificate and chain cases look at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from trialconformance.smki.certificate import Certificate, CertificateKind
from trialconformance.smki.path import Anchor, ChainBuilder

__all__ = [
    "CERTIFICATE",
    "CERTIFICATE_IN_CONTEXT",
    "CHAIN",
    "KEYSTORE_FILE",
    "CertificateInContext",
    "certificate_subjects",
    "in_context",
]

CERTIFICATE = "certificate"
CERTIFICATE_IN_CONTEXT = "certificate-in-context"
CHAIN = "chain"
KEYSTORE_FILE = "keystore-file"

_AUTHORITIES = frozenset({CertificateKind.ISSUING_CA, CertificateKind.ROOT})
_LONGEST_PATH = 8  # authorities above a certificate; SMKI has two

Policies = Mapping[CertificateKind, frozenset[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateInContext:
    """A certificate with those it must be judged beside.

    Args:
        certificate: the certificate.
        issuer: the certificate of its issuer, None where none is at hand.
        authorities: the issuer, the issuer of that one, and so on as far as they are at hand.
        siblings: other certificates of the same identity.
        twins: other certificates with the same issuer and serial number.
        policies: policy identifiers that the profile gives for its kind, none where it gives none.
        status: status in the SMKI Repository, empty where it is not known.
    """

    certificate: Certificate
    issuer: Certificate | None = None
    authorities: tuple[Certificate, ...] = ()
    siblings: tuple[Certificate, ...] = ()
    twins: tuple[Certificate, ...] = ()
    policies: frozenset[str] = frozenset()
    status: str = ""

    @property
    def name(self) -> str:
        """Name of the certificate."""
        return self.certificate.name

    @property
    def octets(self) -> bytes:
        """Octets of the certificate."""
        return self.certificate.octets


def certificate_subjects(
    certificates: Iterable[Certificate],
    *,
    policies: Policies | None = None,
    anchors: Iterable[Anchor] = (),
    clock: datetime | None = None,
    statuses: Mapping[str, str] | None = None,
) -> dict[str, list[Any]]:
    """List what there is to judge in a group of certificates.

    Args:
        certificates: the group; CA certificates in it may issue the others.
        policies: policy identifiers by certificate kind.
        anchors: the configured anchors.
        clock: moment at which validity is judged, None to leave time out.
        statuses: status in the SMKI Repository by SHA-256 of the certificate, lower-case hex.

    Returns:
        Subjects by kind, each with ``name`` and ``octets``: every certificate as it is, in its context and with its
        chain.
    """
    group = tuple(certificates)
    known = policies or {}
    trusted = tuple(anchors)
    pool = tuple(each for each in group if each.kind in _AUTHORITIES)
    builder = ChainBuilder(pool, trusted, clock=clock)
    above = tuple(each.certificate for each in trusted if each.certificate is not None)
    return {
        CERTIFICATE: list(group),
        CERTIFICATE_IN_CONTEXT: list(in_context((*group, *above), len(group), known, statuses or {})),
        CHAIN: [builder.chain(each, policies=known.get(each.kind, frozenset())) for each in group],
    }


def in_context(
    certificates: tuple[Certificate, ...], judged: int, policies: Policies, statuses: Mapping[str, str]
) -> Iterator[CertificateInContext]:
    """Put the first certificates of some in the context of all of them.

    Args:
        certificates: the certificates.
        judged: how many of them, from the first, are to be judged.
        policies: policy identifiers by certificate kind.
        statuses: status in the SMKI Repository by SHA-256.
    """
    authorities: dict[bytes, list[Certificate]] = {}
    identities: dict[bytes, list[Certificate]] = {}
    numbered: dict[tuple[bytes, int], list[Certificate]] = {}
    for each in certificates:
        if each.kind in _AUTHORITIES and each.ski is not None:
            authorities.setdefault(each.ski, []).append(each)
        if each.entity_id is not None:
            identities.setdefault(each.entity_id, []).append(each)
        numbered.setdefault((each.issuer.octets, each.serial), []).append(each)
    for each in certificates[:judged]:
        path = _authorities(each, authorities)
        family = identities.get(each.entity_id, ()) if each.entity_id is not None else ()
        yield CertificateInContext(
            certificate=each,
            issuer=path[0] if path else None,
            authorities=path,
            siblings=tuple(other for other in family if other is not each),
            twins=tuple(other for other in numbered[each.issuer.octets, each.serial] if other != each),
            policies=policies.get(each.kind, frozenset()),
            status=statuses.get(each.sha256, ""),
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

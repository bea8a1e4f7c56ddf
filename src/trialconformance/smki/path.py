"""From a leaf to a configured anchor: which certificate issued which. No search, no acceptance by likeness.

The next certificate up is the one whose key identifier the authorityKeyIdentifier names; where none has it, the one
whose subject is, octet for octet, the issuer. Anchors come from configuration only.

Clause: RFC 5280 6.1, GBCS 12.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from trialconformance.smki import p256
from trialconformance.smki.certificate import Certificate, CertificateKind
from trialconformance.smki.extension import KeyUsage

__all__ = ["Anchor", "Chain", "ChainBuilder", "Hierarchy", "Link", "signs_certificates"]


class Hierarchy(StrEnum):
    """The two hierarchies of SMKI, which do not mix."""

    ORGANISATION = "organisation"
    DEVICE = "device"

    @classmethod
    def of(cls, kind: CertificateKind) -> Hierarchy | None:
        """The hierarchy that leaves of a kind belong to, None for CAs, which may stand in either."""
        if kind is CertificateKind.DEVICE:
            return cls.DEVICE
        return cls.ORGANISATION if kind in {CertificateKind.ORGANISATION, CertificateKind.XML_SIGN} else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A key that is trusted because a person configured it.

    Args:
        name: its name for a person.
        point: public key, 65 octets.
        subject: DER of its name, None where only the key is known.
        is_root: whether it is a root; otherwise it is an issuing CA that is trusted directly.
        hierarchy: the hierarchy it stands for, None for either.
        recovered: whether the key was computed from signatures: it then proves that certificates belong together, not
            who made them.
        certificate: its certificate, None for a bare key.
    """

    name: str
    point: bytes = field(repr=False)
    subject: bytes | None = field(default=None, repr=False)
    is_root: bool = True
    hierarchy: Hierarchy | None = None
    recovered: bool = False
    certificate: Certificate | None = field(default=None, repr=False)

    @classmethod
    def of(cls, certificate: Certificate, *, hierarchy: Hierarchy | None = None) -> Anchor:
        """Trust the key of a certificate."""
        return cls(
            name=str(certificate.subject) or certificate.name,
            point=certificate.point,
            subject=certificate.subject.octets,
            is_root=certificate.subject.octets == certificate.issuer.octets,
            hierarchy=hierarchy,
            certificate=certificate,
        )

    @property
    def key_identifier(self) -> bytes:
        """Method 2 key identifier of its key, 8 octets."""
        return p256.key_identifier(self.point)

    @property
    def title(self) -> str:
        """Its name, with the warning that belongs to a recovered key."""
        return f"{self.name} (recovered key)" if self.recovered else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A certificate and what stands above it.

    Args:
        certificate: the lower one.
        issuer: certificate of the issuer, None for a bare key.
        anchor: the anchor that the issuer is, None for a certificate of the path.
        verifies: whether the issuer's key signed the certificate.
    """

    certificate: Certificate
    issuer: Certificate | None
    anchor: Anchor | None
    verifies: bool

    @property
    def issuer_title(self) -> str:
        """The issuer for a person."""
        if self.anchor is not None:
            return self.anchor.title
        return "" if self.issuer is None else str(self.issuer.subject) or self.issuer.name

    @property
    def issuer_name(self) -> bytes | None:
        """DER of the issuer's own name, None where only its key is known."""
        if self.anchor is not None:
            return self.anchor.subject
        return None if self.issuer is None else self.issuer.subject.octets

    @property
    def issuer_key_identifier(self) -> bytes | None:
        """What an authorityKeyIdentifier must hold: the issuer's subject key identifier."""
        if self.issuer is not None:
            return self.issuer.ski
        return None if self.anchor is None else self.anchor.key_identifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """A leaf and its way up.

    Args:
        leaf: the certificate in question.
        links: from the leaf up; none where nobody is known to have issued it.
        anchor: where the way ended, None where it reached no anchor.
        anchored: whether any anchor was configured.
        offered: path certificates in the order in which they came; empty where a whole store was at hand.
        unused: those of ``offered`` that are on no link.
        repeated: those of ``offered`` that came more than once, and those that would close a loop.
        clock: moment at which validity is judged, None where time is disapplied.
        policies: policies that the profile gives for the leaf, none where it gives none.
    """

    leaf: Certificate
    links: tuple[Link, ...]
    anchor: Anchor | None
    anchored: bool
    offered: tuple[Certificate, ...] = ()
    unused: tuple[Certificate, ...] = ()
    repeated: tuple[Certificate, ...] = ()
    clock: datetime | None = None
    policies: frozenset[str] = frozenset()

    @property
    def certificate(self) -> Certificate:
        """The leaf."""
        return self.leaf

    @property
    def name(self) -> str:
        """Name of the leaf."""
        return self.leaf.name

    @property
    def octets(self) -> bytes:
        """Octets of the leaf."""
        return self.leaf.octets

    @property
    def top(self) -> Certificate:
        """The highest certificate that was reached, the anchor left out."""
        if not self.links:
            return self.leaf
        last = self.links[-1]
        return last.issuer if last.anchor is None and last.issuer is not None else last.certificate

    @property
    def below_anchor(self) -> tuple[Certificate, ...]:
        """The certificates from the leaf up to the highest one that is no anchor."""
        return (self.leaf, *(link.issuer for link in self.links if link.anchor is None and link.issuer is not None))


class ChainBuilder:
    """Builds the chains of many leaves from the same path certificates and anchors; each is indexed once.

    Args:
        certificates: certificates that may stand between a leaf and an anchor.
        anchors: the configured anchors.
        clock: moment at which validity is judged, None to leave time out.
    """

    __slots__ = (
        "_by_identifier",
        "_by_name",
        "_links",
        "_pool",
        "_single",
        "_trusted",
        "anchors",
        "certificates",
        "clock",
    )

    def __init__(
        self, certificates: Iterable[Certificate], anchors: Iterable[Anchor], *, clock: datetime | None = None
    ) -> None:
        self.certificates = tuple(certificates)
        self.anchors = tuple(anchors)
        self.clock = clock
        self._by_identifier: dict[bytes, list[Certificate | Anchor]] = {}
        self._by_name: dict[bytes, list[Certificate | Anchor]] = {}
        for anchor in self.anchors:
            self._by_identifier.setdefault(anchor.key_identifier, []).append(anchor)
            if anchor.subject is not None:
                self._by_name.setdefault(anchor.subject, []).append(anchor)
        for each in self.certificates:
            if each.ski is not None:
                self._by_identifier.setdefault(each.ski, []).append(each)
            if not each.subject.empty:
                self._by_name.setdefault(each.subject.octets, []).append(each)
        self._trusted = {each.certificate.sha256: each for each in self.anchors if each.certificate is not None}
        self._pool = frozenset(each.sha256 for each in self.certificates)
        self._single: dict[str, Link | None] = {}
        self._links: dict[str, tuple[Link, ...]] = {}

    def chain(
        self, leaf: Certificate, *, policies: frozenset[str] = frozenset(), offered: tuple[Certificate, ...] = ()
    ) -> Chain:
        """Build the chain of a leaf.

        Args:
            leaf: the certificate in question.
            policies: policies that the profile gives for it.
            offered: the path certificates, in order, where a person or a message named exactly these.

        Returns:
            The chain as far as it goes.
        """
        lowest = self._link(leaf)
        links = () if lowest is None else (lowest, *self._above(lowest))
        used = {link.issuer for link in links if link.anchor is None}
        steps = [leaf, *(link.issuer for link in links if link.issuer is not None)]
        distinct = tuple(dict.fromkeys(offered))
        return Chain(
            leaf=leaf,
            links=links,
            anchor=links[-1].anchor if links else self._trusted.get(leaf.sha256),
            anchored=bool(self.anchors),
            offered=offered,
            unused=tuple(each for each in distinct if each not in used),
            repeated=tuple(each for each in distinct if offered.count(each) > 1 or steps.count(each) > 1),
            clock=self.clock,
            policies=policies,
        )

    def _above(self, lowest: Link) -> tuple[Link, ...]:
        """The links above one; those of a path certificate are the same under every leaf."""
        start = lowest.issuer
        if lowest.anchor is not None or start is None:
            return ()
        if start.sha256 not in self._links:
            links: list[Link] = []
            seen = {start}
            present: Certificate | None = start
            while present is not None and (link := self._link(present)) is not None:
                links.append(link)
                present = None if link.anchor is not None or link.issuer in seen else link.issuer
                seen |= {present} if present is not None else set()
            self._links[start.sha256] = tuple(links)
        return self._links[start.sha256]

    def _link(self, certificate: Certificate) -> Link | None:
        """The link above a certificate; that of a path certificate is made once."""
        if certificate.sha256 not in self._pool:
            return self._new_link(certificate)
        if certificate.sha256 not in self._single:
            self._single[certificate.sha256] = self._new_link(certificate)
        return self._single[certificate.sha256]

    def _new_link(self, certificate: Certificate) -> Link | None:
        found = self._issuer(certificate)
        if found is None:
            return None
        anchor = found if isinstance(found, Anchor) else None
        issuer = found.certificate if isinstance(found, Anchor) else found
        return Link(certificate=certificate, issuer=issuer, anchor=anchor, verifies=certificate.issued_by(found.point))

    def _issuer(self, certificate: Certificate) -> Certificate | Anchor | None:
        """The issuer by key identifier, then by name; of several the first whose name fits, anchors before others."""
        if certificate.sha256 in self._trusted:
            return None
        named = self._by_identifier.get(certificate.aki or b"") or self._by_name.get(certificate.issuer.octets, [])
        candidates = [each for each in named if each != certificate]
        if not candidates:
            return None
        issuer = certificate.issuer.octets
        return next((each for each in candidates if _name(each) == issuer), candidates[0])


def _name(found: Certificate | Anchor) -> bytes | None:
    return found.subject if isinstance(found, Anchor) else found.subject.octets


def signs_certificates(certificate: Certificate) -> bool:
    """Whether a certificate says that its key may sign certificates: cA TRUE and keyCertSign."""
    return certificate.is_authority and KeyUsage.KEY_CERT_SIGN in certificate.usage

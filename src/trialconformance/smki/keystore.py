"""A key store: certificates and test keys of a folder, found by the identity that each certificate names.

File names follow ``<eui64>[-pp]-{ds,ka}.{pem,key}`` in any case; CA certificates may stand below ``ca/``. A file name
is only believed where the content names nobody (a bare public key, a private key alone).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from trialconformance.smki import p256
from trialconformance.smki.certificate import Certificate
from trialconformance.smki.extension import KeyUsage
from trialconformance.smki.keystore_folder import FolderContent, KeyStoreFile, Oddity, Place, read_folder

__all__ = ["KeyStore"]


@dataclass(frozen=True, slots=True)
class _Pair:
    """Whose keys make a shared secret."""

    private_entity: bytes
    public_entity: bytes
    prepayment: bool


class KeyStore:
    """Certificates by identity and usage, with the private keys that belong to them.

    Attributes:
        certificates: every certificate once, by name.
        files: the files it was read from, none for a store made in memory.
        oddities: what was tolerated while reading.
    """

    __slots__ = ("_certificates", "_points", "_private", "_secrets", "certificates", "files", "oddities")

    def __init__(self, content: FolderContent) -> None:
        self._certificates: dict[Place, list[Certificate]] = {}
        for place, certificate in content.placed:
            self._certificates.setdefault(place, []).append(certificate)
        for candidates in self._certificates.values():
            # The one issued last stands first; the digest settles a tie the same way in every run.
            candidates.sort(key=lambda each: (_issued(each), each.sha256), reverse=True)
        self._points = dict(content.points)
        self._private = {p256.point_of(key.public_key()): key for key in content.private_keys}
        self._secrets: dict[_Pair, bytes | None] = {}
        self.certificates: tuple[Certificate, ...] = content.certificates
        self.files: tuple[KeyStoreFile, ...] = tuple(content.files)
        self.oddities: tuple[Oddity, ...] = content.oddities

    @classmethod
    def read(cls, folder: Path, *, name_of: Callable[[Path], str] | None = None) -> KeyStore:
        """Read a folder.

        Args:
            folder: where the PEM files are.
            name_of: gives the name of the artefact that a file is, which becomes the name of its certificate; by
                default its name below the folder.

        Returns:
            The store; what was odd but usable stands in ``oddities``.

        Raises:
            UsageError: the folder or a file cannot be read, holds no PEM file, or a key is encrypted.
            ArtefactError: a file holds no PEM, no certificate or no usable key.
        """
        return cls(read_folder(folder, name_of=name_of))

    @classmethod
    def of(
        cls,
        certificates: Iterable[Certificate],
        private_keys: Iterable[ec.EllipticCurvePrivateKey] = (),
        *,
        prepayment: Iterable[Certificate] = (),
    ) -> KeyStore:
        """Make a store in memory.

        Args:
            certificates: certificates; each stands under the identity it names.
            private_keys: keys; each belongs to the certificates with its public key.
            prepayment: further certificates, those that suppliers use for prepayment top-up: nothing in a certificate
                tells them apart.
        """
        content = FolderContent()
        for group, is_prepayment in ((certificates, False), (prepayment, True)):
            for certificate in group:
                content.place(certificate, prepayment=is_prepayment)
        content.private_keys.extend(private_keys)
        return cls(content)

    def with_private_keys(self, private_keys: Iterable[ec.EllipticCurvePrivateKey]) -> KeyStore:
        """Make a store that holds further private keys, each for the certificates with its public key.

        Args:
            private_keys: the keys to add.

        Returns:
            A new store; this one stays as it is.
        """
        store = copy(self)
        store._private = self._private | {p256.point_of(key.public_key()): key for key in private_keys}  # noqa: SLF001  (another store of this class)
        store._secrets = {}  # noqa: SLF001  (as above)
        return store

    def certificate(self, entity: bytes, usage: KeyUsage, *, prepayment: bool = False) -> Certificate | None:
        """Find a certificate.

        Args:
            entity: EUI-64, 8 octets.
            usage: ``DIGITAL_SIGNATURE`` or ``KEY_AGREEMENT``.
            prepayment: whether the one for prepayment top-up is meant.

        Returns:
            The one issued last of those that name this identity and usage, None where there is none.
        """
        found = self._certificates.get(Place(entity=entity, usage=usage, prepayment=prepayment))
        return found[0] if found else None

    def public_key(
        self, entity: bytes, usage: KeyUsage, *, prepayment: bool = False
    ) -> ec.EllipticCurvePublicKey | None:
        """Load the public key of a party, from its certificate or from a bare key.

        Args:
            entity: EUI-64, 8 octets.
            usage: ``DIGITAL_SIGNATURE`` or ``KEY_AGREEMENT``.
            prepayment: whether the one for prepayment top-up is meant.

        Returns:
            The key, None where there is none.

        Raises:
            ArtefactError: the certificate's key is not on the curve.
        """
        place = Place(entity=entity, usage=usage, prepayment=prepayment)
        certificate = self.certificate(entity, usage, prepayment=prepayment)
        if certificate is not None:
            return certificate.public_key()
        point = self._points.get(place)
        return None if point is None else p256.public_key(point)

    def private_key(
        self, entity: bytes, usage: KeyUsage, *, prepayment: bool = False
    ) -> ec.EllipticCurvePrivateKey | None:
        """Find the private key of a party: the one that belongs to a certificate of this identity and usage.

        Args:
            entity: EUI-64, 8 octets.
            usage: ``DIGITAL_SIGNATURE`` or ``KEY_AGREEMENT``.
            prepayment: whether the one for prepayment top-up is meant.

        Returns:
            The key, None where there is none.
        """
        place = Place(entity=entity, usage=usage, prepayment=prepayment)
        points = [each.point for each in self._certificates.get(place, ())] or [self._points.get(place, b"")]
        return next((self._private[point] for point in points if point in self._private), None)

    @property
    def holds_private_keys(self) -> bool:
        """Whether it holds any private key."""
        return bool(self._private)

    def has_private_key(self, entity: bytes, usage: KeyUsage, *, prepayment: bool = False) -> bool:
        """Whether ``private_key`` finds one."""
        return self.private_key(entity, usage, prepayment=prepayment) is not None

    def shared_secret(self, private_entity: bytes, public_entity: bytes, *, prepayment: bool = False) -> bytes | None:
        """Agree a secret between two parties with their key agreement keys.

        Args:
            private_entity: EUI-64 of the party whose private key is at hand.
            public_entity: EUI-64 of the other party.
            prepayment: whether the party that has a key for prepayment top-up uses that one.

        Returns:
            32 octets, the x coordinate; None where a key is missing or, for prepayment, where neither party has one
            for it.

        Raises:
            ArtefactError: the public key is not on the curve.
        """
        pair = _Pair(private_entity, public_entity, prepayment)
        if pair not in self._secrets:
            self._secrets[pair] = self._agree(pair)
        return self._secrets[pair]

    def _agree(self, pair: _Pair) -> bytes | None:
        usage = KeyUsage.KEY_AGREEMENT
        private = self.private_key(pair.private_entity, usage, prepayment=pair.prepayment)
        public = self.public_key(pair.public_entity, usage, prepayment=pair.prepayment)
        if pair.prepayment:
            if private is None and public is None:
                return None
            private = private or self.private_key(pair.private_entity, usage)
            public = public or self.public_key(pair.public_entity, usage)
        if private is None or public is None:
            return None
        return private.exchange(ec.ECDH(), public)

    def entities(self, role: int | None) -> tuple[bytes, ...]:
        """The EUI-64s that certificates of a role name, in order; None for devices."""
        return tuple(
            sorted({each.entity_id for each in self.certificates if each.entity_id is not None and each.role == role})
        )

    def __repr__(self) -> str:
        return f"<KeyStore of {len(self.certificates)} certificates, {len(self._private)} private keys not shown>"


def _issued(certificate: Certificate) -> float:
    return certificate.not_before.timestamp() if certificate.not_before is not None else float("-inf")

"""The synthetic PKI: the shape of SMKI, made from a fixed seed, the same octets in every run. For tests only.

Two hierarchies that do not mix: organisation root, issuing CA, parties; device root, issuing CA, devices. Private keys
are derived from the seed when they are needed and never kept: see ``seed``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from trialconformance.core import UsageError, format_eui64
from trialconformance.smki import der_writer as write
from trialconformance.smki import oids, p256, recipe
from trialconformance.smki.certificate import Certificate
from trialconformance.smki.extension import KeyUsage
from trialconformance.smki.keystore import KeyStore
from trialconformance.smki.pem import write_pem
from trialconformance.smki.plan import Authority, Leaf, Party, Plan, Use, load_plan
from trialconformance.smki.recipe import ExtensionRecipe, Recipe
from trialconformance.smki.request import request_body, sign_request
from trialconformance.smki.revocation import list_body, sign_list
from trialconformance.smki.seed import private_key, serial_number

__all__ = ["SyntheticPki"]

_USAGES: dict[Use, KeyUsage] = {
    "ds": KeyUsage.DIGITAL_SIGNATURE,
    "ka": KeyUsage.KEY_AGREEMENT,
    "pp-ka": KeyUsage.KEY_AGREEMENT,
}
_DEVICE_USES: tuple[Use, ...] = ("ds", "ka")
_ASKED = frozenset({oids.KEY_USAGE, oids.SUBJECT_ALT_NAME})  # what a device asks for; the CA adds the rest
_AUTHORITY_USAGE = KeyUsage.KEY_CERT_SIGN | KeyUsage.CRL_SIGN


class SyntheticPki:
    """Issues every certificate of a plan; two with the same plan issue the same octets.

    A holder is a party or a device: its name in the plan (``supplier``, ``esme``) or an EUI-64 of 8 octets. An EUI-64
    that no party has is a device.

    Args:
        plan: who is in it, the plan of this package by default.
    """

    __slots__ = ("_authorities", "_certificates", "_entities", "_parties", "plan")

    def __init__(self, plan: Plan | None = None) -> None:
        self.plan = plan or load_plan()
        self._authorities = {each.name: each for each in self.plan.authorities}
        self._parties = {bytes.fromhex(each.entity): each for each in self.plan.parties}
        self._entities = {each.name: bytes.fromhex(each.entity) for each in self.plan.parties}
        self._entities |= {each.name: bytes.fromhex(each.entity) for each in self.plan.devices}
        self._certificates: dict[str, Certificate] = {}

    def entity(self, holder: str | bytes) -> bytes:
        """The EUI-64 of a holder.

        Args:
            holder: name in the plan, or the EUI-64 itself.

        Returns:
            8 octets.

        Raises:
            UsageError: the plan has nobody of that name.
        """
        if isinstance(holder, bytes):
            return holder
        if holder not in self._entities:
            raise UsageError(f"nobody is called {holder!r}", where="synthetic PKI", accepted=", ".join(self._entities))
        return self._entities[holder]

    def private_key(self, holder: str | bytes, use: Use) -> ec.EllipticCurvePrivateKey:
        """Derive the private key of a holder.

        Args:
            holder: name in the plan or EUI-64.
            use: ``ds``, ``ka`` or ``pp-ka``.
        """
        return private_key(self.plan.seed, self._label(holder, use))

    def authority_key(self, name: str) -> ec.EllipticCurvePrivateKey:
        """Derive the private key of a CA of the plan."""
        return private_key(self.plan.seed, f"authority/{self._authority(name).name}")

    def certify(self, holder: str | bytes, use: Use, *, point: bytes) -> Certificate:
        """Issue one more certificate of a holder, for a key that is not derived from the seed.

        Args:
            holder: name in the plan or EUI-64.
            use: ``ds``, ``ka`` or ``pp-ka``.
            point: public key, 65 octets.
        """
        octets = self.recipe(holder, use, point=point).signed_by(self.authority_key(self.issuer_of(holder)))
        return Certificate.parse(octets, name=f"{format_eui64(self.entity(holder)).lower()}-{use}.pem")

    def certificate(self, holder: str | bytes, use: Use) -> Certificate:
        """Issue the certificate of a holder.

        Args:
            holder: name in the plan or EUI-64.
            use: ``ds``, ``ka`` or ``pp-ka``.

        Returns:
            The certificate, its name a file name of a key store.

        Raises:
            UsageError: the holder has no certificate for this use.
        """
        name = f"{format_eui64(self.entity(holder)).lower()}-{use}.pem"
        if name not in self._certificates:
            octets = self.recipe(holder, use).signed_by(self.authority_key(self.issuer_of(holder)))
            self._certificates[name] = Certificate.parse(octets, name=name)
        return self._certificates[name]

    def authority(self, name: str) -> Certificate:
        """Issue the certificate of a CA.

        Args:
            name: name in the plan, for example ``org-issuing``.

        Returns:
            The certificate, its name a file name of a key store.

        Raises:
            UsageError: the plan has no such CA.
        """
        file = f"ca/{name}.pem"
        if file not in self._certificates:
            octets = self.authority_recipe(name).signed_by(self.authority_key(self._authority(name).issuer))
            self._certificates[file] = Certificate.parse(octets, name=file)
        return self._certificates[file]

    def issuer_of(self, holder: str | bytes) -> str:
        """The name of the CA that issues to a holder."""
        return self._leaf(holder).issuer

    def issuer_of_authority(self, name: str) -> str:
        """The name of the CA that issues to a CA, its own for a root."""
        return self._authority(name).issuer

    def uses(self, holder: str | bytes) -> tuple[Use, ...]:
        """What a holder has certificates for."""
        party = self._parties.get(self.entity(holder))
        return _DEVICE_USES if party is None else party.uses

    def private_keys_of(self, certificates: Iterable[Certificate]) -> tuple[ec.EllipticCurvePrivateKey, ...]:
        """Derive the private keys that belong to certificates of this PKI.

        Args:
            certificates: certificates of any origin.

        Returns:
            The keys of those whose public key this PKI derives for their identity; nothing for the others.
        """
        points: dict[bytes, set[bytes]] = {}
        for each in certificates:
            if each.entity_id is not None:
                points.setdefault(each.entity_id, set()).add(each.point)
        derived = ((entity, self.private_key(entity, use)) for entity in sorted(points) for use in self.uses(entity))
        return tuple(key for entity, key in derived if p256.point_of(key.public_key()) in points[entity])

    def recipe(self, holder: str | bytes, use: Use, *, point: bytes | None = None) -> Recipe:
        """What the certificate of a holder is made of, to be changed where a wrong one is wanted.

        Args:
            holder: name in the plan or EUI-64.
            use: ``ds``, ``ka`` or ``pp-ka``.
            point: public key of 65 octets to certify, the derived one by default.

        Returns:
            The recipe; sign it with ``authority_key(issuer_of(holder))``.

        Raises:
            UsageError: the holder has no certificate for this use.
        """
        if use not in self.uses(holder):
            raise UsageError(
                f"has no certificate for {use!r}", where=str(holder), accepted=", ".join(self.uses(holder))
            )
        entity, leaf, label = self.entity(holder), self._leaf(holder), self._label(holder, use)
        party = self._parties.get(entity)
        point = point or p256.point_of(self.private_key(holder, use).public_key())
        usage = recipe.key_usage(_USAGES[use])
        ski = recipe.subject_key_identifier(point)
        policies = recipe.certificate_policies(leaf.policy)
        aki = recipe.authority_key_identifier(self._authority_point(leaf.issuer))
        extensions: tuple[ExtensionRecipe, ...] = (usage, ski, policies, aki)
        if party is None:
            named = recipe.device_name(entity, hardware_type=self.plan.hardware_type)
            extensions = (usage, ski, named, policies, aki)
        return Recipe(
            serial=write.integer(serial_number(self.plan.seed, label)),
            issuer=self._authority_name(leaf.issuer),
            not_before=write.time(leaf.not_before),
            not_after=write.time(leaf.not_after),
            subject=recipe.name() if party is None else _party_name(party, use),
            key=recipe.public_key_info(point),
            extensions=extensions,
        )

    def authority_recipe(self, name: str) -> Recipe:
        """What the certificate of a CA is made of."""
        authority = self._authority(name)
        point = self._authority_point(name)
        extensions = [
            recipe.key_usage(_AUTHORITY_USAGE),
            recipe.basic_constraints(path_length=authority.path_length),
            recipe.certificate_policies(authority.policy),
            recipe.subject_key_identifier(point),
        ]
        if authority.issuer != name:
            extensions.append(recipe.authority_key_identifier(self._authority_point(authority.issuer)))
        return Recipe(
            serial=write.integer(serial_number(self.plan.seed, f"authority/{name}")),
            issuer=self._authority_name(authority.issuer),
            not_before=write.time(authority.not_before),
            not_after=write.time(authority.not_after),
            subject=self._authority_name(name),
            key=recipe.public_key_info(point),
            extensions=tuple(extensions),
        )

    def request(self, holder: str | bytes, use: Use) -> bytes:
        """Make the certificate signing request of a device: what it answers to CS02c.

        Args:
            holder: name in the plan or EUI-64.
            use: ``ds`` or ``ka``.

        Returns:
            A PKCS#10 request, DER.

        Raises:
            UsageError: the holder has no certificate for this use.
        """
        key = self.private_key(holder, use)
        asked = [each for each in self.recipe(holder, use).extensions if each.oid in _ASKED]
        return sign_request(request_body(p256.point_of(key.public_key()), asked), key)

    def revocation_list(self, authority: str, serials: Iterable[int] = (), *, number: int = 1, days: int = 90) -> bytes:
        """Make a revocation list of a CA (of a root: an ARL), issued when the validity of its certificates starts.

        Args:
            authority: name of the CA.
            serials: the serial numbers to list.
            number: the cRLNumber.
            days: how long it holds.

        Returns:
            The list, DER.
        """
        issued = self._authority(authority).not_before
        body = list_body(
            issuer=self.authority(authority),
            this_update=issued,
            next_update=issued + timedelta(days=days),
            serials=serials,
            number=number,
        )
        return sign_list(body, self.authority_key(authority))

    def keystore(
        self,
        *,
        parties: Iterable[str] | None = None,
        devices: Iterable[str | bytes] | None = None,
        private_keys: bool = True,
    ) -> KeyStore:
        """Make a key store in memory, CA certificates included.

        Args:
            parties: names of parties, all of the plan by default.
            devices: names or EUI-64s of devices, those of the plan by default.
            private_keys: whether it holds the private keys of these parties and devices.

        Returns:
            The store.

        Raises:
            UsageError: the plan has nobody of that name.
        """
        held = list(self._held(parties, devices))
        ordinary = [self.certificate(holder, use) for holder, use in held if use != "pp-ka"]
        return KeyStore.of(
            [*(self.authority(name) for name in self._authorities), *ordinary],
            [self.private_key(holder, use) for holder, use in held] if private_keys else (),
            prepayment=[self.certificate(holder, use) for holder, use in held if use == "pp-ka"],
        )

    def files(
        self,
        *,
        parties: Iterable[str] | None = None,
        devices: Iterable[str | bytes] | None = None,
        private_keys: bool = False,
    ) -> dict[str, str]:
        """Write the key store as PEM files.

        Args:
            parties: names of parties, all of the plan by default.
            devices: names or EUI-64s of devices, those of the plan by default.
            private_keys: whether the private keys of these parties and devices are among the files.

        Returns:
            Content by file name, CA certificates below ``ca/``.

        Raises:
            UsageError: the plan has nobody of that name.
        """
        issued = [self.authority(name) for name in self._authorities]
        held = list(self._held(parties, devices))
        issued += [self.certificate(holder, use) for holder, use in held]
        files = {each.name: write_pem("CERTIFICATE", each.octets) for each in issued}
        if private_keys:
            for holder, use in held:
                name = self.certificate(holder, use).name.removesuffix(".pem")
                files[f"{name}.key"] = write_pem("PRIVATE KEY", _pkcs8(self.private_key(holder, use)))
        return files

    def write(
        self,
        folder: Path,
        *,
        parties: Iterable[str] | None = None,
        devices: Iterable[str | bytes] | None = None,
        private_keys: bool = False,
    ) -> tuple[Path, ...]:
        """Write a key store folder; what else is in the folder stays.

        Args:
            folder: where to write, made where it is missing.
            parties: names of parties, all of the plan by default.
            devices: names or EUI-64s of devices, those of the plan by default.
            private_keys: whether to write the private keys too.

        Returns:
            The files written.

        Raises:
            UsageError: the plan has nobody of that name, or the folder cannot be written.
        """
        files = self.files(parties=parties, devices=devices, private_keys=private_keys)
        written = []
        for name, text in sorted(files.items()):
            target = folder / name
            partial = target.with_name(f"{target.name}.partial")
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                partial.write_text(text, encoding="ascii", newline="\n")
                partial.replace(target)
            except OSError as error:
                raise UsageError(
                    f"cannot be written: {error.strerror}", where=str(target), accepted="a folder that can be written"
                ) from error
            written.append(target)
        return tuple(written)

    def _held(
        self, parties: Iterable[str] | None, devices: Iterable[str | bytes] | None
    ) -> Iterator[tuple[str | bytes, Use]]:
        holders: list[str | bytes] = [each.name for each in self.plan.parties] if parties is None else [*parties]
        holders += [each.name for each in self.plan.devices] if devices is None else devices
        for holder in holders:
            for use in self.uses(holder):
                yield holder, use

    def _authority(self, name: str) -> Authority:
        if name not in self._authorities:
            raise UsageError(f"no CA is called {name!r}", where="synthetic PKI", accepted=", ".join(self._authorities))
        return self._authorities[name]

    def _authority_point(self, name: str) -> bytes:
        return p256.point_of(self.authority_key(name).public_key())

    def _authority_name(self, name: str) -> bytes:
        authority = self._authority(name)
        common_name = (oids.COMMON_NAME, write.printable_string(authority.common_name))
        if not authority.unit:
            return recipe.name(common_name)
        return recipe.name((oids.ORGANISATIONAL_UNIT, write.printable_string(authority.unit)), common_name)

    def _leaf(self, holder: str | bytes) -> Leaf:
        return self.plan.organisation if self.entity(holder) in self._parties else self.plan.device

    def _label(self, holder: str | bytes, use: Use) -> str:
        return f"{format_eui64(self.entity(holder))}/{use}"


def _party_name(party: Party, use: Use) -> bytes:
    """Subject of a party: CN, in the digital signature certificate only, then role, then Entity Identifier."""
    attributes = [
        (oids.ORGANISATIONAL_UNIT, write.utf8_string(f"{party.role:02X}")),
        (oids.UNIQUE_IDENTIFIER, write.bit_string(bytes.fromhex(party.entity))),
    ]
    if party.common_name and use == "ds":
        attributes.insert(0, (oids.COMMON_NAME, write.utf8_string(party.common_name)))
    return recipe.name(*attributes)


def _pkcs8(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())

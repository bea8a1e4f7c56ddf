"""Steps about credentials: good and bad certificates, replacing them, and what the device says about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from trialconformance.core import UsageError
from trialconformance.gbcs import Message
from trialconformance.harness.bench.core import BenchCore
from trialconformance.harness.credentials import ROLE_CODES, Party
from trialconformance.harness.observations import Held, number, replacement_statuses, role_entry
from trialconformance.harness.payloads.asn1 import CellReference, Replacement
from trialconformance.harness.session import Command
from trialconformance.smki import Certificate, CertificateKind, KeyUsage, p256
from trialconformance.smki.corpus import load_corpus, make_chain
from trialconformance.smki.der_writer import time as der_time
from trialconformance.smki.issue import SyntheticPki
from trialconformance.smki.plan import Use
from trialconformance.smki.recipe import ExtensionRecipe, Recipe, authority_key_identifier, key_usage

__all__ = ["CredentialSteps"]

# What a replacement is: certificate, role of the cell, usage of the cell.
Wanted = tuple[Certificate, int, KeyUsage]

# role whose credentials are replaced by the party itself -> use case, mode
_MODES = {2: ("CS02b:supplier", 2), 3: ("CS02b:network-operator", 3)}
_USES: dict[KeyUsage, Use] = {KeyUsage.DIGITAL_SIGNATURE: "ds", KeyUsage.KEY_AGREEMENT: "ka"}
_CORPUS_DEVICE = "esme"  # holder of the device certificates in the negative corpus
_MOST_CERTIFICATES = 160  # certificates of one campaign
_PAST = (datetime(2010, 1, 1, tzinfo=UTC), datetime(2017, 1, 1, tzinfo=UTC))
_TIME_ONLY = frozenset({"SMKI-CHN-05"})  # judged at a time of their own, which is not the device's


class CredentialSteps(BenchCore):
    """Steps about credentials. Wrong certificates can only be made where the PKI is the synthetic one."""

    def certificate(self, party: Party, usage: KeyUsage) -> Certificate:
        """The certificate of a party; ends the procedure where it is not at hand."""
        found = self.credentials.keystore.certificate(self.party(party), usage)
        if found is None:
            self.undecided(f"no {usage.words} certificate of the {party} at hand")
        return found

    def path_of(self, certificate: Certificate) -> tuple[bytes, ...]:
        """The issuing CA of a certificate, as the path that a command carries; nothing where it is not at hand."""
        issuers = (
            each
            for each in self.credentials.keystore.certificates
            if each.kind is CertificateKind.ISSUING_CA and each.ski == certificate.aki
        )
        return tuple(each.octets for each in issuers)[:1]

    def own_credentials(self, role: int) -> dict[str, Any]:
        """Values that replace the digital signature certificate of a role by the one it has."""
        party = next(each for each, code in ROLE_CODES.items() if code == role)
        certificate = self.certificate(party, KeyUsage.DIGITAL_SIGNATURE)
        return {
            "mode": _MODES[role][1],
            "replacements": [self._replacement((certificate, role, KeyUsage.DIGITAL_SIGNATURE))],
            "path": list(self.path_of(certificate)),
        }

    def replacing(self, *wanted: Wanted, path: tuple[bytes, ...] | None = None, disapply_time: bool = False) -> Command:
        """Build a CS02b by which the supplier replaces certificates.

        Args:
            wanted: certificates and the cells they are for.
            path: path certificates; the real issuing CA by default.
            disapply_time: whether validity shall not count.
        """
        known = path if path is not None else self.path_of(self.certificate(Party.SUPPLIER, wanted[0][2]))
        return self.command(
            "CS02b:supplier",
            mode=_MODES[2][1],
            replacements=[self._replacement(each) for each in wanted],
            path=list(known),
            disapply_time=disapply_time,
        )

    def tampered_path(self) -> tuple[bytes, ...]:
        """The issuing CA with one bit of its signature changed."""
        path = self.path_of(self.certificate(Party.SUPPLIER, KeyUsage.DIGITAL_SIGNATURE))
        if not path:
            self.undecided("no certificate of the issuing CA at hand")
        return (path[0][:-1] + bytes([path[0][-1] ^ 0x01]),)

    def foreign_certificate(self, party: Party, usage: KeyUsage) -> Certificate:
        """A certificate of a party that the issuer of devices signed: right in form, but of no anchor of the device."""
        pki = self._pki()
        entity = self.party(party)
        recipe = pki.recipe(entity, _USES[usage])
        issuer = pki.authority("device-issuing")
        foreign = _with(replace(recipe, issuer=issuer.subject.octets), authority_key_identifier(issuer.point))
        return Certificate.parse(foreign.signed_by(pki.authority_key("device-issuing")), name="foreign")

    def expired_certificate(self, party: Party, usage: KeyUsage) -> Certificate:
        """A certificate of a party that expired before the device was made."""
        pki = self._pki()
        entity = self.party(party)
        started, ended = (der_time(each) for each in _PAST)
        recipe = replace(pki.recipe(entity, _USES[usage]), not_before=started, not_after=ended)
        octets = recipe.signed_by(pki.authority_key(pki.issuer_of(entity)))
        return Certificate.parse(octets, name="expired")

    def device_certificate(
        self, usage: KeyUsage, *, entity: bytes | None = None, point: bytes | None = None
    ) -> Certificate:
        """A certificate for the device under test, or for another entity.

        Args:
            usage: key usage that it asserts.
            entity: EUI-64 that it names, the device by default.
            point: public key, one that the device did not make by default.
        """
        pki = self._pki()
        named = self.device if entity is None else entity
        other = p256.point_of(pki.private_key(bytes(8), "ds").public_key())
        recipe = _with(pki.recipe(named, "ds", point=other if point is None else point), key_usage(usage))
        return Certificate.parse(recipe.signed_by(pki.authority_key(pki.issuer_of(named))), name="device certificate")

    def malformed_certificates(self, *, device: bool) -> list[tuple[str, bytes]]:
        """Certificates of the negative corpus that a device must refuse, as what is wrong with them and their octets.

        Args:
            device: those of devices, or those of parties.
        """
        pki = self._pki()
        found = []
        for case in load_corpus().cases:
            is_device = case.leaf.holder == _CORPUS_DEVICE
            usual = case.anchors is None and case.cases != _TIME_ONLY
            wanted = usual and case.verdict == "refuse" and case.predicted
            if wanted and is_device == device:
                found.append((f"{case.title} ({case.id})", make_chain(pki, case).leaf))
        return found[:_MOST_CERTIFICATES]

    def replacing_octets(self, certificate: bytes) -> Command:
        """Build a CS02b that puts whatever octets into the supplier's digital signature cell."""
        cell = CellReference(role=ROLE_CODES[Party.SUPPLIER], usage=KeyUsage.DIGITAL_SIGNATURE)
        path = self.path_of(self.certificate(Party.SUPPLIER, KeyUsage.DIGITAL_SIGNATURE))
        return self.command(
            "CS02b:supplier",
            mode=_MODES[2][1],
            replacements=[Replacement(certificate=certificate, cell=cell)],
            path=list(path),
        )

    def held_after(self, party: Party, usage: KeyUsage) -> Held | None:
        """What the cell of a party's role holds now."""
        return role_entry(self, ROLE_CODES[party]).held(usage)

    def expect_statuses(self, answer: Message, statuses: list[int]) -> None:
        """Note a finding where a CS02b reports other statuses."""
        seen = replacement_statuses(answer)
        self.expect(seen == statuses, expected=f"statuses {statuses}", seen=f"{seen}")

    def expect_stored(self, certificate: Certificate, code: int) -> None:
        """Offer a device certificate with CS02d and note a finding where the code is another."""
        answer = self.expect_answer(self.command("CS02d", certificate=certificate.octets), "a device certificate")
        if answer is not None:
            self.expect(number(answer) == code, expected=f"code {code}", seen=f"code {number(answer)}")

    def is_signed_with(self, message: Message, certificate: Certificate) -> bool:
        """Whether the key of a certificate signed a message."""
        signature = message.signature or bytes(64)
        r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
        return p256.verifies(certificate.point, r=r, s=s, message=message.to_be_signed())

    def _replacement(self, wanted: Wanted) -> Replacement:
        certificate, role, usage = wanted
        return Replacement(certificate=certificate.octets, cell=CellReference(role=role, usage=usage))

    def _pki(self) -> SyntheticPki:
        """The synthetic PKI, where the device belongs to it; wrong certificates need the keys of its CAs."""
        pki = SyntheticPki()
        certificate = self.credentials.keystore.certificate(self.device, KeyUsage.DIGITAL_SIGNATURE)
        try:
            known = certificate is not None and certificate.aki == pki.authority("device-issuing").ski
        except UsageError:
            known = False
        if not known:
            self.undecided(
                "wrong certificates can only be issued by the synthetic PKI, and the device is of another one"
            )
        return pki


def _with(recipe: Recipe, extension: ExtensionRecipe) -> Recipe:
    """The recipe with another value of one extension."""
    others = tuple(extension if each.oid == extension.oid else each for each in recipe.extensions)
    return replace(recipe, extensions=others)

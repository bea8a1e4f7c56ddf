"""An SMKI certificate: what it says, where it says it, and whether a key signed it.

Built on the strict DER walker, so that certificates which libraries refuse (a NULL parameter, a point off the curve, a
padded signature) are still read in full.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from cryptography.hazmat.primitives.asymmetric import ec

from trialconformance.core import Span, UsageError
from trialconformance.smki import der, oids, p256
from trialconformance.smki.der import DerFault, Node
from trialconformance.smki.extension import Extension, GeneralName, HardwareModuleName, KeyUsage
from trialconformance.smki.name import Name
from trialconformance.smki.syntax import CertificateSyntax, read_syntax

__all__ = ["Certificate", "CertificateKind", "Signature", "read_time"]

_UTC_TIME = re.compile(rb"([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})Z")
_GENERALIZED_TIME = re.compile(rb"([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})Z")
_XML_SIGN_ROLES = frozenset({0x87, 0x89})
_ROOT_ROLE, _ISSUING_ROLE = 0x00, 0x07
_ABSENT = frozenset({"version", "extensions", *oids.EXTENSIONS.values()})  # fields a certificate may lack


class CertificateKind(StrEnum):
    """The profiles of SMKI; a certificate belongs to exactly one."""

    DEVICE = "device"
    ORGANISATION = "organisation"
    XML_SIGN = "xml-sign"
    ISSUING_CA = "issuing-ca"
    ROOT = "root"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """The two numbers of an ECDSA signature, in range or not."""

    r: int
    s: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Certificate:
    """An SMKI certificate; two are equal when their octets are.

    Args:
        octets: the artefact, trailing octets included.
        name: name of the artefact.
        syntax: fields in their places and breaches of DER.
        sha256: digest of the octets, lower-case hex.
        serial: serial number.
        issuer: name of the issuer.
        subject: name of the subject.
        kind: the profile it belongs to.
        role: remote party role from the OU of the subject, None where there is none.
        entity_id: EUI-64 it names, 8 octets, from hwSerialNum or x500UniqueIdentifier; None where there is none.
        usage: bits of the keyUsage extension.
        is_authority: whether basicConstraints says that it is a CA.
        path_length: pathLenConstraint, None where there is none.
        policies: policy identifiers, dotted, in order.
        point: value of the subjectPublicKey, 65 octets in a good certificate.
        ski: subject key identifier.
        aki: authority key identifier.
        not_before: start of validity in UTC, None when malformed.
        not_after: end of validity in UTC, None when malformed.
        signature: r and s, None where the signature does not hold two INTEGERs.
    """

    octets: bytes = field(repr=False)
    name: str
    syntax: CertificateSyntax = field(repr=False)
    sha256: str
    serial: int = field(repr=False)
    issuer: Name = field(repr=False)
    subject: Name = field(repr=False)
    kind: CertificateKind
    role: int | None
    entity_id: bytes | None
    usage: KeyUsage
    is_authority: bool = field(repr=False)
    path_length: int | None = field(repr=False)
    policies: tuple[str, ...] = field(repr=False)
    point: bytes = field(repr=False)
    ski: bytes | None = field(repr=False)
    aki: bytes | None = field(repr=False)
    not_before: datetime | None = field(repr=False)
    not_after: datetime | None = field(repr=False)
    signature: Signature | None = field(repr=False)

    @classmethod
    def parse(cls, octets: bytes, *, name: str = "") -> Certificate:
        """Read a certificate, good or bad.

        Args:
            octets: DER, as strict or as sloppy as it comes.
            name: name of the artefact, for findings and errors.

        Returns:
            Everything that can be read; breaches of DER are in ``faults``.

        Raises:
            ArtefactError: it lacks a field that every certificate has.
        """
        syntax = read_syntax(octets, name=name)
        fields = syntax.fields
        issuer, subject = Name.of(fields["issuer"]), Name.of(fields["subject"])
        known = syntax.first
        usage = _key_usage(known.get(oids.KEY_USAGE))
        module = _hardware_module_name(known.get(oids.SUBJECT_ALT_NAME))
        constraints = known.get(oids.BASIC_CONSTRAINTS)
        is_authority = _is_authority(constraints)
        kind = _kind(issuer, subject, usage, module, is_authority=is_authority)
        r, s = fields.get("signatureValue.r"), fields.get("signatureValue.s")
        return cls(
            octets=octets,
            name=name,
            syntax=syntax,
            sha256=hashlib.sha256(octets).hexdigest(),
            serial=der.integer_value(fields["serialNumber"]),
            issuer=issuer,
            subject=subject,
            kind=kind,
            role=subject.role,
            entity_id=_entity_id(kind, subject, module),
            usage=usage,
            is_authority=is_authority,
            path_length=_path_length(constraints),
            policies=_policies(known.get(oids.CERTIFICATE_POLICIES)),
            point=_point(fields.get("subjectPublicKeyInfo.subjectPublicKey")),
            ski=_subject_key_identifier(known.get(oids.SUBJECT_KEY_IDENTIFIER)),
            aki=_authority_key_identifier(known.get(oids.AUTHORITY_KEY_IDENTIFIER)),
            not_before=read_time(fields.get("validity.notBefore")),
            not_after=read_time(fields.get("validity.notAfter")),
            signature=Signature(r=der.integer_value(r), s=der.integer_value(s)) if r and s else None,
        )

    @property
    def extensions(self) -> tuple[Extension, ...]:
        """Every extension in order."""
        return self.syntax.extensions

    @property
    def faults(self) -> tuple[DerFault, ...]:
        """Breaches of DER and of the ASN.1 of a certificate, the ECDSA-Sig-Value left out."""
        return self.syntax.faults

    @property
    def signature_faults(self) -> tuple[DerFault, ...]:
        """Breaches inside the ECDSA-Sig-Value."""
        return self.syntax.signature_faults

    @property
    def tbs(self) -> bytes:
        """The octets that are signed."""
        return self.syntax.fields["tbsCertificate"].encoding

    @property
    def version(self) -> int:
        """Version as encoded: 0 for v1 (also when absent), 2 for v3."""
        node = self.syntax.fields.get("version")
        return der.integer_value(node.children[0]) if node is not None and node.children else 0

    def node(self, path: str) -> Node | None:
        """The node of a field, None where the certificate lacks it."""
        return self.syntax.fields.get(path)

    def extension(self, oid: str) -> Extension | None:
        """The first extension of this type, None where there is none."""
        return self.syntax.first.get(oid)

    @property
    def hardware_module_name(self) -> HardwareModuleName | None:
        """The first hardwareModuleName of the subjectAltName, well formed or not."""
        return _hardware_module_name(self.extension(oids.SUBJECT_ALT_NAME))

    def span(self, path: str) -> Span:
        """Where a field stands.

        Args:
            path: field path: ``serialNumber``, ``validity.notAfter``, ``subjectPublicKeyInfo.subjectPublicKey``,
                ``signatureValue.r``, the name of an extension such as ``keyUsage`` ...

        Returns:
            The octets of the field; no octets at the place where an absent one would stand.

        Raises:
            UsageError: a certificate has no such field.
        """
        fields = self.syntax.fields
        if node := fields.get(path):
            return node.span(path)
        parent = path.rpartition(".")[0]
        if path == "version":
            return Span(start=fields["tbsCertificate"].content, length=0, path=path)
        if path not in _ABSENT and parent not in fields:
            raise UsageError(f"{path!r} is no field of a certificate", accepted=", ".join(sorted({*fields, *_ABSENT})))
        around = fields.get(parent) or fields.get("extensions") or fields["tbsCertificate"]
        return Span(start=around.end, length=0, path=path)

    def public_key(self) -> ec.EllipticCurvePublicKey:
        """Load the public key.

        Returns:
            A P-256 key.

        Raises:
            ArtefactError: the point is not on the curve.
        """
        path = "subjectPublicKeyInfo.subjectPublicKey"
        node = self.syntax.fields.get(path)
        offset = None if node is None else node.content + 1
        return p256.public_key(self.point, artefact=self.name, offset=offset, path=path)

    def issued_by(self, point: bytes) -> bool:
        """Whether a key signed this certificate, with ECDSA on P-256 and SHA-256.

        The numbers are encoded anew, so that a valid signature in a bad encoding verifies: the encoding is judged by
        a check of its own.

        Args:
            point: public key of the issuer, 65 octets.
        """
        signature = self.signature
        return signature is not None and p256.verifies(point, r=signature.r, s=signature.s, message=self.tbs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Certificate) and self.octets == other.octets

    def __hash__(self) -> int:
        return hash(self.octets)


def _kind(
    issuer: Name, subject: Name, usage: KeyUsage, module: HardwareModuleName | None, *, is_authority: bool
) -> CertificateKind:
    """Decide the profile by what a certificate names, so that one bad field does not turn it into another kind."""
    has_unit = bool(subject.all(oids.ORGANISATIONAL_UNIT))
    if subject.all(oids.UNIQUE_IDENTIFIER) and (has_unit or module is None):
        return CertificateKind.XML_SIGN if subject.role in _XML_SIGN_ROLES else CertificateKind.ORGANISATION
    if module is not None or subject.empty:
        return CertificateKind.DEVICE
    if subject.octets == issuer.octets or subject.role == _ROOT_ROLE:
        return CertificateKind.ROOT
    if is_authority or subject.role == _ISSUING_ROLE or KeyUsage.KEY_CERT_SIGN in usage:
        return CertificateKind.ISSUING_CA
    return CertificateKind.ORGANISATION


def _entity_id(kind: CertificateKind, subject: Name, module: HardwareModuleName | None) -> bytes | None:
    if kind is CertificateKind.DEVICE:
        serial = module.serial if module is not None else None
        return serial.value if serial is not None and serial.length == 8 else None
    return subject.unique_identifier


def _key_usage(extension: Extension | None) -> KeyUsage:
    if extension is None or extension.inner is None or not extension.inner_is(der.BIT_STRING):
        return KeyUsage(0)
    return KeyUsage.of(extension.inner.value)


def _is_authority(extension: Extension | None) -> bool:
    if extension is None or extension.inner is None or not extension.inner.children:
        return False
    first = extension.inner.children[0]
    return first.identifier == der.BOOLEAN and any(first.value)


def _path_length(extension: Extension | None) -> int | None:
    if extension is None or extension.inner is None:
        return None
    return next((der.integer_value(each) for each in extension.inner.children if each.identifier == der.INTEGER), None)


def _policies(extension: Extension | None) -> tuple[str, ...]:
    if extension is None or extension.inner is None:
        return ()
    return tuple(
        der.oid_text(each.children[0].value)
        for each in extension.inner.children
        if each.children and each.children[0].identifier == der.OID
    )


def _hardware_module_name(extension: Extension | None) -> HardwareModuleName | None:
    if extension is None or extension.inner is None:
        return None
    names = (GeneralName.of(node).hardware_module_name for node in extension.inner.children)
    return next((each for each in names if each is not None), None)


def _subject_key_identifier(extension: Extension | None) -> bytes | None:
    if extension is None or extension.inner is None or not extension.inner_is(der.OCTET_STRING):
        return None
    return extension.inner.value


def _authority_key_identifier(extension: Extension | None) -> bytes | None:
    if extension is None or extension.inner is None:
        return None
    return next((each.value for each in extension.inner.children if each.identifier == 0x80), None)


def _point(node: Node | None) -> bytes:
    return node.value[1:] if node is not None else b""


def read_time(node: Node | None) -> datetime | None:
    """Read a Time in the one form that RFC 5280 4.1.2.5 allows for its type."""
    if node is None or node.length > 15:
        return None
    if node.identifier == der.UTC_TIME:
        match = _UTC_TIME.fullmatch(node.value)
    else:
        match = _GENERALIZED_TIME.fullmatch(node.value) if node.identifier == der.GENERALIZED_TIME else None
    if match is None:
        return None
    year, *rest = map(int, match.groups())
    if node.identifier == der.UTC_TIME:
        year += 1900 if year >= 50 else 2000
    try:
        return datetime(year, *rest, tzinfo=UTC)  # type: ignore[misc,arg-type]
    except ValueError:
        return None

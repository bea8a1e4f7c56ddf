"""A certificate signing request of a device: what it asks for, and whether its own key signed it.

Clause: RFC 2986 (PKCS#10), GBCS CS02c.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec

from trialconformance.core import ArtefactError, Span
from trialconformance.smki import der, oids, p256, recipe
from trialconformance.smki import der_writer as write
from trialconformance.smki.certificate import Certificate
from trialconformance.smki.der import DerFault, Node
from trialconformance.smki.extension import Extension, GeneralName, HardwareModuleName, KeyUsage
from trialconformance.smki.recipe import ExtensionRecipe
from trialconformance.smki.signed import Signed, read_signed
from trialconformance.smki.syntax import read_extensions

__all__ = ["REQUEST", "CertificateRequest", "RequestInContext", "request_body", "sign_request"]

REQUEST = "certificate-request"

_BODY = (der.INTEGER, der.SEQUENCE, der.SEQUENCE)  # version, subject, subjectPublicKeyInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateRequest:
    """A PKCS#10 request.

    Args:
        name: name of the artefact.
        signed: the signed structure.
        version: the INTEGER.
        subject: the name.
        key: the SubjectPublicKeyInfo.
        attributes: the attributes, in order.
        extensions: the extensions asked for, in order.
        faults: breaches of DER.
    """

    name: str
    signed: Signed = field(repr=False)
    version: Node = field(repr=False)
    subject: Node = field(repr=False)
    key: Node = field(repr=False)
    attributes: tuple[Node, ...] = field(repr=False)
    extensions: tuple[Extension, ...] = field(repr=False)
    faults: tuple[DerFault, ...] = field(repr=False)

    @classmethod
    def parse(cls, octets: bytes, *, name: str = "", start: int = 0, end: int | None = None) -> CertificateRequest:
        """Read a request, good or bad.

        Args:
            octets: DER, or a message that holds it.
            name: name of the artefact.
            start: offset at which the request starts.
            end: offset at which it ends, the end of ``octets`` by default.

        Raises:
            ArtefactError: it lacks a field that every request has.
        """
        clause = "RFC 2986 4.2"
        signed = read_signed(octets, name=name, what="certificate signing request", clause=clause, start=start, end=end)
        fields = signed.body.children
        if tuple(each.identifier for each in fields[:3]) != _BODY:
            raise ArtefactError(
                "this is no certificate signing request",
                artefact=name,
                offset=signed.body.start,
                length=signed.body.end - signed.body.start,
                path="certificationRequestInfo",
                clause=clause,
                expected="version, subject and public key",
                seen=" ".join(f"{each.identifier:02X}" for each in fields[:4]) or "nothing",
            )
        attributes = tuple(each for group in fields[3:] if group.identifier == 0xA0 for each in group.children)
        asked = next((_asked(each) for each in attributes if _asked(each) is not None), None)
        listed = read_extensions(octets, asked, name=name)
        return cls(
            name=name,
            signed=signed,
            version=fields[0],
            subject=fields[1],
            key=fields[2],
            attributes=attributes,
            extensions=listed.extensions,
            faults=(*signed.faults, *listed.faults),
        )

    @property
    def octets(self) -> bytes:
        """The artefact."""
        return self.signed.octets

    @property
    def point(self) -> bytes:
        """The public key, 65 octets in a good request."""
        last = self.key.children[-1] if self.key.children else None
        return last.value[1:] if last is not None and last.identifier == der.BIT_STRING else b""

    def extension(self, oid: str) -> Extension | None:
        """The first extension of this type that it asks for."""
        return next((each for each in self.extensions if each.oid == oid), None)

    @property
    def usage(self) -> KeyUsage:
        """The key usage it asks for."""
        extension = self.extension(oids.KEY_USAGE)
        if extension is None or extension.inner is None or not extension.inner_is(der.BIT_STRING):
            return KeyUsage(0)
        return KeyUsage.of(extension.inner.value)

    @property
    def hardware_module_names(self) -> tuple[HardwareModuleName | None, ...]:
        """Every name of the subjectAltName it asks for; None for one that is no hardwareModuleName."""
        extension = self.extension(oids.SUBJECT_ALT_NAME)
        nodes = extension.inner.children if extension is not None and extension.inner is not None else ()
        return tuple(GeneralName.of(node).hardware_module_name for node in nodes)

    @property
    def entity_id(self) -> bytes | None:
        """The EUI-64 it names, 8 octets, None where it names none."""
        module = next((each for each in self.hardware_module_names if each is not None), None)
        serial = module.serial if module is not None else None
        return serial.value if serial is not None and serial.length == 8 else None

    def span(self, oid: str) -> Span:
        """Where an extension stands; no octets at the end of the signed part for one that is absent."""
        extension = self.extension(oid)
        return self.signed.span(extension.node if extension is not None else None, oids.EXTENSIONS[oid])


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestInContext:
    """A request with what asked for it.

    Args:
        request: the request.
        device: EUI-64 of the device that answered, None where it is not known.
        asked: key usage that the command asked for, None where it is not known.
        certificates: certificates of this PKI.
    """

    request: CertificateRequest
    device: bytes | None = None
    asked: KeyUsage | None = None
    certificates: tuple[Certificate, ...] = ()

    @property
    def name(self) -> str:
        """Name of the request."""
        return self.request.name

    @property
    def octets(self) -> bytes:
        """Octets of the request."""
        return self.request.octets


def request_body(
    point: bytes,
    extensions: Iterable[ExtensionRecipe],
    *,
    version: bytes = write.integer(0),
    subject: bytes = write.sequence(),
    attribute: str = oids.EXTENSION_REQUEST,
) -> bytes:
    """Write the part of a request that is signed.

    Args:
        point: public key, 65 octets.
        extensions: extensions to ask for.
        version: DER of the version.
        subject: DER of the subject, empty for a device.
        attribute: type of the one attribute, dotted.
    """
    asked = write.sequence(*(each.octets() for each in extensions))
    attributes = write.explicit(0, write.sequence(write.oid(attribute), write.set_of(asked)))
    return write.sequence(version, subject, recipe.public_key_info(point), attributes)


def sign_request(body: bytes, key: ec.EllipticCurvePrivateKey) -> bytes:
    """Sign a request with the key that it is about; the same octets for the same body and key."""
    signature = recipe.signature_value(*p256.sign(key, body))
    return write.sequence(body, recipe.ECDSA_SHA256, write.bit_string(signature))


def _asked(attribute: Node) -> Node | None:
    """The SEQUENCE OF Extension of an extensionRequest attribute, None for any other attribute."""
    children = attribute.children
    if len(children) != 2 or children[0].identifier != der.OID or children[1].identifier != der.SET:
        return None
    if der.oid_text(children[0].value) != oids.EXTENSION_REQUEST or not children[1].children:
        return None
    return children[1].children[0]

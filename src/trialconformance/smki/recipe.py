"""What a certificate is made of, piece by piece, so that any piece can be made wrong on purpose.

Clause: RFC 5280 4.1.
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec

from trialconformance.smki import der_writer as write
from trialconformance.smki import oids, p256
from trialconformance.smki.extension import KeyUsage

__all__ = [
    "ECDSA_SHA256",
    "ExtensionRecipe",
    "Recipe",
    "authority_key_identifier",
    "basic_constraints",
    "certificate_policies",
    "device_name",
    "key_usage",
    "name",
    "public_key_info",
    "signature_value",
    "subject_key_identifier",
]

ECDSA_SHA256 = write.sequence(write.oid(oids.ECDSA_WITH_SHA256))
_V3 = write.explicit(0, write.integer(2))
_TRUE = write.boolean(value=True)
_USAGES = tuple(KeyUsage)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionRecipe:
    """One extension.

    Args:
        oid: type, dotted.
        critical: DER of the BOOLEAN, empty where it is left out.
        value: DER that the OCTET STRING holds.
    """

    oid: str
    critical: bytes = b""
    value: bytes

    def octets(self) -> bytes:
        """The extension in DER."""
        return write.sequence(write.oid(self.oid), self.critical, write.octet_string(self.value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A certificate before it is signed; every field is DER and goes in as it is.

    Args:
        version: the explicitly tagged version, empty where it is left out.
        serial: serialNumber.
        algorithm: the AlgorithmIdentifier inside the signed part.
        outer_algorithm: the one outside, the same as inside by default.
        issuer: name of the issuer.
        not_before: start of validity.
        not_after: end of validity.
        subject: name of the subject.
        key: SubjectPublicKeyInfo.
        unique_ids: issuerUniqueID and subjectUniqueID, not used in SMKI.
        extensions: the extensions in order.
    """

    version: bytes = _V3
    serial: bytes
    algorithm: bytes = ECDSA_SHA256
    outer_algorithm: bytes | None = None
    issuer: bytes
    not_before: bytes
    not_after: bytes
    subject: bytes
    key: bytes
    unique_ids: bytes = b""
    extensions: tuple[ExtensionRecipe, ...] = ()

    def to_be_signed(self) -> bytes:
        """The TBSCertificate."""
        extensions = write.explicit(3, write.sequence(*(each.octets() for each in self.extensions)))
        return write.sequence(
            self.version,
            self.serial,
            self.algorithm,
            self.issuer,
            write.sequence(self.not_before, self.not_after),
            self.subject,
            self.key,
            self.unique_ids,
            extensions if self.extensions else b"",
        )

    def signed_by(self, key: ec.EllipticCurvePrivateKey) -> bytes:
        """Sign; the same octets for the same recipe and key.

        Args:
            key: private key of the issuer.

        Returns:
            The certificate.
        """
        to_be_signed = self.to_be_signed()
        return self.around(to_be_signed, signature_value(*p256.sign(key, to_be_signed)))

    def around(self, to_be_signed: bytes, signature: bytes) -> bytes:
        """Put the signed part and a signature value together.

        Args:
            to_be_signed: the TBSCertificate.
            signature: content of the signature BIT STRING without the octet for unused bits.

        Returns:
            The certificate.
        """
        outer = self.algorithm if self.outer_algorithm is None else self.outer_algorithm
        return write.sequence(to_be_signed, outer, write.bit_string(signature))


def signature_value(r: int, s: int) -> bytes:
    """Write an ECDSA-Sig-Value (RFC 3279 2.2.3)."""
    return write.sequence(write.integer(r), write.integer(s))


def name(*attributes: tuple[str, bytes]) -> bytes:
    """Write a distinguished name of single-valued relative names.

    Args:
        attributes: type, dotted, and value as DER, in order.

    Returns:
        The name; the empty SEQUENCE without attributes.
    """
    return write.sequence(*(write.set_of(write.sequence(write.oid(oid), value)) for oid, value in attributes))


def public_key_info(point: bytes) -> bytes:
    """Write the SubjectPublicKeyInfo of a P-256 point."""
    algorithm = write.sequence(write.oid(oids.EC_PUBLIC_KEY), write.oid(oids.P256))
    return write.sequence(algorithm, write.bit_string(point))


def key_usage(usage: KeyUsage) -> ExtensionRecipe:
    """Make a critical keyUsage."""
    bits = [position for position, flag in enumerate(_USAGES) if flag in usage]
    return ExtensionRecipe(oid=oids.KEY_USAGE, critical=_TRUE, value=write.named_bits(*bits))


def subject_key_identifier(point: bytes) -> ExtensionRecipe:
    """Make the subjectKeyIdentifier of a point."""
    return ExtensionRecipe(oid=oids.SUBJECT_KEY_IDENTIFIER, value=write.octet_string(p256.key_identifier(point)))


def authority_key_identifier(point: bytes) -> ExtensionRecipe:
    """Make the authorityKeyIdentifier that names the key of an issuer."""
    identifier = write.context(0, p256.key_identifier(point))
    return ExtensionRecipe(oid=oids.AUTHORITY_KEY_IDENTIFIER, value=write.sequence(identifier))


def certificate_policies(*policies: str) -> ExtensionRecipe:
    """Make a critical certificatePolicies without qualifiers."""
    return ExtensionRecipe(
        oid=oids.CERTIFICATE_POLICIES,
        critical=_TRUE,
        value=write.sequence(*(write.sequence(write.oid(each)) for each in policies)),
    )


def basic_constraints(*, path_length: int | None) -> ExtensionRecipe:
    """Make the critical basicConstraints of a CA."""
    length = b"" if path_length is None else write.integer(path_length)
    return ExtensionRecipe(
        oid=oids.BASIC_CONSTRAINTS,
        critical=_TRUE,
        value=write.sequence(_TRUE, length),
    )


def device_name(entity: bytes, *, hardware_type: str) -> ExtensionRecipe:
    """Make the critical subjectAltName of a device: one hardwareModuleName (RFC 4108 5).

    Args:
        entity: EUI-64, 8 octets.
        hardware_type: hwType, dotted.
    """
    module = write.sequence(write.oid(hardware_type), write.octet_string(entity))
    other_name = write.explicit(0, write.oid(oids.HARDWARE_MODULE_NAME), write.explicit(0, module))
    return ExtensionRecipe(oid=oids.SUBJECT_ALT_NAME, critical=_TRUE, value=write.sequence(other_name))

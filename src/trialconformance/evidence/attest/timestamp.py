"""Time-stamp tokens (RFC 3161): an authority says that a signed envelope was there at a time.

The tool asks nobody: it writes the request, a person sends it to an authority, and the answer goes into the bundle
beside the envelope. Without a token the signing time is a claim of the signer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import cms, tsp
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import Certificate, ExtendedKeyUsage, ExtensionNotFound, load_pem_x509_certificate
from cryptography.x509.oid import ExtendedKeyUsageOID

from trialconformance.core import ArtefactError, UsageError

__all__ = ["STAMP_SUFFIX", "Stamp", "authority_certificate", "covers", "read_token", "request"]

STAMP_SUFFIX = ".tsr"  # the token of an envelope stands beside it under the envelope's name and this

_CLAUSE = "RFC 3161 2.4.2"
_HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}
_GRANTED = {"granted", "granted_with_mods"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """A token that holds.

    Args:
        moment: the time it states, with offset.
        authority: subject of the authority's certificate.
    """

    moment: datetime
    authority: str


def request(envelope: bytes) -> bytes:
    """Write a request for a token over an envelope.

    Args:
        envelope: the signed envelope, its whole file.

    Returns:
        TimeStampReq in DER, without nonce: the same envelope gives the same request.
    """
    written: bytes = tsp.TimeStampReq(
        {
            "version": "v1",
            "message_imprint": {
                "hash_algorithm": {"algorithm": "sha256"},
                "hashed_message": hashlib.sha256(envelope).digest(),
            },
            "cert_req": True,
        }
    ).dump()
    return written


def authority_certificate(pem: str, *, where: str) -> Certificate:
    """Read the certificate of an authority whose tokens are believed.

    Args:
        pem: the certificate.
        where: what holds it, for the error.

    Returns:
        The certificate.

    Raises:
        UsageError: no certificate, or one that may not stamp time.
    """
    accepted = "a PEM certificate with the extended key usage timeStamping"
    try:
        certificate = load_pem_x509_certificate(pem.encode())
        usages = certificate.extensions.get_extension_for_class(ExtendedKeyUsage).value
    except (ValueError, ExtensionNotFound) as error:
        raise UsageError(f"is no certificate of an authority: {error}", where=where, accepted=accepted) from error
    if ExtendedKeyUsageOID.TIME_STAMPING not in usages:
        raise UsageError("is a certificate that may not stamp time", where=where, accepted=accepted)
    return certificate


def read_token(octets: bytes, envelope: bytes, authorities: Iterable[Certificate], *, name: str) -> Stamp | None:
    """Verify a token.

    Args:
        octets: TimeStampResp or the bare token, DER.
        envelope: the envelope that it must be over.
        authorities: certificates of the authorities that are believed.
        name: name of the token for errors.

    Returns:
        The stamp; None where the token is sound in form and by no authority that is believed.

    Raises:
        ArtefactError: it is no token, it is over something else, or the signature of a believed authority is not valid.
    """
    token = _parsed(octets, name=name)
    if token.covered != _imprint(envelope):
        raise _fault(name, "is over other octets than the envelope beside it")
    certificate = next((each for each in authorities if _is_signer(each, token.signer)), None)
    if certificate is None:
        return None
    if not _verifies(certificate, token.signer, token.content):
        raise _fault(name, f"the signature of {certificate.subject.rfc4514_string()} is not valid")
    if not certificate.not_valid_before_utc <= token.moment <= certificate.not_valid_after_utc:
        raise _fault(
            name, f"was made at {token.moment.isoformat()}, when the certificate of the authority was not valid"
        )
    return Stamp(moment=token.moment, authority=certificate.subject.rfc4514_string())


def covers(octets: bytes, envelope: bytes, *, name: str) -> bool:
    """Whether a token is over an envelope, whoever made it; raises ArtefactError where it is no token."""
    return _parsed(octets, name=name).covered == _imprint(envelope)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Token:
    covered: tuple[str, bytes]
    moment: datetime
    signer: cms.SignerInfo
    content: bytes


def _imprint(envelope: bytes) -> tuple[str, bytes]:
    return "sha256", hashlib.sha256(envelope).digest()


def _parsed(octets: bytes, *, name: str) -> _Token:
    try:
        signed = _signed_data(octets)
        info = signed["encap_content_info"]["content"].parsed
        (signer,) = signed["signer_infos"]
        imprint = info["message_imprint"]
        return _Token(
            covered=(imprint["hash_algorithm"]["algorithm"].native, imprint["hashed_message"].native),
            moment=info["gen_time"].native,
            signer=signer,
            content=bytes(signed["encap_content_info"]["content"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise _fault(name, f"is no time-stamp token: {error}") from error


def _signed_data(octets: bytes) -> cms.SignedData:
    info = cms.ContentInfo.load(octets, strict=True) if _is_bare(octets) else _granted(octets)
    if info["content_type"].native != "signed_data":
        raise ValueError("holds no signed data")
    signed: cms.SignedData = info["content"]
    if signed["encap_content_info"]["content_type"].native != "tst_info":
        raise ValueError("holds no TSTInfo")
    return signed


def _is_bare(octets: bytes) -> bool:
    # A response begins with its status, a SEQUENCE; a bare token with an object identifier.
    header = 2 + (octets[1] & 0x7F if len(octets) > 1 and octets[1] & 0x80 else 0)
    return octets[header : header + 1] == b"\x06"


def _granted(octets: bytes) -> cms.ContentInfo:
    response = tsp.TimeStampResp.load(octets, strict=True)
    status = response["status"]["status"].native
    if status not in _GRANTED:
        raise ValueError(f"the authority answered {status}")
    return response["time_stamp_token"]


def _is_signer(certificate: Certificate, signer: cms.SignerInfo) -> bool:
    chosen = signer["sid"].chosen
    if isinstance(chosen, cms.IssuerAndSerialNumber):
        issuer: bytes = chosen["issuer"].dump()
        return (issuer, chosen["serial_number"].native) == (
            certificate.issuer.public_bytes(),
            certificate.serial_number,
        )
    return False


def _verifies(certificate: Certificate, signer: cms.SignerInfo, content: bytes) -> bool:
    algorithm = _HASHES.get(signer["digest_algorithm"]["algorithm"].native)
    attributes = signer["signed_attrs"]
    if algorithm is None or not attributes:
        return False
    values = {each["type"].native: each["values"] for each in attributes}
    digest = hashes.Hash(algorithm())
    digest.update(content)
    if values["message_digest"][0].native != digest.finalize():
        return False
    # The signature is over the attributes as a SET, not with the implicit tag under which they stand (RFC 5652 5.4).
    signed = attributes.untag().dump()
    key, signature = certificate.public_key(), signer["signature"].native
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, signed, padding.PKCS1v15(), algorithm())
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, signed, ec.ECDSA(algorithm()))
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _fault(name: str, message: str) -> ArtefactError:
    return ArtefactError(message, artefact=name, clause=_CLAUSE)

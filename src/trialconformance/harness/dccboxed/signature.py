"""The XML signature of DUIS: one enveloped reference, ECDSA P-256 with SHA-256, the signer named by serial number.

The easy mistake: ``SignedInfo`` is canonicalised exclusively, the document **inclusively**, because its reference names
no canonicalisation of its own (XML Signature 4.4.3.2). Unused namespace declarations are therefore under the digest.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from enum import StrEnum

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from lxml import etree

from trialconformance.harness.dccboxed.xml import DS, compact
from trialconformance.smki import Certificate

__all__ = ["SignatureCheck", "SignatureStatus", "Signer", "sign", "signer_of", "verify"]

_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_ECDSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
_ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_SIGNATURE = f"{{{DS}}}Signature"
_COORDINATE = 32  # octets of r and of s

# path below ds:Signature -> the one value of Algorithm that the profile allows
_ALGORITHMS = {
    "SignedInfo/CanonicalizationMethod": _EXCLUSIVE,
    "SignedInfo/SignatureMethod": _ECDSA_SHA256,
    "SignedInfo/Reference/Transforms/Transform": _ENVELOPED,
    "SignedInfo/Reference/DigestMethod": _SHA256,
}


class SignatureStatus(StrEnum):
    """What became of the signature of a document."""

    VALID = "valid"
    INVALID = "invalid"
    UNSIGNED = "unsigned"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureCheck:
    """Verdict on the signature of a document.

    Args:
        status: the verdict; ``unverified`` when the signer's key is not at hand.
        reason: what is wrong, or which key is missing; empty when valid.
        serial: serial number of the certificate that the signature names, None where it names none.
    """

    status: SignatureStatus
    reason: str = ""
    serial: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Who signs.

    Args:
        key: the XML signing key.
        issuer: issuer name of its certificate in the order of RFC 4514, for example ``CN=Z1,OU=07``.
        serial: serial number of its certificate.
    """

    key: ec.EllipticCurvePrivateKey
    issuer: str
    serial: int

    def __repr__(self) -> str:
        return f"Signer(issuer={self.issuer!r}, serial={self.serial})"


def signer_of(certificate: Certificate, key: ec.EllipticCurvePrivateKey) -> Signer:
    """Sign as the holder of a certificate.

    Args:
        certificate: certificate of the XML signing key.
        key: the key.
    """
    issuer = x509.load_der_x509_certificate(certificate.octets).issuer.rfc4514_string()
    return Signer(key=key, issuer=issuer, serial=certificate.serial)


def sign(root: etree._Element, signer: Signer) -> None:
    """Sign a document in place: white space between elements goes, an older signature is replaced.

    Args:
        root: the document.
        signer: who signs.
    """
    for old in root.findall(_SIGNATURE):
        root.remove(old)
    compact(root)
    signature = etree.Element(_SIGNATURE, nsmap={"ds": DS})
    info = _add(signature, "SignedInfo")
    _add(info, "CanonicalizationMethod", Algorithm=_EXCLUSIVE)
    _add(info, "SignatureMethod", Algorithm=_ECDSA_SHA256)
    reference = _add(info, "Reference", URI="")
    _add(_add(reference, "Transforms"), "Transform", Algorithm=_ENVELOPED)
    _add(reference, "DigestMethod", Algorithm=_SHA256)
    _add(reference, "DigestValue").text = _digest(root)
    value = _add(signature, "SignatureValue")
    name = _add(_add(_add(signature, "KeyInfo"), "X509Data"), "X509IssuerSerial")
    _add(name, "X509IssuerName").text = signer.issuer
    _add(name, "X509SerialNumber").text = str(signer.serial)
    root.append(signature)
    der = signer.key.sign(_canonical_info(info), ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    r, s = decode_dss_signature(der)
    value.text = base64.b64encode(r.to_bytes(_COORDINATE, "big") + s.to_bytes(_COORDINATE, "big")).decode()


def verify(root: etree._Element, key_of: Callable[[int], ec.EllipticCurvePublicKey | None]) -> SignatureCheck:
    """Check the signature of a document.

    Args:
        root: the document as it was read; white space between elements is ignored, as the schema allows.
        key_of: finds the public key of a certificate by its serial number, None where there is none.

    Returns:
        The verdict. Only the whole document under one signature of exactly the profile is ``valid``.
    """
    signatures = list(root.iter(_SIGNATURE))
    if not signatures:
        return SignatureCheck(status=SignatureStatus.UNSIGNED, reason="the document holds no signature")
    signature = signatures[0]
    serial = _serial(signature)
    if fault := _shape_fault(root, signatures) or _digest_fault(root):
        return SignatureCheck(status=SignatureStatus.INVALID, reason=fault, serial=serial)
    if serial is None:
        return SignatureCheck(status=SignatureStatus.INVALID, reason="names no certificate by serial number")
    key = key_of(serial)
    if key is None:
        return SignatureCheck(
            status=SignatureStatus.UNVERIFIED, reason=f"no certificate with serial {serial} at hand", serial=serial
        )
    if fault := _value_fault(signature, key):
        return SignatureCheck(status=SignatureStatus.INVALID, reason=fault, serial=serial)
    return SignatureCheck(status=SignatureStatus.VALID, serial=serial)


def _shape_fault(root: etree._Element, signatures: list[etree._Element]) -> str:
    if len(signatures) > 1:
        return f"{len(signatures)} signatures instead of one"
    signature = signatures[0]
    if signature.getparent() is not root or root[-1] is not signature:
        return "the signature is not the last child of the root"
    references = signature.findall(_path("SignedInfo/Reference"))
    if len(references) != 1 or references[0].get("URI") != "":
        return "the signature must have one reference, to the whole document"
    for path, algorithm in _ALGORITHMS.items():
        found = [each.get("Algorithm") for each in signature.findall(_path(path))]
        if found != [algorithm]:
            return f"{path} is {', '.join(map(str, found)) or 'missing'} instead of {algorithm}"
    return ""


def _digest_fault(root: etree._Element) -> str:
    document = deepcopy(root)
    compact(document)
    signature = document[-1]
    document.remove(signature)
    same = _text(signature, "SignedInfo/Reference/DigestValue") == _digest(document)
    return "" if same else "the digest of the document differs"


def _value_fault(signature: etree._Element, key: ec.EllipticCurvePublicKey) -> str:
    try:
        raw = base64.b64decode(_text(signature, "SignatureValue"), validate=True)
    except binascii.Error:
        return "SignatureValue is not base64"
    if len(raw) != 2 * _COORDINATE:
        return f"SignatureValue has {len(raw)} octets instead of 64 (r and s, not DER)"
    der = encode_dss_signature(int.from_bytes(raw[:_COORDINATE], "big"), int.from_bytes(raw[_COORDINATE:], "big"))
    info = signature.find(_path("SignedInfo"))
    if info is None:
        return "SignedInfo is missing"
    try:
        key.verify(der, _canonical_info(info), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return "the signature does not verify with the key of the certificate it names"
    return ""


def _add(parent: etree._Element, name: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{DS}}}{name}", attributes)


def _path(path: str) -> str:
    return "/".join(f"{{{DS}}}{step}" for step in path.split("/"))


def _text(element: etree._Element, path: str) -> str:
    found = element.find(_path(path))
    # Java breaks base64 into lines with CR LF: white space never counts.
    return "" if found is None else "".join((found.text or "").split())


def _serial(signature: etree._Element) -> int | None:
    text = _text(signature, "KeyInfo/X509Data/X509IssuerSerial/X509SerialNumber")
    return int(text) if text.isascii() and text.isdigit() else None


def _digest(document: etree._Element) -> str:
    return base64.b64encode(hashlib.sha256(etree.tostring(document, method="c14n")).digest()).decode()


def _canonical_info(info: etree._Element) -> bytes:
    # White space inside SignedInfo is under the signature, so it is kept as it came.
    return etree.tostring(info, method="c14n", exclusive=True, with_comments=False)

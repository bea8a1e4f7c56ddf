"""Finding private keys by what they are, whatever their file is called."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_der_x509_certificate, load_pem_x509_certificate

__all__ = ["certified_points", "private_key_in"]

# How private keys begin in DER: PKCS#8 (P-256, Ed25519), SEC 1 (P-256), PKCS#12.
_DER = (
    ("PKCS#8", re.compile(rb"\x30.{1,3}\x02\x01[\x00\x01]\x30.\x06[\x03-\x09][\x2a\x2b].{2,40}\x04.", re.DOTALL)),
    # An ECPrivateKey goes on with parameters, with the public key or not at all; a payload of a number and some octets
    # does not.
    (
        "SEC 1",
        re.compile(
            rb"\x30(?:.|\x81.|\x82..)\x02\x01\x01\x04(?:\x14.{20}|\x18.{24}|\x1c.{28}|\x20.{32}|\x30.{48}|\x42.{66})"
            rb"(?:\xa0.\x06|\xa1.{1,2}\x03|$)",
            re.DOTALL,
        ),
    ),
    ("PKCS#12", re.compile(rb"\x30.{1,4}\x02\x01\x03\x30.{1,4}\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07", re.DOTALL)),
)
_ARMOUR = re.compile(rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY")
_JWK = re.compile(rb'"kty"\s*:\s*"(EC|OKP|RSA|oct)"')
_JWK_SECRET = re.compile(rb'"[dk]"\s*:\s*"[A-Za-z0-9_-]{20,}')
# The same beginnings (SEQUENCE, length in one to three octets, INTEGER 0, 1 or 3) as Base64 and as hex writes them.
# Both patterns begin with a literal, so that ten megabytes are searched in a blink.
_BASE64_START = re.compile(rb"M(?:..CAQ|I..AgE|I....IBA)")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_\-\r\n ]{40,4000}")
_HEX_START = re.compile(rb"30(?:..|81..|82....)02010[013]")
_HEX = re.compile(rb"[0-9A-Fa-f]{80,4000}")
_SCALAR = re.compile(rb"(?<![0-9A-Fa-f])[0-9A-Fa-f]{64}(?![0-9A-Fa-f])")
_SCALAR_FILE = 4096  # octets; a bare scalar is looked for in small files only, record and report hold only digests
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def private_key_in(octets: bytes, *, points: frozenset[bytes] = frozenset()) -> str | None:
    """Look for a private key.

    Args:
        octets: content of a file.
        points: uncompressed public points (65 octets) of the certificates at hand: a bare number whose point is among
            them is a private key.

    Returns:
        What was found, None if nothing was.
    """
    if _ARMOUR.search(octets):
        return "a PEM private key"
    if _JWK.search(octets) and _JWK_SECRET.search(octets):
        return "a JSON Web Key with its private part"
    if found := _der_key(octets):
        return found
    return _base64_key(octets) or _hex_key(octets) or _scalar_in(octets, points)


def certified_points(files: Iterable[bytes]) -> frozenset[bytes]:
    """Collect the public points of certificates.

    Args:
        files: contents of files; those that are no certificate of a P-256 key are passed over.

    Returns:
        Uncompressed points of 65 octets.
    """
    points = set()
    for octets in files:
        try:
            pem = octets.lstrip().startswith(b"-----BEGIN")
            key = (load_pem_x509_certificate(octets) if pem else load_der_x509_certificate(octets)).public_key()
        except ValueError:
            continue
        if isinstance(key, ec.EllipticCurvePublicKey):
            points.add(key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
    return frozenset(points)


def _der_key(octets: bytes) -> str | None:
    if octets[:1] != b"\x30":
        return None
    return next((f"a {kind} private key" for kind, form in _DER if form.match(octets)), None)


def _base64_key(octets: bytes) -> str | None:
    for start in _BASE64_START.finditer(octets):
        text = _BASE64.match(octets, start.start())
        if text and (found := _der_key(_decoded(text.group()))):
            return f"{found} in base64"
    return None


def _hex_key(octets: bytes) -> str | None:
    for start in _HEX_START.finditer(octets):
        text = _HEX.match(octets, start.start())
        if text and (found := _der_key(bytes.fromhex(text.group()[: len(text.group()) & ~1].decode()))):
            return f"{found} in hex"
    return None


def _decoded(text: bytes) -> bytes:
    packed = re.sub(rb"\s", b"", text).replace(b"-", b"+").replace(b"_", b"/").rstrip(b"=")
    try:
        return base64.b64decode(packed[: len(packed) // 4 * 4])
    except binascii.Error:
        return b""


def _scalar_in(octets: bytes, points: frozenset[bytes]) -> str | None:
    if not points or len(octets) > _SCALAR_FILE:
        return None
    numbers = [bytes.fromhex(match.group().decode()) for match in _SCALAR.finditer(octets)]
    if len(octets) == 32:
        numbers.append(octets)
    for number in numbers:
        value = int.from_bytes(number)
        if not 0 < value < _ORDER:
            continue
        public = ec.derive_private_key(value, ec.SECP256R1()).public_key()
        if public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint) in points:
            return "the private number of a certificate that is here"
    return None

"""The curve P-256: points, key identifiers and signatures.

Clause: SEC 1 2.3.3 and SEC 2 2.4.2 for the curve, RFC 5280 4.2.1.2 for the key identifier.
"""

from __future__ import annotations

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from trialconformance.core import ArtefactError

__all__ = ["ORDER", "is_uncompressed", "key_identifier", "on_curve", "point_of", "public_key", "sign", "verifies"]

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
_POINT = 65  # octets: 04, X, Y


def is_uncompressed(point: bytes) -> bool:
    """Whether a point has the 65-octet form ``04 X Y``."""
    return len(point) == _POINT and point[0] == 0x04


def on_curve(point: bytes) -> bool:
    """Whether a 65-octet uncompressed point satisfies the equation of the curve."""
    x, y = int.from_bytes(point[1:33]), int.from_bytes(point[33:])
    return is_uncompressed(point) and x < _P and y < _P and (y * y - (x * x * x - 3 * x + _B)) % _P == 0


def key_identifier(point: bytes) -> bytes:
    """Compute the method 2 key identifier of RFC 5280 4.2.1.2.

    Args:
        point: value of the subjectPublicKey BIT STRING, without its unused-bits octet.

    Returns:
        8 octets: the bits 0100 and the low 60 bits of the SHA-1 of the point.
    """
    # SHA-1 is what the clause names; it identifies a key and protects nothing.
    low = hashlib.sha1(point, usedforsecurity=False).digest()[-8:]
    return bytes([0x40 | low[0] & 0x0F]) + low[1:]


def public_key(
    point: bytes, *, artefact: str = "", offset: int | None = None, path: str = ""
) -> ec.EllipticCurvePublicKey:
    """Load a point as a public key.

    Args:
        point: 65 octets.
        artefact: name of the artefact that holds it, for the error.
        offset: where it stands there.
        path: field path there.

    Returns:
        The key.

    Raises:
        ArtefactError: it is no point of the curve.
    """
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError as error:
        raise ArtefactError(
            "the public key cannot be used",
            artefact=artefact,
            offset=offset,
            length=len(point),
            path=path,
            clause="RFC 5480 2.2",
            expected="a point on the curve P-256",
            seen=point[:_POINT].hex().upper() or "no octets",
        ) from error


def point_of(key: ec.EllipticCurvePublicKey) -> bytes:
    """Write a public key as the 65-octet uncompressed point."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def sign(key: ec.EllipticCurvePrivateKey, message: bytes) -> tuple[int, int]:
    """Sign with ECDSA and SHA-256, the same signature in every run (RFC 6979).

    Args:
        key: a private key of P-256.
        message: the octets to sign.

    Returns:
        The two numbers r and s.
    """
    return decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True)))


def verifies(point: bytes, *, r: int, s: int, message: bytes) -> bool:
    """Verify an ECDSA signature with SHA-256, whatever encoding its two numbers came in.

    Args:
        point: public key, 65 octets.
        r: first number of the signature.
        s: second number; high values are as good as low ones.
        message: the octets that were signed.

    Returns:
        Whether it verifies; False where the point or the numbers cannot be used.
    """
    if not (0 < r < ORDER and 0 < s < ORDER and on_curve(point)):
        return False
    try:
        public_key(point).verify(encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True

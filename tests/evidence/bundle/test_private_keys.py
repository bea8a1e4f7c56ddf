"""Private keys are found in every dress, and nothing else is taken for one."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates

from trialconformance.evidence.bundle.private_keys import certified_points, private_key_in
from trialconformance.smki.issue import SyntheticPki

P256 = ec.derive_private_key(0xC0FFEE1234567890, ec.SECP256R1())
ED = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
NO = NoEncryption()
DER_PKCS8 = P256.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NO)
DER_SEC1 = P256.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NO)
SCALAR = 0xC0FFEE1234567890.to_bytes(32)
JWK = {"kty": "EC", "crv": "P-256", "x": "eA", "y": "eQ", "d": base64.urlsafe_b64encode(SCALAR).decode().rstrip("=")}


def rsa_der() -> bytes:
    return rsa.generate_private_key(65537, 2048).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NO)


DRESSES: dict[str, Callable[[], bytes]] = {
    "PKCS#8 PEM": lambda: P256.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NO),
    "SEC 1 PEM": lambda: P256.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NO),
    "encrypted PEM": lambda: P256.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")),
    "OpenSSH": lambda: ED.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NO),
    "Ed25519 PEM": lambda: ED.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NO),
    "PKCS#8 DER": lambda: DER_PKCS8,
    "SEC 1 DER": lambda: DER_SEC1,
    "Ed25519 DER": lambda: ED.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NO),
    "RSA DER": rsa_der,
    "PKCS#12": lambda: serialize_key_and_certificates(b"k", P256, None, None, BestAvailableEncryption(b"x")),
    "base64 without armour": lambda: b"key: " + base64.b64encode(DER_PKCS8),
    "SEC 1 in base64": lambda: base64.b64encode(DER_SEC1),
    "URL-safe base64": lambda: b'{"k": "' + base64.urlsafe_b64encode(DER_PKCS8) + b'"}',
    "hex": lambda: b"0x" + DER_PKCS8.hex().encode(),
    "hex in capitals": lambda: DER_SEC1.hex().upper().encode(),
    "JWK": lambda: json.dumps(JWK).encode(),
    "PEM inside a document": lambda: b"# Notes\n\n" + P256.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NO),
}


@pytest.mark.parametrize("dress", DRESSES)
def test_key_is_found(dress: str) -> None:
    """Every dress of a private key is seen through."""
    assert private_key_in(DRESSES[dress]()) is not None


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"30",
        bytes(range(256)),
        P256.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        P256.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        b"a private key never enters a bundle",
        json.dumps({key: JWK[key] for key in ("kty", "crv", "x", "y")}).encode(),
        b"MOSTLY" * 40,
    ],
    ids=["empty", "two digits", "octets", "public PEM", "public DER", "prose", "public JWK", "capitals"],
)
def test_nothing_else_is_taken_for_a_key(octets: bytes) -> None:
    """Public keys, prose and plain octets are let through."""
    assert private_key_in(octets) is None


def test_no_certificate_of_the_synthetic_pki_is_taken_for_a_key() -> None:
    """Certificates are what bundles are full of."""
    certificates = SyntheticPki().keystore(private_keys=False).certificates
    assert certificates
    assert [each.name for each in certificates if private_key_in(each.octets)] == []


def test_bare_number_of_a_certified_key_is_found() -> None:
    """A number is a private key when its point is that of a certificate at hand, and a digest is not."""
    pki = SyntheticPki()
    points = certified_points([pki.certificate("supplier", "ds").octets, b"no certificate", b"-----BEGIN X"])
    assert len(points) == 1
    number = pki.private_key("supplier", "ds").private_numbers().private_value.to_bytes(32)
    assert private_key_in(number, points=points) is not None
    assert private_key_in(b"key = " + number.hex().encode() + b"\n", points=points) is not None
    assert private_key_in(number) is None
    assert private_key_in(bytes(32), points=points) is None
    assert private_key_in(bytes(range(32)).hex().encode(), points=points) is None
    assert private_key_in(number.hex().encode() + b" " * 5000, points=points) is None

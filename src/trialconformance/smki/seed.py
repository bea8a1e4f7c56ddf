"""Private keys and serial numbers of the synthetic PKI, derived from a public seed.

Nothing here protects anything: whoever reads this file can compute every key. The seed says so in its own text.

    scalar = SHA-512("trialconformance test-only private key" 00 seed 00 label) mod (n - 1) + 1
    serial = 0100 and the low 124 bits of the first 16 octets of
             SHA-256("trialconformance test-only serial number" 00 seed 00 label)

where n is the order of P-256, texts are UTF-8 and the digests are read with the first octet as the highest.
"""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives.asymmetric import ec

from trialconformance.smki import p256

__all__ = ["private_key", "serial_number"]

_KEY = b"trialconformance test-only private key"
_SERIAL = b"trialconformance test-only serial number"


def private_key(seed: str, label: str) -> ec.EllipticCurvePrivateKey:
    """Derive a private key of P-256.

    Args:
        seed: seed of the PKI.
        label: whose key and what for, for example ``supplier/digitalSignature``.

    Returns:
        The key, the same for the same seed and label.
    """
    digest = hashlib.sha512(_joined(_KEY, seed, label)).digest()
    # 512 bits against a group order of 256: the remainder is spread evenly to far beyond what a test could see.
    return ec.derive_private_key(int.from_bytes(digest) % (p256.ORDER - 1) + 1, ec.SECP256R1())


def serial_number(seed: str, label: str) -> int:
    """Derive a serial number of exactly 16 octets with the top bit zero, as SMKI certificates have.

    Args:
        seed: seed of the PKI.
        label: which certificate.

    Returns:
        A positive number.
    """
    octets = hashlib.sha256(_joined(_SERIAL, seed, label)).digest()[:16]
    return int.from_bytes(bytes([0x40 | octets[0] & 0x0F]) + octets[1:])


def _joined(prefix: bytes, seed: str, label: str) -> bytes:
    return b"\0".join((prefix, seed.encode(), label.encode()))

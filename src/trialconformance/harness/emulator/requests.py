"""Certification requests of the emulator, and the codes of CS02c, CS02d and CS02e."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import ec

from trialconformance.smki import KeyUsage, p256, recipe
from trialconformance.smki.request import request_body, sign_request

__all__ = [
    "INVALID_CERTIFICATE",
    "INVALID_KEY_USAGE",
    "NO_KEY_PAIR",
    "NO_SUCH_USAGE",
    "WRONG_DEVICE",
    "WRONG_PUBLIC_KEY",
    "certification_request",
]

# CS02d, domain notes on SMKI 3.1.
INVALID_CERTIFICATE = 1
WRONG_DEVICE = 2
INVALID_KEY_USAGE = 3
NO_KEY_PAIR = 4
WRONG_PUBLIC_KEY = 5
# CS02c and CS02e.
NO_SUCH_USAGE = 1


def certification_request(
    entity: bytes, usage: KeyUsage, key: ec.EllipticCurvePrivateKey, *, hardware_type: str
) -> bytes:
    """Write and sign a PKCS#10 request the way a device does: empty subject, its name, one usage.

    Args:
        entity: EUI-64 that the request names.
        usage: what the key is for.
        key: the new key.
        hardware_type: hwType of the device, dotted.

    Returns:
        DER.
    """
    asked = (recipe.key_usage(usage), recipe.device_name(entity, hardware_type=hardware_type))
    return sign_request(request_body(p256.point_of(key.public_key()), asked), key)

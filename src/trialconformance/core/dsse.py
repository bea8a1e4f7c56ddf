"""DSSE: a signature over octets and their type, the one envelope for everything this package signs.

Protocol and envelope: Dead Simple Signing Envelope v1.0.2, https://github.com/secure-systems-lab/dsse.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from trialconformance.core.errors import ArtefactError, UsageError
from trialconformance.core.record import canonical_json

__all__ = [
    "Envelope",
    "EnvelopeSignature",
    "PrivateKey",
    "PublicKey",
    "key_id",
    "pae",
    "read_private_key",
    "read_public_key",
    "sign",
]

PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
PublicKey = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey

_CLAUSE = "DSSE v1 envelope"
_ACCEPTED_KEYS = "a PEM key of ECDSA P-256 or Ed25519, without password"


def pae(payload_type: str, payload: bytes) -> bytes:
    """Pre-authentication encoding: the octets that are signed.

    Args:
        payload_type: media type of the payload.
        payload: the octets to protect.

    Returns:
        ``DSSEv1``, length of type, type, length of payload, payload, parted by single spaces (DSSE protocol.md).
    """
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def key_id(key: PublicKey) -> str:
    """SHA-256 over the key's SubjectPublicKeyInfo in DER, as 64 lower-case hex digits."""
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvelopeSignature:
    """One signature of an envelope.

    Args:
        keyid: the signer's hint which key it was; it proves nothing.
        sig: signature over the pre-authentication encoding: DER for ECDSA, 64 octets for Ed25519.
    """

    keyid: str
    sig: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A payload with the signatures over it.

    Args:
        payload_type: media type of the payload, which is signed too.
        payload: the octets.
        signatures: at least one.
    """

    payload_type: str
    payload: bytes
    signatures: tuple[EnvelopeSignature, ...]

    def to_json(self) -> bytes:
        """The envelope as canonical JSON."""
        return canonical_json(
            {
                "payload": base64.b64encode(self.payload).decode(),
                "payloadType": self.payload_type,
                "signatures": [
                    {"keyid": each.keyid, "sig": base64.b64encode(each.sig).decode()} for each in self.signatures
                ],
            }
        )

    @classmethod
    def from_json(cls, octets: bytes, *, name: str = "") -> Envelope:
        """Read an envelope strictly; verify it before you look into its payload.

        Args:
            octets: the JSON.
            name: name of the artefact for the error.

        Returns:
            The envelope, its signatures not yet verified.

        Raises:
            ArtefactError: not JSON, a key twice, a field missing, unknown or of another type, bad base64, no signature.
        """
        try:
            return _envelope(json.loads(octets, object_pairs_hook=_unique))
        except (ValueError, TypeError, RecursionError) as error:
            raise ArtefactError(
                f"is not a signed envelope: {error}",
                artefact=name,
                clause=_CLAUSE,
                expected="payload, payloadType and signatures with keyid and sig",
            ) from error

    def verify(self, keys: Iterable[PublicKey]) -> tuple[str, ...]:
        """Find out which keys signed.

        Args:
            keys: the keys that are trusted; the ``keyid`` of a signature is not believed.

        Returns:
            Ids of the trusted keys for which a signature is valid, sorted; empty when there is none.
        """
        signed = pae(self.payload_type, self.payload)
        return tuple(
            sorted({key_id(key) for key in keys if any(_is_valid(key, each.sig, signed) for each in self.signatures)})
        )


def sign(payload_type: str, payload: bytes, *keys: PrivateKey) -> Envelope:
    """Sign octets with one or more keys; the same octets and keys give the same envelope.

    Args:
        payload_type: media type of the payload.
        payload: the octets.
        keys: the private keys, at least one.

    Returns:
        The envelope.

    Raises:
        UsageError: no key, or one that is neither ECDSA P-256 nor Ed25519.
    """
    if not keys:
        raise UsageError("an envelope needs a key to sign with", accepted=_ACCEPTED_KEYS)
    signed = pae(payload_type, payload)
    return Envelope(
        payload_type=payload_type,
        payload=payload,
        signatures=tuple(EnvelopeSignature(keyid=key_id(key.public_key()), sig=_sign(key, signed)) for key in keys),
    )


def read_private_key(octets: bytes, *, where: str) -> PrivateKey:
    """Read a private key to sign with.

    Args:
        octets: PEM without password.
        where: name of the file for the error; the error never shows the content.

    Returns:
        The key.

    Raises:
        UsageError: not a private key of ECDSA P-256 or Ed25519.
    """
    try:
        key = load_pem_private_key(octets, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise UsageError("does not hold a private key that can be read", where=where, accepted=_ACCEPTED_KEYS) from None
    if isinstance(key, ed25519.Ed25519PrivateKey) or (
        isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1)
    ):
        return key
    raise UsageError("holds a private key of another kind", where=where, accepted=_ACCEPTED_KEYS)


def read_public_key(octets: bytes, *, where: str) -> PublicKey:
    """Read a public key to verify with.

    Args:
        octets: PEM SubjectPublicKeyInfo.
        where: name of the file for the error.

    Returns:
        The key.

    Raises:
        UsageError: not a public key of ECDSA P-256 or Ed25519.
    """
    try:
        key = load_pem_public_key(octets)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise UsageError("does not hold a public key that can be read", where=where, accepted=_ACCEPTED_KEYS) from None
    if isinstance(key, ed25519.Ed25519PublicKey) or (
        isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
    ):
        return key
    raise UsageError("holds a public key of another kind", where=where, accepted=_ACCEPTED_KEYS)


def _sign(key: PrivateKey, octets: bytes) -> bytes:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(octets)
    if isinstance(key.curve, ec.SECP256R1):
        return key.sign(octets, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    raise UsageError(f"a key on curve {key.curve.name} does not sign here", accepted=_ACCEPTED_KEYS)


def _is_valid(key: PublicKey, signature: bytes, octets: bytes) -> bool:
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, octets)
        else:
            key.verify(signature, octets, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def _envelope(value: Any) -> Envelope:
    _exactly(value, "payload", "payloadType", "signatures")
    signatures = value["signatures"]
    if not isinstance(value["payloadType"], str) or not isinstance(signatures, list) or not signatures:
        raise ValueError("payloadType must be text and signatures a list with at least one member")
    return Envelope(
        payload_type=value["payloadType"],
        payload=_base64(value["payload"]),
        signatures=tuple(_signature(each) for each in signatures),
    )


def _signature(value: Any) -> EnvelopeSignature:
    _exactly(value, "keyid", "sig")
    if not isinstance(value["keyid"], str):
        raise TypeError("keyid must be text")
    return EnvelopeSignature(keyid=value["keyid"], sig=_base64(value["sig"]))


def _exactly(value: Any, *keys: str) -> None:
    if not isinstance(value, dict) or set(value) != set(keys):
        raise ValueError(f"an object must have exactly the keys {', '.join(keys)}")


def _base64(value: Any) -> bytes:
    if not isinstance(value, str):
        raise TypeError("base64 must be text")
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError(f"bad base64: {error}") from error


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"key {key!r} stands twice in one object")
        found[key] = value
    return found

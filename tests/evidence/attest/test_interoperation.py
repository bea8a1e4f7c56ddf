"""Our envelopes verify with securesystemslib, and its envelopes with ours."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from securesystemslib.dsse import Envelope as TheirEnvelope
from securesystemslib.signer import (  # type: ignore[attr-defined]  # public, though not marked as exported
    CryptoSigner,
    SSlibKey,
)

from trialconformance.core.dsse import Envelope, PrivateKey, key_id
from trialconformance.evidence import open_bundle


def their_key(key: PrivateKey) -> SSlibKey:
    """The public key as securesystemslib has it, under our key id."""
    public = key.public_key()
    return SSlibKey.from_crypto(public, key_id(public))


@pytest.mark.parametrize("role", ["manufacturer", "laboratory"])
def test_they_verify_what_we_sign(workshop: Any, role: str) -> None:
    """Attestations of a bundle, Ed25519 and ECDSA P-256, verify with securesystemslib."""
    bundle = open_bundle(workshop.bundle().read_bytes())
    envelopes = [octets for path, octets in bundle.attestations.items() if path.startswith(f"attest/{role}")]
    assert len(envelopes) == 2
    for octets in envelopes:
        theirs = TheirEnvelope.from_dict(json.loads(octets))
        assert list(theirs.verify([their_key(workshop.keys[role])], 1)) == [key_id(workshop.keys[role].public_key())]


@pytest.mark.parametrize(
    "key", [ed25519.Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP256R1())], ids=["ed25519", "p256"]
)
def test_we_verify_what_they_sign(key: PrivateKey) -> None:
    """An envelope that securesystemslib made and wrote verifies here, and no longer once it is changed."""
    theirs = TheirEnvelope(b'{"x":1}', "application/json", {})
    theirs.sign(CryptoSigner(key, their_key(key)))
    written = theirs.to_dict()
    ours = Envelope.from_json(json.dumps(written).encode())
    assert ours.verify([key.public_key()]) == (key_id(key.public_key()),)
    changed = Envelope.from_json(json.dumps(written | {"payloadType": "text/plain"}).encode())
    assert changed.verify([key.public_key()]) == ()

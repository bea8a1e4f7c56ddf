"""Signed envelopes."""

from __future__ import annotations

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from trialconformance.core import ArtefactError, UsageError
from trialconformance.core.dsse import (
    Envelope,
    PrivateKey,
    PublicKey,
    key_id,
    pae,
    read_private_key,
    read_public_key,
    sign,
)

ECDSA = ec.derive_private_key(0x1234567, ec.SECP256R1())
EDDSA = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
TYPE = "application/vnd.test+json"


def _pem(key: PrivateKey | rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def test_pre_authentication_encoding_is_that_of_the_protocol() -> None:
    """The encoding is the published example of the DSSE protocol."""
    assert pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


@pytest.mark.parametrize("key", [ECDSA, EDDSA], ids=["ecdsa", "ed25519"])
def test_what_was_signed_verifies_and_is_repeatable(key: PrivateKey) -> None:
    """Signing twice gives the same octets, and the signer's key is found after a round trip."""
    envelope = sign(TYPE, b"payload", key)
    assert envelope.to_json() == sign(TYPE, b"payload", key).to_json()
    assert Envelope.from_json(envelope.to_json()).verify([key.public_key()]) == (key_id(key.public_key()),)


def test_every_signer_is_found() -> None:
    """An envelope with two signatures names both trusted keys."""
    both: list[PublicKey] = [ECDSA.public_key(), EDDSA.public_key()]
    assert set(sign(TYPE, b"x", ECDSA, EDDSA).verify(both)) == {key_id(each) for each in both}


def test_a_stranger_is_not_believed() -> None:
    """A key that did not sign verifies nothing, whatever the key id says."""
    other = ec.derive_private_key(0x7654321, ec.SECP256R1()).public_key()
    value = json.loads(sign(TYPE, b"x", ECDSA).to_json())
    value["signatures"][0]["keyid"] = key_id(other)
    assert Envelope.from_json(json.dumps(value).encode()).verify([other]) == ()


@given(payload=st.binary(max_size=40), position=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_a_flipped_bit_is_noticed(payload: bytes, position: int, bit: int) -> None:
    """Any flipped bit of payload, type or signature makes the signature worthless."""
    envelope = sign(TYPE, payload, EDDSA)
    fields = [bytearray(payload), bytearray(TYPE.encode()), bytearray(envelope.signatures[0].sig)]
    flat = [(index, offset) for index, each in enumerate(fields) for offset in range(len(each))]
    index, offset = flat[position % len(flat)]
    fields[index][offset] ^= 1 << bit
    value = json.loads(envelope.to_json())
    value["payload"] = base64.b64encode(fields[0]).decode()
    value["payloadType"] = fields[1].decode("latin-1")
    value["signatures"][0]["sig"] = base64.b64encode(fields[2]).decode()
    assert Envelope.from_json(json.dumps(value).encode()).verify([EDDSA.public_key()]) == ()


GOOD: dict[str, object] = {"payload": "eA==", "payloadType": "t", "signatures": [{"keyid": "", "sig": "eA=="}]}
CHANGES: list[dict[str, object]] = [
    {"extra": 1},
    {"payload": 1},
    {"payload": "***"},
    {"payloadType": 1},
    {"signatures": []},
    {"signatures": {}},
    {"signatures": 1},
    {"signatures": [{"keyid": 1, "sig": "eA=="}]},
    {"signatures": [{"sig": "eA=="}]},
]


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b'{"payload":"eA==","payload":"eA==","payloadType":"t","signatures":[{"keyid":"","sig":"eA=="}]}',
        *(json.dumps(GOOD | change).encode() for change in CHANGES),
        b"[" * 100_000,
    ],
)
def test_anything_else_is_refused(octets: bytes) -> None:
    """An envelope of another form is the artefact's fault and is refused by name."""
    with pytest.raises(ArtefactError, match=r"not a signed envelope.*a\.dsse\.json"):
        Envelope.from_json(octets, name="a.dsse.json")


def test_keys_are_read_from_pem() -> None:
    """Both kinds of key are read from PEM, private and public."""
    for key in (ECDSA, EDDSA):
        assert key_id(read_private_key(_pem(key), where="k").public_key()) == key_id(key.public_key())
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        assert key_id(read_public_key(public, where="k")) == key_id(key.public_key())


def test_other_keys_are_refused_without_showing_them() -> None:
    """Octets that are no key, and keys of another kind, are the caller's fault; no content is shown."""
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = other.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for octets in (b"SECRET", _pem(other)):
        with pytest.raises(UsageError, match="P-256") as caught:
            read_private_key(octets, where="k")
        assert "SECRET" not in str(caught.value)
    for octets in (b"x", public):
        with pytest.raises(UsageError, match="P-256"):
            read_public_key(octets, where="k")


def test_signing_needs_a_key_of_the_right_curve() -> None:
    """No key, or one on another curve, signs nothing."""
    with pytest.raises(UsageError, match="needs a key"):
        sign(TYPE, b"")
    with pytest.raises(UsageError, match="secp384r1"):
        sign(TYPE, b"", ec.derive_private_key(5, ec.SECP384R1()))

"""Signatures and MACs: made, verified, and refused when a single bit changes."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from gbcs_samples import (
    ACB,
    CS02A,
    ECS10,
    ECS30,
    ESME,
    GSME,
    PCS02,
    PKI,
    PPMID,
    alert,
    command,
    keystore,
    protected,
    response,
    small_samples,
    unprotected,
)

from trialconformance.core import ArtefactError, UsageError
from trialconformance.gbcs import Status, Verification, decode, protect, verify
from trialconformance.gbcs.key_derivation import derive_key
from trialconformance.gbcs.protection import gmac, protection_of
from trialconformance.gbcs.structure import examine
from trialconformance.smki import Certificate, KeyStore, KeyUsage
from trialconformance.smki import der_writer as write
from trialconformance.smki.recipe import public_key_info

GSME_POINT = PKI.certificate("gsme", "ds").point
VALID, INVALID, ABSENT, UNVERIFIED = Status.VALID, Status.INVALID, Status.ABSENT, Status.UNVERIFIED


def test_key_derivation_is_the_hash_of_its_parts() -> None:
    """The key is the first 16 octets of the SHA-256 over counter, secret, algorithm, transaction and recipient."""
    secret, originator, target = bytes(range(32)), bytes(range(0x40, 0x48)), bytes(range(0x60, 0x68))
    other_info = bytes.fromhex("60857406080300") + originator + b"\x09\x01" + (1000).to_bytes(8) + target
    key = derive_key(secret, originator=originator, use=1, counter=1000, recipient=target)
    assert key == hashlib.sha256(bytes.fromhex("00000001") + secret + other_info).digest()[:16]
    assert len(gmac(key, originator=originator, aad=b"\x11" + bytes(5))) == 16


@pytest.mark.parametrize(
    ("message", "signature", "mac"),
    [
        (unprotected(), ABSENT, ABSENT),
        (command(ECS10), ABSENT, VALID),
        (command(ECS30), VALID, VALID),
        (response(ECS10), ABSENT, VALID),
        (response(ECS30), VALID, ABSENT),
        (alert(), VALID, ABSENT),
        (alert(0x1001), ABSENT, VALID),
        (protected(unprotected(PCS02, originator=PPMID, target=GSME)), ABSENT, VALID),
        (protected(unprotected(CS02A, originator=ACB)), ABSENT, VALID),
        (protected(unprotected(CS02A, originator=ACB), form="signature"), VALID, ABSENT),
    ],
)
def test_what_protect_makes_verify_finds_valid(message: object, signature: Status, mac: Status) -> None:
    """Each shape of message is protected as its use case declares and verifies."""
    assert isinstance(message, type(command()))
    again = decode(message.encode())
    assert verify(again, keystore(), acb=ACB) == Verification(signature=signature, mac=mac)


def test_a_precommand_becomes_its_command() -> None:
    """COMMAND is PRECOMMAND, 40 and the signature, wrapped, with a MAC; without a signature a 00 takes their place."""
    precommand = unprotected(ECS30)
    octets = protected(precommand).octets
    assert precommand.octets + b"\x40" in octets
    assert unprotected(ECS10).octets + b"\x00" in protected(unprotected(ECS10)).octets


def test_deterministic_signatures_are_the_same_each_time() -> None:
    """With RFC 6979 the same message gives the same octets; without it a fresh signature verifies as well."""
    assert command(ECS30).octets == command(ECS30).octets
    fresh = protect(unprotected(ECS30), keystore(), acb=ACB)
    assert fresh.octets != protect(unprotected(ECS30), keystore(), acb=ACB).octets
    assert verify(fresh, keystore(), acb=ACB).signature is VALID


@pytest.mark.parametrize("name", [name for name in small_samples() if name != "precommand"])
def test_every_flipped_bit_is_noticed(name: str) -> None:
    """Whichever bit of a protected message flips, it no longer reads without fault or no longer verifies."""
    octets = small_samples()[name].octets
    before = verify(decode(octets), keystore(), acb=ACB)
    for bit in range(8 * len(octets)):
        flipped = bytearray(octets)
        flipped[bit // 8] ^= 1 << bit % 8
        examination = examine(bytes(flipped))
        noticed = bool(examination.faults)
        assert noticed or (examination.message and verify(examination.message, keystore(), acb=ACB) != before), bit


@pytest.mark.parametrize("offset", range(8, 13))
def test_the_security_header_is_compared_literally(offset: int) -> None:
    """The MAC is invalid when the security header it does not cover is another."""
    octets = bytearray(command().octets)
    octets[offset + len(octets) // 256] ^= 1
    message = examine(bytes(octets)).message
    assert message is not None
    assert verify(message, keystore(), acb=ACB).mac is INVALID


def test_without_keys_nothing_is_valid() -> None:
    """Without a certificate a signature, without a private key or a known ACB a MAC stays unverified."""
    nothing = KeyStore.of([])
    public = PKI.keystore(private_keys=False)
    both = command(ECS30)
    assert verify(both, nothing, acb=ACB) == Verification(signature=UNVERIFIED, mac=UNVERIFIED)
    assert verify(both, public, acb=ACB) == Verification(signature=VALID, mac=UNVERIFIED)
    assert verify(both, keystore()) == Verification(signature=VALID, mac=UNVERIFIED)


def test_a_message_signed_before_its_certificate_was_replaced_still_verifies() -> None:
    """After CS02d a Device has two certificates: what it signed with the key of the older one is valid."""
    renewed = replace(PKI.recipe("esme", "ds"), serial=write.integer(99), key=public_key_info(GSME_POINT))
    newer = replace(renewed, not_before=write.utc_time(datetime(2024, 1, 1, tzinfo=UTC)))
    octets = newer.signed_by(PKI.authority_key(PKI.issuer_of("esme")))
    both = KeyStore.of([Certificate.parse(octets), PKI.certificate("esme", "ds")])
    latest = both.certificate(ESME, KeyUsage.DIGITAL_SIGNATURE)
    assert latest is not None
    assert latest.point == GSME_POINT
    assert verify(response(ECS30), both).signature is VALID
    assert verify(replace(response(ECS30), originator_counter=7), both).signature is INVALID


def test_a_key_off_the_curve_leaves_a_mac_unverified() -> None:
    """A certificate whose key is no point of the curve verifies nothing and raises nothing."""

    class OffTheCurve(KeyStore):
        def shared_secret(self, *_: object, **__: object) -> bytes | None:
            raise ArtefactError("not on the curve")

    assert verify(command(), OffTheCurve.of([]), acb=ACB).mac is UNVERIFIED


@pytest.mark.parametrize(
    ("message", "options", "reason"),
    [
        (unprotected(0x4321), {"acb": ACB}, "declares no protection"),
        (unprotected(ECS10), {}, "Access Control Broker"),
        (unprotected(ECS10, target=bytes(8)), {"acb": ACB}, "no shared secret"),
        (unprotected(ECS30, originator=bytes(8)), {"acb": ACB}, "no private key"),
    ],
)
def test_what_cannot_be_protected_is_the_callers_mistake(
    message: object, options: dict[str, bytes], reason: str
) -> None:
    """Protecting without a form, an ACB or a key says what is missing."""
    assert isinstance(message, type(command()))
    with pytest.raises(UsageError, match=reason):
        protect(message, keystore(), **options)  # type: ignore[arg-type]  # one keyword at a time


def test_protection_is_told_in_the_words_of_the_catalogue() -> None:
    """The four shapes are mac, signature, mac+signature and none."""
    shapes = {name: protection_of(message) for name, message in small_samples().items()}
    assert shapes == {
        "precommand": None,
        "command with MAC": "mac",
        "command with MAC and signature": "mac+signature",
        "response with MAC": "mac",
        "response with signature": "signature",
        "alert with signature": "signature",
    }


def test_a_mac_under_another_use_case_row_is_not_taken() -> None:
    """The same octets under a Message Code of another row do not verify."""
    moved = replace(command(), message_code=PCS02)
    assert verify(moved, keystore(), acb=ACB).mac is not VALID
    assert verify(replace(command(), originator=ESME), keystore(), acb=ACB).mac is INVALID

"""Signatures and MACs: verify them, and protect a message as its Message Code asks.

The MAC covers the grouping header but neither the MAC header nor the security header, whose octets are constants in its
input (GBCS 4.3.3.4, as the vectors have it). So those octets are compared literally: a message whose MAC would verify
under another header is not valid.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from trialconformance.core import ArtefactError, UsageError, format_eui64
from trialconformance.gbcs import wire
from trialconformance.gbcs.key_derivation import derive_key, initialization_vector
from trialconformance.gbcs.message import Message
from trialconformance.gbcs.usecases import Protection, UseCases
from trialconformance.smki import KeyStore, KeyUsage, p256

__all__ = ["Status", "Verification", "agree", "gmac", "mac_of", "mac_parties", "protect", "protection_of", "verify"]

# GBCS 4.3.3.4: security control octet and five empty fields, which the 2014 text leaves out and the vectors have.
_AAD_PREFIX: Final = b"\x11" + bytes(5)
_HALF: Final = wire.SIGNATURE_OCTETS // 2


class Status(StrEnum):
    """What is known of a signature or a MAC."""

    VALID = "valid"
    INVALID = "invalid"
    ABSENT = "absent"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What protects a message, verified as far as the key store reaches.

    Args:
        signature: ``absent`` where there is none, ``unverified`` where the originator's certificate is missing.
        mac: ``absent`` where there is none, ``unverified`` where no private key of either party is at hand.
    """

    signature: Status
    mac: Status


def protection_of(message: Message) -> Protection | None:
    """What protects a message, in the words of the use-case catalogue; None where nothing does."""
    if message.mac is not None:
        return "mac+signature" if message.signature else "mac"
    return "signature" if message.signature else None


def agree(keystore: KeyStore, one: bytes, other: bytes, *, prepayment: bool = False) -> bytes | None:
    """Agree the secret of two parties with whichever private key is at hand.

    Args:
        keystore: certificates and private keys.
        one: EUI-64 of a party, 8 octets.
        other: EUI-64 of the other.
        prepayment: whether the party with a key for prepayment top-up uses that one.

    Returns:
        32 octets, or None where no private key or no certificate is at hand.
    """
    try:
        secret = keystore.shared_secret(one, other, prepayment=prepayment)
        return secret if secret is not None else keystore.shared_secret(other, one, prepayment=prepayment)
    except ArtefactError:
        return None  # the certificate's key is not on the curve: for the certificate checks to report


def gmac(key: bytes, *, originator: bytes, aad: bytes) -> bytes:
    """Compute a GMAC, GBCS 4.3.3.4.

    Args:
        key: 16 octets.
        originator: EUI-64 of the originator, 8 octets.
        aad: what is authenticated.

    Returns:
        The full tag, 16 octets.
    """
    return AESGCM(key).encrypt(initialization_vector(originator), b"", aad)


def mac_parties(message: Message, *, acb: bytes | None, use_cases: UseCases) -> tuple[bytes, bytes] | None:
    """Name the two parties whose key agreement keys make the MAC, GBCS 6.2.3 and 6.4.5.

    Args:
        message: the message.
        acb: EUI-64 of the Access Control Broker, None where it is not known.
        use_cases: the catalogue.

    Returns:
        Two EUI-64s; None for a Command that the unknown Access Control Broker MAC'd.
    """
    row = use_cases.get(message.message_code)
    if message.cra == wire.COMMAND and (row is None or row.mac_parties == "access-control-broker"):
        return None if acb is None else (acb, message.target)
    return message.originator, message.target


def mac_of(message: Message, secret: bytes, *, use: int | None = None) -> bytes:
    """Compute the MAC that belongs to a message.

    Args:
        message: the message; whether it carries a MAC does not matter.
        secret: secret of the two parties, 32 octets.
        use: what the key is derived for, the CRA flag of the message by default.

    Returns:
        12 octets.
    """
    key = derive_key(
        secret,
        originator=message.originator,
        use=message.cra if use is None else use,
        counter=message.originator_counter,
        recipient=message.target,
    )
    tag = gmac(key, originator=message.originator, aad=_AAD_PREFIX + message.general_signing())
    return tag[: wire.MAC_OCTETS]


def verify(
    message: Message, keystore: KeyStore, *, acb: bytes | None = None, use_cases: UseCases | None = None
) -> Verification:
    """Verify what protects a message.

    Args:
        message: the message.
        keystore: certificates, and private keys for MACs.
        acb: EUI-64 of the Access Control Broker, whose keys make the MAC of Commands.
        use_cases: the catalogue, the package's own by default.

    Returns:
        The state of its signature and of its MAC.
    """
    return Verification(
        signature=_verify_signature(message, keystore),
        mac=_verify_mac(message, keystore, acb, use_cases or UseCases.shipped()),
    )


def _verify_signature(message: Message, keystore: KeyStore) -> Status:
    if not message.signature:
        return Status.ABSENT
    latest = keystore.certificate(message.originator, KeyUsage.DIGITAL_SIGNATURE)
    if latest is None:
        return Status.UNVERIFIED
    r, s = (int.from_bytes(half) for half in (message.signature[:_HALF], message.signature[_HALF:]))
    signed = message.to_be_signed()
    if p256.verifies(latest.point, r=r, s=s, message=signed):
        return Status.VALID
    # A Device that was given a new certificate (CS02d) signed what it sent before with the key of an older one.
    older = _signing_points(keystore, message.originator) - {latest.point}
    return Status.VALID if any(p256.verifies(point, r=r, s=s, message=signed) for point in older) else Status.INVALID


def _signing_points(keystore: KeyStore, entity: bytes) -> set[bytes]:
    """The public keys of every certificate with which a party may have signed."""
    return {
        each.point
        for each in keystore.certificates
        if each.entity_id == entity and KeyUsage.DIGITAL_SIGNATURE in each.usage
    }


def _verify_mac(message: Message, keystore: KeyStore, acb: bytes | None, use_cases: UseCases) -> Status:
    if message.mac is None:
        return Status.ABSENT
    if message.octets[:7] != wire.MAC_HEADER_START or message.security_header != wire.SECURITY_HEADER:
        return Status.INVALID
    parties = mac_parties(message, acb=acb, use_cases=use_cases)
    secret = None if parties is None else agree(keystore, *parties)
    if secret is None:
        return Status.UNVERIFIED
    return Status.VALID if hmac.compare_digest(mac_of(message, secret), message.mac) else Status.INVALID


def protect(
    message: Message,
    keystore: KeyStore,
    *,
    acb: bytes | None = None,
    use_cases: UseCases | None = None,
    form: Protection | None = None,
    deterministic: bool = False,
) -> Message:
    """Sign, wrap and MAC a message as its Message Code asks; turns a PRECOMMAND into a Command.

    Args:
        message: the message; what protected it before is replaced.
        keystore: private keys of the originator (signature) and of one party (MAC), certificate of the other.
        acb: EUI-64 of the Access Control Broker, for Commands that it MACs.
        use_cases: the catalogue, the package's own by default.
        form: the protection, where the catalogue declares variants or is to be overruled; its first form by default.
        deterministic: whether to sign as RFC 6979, so that the same message gives the same octets.

    Returns:
        The protected message, GBCS 1.5 and 4.3.

    Raises:
        UsageError: the Message Code is unknown and no form is given, or a key is missing.
    """
    catalogue = use_cases or UseCases.shipped()
    asked = form or _declared_form(message, catalogue)
    bare = replace(message, signature=b"", mac=None, security_header=wire.SECURITY_HEADER)
    if asked != "mac":
        bare = replace(bare, signature=_sign(bare, keystore, deterministic=deterministic))
    if asked == "signature":
        return bare
    parties = mac_parties(bare, acb=acb, use_cases=catalogue)
    if parties is None:
        raise UsageError("the Access Control Broker MACs this Command", where="acb", accepted="its EUI-64, 8 octets")
    secret = agree(keystore, *parties)
    if secret is None:
        raise UsageError(
            f"no shared secret of {format_eui64(parties[0])} and {format_eui64(parties[1])}",
            where="key store",
            accepted="the key agreement private key of one and the certificate of the other",
        )
    # The MAC is computed over the grouping header, which a place holder of the right size does not touch.
    wrapped = replace(bare, mac=bytes(wire.MAC_OCTETS))
    return replace(wrapped, mac=mac_of(wrapped, secret))


def _declared_form(message: Message, use_cases: UseCases) -> Protection:
    row = use_cases.get(message.message_code)
    forms = row.forms(message.cra) if row is not None else ()
    if not forms:
        raise UsageError(
            f"the catalogue declares no protection for Message Code {message.message_code:04X}",
            where="form",
            accepted="mac, signature or mac+signature",
        )
    return forms[0]


def _sign(message: Message, keystore: KeyStore, *, deterministic: bool) -> bytes:
    key = keystore.private_key(message.originator, KeyUsage.DIGITAL_SIGNATURE)
    if key is None:
        raise UsageError(
            f"no private key of {format_eui64(message.originator)} for digital signatures",
            where="key store",
            accepted="the key of the originator",
        )
    octets = message.to_be_signed()
    r, s = (
        p256.sign(key, octets) if deterministic else decode_dss_signature(key.sign(octets, ec.ECDSA(hashes.SHA256())))
    )
    return r.to_bytes(_HALF) + s.to_bytes(_HALF)

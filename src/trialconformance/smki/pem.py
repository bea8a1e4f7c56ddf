"""PEM files of a key store: labels decide what a block is, never the file name.

Clause: RFC 7468.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_der_public_key

from trialconformance.core import ArtefactError, UsageError
from trialconformance.smki import p256

__all__ = ["BUNDLE_LIMIT", "Block", "load_point", "load_private_key", "read_blocks", "read_pem", "write_pem"]

BUNDLE_LIMIT = 1 << 28  # octets of a bundle; 400,000 certificates
_LARGEST = 1 << 20  # octets of one file; a certificate has about 600 as PEM
_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----[ \t]*\r?\n(.*?)-----END \1-----", re.DOTALL)
_ACCEPTED = "PEM with the label CERTIFICATE, PUBLIC KEY or PRIVATE KEY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One PEM block.

    Args:
        label: for example ``CERTIFICATE``.
        octets: what the Base64 holds; may be a private key, so it is never shown.
    """

    label: str
    octets: bytes = field(repr=False)


def read_pem(file: Path, *, name: str) -> tuple[Block, ...]:
    """Read the blocks of a PEM file.

    Args:
        file: the file.
        name: its name, for errors.

    Returns:
        At least one block.

    Raises:
        UsageError: it cannot be read, or holds an encrypted key.
        ArtefactError: it is no PEM.
    """
    try:
        with file.open("rb") as stream:
            octets = stream.read(_LARGEST + 1)
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=name, accepted="a readable PEM file") from error
    if len(octets) > _LARGEST:
        raise ArtefactError("is too large for a PEM file", artefact=name, expected=f"at most {_LARGEST} octets")
    return read_blocks(octets, name=name)


def read_blocks(octets: bytes, *, name: str) -> tuple[Block, ...]:
    """Read the blocks of PEM text.

    Args:
        octets: the text.
        name: name of the file, for errors.

    Returns:
        At least one block.

    Raises:
        UsageError: it holds an encrypted key.
        ArtefactError: it is no PEM.
    """
    if b"-----BEGIN ENCRYPTED PRIVATE KEY-----" in octets or b"\nProc-Type: 4,ENCRYPTED" in octets:
        raise UsageError("holds an encrypted private key", where=name, accepted="an unencrypted PKCS#8 PRIVATE KEY")
    blocks = tuple(
        Block(label=match[1].decode(), octets=_base64(match[2], name=name, offset=match.start(2)))
        for match in _BLOCK.finditer(octets)
    )
    if not blocks:
        raise ArtefactError("holds no PEM block", artefact=name, offset=0, clause="RFC 7468", expected=_ACCEPTED)
    return blocks


def _base64(text: bytes, *, name: str, offset: int) -> bytes:
    try:
        return binascii.a2b_base64(b"".join(text.split()), strict_mode=True)
    except binascii.Error as error:
        # No "seen": the text may be a private key.
        raise ArtefactError(
            "holds a PEM block that is not Base64",
            artefact=name,
            offset=offset,
            length=len(text),
            clause="RFC 7468 3",
            expected="Base64 between the BEGIN and END lines",
        ) from error


def write_pem(label: str, octets: bytes) -> str:
    """Write one PEM block with lines of 64 characters."""
    text = binascii.b2a_base64(octets, newline=False).decode()
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join((f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""))


def load_private_key(octets: bytes, *, name: str) -> ec.EllipticCurvePrivateKey:
    """Load a P-256 private key; raises ArtefactError, which never shows the key."""
    try:
        key = load_der_private_key(octets, password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        # "from None" and no "seen": a loader's message may quote what it read.
        raise ArtefactError("holds no usable private key", artefact=name, expected="a P-256 key as PKCS#8") from None
    return key


def load_point(octets: bytes, *, name: str) -> bytes:
    """Load a SubjectPublicKeyInfo of P-256 as its 65-octet point; raises ArtefactError."""
    try:
        key = load_der_public_key(octets)
    except ValueError:
        key = None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ArtefactError("holds no usable public key", artefact=name, expected="a P-256 SubjectPublicKeyInfo")
    return p256.point_of(key)

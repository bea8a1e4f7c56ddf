"""Signing a bundle: each signer adds attestations that name its manifest by digest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from trialconformance.core import Record, UsageError
from trialconformance.core.dsse import PrivateKey, key_id, sign
from trialconformance.evidence.attest.statement import PAYLOAD_TYPE, judgement, test_result
from trialconformance.evidence.attest.timestamp import STAMP_SUFFIX, covers
from trialconformance.evidence.bundle.archive import pack
from trialconformance.evidence.bundle.manifest import ATTESTATIONS, MANIFEST
from trialconformance.evidence.bundle.opened import open_bundle, read_bundle_file
from trialconformance.evidence.files import write_atomically

__all__ = ["Signer", "attest", "sign_bundle", "stamp_bundle"]

_KEY_ID_SHOWN = 16  # hex digits of the key id in a file name: enough to tell signers apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Somebody who signs a bundle.

    Args:
        role: in which role, for example ``manufacturer``, ``laboratory`` or ``ssc``.
        key: the private key; it is used and never written.
    """

    role: str
    key: PrivateKey


def attest(
    manifest: bytes, record: Record, digest: str, signer: Signer, *, claimed_time: str = ""
) -> Mapping[str, bytes]:
    """Make the attestations of one signer.

    Args:
        manifest: the manifest of the bundle.
        record: the record in it.
        digest: SHA-256 of the record.
        signer: who signs.
        claimed_time: when the signer says to sign, ISO 8601 with offset; a claim only.

    Returns:
        Envelopes by path: our own judgement, and the common test-result beside it.
    """
    stem = f"{ATTESTATIONS}{quote(signer.role, safe='')}-{key_id(signer.key.public_key())[:_KEY_ID_SHOWN]}"
    statements = {
        f"{stem}.judgement.dsse.json": judgement(manifest, record, digest, role=signer.role, claimed_time=claimed_time),
        f"{stem}.test-result.dsse.json": test_result(manifest, record, digest),
    }
    return {path: sign(PAYLOAD_TYPE, statement, signer.key).to_json() for path, statement in statements.items()}


def stamp_bundle(path: Path, token: bytes, *, to: Path | None = None) -> str:
    """Put a time-stamp token beside the envelope that it is over.

    Args:
        path: the bundle.
        token: the authority's answer, DER.
        to: where the stamped bundle goes, in place of the old one by default.

    Returns:
        Path of the envelope in the bundle.

    Raises:
        UsageError: the file cannot be read or written, or the token is over no envelope of the bundle.
        ArtefactError: not a bundle, or no token.
    """
    bundle = open_bundle(read_bundle_file(path))
    for envelope, octets in bundle.attestations.items():
        if envelope.endswith(STAMP_SUFFIX) or not covers(token, octets, name="token"):
            continue
        write_atomically(to or path, pack({**bundle.files, envelope + STAMP_SUFFIX: token}))
        return envelope
    raise UsageError("is over no attestation of the bundle", where="token", accepted="the answer to a request of ours")


def sign_bundle(path: Path, signer: Signer, *, claimed_time: str = "", to: Path | None = None) -> Path:
    """Add the attestations of one more signer.

    Args:
        path: the bundle.
        signer: who signs; the caller has verified the bundle before.
        claimed_time: when the signer says to sign, ISO 8601 with offset.
        to: where the signed bundle goes, in place of the old one by default.

    Returns:
        Path of the signed bundle.

    Raises:
        UsageError: the file cannot be read or written, or this key has signed in this role already.
        ArtefactError: not a bundle.
    """
    bundle = open_bundle(read_bundle_file(path))
    added = attest(bundle.files[MANIFEST], bundle.record, bundle.digest, signer, claimed_time=claimed_time)
    if set(added) & set(bundle.files):
        raise UsageError("this key has signed the bundle already", where=str(path), accepted="one more key")
    return write_atomically(to or path, pack({**bundle.files, **added}))

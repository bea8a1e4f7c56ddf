"""``VERIFY.md``: how a person checks the bundle, with this tool and without it."""

from __future__ import annotations

from trialconformance.core import Record

__all__ = ["instructions"]


def instructions(record: Record, digest: str) -> str:
    """Write the instructions that travel in a bundle.

    Args:
        record: the record of the bundle.
        digest: SHA-256 of the record.

    Returns:
        Markdown.
    """
    return f"""# How to check this bundle

Verdict as recorded: **{record.statement}** (judged as of {record.as_of}).

The record must have this SHA-256: `{digest}`

With the tool, offline:

    trialconformance bundle verify BUNDLE.zip --trust YOUR-TRUST-POLICY.json
    trialconformance bundle replay BUNDLE.zip

Without the tool:

1. Unpack the archive. `MANIFEST.json` lists every other file, except those below `attest/`, with its SHA-256. No file
   may be missing or left over. Compare with `sha256sum`.
2. Each file below `attest/` is a DSSE envelope (https://github.com/secure-systems-lab/dsse) around an in-toto Statement
   v1. Verify its signature with the public key that you hold of the signer, never with a key that came with the bundle.
   The statement must name `MANIFEST.json` with the SHA-256 of the one that you have.
3. A bundle without files below `attest/` is unsigned: it shows what was judged, and nobody vouches for it.

Inputs that the manifest lists under `withheld` are not here. Ask their owner for them and compare the digests. Where an
entry is a commitment, the digest is SHA-256 over the text `trialconformance-commitment/1`, one octet 00 and the file.
"""

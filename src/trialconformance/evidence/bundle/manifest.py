"""The manifest of a bundle: every file by digest, and every input that is not in it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from trialconformance.core import canonical_json

__all__ = ["ATTACHMENT", "ATTESTATIONS", "MANIFEST", "RECORD", "FileRow", "Manifest", "Withheld"]

MANIFEST = "MANIFEST.json"
RECORD = "record.json"
ATTACHMENT = "attachment"  # role of what else a run left behind
ATTESTATIONS = "attest/"  # not in the manifest: each names the manifest by digest and is verified by itself

_DIGEST = Field(pattern=r"^[0-9a-f]{64}$")


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class FileRow(_Row):
    """One file of the bundle.

    Args:
        path: path in the archive.
        role: what it is, for example ``record``, ``report`` or the role of an input.
        media_type: media type.
        octets: size.
        sha256: digest of the octets.
        name: name of the artefact that an input is, empty for every other file.
    """

    path: str
    role: str
    media_type: str
    octets: int = Field(ge=0)
    sha256: str = _DIGEST
    name: str = ""


class Withheld(_Row):
    """One input that was judged and is not in the bundle.

    Args:
        name: name of the artefact.
        role: what it is.
        reason: why it is not here.
        digest: the SHA-256 that the record holds, or the commitment of a private key.
        commitment: whether ``digest`` is a commitment (SHA-256 over the tag ``trialconformance-commitment/1``, an octet
            00 and the file), which hides the content of a file that cannot be guessed, such as a private key.
    """

    name: str
    role: str
    reason: str
    digest: str = _DIGEST
    commitment: bool = False


class Manifest(_Row):
    """What a bundle holds.

    Args:
        statement: the verdict in words, as the record states it.
        files: every file but the manifest and the attestations, sorted by path.
        withheld: inputs that are not here, sorted by name.
    """

    schema_id: Literal["trialconformance-bundle/1"] = "trialconformance-bundle/1"
    statement: str
    files: tuple[FileRow, ...] = Field(strict=False)
    withheld: tuple[Withheld, ...] = Field(default=(), strict=False)

    def to_json(self) -> bytes:
        """The canonical octets of the manifest."""
        return canonical_json(self.model_dump(mode="json"))

"""Opening a bundle without believing it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from trialconformance.core import ArtefactError, Record, UsageError, load_json, sha256_hex
from trialconformance.evidence.bundle.archive import MAXIMUM_OCTETS, attachment_name, unpack
from trialconformance.evidence.bundle.manifest import ATTACHMENT, ATTESTATIONS, MANIFEST, RECORD, Manifest

__all__ = ["Bundle", "open_bundle", "read_bundle_file"]

_CLAUSE = "bundle step 3"
_LARGEST = 2 * MAXIMUM_OCTETS  # the files and their directory


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """An opened bundle.

    Args:
        files: octets by path.
        manifest: the manifest.
        record: the record.
    """

    files: Mapping[str, bytes]
    manifest: Manifest
    record: Record

    @property
    def digest(self) -> str:
        """SHA-256 of the record."""
        return sha256_hex(self.files[RECORD])

    @property
    def inputs(self) -> dict[str, bytes]:
        """Octets of the inputs by artefact name."""
        return {row.name: self.files[row.path] for row in self.manifest.files if row.name and row.path in self.files}

    @property
    def attachments(self) -> dict[str, bytes]:
        """What else the run left behind, octets by name."""
        return {
            attachment_name(row.path): self.files[row.path]
            for row in self.manifest.files
            if row.role == ATTACHMENT and row.path in self.files
        }

    @property
    def attestations(self) -> dict[str, bytes]:
        """Signed envelopes by path."""
        return {path: octets for path, octets in self.files.items() if path.startswith(ATTESTATIONS)}


def read_bundle_file(path: Path) -> bytes:
    """Read the octets of a bundle; raises UsageError where the file cannot be read or is far too large for one."""
    try:
        size = path.stat().st_size
        octets = path.read_bytes() if size <= _LARGEST else b""
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(path), accepted="a bundle (.zip)") from error
    if size > _LARGEST:
        raise UsageError(f"{size:,} octets are no bundle", where=str(path), accepted=f"at most {_LARGEST:,} octets")
    return octets


def open_bundle(octets: bytes) -> Bundle:
    """Open a bundle: the archive, the manifest and the record are of their form.

    Args:
        octets: the archive.

    Returns:
        The bundle; whether its digests and signatures hold is for ``verify`` to say.

    Raises:
        ArtefactError: not a bundle.
    """
    return opened(unpack(octets))


def opened(files: Mapping[str, bytes]) -> Bundle:
    """Read manifest and record of an unpacked archive; raises ArtefactError where one is missing or malformed."""
    return Bundle(files=files, manifest=_manifest(files), record=_record(files))


def _manifest(files: Mapping[str, bytes]) -> Manifest:
    octets = files.get(MANIFEST)
    if octets is None:
        raise ArtefactError("is missing", artefact=MANIFEST, clause=_CLAUSE, expected=MANIFEST)
    try:
        manifest = load_json(Manifest, octets, where=MANIFEST)
    except UsageError as error:
        raise ArtefactError(f"cannot be read: {error.message}", artefact=MANIFEST, clause=_CLAUSE) from error
    try:
        canonical = manifest.to_json()
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can write and UTF-8 cannot
        canonical = b""
    if canonical != octets:
        raise ArtefactError("is not in canonical form", artefact=MANIFEST, clause=_CLAUSE)
    return manifest


def _record(files: Mapping[str, bytes]) -> Record:
    octets = files.get(RECORD)
    if octets is None:
        raise ArtefactError("is missing", artefact=RECORD, clause=_CLAUSE, expected=RECORD)
    try:
        record = Record.from_json(octets)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise ArtefactError(f"cannot be read: {key}: {first['msg']}", artefact=RECORD, clause=_CLAUSE) from error
    if record.to_json() != octets:
        raise ArtefactError("is not in canonical form", artefact=RECORD, clause=_CLAUSE)
    return record

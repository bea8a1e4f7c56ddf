"""Making a bundle: the record with all that it takes to check it and to reach it again, in one file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from trialconformance.core import ArtefactError, ArtefactRow, Record, UsageError, canonical_json, sha256_hex
from trialconformance.evidence.bundle.archive import attachment_path, input_path, pack, setting_path
from trialconformance.evidence.bundle.environment import environment
from trialconformance.evidence.bundle.instructions import instructions
from trialconformance.evidence.bundle.manifest import ATTACHMENT, MANIFEST, RECORD, FileRow, Manifest, Withheld
from trialconformance.evidence.bundle.papers import NOTES, REPORT, bundled_report
from trialconformance.evidence.bundle.private_keys import certified_points, private_key_in
from trialconformance.evidence.bundle.sbom import suite_sbom
from trialconformance.evidence.bundle.signing import Signer, attest
from trialconformance.evidence.files import write_atomically
from trialconformance.evidence.report import Note
from trialconformance.evidence.timing import Timing

__all__ = ["commitment", "make_bundle"]

_COMMITMENT = b"trialconformance-commitment/1\x00"
_CERTIFICATE_OCTETS = 4096  # larger files are no single certificate
# Not the table of the machine: the manifest must be the same everywhere.
_MEDIA_TYPES = {
    ".csv": "text/csv",
    ".hex": "text/plain",
    ".html": "text/html",
    ".json": "application/json",
    ".md": "text/markdown",
    ".pdf": "application/pdf",
    ".pem": "application/x-pem-file",
    ".toml": "application/toml",
    ".txt": "text/plain",
    ".xml": "application/xml",
}


def make_bundle(
    record: Record,
    path: Path,
    *,
    inputs: Mapping[str, bytes],
    catalogue: bytes,
    settings: Mapping[str, bytes] | None = None,
    timing: Timing | None = None,
    signers: Sequence[Signer] = (),
    notes: Sequence[Note] = (),
    attachments: Mapping[str, bytes] | None = None,
    withhold: Sequence[str] = (),
    secrets: Mapping[str, bytes] | None = None,
    firmware_sbom: bytes | None = None,
    claimed_time: str = "",
) -> Path:
    """Write the bundle of a run.

    Args:
        record: the record of the run.
        path: the zip archive to write.
        inputs: octets by artefact name.
        catalogue: the catalogue of cases, JSON.
        settings: octets of the files that steer a verdict (policy, profiles, waivers), by their name in the record.
        timing: when the run was made.
        signers: who signs; nobody is allowed, and the bundle then says that it is unsigned.
        notes: sections that a user's own plugin adds to the report.
        attachments: what else the run left behind, by name: transcripts of a live device, the risk register.
        withhold: patterns of artefact names that stay out; the manifest keeps their digest.
        secrets: files that were used and stay with their owner (private keys), by name; the manifest keeps a
            commitment to each.
        firmware_sbom: the bill of materials of the firmware, CycloneDX JSON.
        claimed_time: when the signers say to sign, ISO 8601 with offset.

    Returns:
        The path. Without timing and signing time the same run gives the same octets.

    Raises:
        UsageError: an input that the record does not know or knows with another digest, a private key in a file that
            is not declared as one, or a path that cannot be written.
    """
    if strangers := sorted(set(inputs) - {each.name for each in record.artefacts}):
        raise UsageError("is not an artefact of the record", where=strangers[0], accepted="inputs that were judged")
    rows, files, withheld = _collected(record, inputs, withhold)
    withheld += [_committed(name, octets) for name, octets in (secrets or {}).items()]
    octets_of_record = record.to_json()
    digest = sha256_hex(octets_of_record)
    shown = {row.name: files[row.path] for row in rows}
    for place, role, octets in (
        (RECORD, "record", octets_of_record),
        ("VERIFY.md", "instructions", instructions(record, digest).encode()),
        *_papers(catalogue, settings or {}, timing, firmware_sbom),
        *_reports(record, digest, shown, notes, attachments or {}),
    ):
        rows.append(_row(place, role, octets))
        files[place] = octets
    _refuse_private_keys(files)
    files[MANIFEST] = Manifest(
        statement=record.statement,
        files=tuple(sorted(rows, key=lambda row: row.path)),
        withheld=tuple(sorted(withheld, key=lambda each: each.name)),
    ).to_json()
    for signer in signers:
        files |= attest(files[MANIFEST], record, digest, signer, claimed_time=claimed_time)
    try:
        return write_atomically(path, pack(files))
    except ArtefactError as error:
        raise UsageError(error.message, where=str(path), accepted="names that differ in more than case") from error


def _collected(
    record: Record, inputs: Mapping[str, bytes], withhold: Sequence[str]
) -> tuple[list[FileRow], dict[str, bytes], list[Withheld]]:
    rows, files, withheld = [], {}, []
    for artefact in record.artefacts:
        octets = inputs.get(artefact.name)
        reason = _reason(artefact, octets, withhold)
        if octets is None or reason:
            withheld.append(Withheld(name=artefact.name, role=artefact.role, reason=reason, digest=artefact.sha256))
            continue
        if sha256_hex(octets) != artefact.sha256:
            raise UsageError("changed since it was judged", where=artefact.name, accepted="the octets of the run")
        row = _row(_path_of(artefact.name), artefact.role, octets, name=artefact.name)
        rows.append(row)
        files[row.path] = octets
    return rows, files, withheld


def commitment(octets: bytes) -> str:
    """Commit to a private key without showing it: SHA-256 over a tag and the octets, 64 hex digits."""
    return sha256_hex(_COMMITMENT + octets)


def _reason(artefact: ArtefactRow, octets: bytes | None, withhold: Sequence[str]) -> str:
    if any(fnmatchcase(artefact.name, pattern) for pattern in withhold):
        return "withheld by the maker of the bundle"
    return "not given to the writer of the bundle" if octets is None else ""


def _reports(
    record: Record,
    digest: str,
    inputs: Mapping[str, bytes],
    notes: Sequence[Note],
    attachments: Mapping[str, bytes],
) -> Iterator[tuple[str, str, bytes]]:
    for name, octets in sorted(attachments.items()):
        yield attachment_path(name), ATTACHMENT, octets
    if notes:
        yield NOTES, "notes", canonical_json([{"title": note.title, "text": note.text} for note in notes])
    yield REPORT, "report", bundled_report(record, digest, inputs, notes, attachments)


def _path_of(name: str) -> str:
    try:
        return input_path(name)
    except ArtefactError as error:
        raise UsageError(error.message, where=name, accepted="a path below the folder of the submission") from error


def _committed(name: str, octets: bytes) -> Withheld:
    return Withheld(
        name=name,
        role="secret",
        reason="a private key never leaves its owner",
        digest=commitment(octets),
        commitment=True,
    )


def _papers(
    catalogue: bytes,
    settings: Mapping[str, bytes],
    timing: Timing | None,
    firmware_sbom: bytes | None,
) -> Iterator[tuple[str, str, bytes]]:
    made_with = environment()
    yield "catalogue.json", "catalogue", catalogue
    yield "environment.json", "environment", made_with.to_json()
    yield "sbom/suite.cdx.json", "sbom-suite", suite_sbom(made_with)
    for name, octets in sorted(settings.items()):
        yield setting_path(name), "setting", octets
    if firmware_sbom is not None:
        yield "sbom/firmware.cdx.json", "sbom-firmware", firmware_sbom
    if timing is not None:
        yield "timing.json", "timing", timing.to_json()


def _row(path: str, role: str, octets: bytes, *, name: str = "") -> FileRow:
    suffix = PurePosixPath(path).suffix
    media_type = _MEDIA_TYPES.get(suffix, "application/octet-stream")
    return FileRow(
        path=path, role=role, media_type=media_type, octets=len(octets), sha256=sha256_hex(octets), name=name
    )


def _refuse_private_keys(files: Mapping[str, bytes]) -> None:
    points = certified_points(octets for octets in files.values() if len(octets) <= _CERTIFICATE_OCTETS)
    for path, octets in sorted(files.items()):
        if found := private_key_in(octets, points=points):
            raise UsageError(
                f"holds {found}: a bundle never does",
                where=path,
                accepted="files without private keys",
            )

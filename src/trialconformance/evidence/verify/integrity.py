"""Step 3: the files are those that the manifest lists, and the papers agree with the record."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping

from trialconformance import __version__
from trialconformance.core import ArtefactError, Record, Verdict, overall, sha256_hex
from trialconformance.evidence.attest.timestamp import STAMP_SUFFIX
from trialconformance.evidence.bundle.archive import input_path, setting_path
from trialconformance.evidence.bundle.manifest import ATTESTATIONS, MANIFEST, RECORD, FileRow, Manifest
from trialconformance.evidence.bundle.opened import Bundle
from trialconformance.evidence.bundle.papers import NOTES, REPORT, bundled_report, read_notes
from trialconformance.evidence.verify.outcome import Step, step

__all__ = ["check_integrity"]

_ENVELOPE = ".dsse.json"
_REQUIRED = {RECORD: "record", "catalogue.json": "catalogue", "environment.json": "environment"}


def check_integrity(bundle: Bundle) -> Step:
    """Hash every file again, both directions, and hold the papers against the record.

    Args:
        bundle: the opened bundle.

    Returns:
        Step 3.
    """
    reported, gaps = _report(bundle)
    return step(
        3,
        gaps=gaps,
        faults=[
            *_files(bundle.files, bundle.manifest),
            *_places(bundle.manifest),
            *_inputs(bundle),
            *_settings(bundle),
            *_accounting(bundle.record),
            *_catalogue(bundle),
            *reported,
        ],
        notes=[f"{len(bundle.manifest.files)} files hashed, {len(bundle.manifest.withheld)} inputs withheld"],
    )


def _files(files: Mapping[str, bytes], manifest: Manifest) -> Iterator[str]:
    paths = [row.path for row in manifest.files]
    if paths != sorted(set(paths)):
        yield f"{MANIFEST}: paths are not sorted and single"
    for row in manifest.files:
        if fault := _fault_of(row, files.get(row.path)):
            yield f"{row.path}: {fault}"
    listed = {*paths, MANIFEST}
    for path in sorted(set(files) - listed):
        if not _is_attestation(path, files):
            yield f"{path}: is not listed in the manifest"
    for path, role in _REQUIRED.items():
        if not any(row.path == path and row.role == role for row in manifest.files):
            yield f"{MANIFEST}: does not list {path} as {role}"


def _is_attestation(path: str, files: Mapping[str, bytes]) -> bool:
    stamped = path.removesuffix(STAMP_SUFFIX)
    return path.startswith(ATTESTATIONS) and stamped.endswith(_ENVELOPE) and stamped in files


def _fault_of(row: FileRow, octets: bytes | None) -> str | None:
    if row.path == MANIFEST or row.path.startswith(ATTESTATIONS):
        return "cannot be listed in the manifest"
    if octets is None:
        return "is listed and missing"
    if len(octets) != row.octets:
        return f"holds {len(octets)} octets, the manifest says {row.octets}"
    return None if sha256_hex(octets) == row.sha256 else "was changed: its SHA-256 is not the one in the manifest"


def _places(manifest: Manifest) -> Iterator[str]:
    for row in manifest.files:
        if not row.name:
            continue
        try:
            expected = input_path(row.name)
        except ArtefactError as error:
            yield error.message
            continue
        if row.path != expected:
            yield f"{row.path}: is not where the input {row.name} belongs ({expected})"


def _inputs(bundle: Bundle) -> Iterator[str]:
    artefacts = {each.name: each for each in bundle.record.artefacts}
    claims = [
        *((row.name, row.sha256, row.role) for row in bundle.manifest.files if row.name),
        *((each.name, each.digest, each.role) for each in bundle.manifest.withheld if not each.commitment),
    ]
    for name, count in Counter(name for name, _, _ in claims).items():
        if count > 1:
            yield f"{name}: is listed twice"
    for name, digest, role in sorted(claims):
        artefact = artefacts.get(name)
        if artefact is None:
            yield f"{name}: is an input that the record does not know"
        elif digest != artefact.sha256:
            yield f"{name}: is not the input that was judged: the record holds another SHA-256"
        elif role != artefact.role:
            yield f"{name}: has the role {role!r} here and {artefact.role!r} in the record"
    for name in sorted(set(artefacts) - {name for name, _, _ in claims}):
        yield f"{name}: was judged and is neither here nor withheld"


def _settings(bundle: Bundle) -> Iterator[str]:
    by_path = {row.path: row for row in bundle.manifest.files}
    for name, digest in bundle.record.settings.items():
        row = by_path.get(setting_path(name))
        if row is not None and row.sha256 != digest:
            yield f"settings/{name}: is not the file that steered the verdict: the record holds another SHA-256"
    if bundle.manifest.statement != bundle.record.statement:
        yield f"{MANIFEST}: says {bundle.manifest.statement!r} where the record says {bundle.record.statement!r}"


def _report(bundle: Bundle) -> tuple[list[str], list[str]]:
    """Make the report again: faults and gaps."""
    page = bundle.files.get(REPORT)
    if page is None:
        return [], ["there is no report to read"]
    if bundle.record.tool.version != __version__:
        return [], [
            f"{REPORT}: was made by version {bundle.record.tool.version} and is not made again by {__version__}"
        ]
    try:
        notes = read_notes(bundle.files.get(NOTES, b"[]"))
    except ValueError as error:
        return [f"{NOTES}: {error}"], []
    if page == bundled_report(bundle.record, bundle.digest, bundle.inputs, notes, bundle.attachments):
        return [], []
    return [f"{REPORT}: does not say what the record says"], []


def _accounting(record: Record) -> Iterator[str]:
    counts = Counter(row.verdict for row in record.cases)
    expected = {verdict.value: counts[verdict] for verdict in Verdict} | {"total": len(record.cases)}
    if record.accounting != expected:
        yield f"{RECORD}: the accounting does not add up to its cases"
    ids = [row.id for row in record.cases]
    if ids != sorted(set(ids)):
        yield f"{RECORD}: cases are not sorted and single"
    verdict = overall(
        [(row.verdict, row.severity) for row in record.cases if row.selected],
        partial=not all(row.selected for row in record.cases),
    )
    if record.verdict is not verdict:
        yield f"{RECORD}: states the verdict {record.verdict.value}, its cases add up to {verdict.value}"


def _catalogue(bundle: Bundle) -> Iterator[str]:
    octets = bundle.files.get("catalogue.json", b"")
    if sha256_hex(octets) != bundle.record.tool.catalogue:
        yield "catalogue.json: is not the catalogue that the record accounts for"
        return
    try:
        ids = {each["id"] for each in json.loads(octets)["cases"]}
    except (ValueError, KeyError, TypeError, RecursionError):
        yield "catalogue.json: cannot be read as a catalogue of cases"
        return
    recorded = {row.id for row in bundle.record.cases}
    for case in sorted(ids - recorded):
        yield f"{RECORD}: does not account for {case}"
    for case in sorted(recorded - ids):
        yield f"{RECORD}: accounts for {case}, which is not in the catalogue"

"""The papers of a bundle agree with its record, whoever sealed them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from trialconformance.core import Record, canonical_json, sha256_hex
from trialconformance.evidence import Note
from trialconformance.evidence.bundle.archive import pack, unpack
from trialconformance.evidence.verify import Outcome, Step, verify_bundle

Files = dict[str, bytes]


@pytest.fixture
def files(workshop: Any) -> Files:
    """The files of an unsigned bundle: whoever forges it needs no key."""
    path = workshop.bundle(signers=(), notes=[Note(title="Rig", text="Bench")])
    return dict(unpack(path.read_bytes()))


def sealed(files: Files) -> Step:
    """Step 3 after every digest of the manifest was made to fit."""
    manifest = json.loads(files["MANIFEST.json"])
    for row in manifest["files"]:
        row |= {"octets": len(files[row["path"]]), "sha256": sha256_hex(files[row["path"]])}
    files["MANIFEST.json"] = canonical_json(manifest)
    return verify_bundle(pack(files), trust=None, on=date(2022, 10, 15), again=None).steps[2]


def recorded(files: Files, change: Callable[[dict[str, Any]], None]) -> Files:
    """The files with a changed record."""
    record = json.loads(files["record.json"])
    change(record)
    return files | {"record.json": canonical_json(record)}


def with_catalogue(files: Files, octets: bytes) -> Files:
    """The files with another catalogue that the record names."""
    changed = recorded(files, lambda record: record["tool"].update(catalogue=sha256_hex(octets)))
    return changed | {"catalogue.json": octets}


def test_untouched(files: Files) -> None:
    """What nobody touched passes, notes of a user's plugin included."""
    assert sealed(files).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("octets", "message"),
    [
        (b"{}", "cannot be read as a catalogue"),
        (b"[" * 100_000, "cannot be read as a catalogue"),
        (b'{"cases":[]}', "accounts for GBCS-HDR-001, which is not in the catalogue"),
        (canonical_json({"cases": [{"id": "GBCS-NEW-001"}]}), "does not account for GBCS-NEW-001"),
    ],
)
def test_catalogue_must_be_the_one_accounted_for(files: Files, octets: bytes, message: str) -> None:
    """Record and catalogue name the same cases, in both directions."""
    step = sealed(with_catalogue(files, octets))
    assert step.outcome is Outcome.FAILED
    assert any(message in note for note in step.notes)


def test_cases_must_be_sorted_and_single(files: Files) -> None:
    """A record with its rows in another order was not written by the tool."""
    step = sealed(recorded(files, lambda record: record["cases"].reverse()))
    assert any("cases are not sorted and single" in note for note in step.notes)


def test_notes_that_are_none(files: Files) -> None:
    """Notes that are no list of titles and texts are a fault."""
    step = sealed(files | {"reports/notes.json": b'[{"title":"x"}]\n'})
    assert any("is no list of notes" in note for note in step.notes)


def test_report_of_another_version_is_a_gap(files: Files) -> None:
    """A report that another version made is not made again; it cannot be compared."""
    step = sealed(recorded(files, lambda record: record["tool"].update(version="0.0.1")))
    assert step.outcome is Outcome.GAP
    assert any("was made by version 0.0.1" in note for note in step.notes)


def test_missing_report_is_a_gap(files: Files) -> None:
    """A bundle without a report can still be verified."""
    manifest = json.loads(files["MANIFEST.json"])
    manifest["files"] = [row for row in manifest["files"] if row["path"] != "reports/report.html"]
    del files["reports/report.html"]
    step = sealed(files | {"MANIFEST.json": canonical_json(manifest)})
    assert step.outcome is Outcome.GAP
    assert any("no report" in note for note in step.notes)


def test_input_listed_twice_and_stranger(files: Files) -> None:
    """An input is here or withheld, not both, and the record knows it."""
    manifest = json.loads(files["MANIFEST.json"])
    manifest["withheld"] = [
        {"name": name, "role": "capture", "reason": "", "digest": "0" * 64, "commitment": False}
        for name in ("captures/ECS17b.hex", "captures/unknown.hex")
    ]
    step = sealed(files | {"MANIFEST.json": canonical_json(manifest)})
    assert any("captures/ECS17b.hex: is listed twice" in note for note in step.notes)
    assert any("captures/unknown.hex: is an input that the record does not know" in note for note in step.notes)


def test_record_that_is_not_canonical(files: Files) -> None:
    """The record reads the same with its keys in another order, and is refused."""
    record = Record.from_json(files["record.json"])
    files["record.json"] = json.dumps(json.loads(record.to_json())).encode()
    assert "is not in canonical form" in sealed(files).notes[0]

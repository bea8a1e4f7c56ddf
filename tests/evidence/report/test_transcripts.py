"""Transcripts of a live device are shown, those of procedures that failed first, and travel in the bundle."""

from __future__ import annotations

from datetime import date
from typing import Any

from trialconformance.core import Record, canonical_json
from trialconformance.evidence import open_bundle
from trialconformance.evidence.report.sections.transcripts import build
from trialconformance.evidence.verify import Outcome, verify_bundle


def transcript(entries: int = 2) -> bytes:
    """A transcript of some entries."""
    return canonical_json(
        {
            "schema_id": "trialconformance-transcript/1",
            "device": "00005eef100000a5",
            "device_type": "HCALCS",
            "entries": [
                {"at_ms": 10 * number, "direction": "to-device", "octets": "df" * 300, "note": "<sent>"}
                for number in range(entries)
            ],
        }
    )


def test_failed_procedures_come_first(record: Record) -> None:
    """The order is fail, error, inconclusive, then the others by id; text is escaped and long octets are cut."""
    names = ("GBCS-HDR-001", "CPL-FI-003", "GBCS-SEC-004")
    text = str(build(record, {f"transcripts/{name}.json": transcript() for name in names}))
    assert [text.index(name) for name in ("GBCS-SEC-004", "CPL-FI-003", "GBCS-HDR-001")] == sorted(
        text.index(name) for name in names
    )
    assert "&lt;sent&gt;" in text
    assert "df" * 256 + "…" in text
    assert "3 procedures talked to the device." in text


def test_long_transcript_is_cut(record: Record) -> None:
    """Sixty entries are shown and the others counted."""
    assert "and 5 more entries" in str(build(record, {"transcripts/GBCS-SEC-004.json": transcript(65)}))


def test_what_is_no_transcript_is_left_out(record: Record) -> None:
    """Other attachments, unknown cases and malformed files show nothing."""
    attachments = {
        "risk.json": b"{}",
        "transcripts/GBCS-NONE-001.json": transcript(),
        "transcripts/GBCS-SEC-004.json": b"{}",
    }
    assert build(record, attachments) is None
    assert build(record, {}) is None


def test_attachments_travel_in_the_bundle(workshop: Any) -> None:
    """They are listed, come back by name, and the report made again is the same."""
    attachments = {"transcripts/GBCS-HDR-001.json": transcript(), "risk.json": b"{}"}
    octets = workshop.bundle(attachments=attachments).read_bytes()
    bundle = open_bundle(octets)
    assert bundle.attachments == attachments
    assert b"Device transcripts" in bundle.files["reports/report.html"]
    verification = verify_bundle(octets, trust=workshop.trust(), on=date(2022, 10, 15), again=None)
    assert verification.steps[2].outcome is Outcome.PASSED

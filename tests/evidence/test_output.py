"""A run leaves a canonical record and a report."""

from __future__ import annotations

import json
from pathlib import Path

from trialconformance.core import Record
from trialconformance.evidence import Timing, write


def test_record_is_canonical_and_timing_stays_apart(record: Record, tmp_path: Path) -> None:
    """The record holds no clock; the timing is a file of its own."""
    timing = Timing(started="2022-10-03T10:00:00Z", finished="2022-10-03T10:00:07Z", cases={"GBCS-SEC-004": 12})
    written = write(record, tmp_path / "deep" / "results", timing=timing)
    assert written.record.read_bytes() == record.to_json()
    assert written.timing is not None
    assert json.loads(written.timing.read_bytes())["cases"] == {"GBCS-SEC-004": 12}
    assert b"10:00" not in written.record.read_bytes() + written.report.read_bytes()


def test_writing_twice_gives_the_same_octets(record: Record, tmp_path: Path) -> None:
    """The same record gives the same files, octet for octet, and no timing when none was kept."""
    first, second = write(record, tmp_path / "a"), write(record, tmp_path / "b")
    assert first.report.read_bytes() == second.report.read_bytes()
    assert first.timing is None

"""The laboratory's skeleton fills what the bundle knows, lists what it cannot know, and is no report."""

from __future__ import annotations

from typing import Any

from trialconformance.evidence import Timing, open_bundle
from trialconformance.evidence.lab import Scope, lab_report


def test_known_fields_are_filled_and_the_others_listed(workshop: Any) -> None:
    """Item, method and results come from the record; address, receipt and signature only from the laboratory."""
    report = lab_report(open_bundle(workshop.bundle(rows=workshop.rows).read_bytes()))
    fields = {field.id: field.value for field in report.fields}
    assert "Sample Switches plc" in fields["item"]
    assert any("SHA-256" in line for line in fields["item"])
    assert "GBCS 3.2" in fields["method"]
    assert fields["deviations"] == (
        "SMKI-KEY-001 waived: waiver W-1: owner manufacturer, approver SSC, until 2022-12-31",
    )
    assert {"laboratory", "location", "receipt", "issued", "authorised-by", "performed"} <= set(report.missing)
    assert "not an ISO/IEC 17025 report" in report.notice


def test_dates_come_from_the_timing(workshop: Any) -> None:
    """Where the bundle holds a timing the dates of the work are filled in, as a claim."""
    timing = Timing(started="2022-10-03T10:00:00Z", finished="2022-10-03T10:00:07Z")
    report = lab_report(open_bundle(workshop.bundle(timing=timing).read_bytes()))
    performed = next(field for field in report.fields if field.id == "performed")
    assert performed.value == ("2022-10-03T10:00:00Z to 2022-10-03T10:00:07Z, as the maker of the bundle says",)
    assert next(field for field in report.fields if field.id == "deviations").value == ("none",)


def test_results_outside_the_scope_are_flagged(workshop: Any) -> None:
    """Without a scope nothing is within it; with one, only what its patterns cover."""
    bundle = open_bundle(workshop.bundle().read_bytes())
    judged = [row.id for row in bundle.record.cases if row.verdict.judged]
    assert lab_report(bundle).outside_scope == tuple(judged)
    scoped = lab_report(bundle, scope=Scope(schedule="0000", cases=("GBCS-*",)))
    assert scoped.outside_scope == tuple(case for case in judged if not case.startswith("GBCS-"))
    assert scoped.schedule == "0000"

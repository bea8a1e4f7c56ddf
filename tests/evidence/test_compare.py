"""Every changed verdict is put down to what changed it."""

from __future__ import annotations

from typing import Any

import pytest

from trialconformance.core import (
    ArtefactRow,
    Record,
    Severity,
    Tool,
    Verdict,
    canonical_json,
    finding,
    sha256_hex,
    stamp,
)
from trialconformance.evidence.compare import Cause, Comparison, compare


def changed(record: Record, case: str, **update: Any) -> Record:
    """The record with one row changed."""
    rows = tuple(row.model_copy(update=update) if row.id == case else row for row in record.cases)
    return record.model_copy(update={"cases": rows})


def other_artefact(record: Record, name: str, role: str = "capture") -> Record:
    """The record with one artefact of other octets."""
    kept = tuple(each for each in record.artefacts if each.name != name)
    row = ArtefactRow(name=name, role=role, octets=1, sha256=sha256_hex(b"other"))
    return record.model_copy(update={"artefacts": (*kept, row)})


def causes(comparison: Comparison, case: str) -> tuple[Cause, ...]:
    """Causes named for one case."""
    return next(change.causes for change in comparison.changes if change.case == case)


def test_equal_records_have_no_difference(record: Record) -> None:
    """A record against itself is identical."""
    comparison = compare(record, record)
    assert comparison.identical
    assert comparison.changes == ()
    assert comparison.differences == {}


def test_changed_capture_is_the_product(record: Record) -> None:
    """A case whose findings lie in a changed artefact is put down to the product."""
    after = changed(other_artefact(record, "captures/ECS17b.hex"), "GBCS-SEC-004", verdict=Verdict.PASS, findings=())
    comparison = compare(record, after)
    assert causes(comparison, "GBCS-SEC-004") == (Cause.PRODUCT,)
    assert not comparison.changes[0].worse
    assert "findings 2 -> 0" in comparison.changes[0].detail


def test_finding_in_a_changed_artefact_wins_over_other_differences(record: Record) -> None:
    """Where the specification changed too, the place of the finding decides."""
    found = stamp([finding(expected="", seen="")], case="GBCS-HDR-001", artefact="captures/ECS17b.hex", octets={})
    after = changed(
        other_artefact(record, "captures/ECS17b.hex"), "GBCS-HDR-001", verdict=Verdict.FAIL, findings=tuple(found)
    ).model_copy(update={"specifications": {"GBCS": "4.2"}})
    comparison = compare(record, after)
    assert causes(comparison, "GBCS-HDR-001") == (Cause.PRODUCT,)
    assert comparison.changes[0].worse


def test_waiver(record: Record) -> None:
    """A case that is waived in one run only is put down to the waivers."""
    after = changed(record, "GBCS-SEC-004", verdict=Verdict.WAIVED).model_copy(
        update={"settings": {"waivers": "0" * 64}}
    )
    assert causes(compare(record, after), "GBCS-SEC-004") == (Cause.WAIVER,)


def test_specification(record: Record) -> None:
    """A case that became effective is put down to the specification version."""
    after = changed(record, "TRIAL-TR-28", verdict=Verdict.FAIL, reason="1 finding").model_copy(
        update={"specifications": {"GBCS": "4.2", "SMETS": "4.2"}}
    )
    comparison = compare(record, after)
    assert causes(comparison, "TRIAL-TR-28") == (Cause.SPECIFICATION,)
    assert comparison.differences[Cause.SPECIFICATION] == ("GBCS 3.2 -> 4.2",)


def test_ics(record: Record) -> None:
    """A case that the ICS no longer rules out is put down to the ICS."""
    before = other_artefact(record, "submission.toml", "submission")
    after = changed(before, "GBCS-USE-017", verdict=Verdict.PASS, reason="3 judged")
    renewed = after.model_copy(update={"artefacts": after.artefacts[:-1]})
    assert causes(compare(before, renewed), "GBCS-USE-017") == (Cause.ICS,)


def test_selection(record: Record) -> None:
    """A case that a person left out is put down to the selection."""
    after = changed(record, "GBCS-HDR-001", verdict=Verdict.NOT_RUN, selected=False)
    assert causes(compare(record, after), "GBCS-HDR-001") == (Cause.SELECTION,)


def test_new_wording_and_new_cases_are_the_suite(record: Record) -> None:
    """What the suite itself changed is its own doing."""
    reworded = changed(record, "GBCS-HDR-001", requirement="Another text.")
    assert causes(compare(record, reworded), "GBCS-HDR-001") == (Cause.SUITE,)
    fewer = record.model_copy(update={"cases": record.cases[1:]})
    for comparison, words in ((compare(record, fewer), "second"), (compare(fewer, record), "first")):
        assert comparison.changes[0].causes == (Cause.SUITE,)
        assert f"the {words} record does not know" in comparison.changes[0].detail
        assert not comparison.changes[0].worse


def test_other_severity_is_the_policy(record: Record) -> None:
    """A case that weighs differently under another profile is put down to the policy."""
    after = changed(record, "GBCS-HDR-001", severity=Severity.SHOULD).model_copy(update={"settings": {"policy": "1"}})
    assert causes(compare(record, after), "GBCS-HDR-001") == (Cause.POLICY,)


def test_same_inputs_judged_differently_are_the_suites_fault(record: Record) -> None:
    """Where nothing differs that could explain a change, nobody else is blamed."""
    after = changed(record, "GBCS-HDR-001", verdict=Verdict.FAIL, judged=25, reason="1 finding")
    change = compare(record, after).changes[0]
    assert change.causes == (Cause.SUITE,)
    assert "judged 24 -> 25" in change.detail


def test_several_possible_causes_are_all_named(record: Record) -> None:
    """Where the records cannot tell, every cause that differs is named."""
    after = changed(record, "GBCS-HDR-001", verdict=Verdict.FAIL).model_copy(
        update={
            "as_of": "2023-01-01",
            "tool": Tool(name="trialconformance", version="9", catalogue="0"),
            "assumptions": (),
        }
    )
    assert causes(compare(record, after), "GBCS-HDR-001") == (Cause.DATE, Cause.POLICY, Cause.SUITE)


@pytest.mark.parametrize("same", [True, False])
def test_comparison_as_json_is_canonical(record: Record, same: bool) -> None:
    """The JSON of a comparison can be written in canonical form."""
    after = record if same else changed(record, "GBCS-HDR-001", verdict=Verdict.FAIL)
    assert canonical_json(compare(record, after).report.model_dump(mode="json"))

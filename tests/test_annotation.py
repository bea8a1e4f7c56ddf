"""Cases and findings as text for people."""

from __future__ import annotations

import pytest

from trialconformance.annotation import finding_lines, row_text
from trialconformance.core import (
    Basis,
    Case,
    CaseRow,
    Excerpt,
    Finding,
    Scope,
    Severity,
    Span,
    Verdict,
)

_CASE = Case(
    id="TOY-FF-01",
    title="no ff",
    requirement="A thing holds no FF.",
    clause="Toy 1",
    severity=Severity.MUST,
    basis=Basis.SOURCE,
    scope=Scope(kind="thing", title="every thing"),
)
_OCTETS = bytes(range(0x30, 0x50))


def _finding(start: int, length: int, path: str = "body") -> Finding:
    span = Span(start=start, length=length, path=path)
    return Finding(expected="no FF", seen="FF", artefact="a.hex", span=span, excerpt=Excerpt.around(span, _OCTETS))


def test_octets_at_fault_stand_in_brackets() -> None:
    """Every row of the excerpt shows offset, octets and text; those at fault are between brackets, also across rows."""
    lines = list(finding_lines(_finding(14, 4)))
    assert lines[:3] == ["a.hex, octets 14 to 17 (body)", "  expected  no FF", "  seen      FF"]
    assert "3D[3E 3F]" in lines[3]
    assert "[40 41]42" in lines[4]
    assert lines[3].endswith("0123456789:;<=>?")


@pytest.mark.parametrize(
    ("finding", "place"),
    [
        (_finding(5, 1), "a.hex, octet 5 (body)"),
        (_finding(5, 0, ""), "a.hex, missing at octet 5"),
        (Finding(expected="a", seen="b", artefact="a.hex"), "a.hex"),
    ],
)
def test_the_place_is_said_in_words(finding: Finding, place: str) -> None:
    """One octet, a gap, or no place at all."""
    assert next(finding_lines(finding)) == place


def test_a_row_shows_its_first_findings() -> None:
    """A row shows requirement, clause and reason, five findings, and how many more there are."""
    row = CaseRow.of(_CASE, Verdict.FAIL, "8 artefacts looked at", findings=[_finding(at, 1) for at in range(8)])
    text = row_text(row)
    assert text.startswith(
        "A thing holds no FF.\nToy 1 | severity must | basis source | every thing\nfail: 8 artefacts"
    )
    assert text.count("expected  ") == 5
    assert text.endswith("and 3 more in the record")

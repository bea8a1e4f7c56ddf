"""Findings and their excerpts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialconformance.core import Excerpt, Span, finding, stamp


@given(st.binary(max_size=300), st.integers(0, 320), st.integers(0, 200))
def test_an_excerpt_holds_the_start_of_its_span_in_whole_rows(octets: bytes, start: int, length: int) -> None:
    """Rows start at multiples of 16, stay within 128 octets and are what the artefact holds there."""
    excerpt = Excerpt.around(Span(start=start, length=length), octets)
    shown = bytes.fromhex(excerpt.octets)
    assert excerpt.start % 16 == 0
    assert len(shown) <= 128
    assert octets[excerpt.start : excerpt.start + len(shown)] == shown
    if start < len(octets) and length:
        assert excerpt.start <= start < excerpt.start + max(len(shown), 1)


def test_stamping_completes_and_sorts_findings() -> None:
    """The judge's case, artefact and excerpt are filled in, unless the check named another artefact."""
    late = finding(expected="a", seen="b", at=Span(start=20, length=1, path="late"))
    early = finding(expected="a", seen="b", at=Span(start=2, length=1, path="early"))
    elsewhere = finding(expected="a", seen="b", artefact="before")
    stamped = stamp([late, elsewhere, early], case="GBCS-TST-001", artefact="capture", octets={"capture": bytes(32)})
    assert [(each.artefact, each.path) for each in stamped] == [
        ("before", ""),
        ("capture", "early"),
        ("capture", "late"),
    ]
    assert {each.case for each in stamped} == {"GBCS-TST-001"}
    assert stamped[0].excerpt is None
    assert stamped[1].excerpt == Excerpt(start=0, octets="00" * 32)


def test_a_finding_without_place_has_no_path() -> None:
    """A finding about a whole artefact sorts before those with a place."""
    placeless = finding(expected="a", seen="b")
    assert placeless.path == ""
    assert placeless.order < finding(expected="a", seen="b", at=Span(start=0, length=1)).order


@pytest.mark.parametrize(("start", "length", "end"), [(0, 0, 0), (3, 4, 7)])
def test_a_span_ends_after_its_last_octet(start: int, length: int, end: int) -> None:
    """End is start plus length."""
    assert Span(start=start, length=length).end == end

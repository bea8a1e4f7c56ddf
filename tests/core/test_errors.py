"""Errors that say what, where and what is accepted."""

from __future__ import annotations

from trialconformance.core import ArtefactError, UsageError


def test_an_artefact_error_says_where_and_what() -> None:
    """Artefact, offset, path and clause stand in brackets; expected and seen follow."""
    error = ArtefactError(
        "bad flag",
        artefact="a.hex",
        offset=9,
        length=1,
        path="cra",
        clause="GBCS 7.2.7",
        expected="01 to 03",
        seen="04",
    )
    assert str(error) == "bad flag (a.hex, offset 9, cra, GBCS 7.2.7): expected 01 to 03; seen 04"


def test_an_artefact_error_leaves_out_what_it_does_not_know() -> None:
    """Nothing is said about an unknown place, and offset 0 is a place."""
    assert str(ArtefactError("bad")) == "bad"
    assert str(ArtefactError("bad", offset=0)) == "bad (offset 0)"
    assert str(ArtefactError("bad", seen="x")) == "bad: seen x"


def test_a_usage_error_says_what_is_accepted() -> None:
    """Where and accepted frame the message."""
    assert str(UsageError("no", where="f", accepted="yes")) == "f: no (accepted: yes)"
    assert str(UsageError("no")) == "no"

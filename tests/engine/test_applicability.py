"""Versions of specifications as people write them."""

from __future__ import annotations

import pytest

from trialconformance.core import UsageError
from trialconformance.engine.applicability import version_of


@pytest.mark.parametrize(
    ("text", "version"), [("4.2", (4, 2)), ("V4.2", (4, 2)), (" v3.10 ", (3, 10)), ("4.2.1", (4, 2))]
)
def test_versions_are_read(text: str, version: tuple[int, int]) -> None:
    """A version is major and minor, with or without a V and a patch number."""
    assert version_of(text, where="specifications.GBCS") == version


@pytest.mark.parametrize("text", ["", "4", "four.two", "4.2-draft", "4.2 5.0"])
def test_other_text_is_refused(text: str) -> None:
    """Anything else is bad input that says what is accepted."""
    with pytest.raises(UsageError, match=r"major\.minor"):
        version_of(text, where="specifications.GBCS")

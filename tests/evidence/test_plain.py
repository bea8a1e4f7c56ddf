"""Text of strangers cannot speak to the terminal."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trialconformance.evidence.plain import printable


@given(st.text(st.characters(), max_size=40))
def test_nothing_unprintable_is_left(text: str) -> None:
    """Whatever comes in, what comes out is printable and can be written as UTF-8."""
    assert printable(text).isprintable()
    assert printable(text).encode() is not None


def test_ordinary_text_stays() -> None:
    """Letters of any language and ordinary punctuation are not touched."""
    assert printable("Zähler → 1, ok") == "Zähler → 1, ok"
    assert printable("\x1b[2J\u202e\ud800") == "\\u001b[2J\\u202e\\ud800"

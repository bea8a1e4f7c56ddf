"""Entity identifiers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialconformance.core import UsageError, format_eui64, parse_eui64


@given(st.binary(min_size=8, max_size=8), st.sampled_from(["", "-", ":"]), st.booleans())
def test_every_usual_spelling_is_read(octets: bytes, between: str, upper: bool) -> None:
    """Case and separators do not matter, and writing gives upper case."""
    text = octets.hex(between) if between else octets.hex()
    assert parse_eui64(text.upper() if upper else text) == octets
    assert format_eui64(octets) == octets.hex().upper()


@pytest.mark.parametrize("text", ["", "90B3D51F3000000", "90B3D51F300000022", "90B3D51F3000000G", "٠" * 16])  # noqa: RUF001  # Arabic digits are the point
def test_anything_else_is_refused(text: str) -> None:
    """The error shows what was given and an example."""
    with pytest.raises(UsageError, match=r"acb: .* is not an EUI-64 \(accepted: 16 hex digits"):
        parse_eui64(text, where="acb")

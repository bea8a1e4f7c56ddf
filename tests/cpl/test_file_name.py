"""Versions and dates in file names."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from trialconformance.core import Finding
from trialconformance.cpl.comparison import Comparison
from trialconformance.cpl.file_name import shape_of, token_of


@pytest.mark.parametrize(
    ("name", "token", "shape"),
    [
        ("CPL_20221003.csv", (2022, 10, 3), "CPL_00000000.csv"),
        ("lists/2022-10-03 CPL.csv", (2022, 10, 3), "0000-00-00 CPL.csv"),
        ("CPL-03.10.2022.csv", (2022, 10, 3), "CPL-00.00.0000.csv"),
        ("CPL v3.12.csv", (3, 12), "CPL v0.00.csv"),
        ("before.csv", (), "before.csv"),
        ("vector-1.4-after2.csv", (), "vector-1.4-after2.csv"),
        ("2022/after.csv", (), "after.csv"),
    ],
)
def test_tokens_are_told_from_other_digits(name: str, token: tuple[int, ...], shape: str) -> None:
    """Dates in either order and versions are tokens; other digits and folders are not."""
    assert token_of(name) == token
    assert shape_of(name) == shape


@pytest.mark.parametrize(
    ("before", "after", "cases"),
    [
        ("CPL_20220901.csv", "CPL_20221003.csv", set()),
        ("CPL_20221003.csv", "CPL_20220901.csv", {"CPL-FI-085"}),
        ("CPL_20221003.csv", "CPL_20221003.csv", {"CPL-FI-085"}),
        ("CPL_20220901.csv", "CPL_with_trials_20221003.csv", {"CPL-FI-014"}),
        ("before.csv", "after.xlsx", {"CPL-FI-014"}),
        ("before1.csv", "after1.csv", set()),
    ],
)
def test_names_are_judged_by_shape_and_token(
    compare: Callable[..., Comparison],
    judge: Callable[[Comparison], dict[str, list[Finding]]],
    before: str,
    after: str,
    cases: set[str],
) -> None:
    """A published name keeps its shape and moves on in time; the names of working copies are left alone."""
    assert set(judge(compare(names=(before, after)))) - {"CPL-FIW-031"} == cases

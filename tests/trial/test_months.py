"""Calendar months."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialconformance.trial.months import add_months, end_of_trial

# The vectors of the register's definition.
VECTORS = [
    (date(2022, 10, 1), 12, date(2023, 9, 30)),
    (date(2022, 10, 1), 18, date(2024, 3, 31)),
    (date(2022, 8, 31), 6, date(2023, 2, 27)),
    (date(2024, 2, 29), 12, date(2025, 2, 27)),
]


@pytest.mark.parametrize(("start", "months", "end"), VECTORS)
def test_the_end_is_that_of_the_vectors(start: date, months: int, end: date) -> None:
    """Start plus months less one day, the day clamped to the end of the month."""
    assert end_of_trial(start, months) == end


@given(start=st.dates(max_value=date(2500, 1, 1)), months=st.integers(1, 600))
def test_the_day_stays_or_is_the_last_of_its_month(start: date, months: int) -> None:
    """Adding months keeps the day of the month unless that month is too short, and never skips a month."""
    later = add_months(start, months)
    assert (later.year - start.year) * 12 + later.month - start.month == months
    assert later.day == start.day or (later.day < start.day and (later + timedelta(days=1)).day == 1)


def test_days_beyond_the_calendar_are_its_last() -> None:
    """A duration that nobody can mean ends with the calendar instead of breaking the tool."""
    assert add_months(date(9999, 1, 1), 12) == date.max
    assert end_of_trial(date(2022, 10, 1), 10**9) == date(9999, 12, 30)

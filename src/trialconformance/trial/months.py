"""Calendar arithmetic of a trial: whole months, the day clamped to the end of the month."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

__all__ = ["add_months", "end_of_trial"]


def add_months(day: date, months: int) -> date:
    """The same day some calendar months later, the last of that month where it has no such day.

    Args:
        day: where to start.
        months: calendar months, 0 or more.

    Returns:
        The day; the last one of the calendar where it would lie beyond the year 9999.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def end_of_trial(start: date, months: int) -> date:
    """Last permitted day of a trial: start plus its months, less one day.

    Args:
        start: first day.
        months: calendar months, 1 or more.

    Returns:
        The last day, still inside the trial.
    """
    return add_months(start, months) - timedelta(days=1)

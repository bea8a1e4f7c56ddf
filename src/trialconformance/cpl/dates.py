"""Dates of the list: one declared form, real calendar days only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache

__all__ = ["DateFormat"]

_FIELD = {"DD": r"(?P<day>[0-9]{2})", "MM": r"(?P<month>[0-9]{2})", "YYYY": r"(?P<year>[0-9]{4})"}
_FORMAT = re.compile(r"(DD|MM|YYYY)([-/. ]?)(DD|MM|YYYY)([-/. ]?)(DD|MM|YYYY)")


@dataclass(frozen=True, slots=True, kw_only=True)
class DateFormat:
    """A way to write dates.

    Args:
        text: for example ``DD/MM/YYYY``.
        regex: matches a date of that form with the groups ``day``, ``month`` and ``year``.
    """

    text: str
    regex: re.Pattern[str]

    @classmethod
    @cache
    def of(cls, text: str) -> DateFormat:
        """Read a format.

        Args:
            text: ``DD``, ``MM`` and ``YYYY``, each once, with ``/``, ``-``, ``.``, a space or nothing between them.

        Returns:
            The format.

        Raises:
            ValueError: another text.
        """
        parts = _FORMAT.fullmatch(text)
        if parts is None or {parts[1], parts[3], parts[5]} != set(_FIELD):
            raise ValueError(f"{text!r} is no date format: DD, MM and YYYY each once, for example DD/MM/YYYY")
        pattern = f"{_FIELD[parts[1]]}{re.escape(parts[2])}{_FIELD[parts[3]]}{re.escape(parts[4])}{_FIELD[parts[5]]}"
        return cls(text=text, regex=re.compile(pattern))

    def parse(self, value: str) -> date | None:
        """Read a date.

        Args:
            value: text of a field.

        Returns:
            The day, None where the text has another form or names no day of the calendar.
        """
        match = self.regex.fullmatch(value)
        if match is None or not value.isascii():
            return None
        try:
            return date(int(match["year"]), int(match["month"]), int(match["day"]))
        except ValueError:
            return None

    def write(self, day: date) -> str:
        """Write a date in this form."""
        return (
            self.text.replace("YYYY", f"{day.year:04}").replace("MM", f"{day.month:02}").replace("DD", f"{day.day:02}")
        )

"""DLMS date-time, date and time octets: the special values, the text for a person, and building.

Green Book, date-time format; GBCS uses ``now`` and ``never`` for future dating (GBCS 9.2.2).
"""

from __future__ import annotations

import datetime

__all__ = [
    "DATE_OCTETS",
    "DATE_TIME_OCTETS",
    "NEVER",
    "NOW",
    "date_text",
    "date_time_octets",
    "date_time_text",
    "read_date_time",
    "time_text",
]

DATE_TIME_OCTETS = 12
DATE_OCTETS = 5

# Nine octets of date and time, deviation 8000 (unspecified), clock status FF (unspecified).
NOW = bytes(9) + b"\x80\x00\xff"
NEVER = b"\xff" * 9 + b"\x80\x00\xff"

_UNSPECIFIED_DEVIATION = -0x8000
_ANY = 0xFF
_SPECIAL_DATE_TIMES = {NOW: "now", NEVER: "never"}
_MONTHS = {0xFD: "daylight saving ends", 0xFE: "daylight saving begins", _ANY: "any month"}
_DAYS = {0xFD: "second last day", 0xFE: "last day", _ANY: "any day"}
_DAYS_OF_WEEK = ("", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_CLOCK_STATUS = {0x01: "invalid", 0x02: "doubtful", 0x04: "other clock base", 0x08: "invalid clock status", 0x80: "DST"}
_UNSPECIFIED_STATUS = 0xFF


def date_time_octets(moment: datetime.datetime) -> bytes:
    """Write a moment the way GBCS Devices do: UTC, day of week and deviation unspecified.

    Args:
        moment: with a time zone.

    Returns:
        12 octets.
    """
    utc = moment.astimezone(datetime.UTC)
    date = utc.year.to_bytes(2) + bytes((utc.month, utc.day, _ANY))
    return date + bytes((utc.hour, utc.minute, utc.second, utc.microsecond // 10_000)) + NOW[-3:]


def read_date_time(octets: bytes) -> datetime.datetime | None:
    """The moment that 12 octets name, in UTC where no deviation is given.

    Args:
        octets: a DLMS date-time.

    Returns:
        The moment; None for a special value, a wildcard or something that is no calendar date-time.
    """
    if len(octets) != DATE_TIME_OCTETS:
        return None
    hundredths = 0 if octets[8] == _ANY else octets[8]
    try:
        moment = datetime.datetime(
            year=int.from_bytes(octets[:2]),
            month=octets[2],
            day=octets[3],
            hour=octets[5],
            minute=octets[6],
            second=octets[7],
            microsecond=hundredths * 10_000,
            tzinfo=datetime.UTC,
        )
        deviation = int.from_bytes(octets[9:11], signed=True)
        # DLMS counts minutes from local time to UTC.
        return moment if deviation == _UNSPECIFIED_DEVIATION else moment + datetime.timedelta(minutes=deviation)
    except (ValueError, OverflowError):
        return None


def date_time_text(octets: bytes) -> str:
    """A date-time for a person.

    Args:
        octets: 12 octets.

    Returns:
        For example ``2015-01-01 00:00:00``, ``now`` or ``never``; empty when no date-time can be told from it.
    """
    if len(octets) != DATE_TIME_OCTETS:
        return ""
    if special := _SPECIAL_DATE_TIMES.get(octets):
        return special
    date, time = date_text(octets[:5]), time_text(octets[5:9])
    deviation = int.from_bytes(octets[9:11], signed=True)
    if not date or not time or not (deviation == _UNSPECIFIED_DEVIATION or -840 <= deviation <= 840):
        return ""
    zone = "" if deviation == _UNSPECIFIED_DEVIATION else f" deviation {deviation} min"
    return f"{date} {time}{zone}{_status_text(octets[11])}"


def date_text(octets: bytes) -> str:
    """A date of 5 octets for a person, wildcards spelled out; empty when it is no date."""
    if len(octets) != DATE_OCTETS:
        return ""
    year, month, day, day_of_week = int.from_bytes(octets[:2]), octets[2], octets[3], octets[4]
    plausible = (
        (1 <= month <= 12 or month in _MONTHS)
        and (1 <= day <= 31 or day in _DAYS)
        and (1 <= day_of_week <= 7 or day_of_week == _ANY)
        and (1970 <= year <= 9999 or year == 0xFFFF)
    )
    if not plausible:
        return ""
    weekday = "" if day_of_week == _ANY else f" {_DAYS_OF_WEEK[day_of_week]}"
    if year == 0xFFFF or month in _MONTHS or day in _DAYS:
        parts = ("any year" if year == 0xFFFF else f"{year:04}", _MONTHS.get(month, f"month {month}"))
        return f"{', '.join(parts)}, {_DAYS.get(day, f'day {day}')}{weekday}"
    return f"{year:04}-{month:02}-{day:02}{weekday}"


def time_text(octets: bytes) -> str:
    """A time of 4 octets for a person, ``--`` for any; empty when it is no time."""
    if len(octets) != 4:
        return ""
    limits = (23, 59, 59, 99)
    if any(octet > limit and octet != _ANY for octet, limit in zip(octets, limits, strict=True)):
        return ""
    hour, minute, second = ("--" if octet == _ANY else f"{octet:02}" for octet in octets[:3])
    hundredths = "" if octets[3] in (0, _ANY) else f".{octets[3]:02}"
    return f"{hour}:{minute}:{second}{hundredths}"


def _status_text(status: int) -> str:
    """The clock status flags; nothing for a reliable or unspecified clock."""
    if status in (0, _UNSPECIFIED_STATUS):
        return ""
    flags = [name for bit, name in _CLOCK_STATUS.items() if status & bit]
    return f" (clock {', '.join(flags) or f'status {status:02X}'})"

"""The DLMS date-time of the grouping header, 12 octets, GBCS 7.2.7 and DLMS 4.1.6.1."""

from __future__ import annotations

import calendar
import struct

__all__ = ["date_time_faults"]

_LAYOUT = struct.Struct(">HBBBBBBBhB")
_UNSPECIFIED = 0xFF
_NO_DEVIATION = -0x8000
_FIRST_YEAR = 2000


def date_time_faults(octets: bytes) -> list[str]:
    """Say what keeps a date-time from naming one moment of the calendar in UTC.

    Args:
        octets: 12 octets.

    Returns:
        What is wrong, in words; empty where nothing is.
    """
    year, month, day, weekday, hour, minute, second, hundredths, deviation, _ = _LAYOUT.unpack(octets)
    faults = []
    if not _FIRST_YEAR <= year < 0xFFFF:
        faults.append(f"year {year}")
    if not 1 <= month <= 12:
        faults.append(f"month {month}")
    elif not 1 <= day <= calendar.monthrange(year if 1 <= year <= 9999 else 2000, month)[1]:
        faults.append(f"day {day}")
    if not (1 <= weekday <= 7 or weekday == _UNSPECIFIED):
        faults.append(f"day of week {weekday}")
    if hour > 23 or minute > 59 or second > 59:
        faults.append(f"time {hour:02}:{minute:02}:{second:02}")
    if hundredths > 99 and hundredths != _UNSPECIFIED:
        faults.append(f"hundredths {hundredths}")
    if deviation != _NO_DEVIATION:
        faults.append(f"deviation {deviation & 0xFFFF:04X}")
    return faults

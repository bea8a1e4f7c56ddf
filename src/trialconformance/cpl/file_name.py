"""What the name of a published list says: its version or date, and the shape of everything else."""

from __future__ import annotations

import re
from pathlib import PurePath

__all__ = ["shape_of", "token_of"]

# A date in either order, or a version after the letter v; other digits in a name are no token.
_TOKEN = re.compile(
    r"(?<![0-9])(?:(?P<year>20[0-9]{2})([-_.]?)(?P<month>[01][0-9])\2(?P<day>[0-3][0-9])"
    r"|(?P<first>[0-3][0-9])([-_.]?)(?P<second>[01][0-9])\6(?P<last>20[0-9]{2}))(?![0-9])"
    r"|(?<![A-Za-z])[vV](?P<version>[0-9]+(?:\.[0-9]+)*)"
)
_DIGIT = re.compile(r"[0-9]")


def token_of(name: str) -> tuple[int, ...]:
    """Read the version or date of a file name.

    Args:
        name: file name or path.

    Returns:
        Year, month and day, or the parts of a version; empty where the name has neither.
    """
    match = _TOKEN.search(PurePath(name).name)
    if match is None:
        return ()
    if match["version"]:
        return tuple(map(int, match["version"].split(".")))
    if match["year"]:
        return (int(match["year"]), int(match["month"]), int(match["day"]))
    return (int(match["last"]), int(match["second"]), int(match["first"]))


def shape_of(name: str) -> str:
    """Write a file name with zeros for the digits of its version or date, so that two issues of a list compare."""
    return _TOKEN.sub(lambda token: _DIGIT.sub("0", token.group()), PurePath(name).name)

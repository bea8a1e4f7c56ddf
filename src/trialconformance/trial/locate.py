"""Where a key stands in a TOML file, so that a finding can point at it."""

from __future__ import annotations

import re

from trialconformance.core import Span

__all__ = ["locate"]

_HEADER = re.compile(rb"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(rb"\s*(?:\"([^\"]+)\"|([A-Za-z0-9_-]+))\s*=")


def locate(octets: bytes, path: str) -> Span | None:
    """Find the line of a key in a plainly written TOML file: tables with headers, one key a line.

    Args:
        octets: the file.
        path: dotted path, for example ``trial.quantity`` or ``certificates.0.file``.

    Returns:
        The line without its line feed, or None where the key stands in another form or not at all.
    """
    wanted = path.encode()
    counts: dict[bytes, int] = {}
    prefix = b""
    start = 0
    for line in octets.split(b"\n"):
        if header := _HEADER.match(line):
            table = header[2].replace(b'"', b"")
            if header[1] == b"[[":
                index = counts[table] = counts.get(table, -1) + 1
                table = b"%b.%d" % (table, index)
            prefix = table + b"."
            found = table
        elif key := _KEY.match(line):
            found = prefix + (key[1] or key[2])
        else:
            found = b""
        # an array stands on one line: its members have no line of their own
        if found and re.fullmatch(re.escape(found) + rb"(\.[0-9]+)?", wanted):
            return Span(start=start, length=len(line.rstrip()), path=path)
        start += len(line) + 1
    return None

"""FI-050 to FI-055: entry ids, Device Model keys, order, and the one entry that DUIS finds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from trialconformance.core import Finding, Span, finding
from trialconformance.cpl.checks.declare import invariance
from trialconformance.cpl.comparison import Comparison
from trialconformance.cpl.delimited import Row
from trialconformance.cpl.document import Document, shown

_MODEL = re.compile(r"[0-9A-Fa-f]{8}")


def first_difference(one: bytes, other: bytes) -> int:
    """Offset of the first octet that differs, the shorter length where one is a prefix of the other."""
    length = min(len(one), len(other))
    if one[:length] == other[:length]:
        return length
    low, high = 0, length
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if one[low:middle] == other[low:middle] else (low, middle)
    return low


def _number(text: str) -> tuple[int, str]:
    return (int(text), "") if text.isascii() and text.isdecimal() else (-1, text)


@invariance(50)
def entry_ids_are_never_used_again(c: Comparison) -> Iterator[Finding]:
    """Entry ids are unique, none moved to another Device Model or was renumbered, and new ones follow the old ones."""
    column = c.profile.keys.entry[0]
    seen: set[str] = set()
    for row, entry in zip(c.after.records, c.after.entries, strict=True):
        if entry in seen:
            yield c.after.breach(row, column, expected="an id that no other entry has")
        seen.add(entry)
    for earlier, later in c.kept:
        if earlier.octets != later.octets and c.before.model_key(earlier) != c.after.model_key(later):
            yield c.after.breach(
                later,
                column,
                expected=f"an id that was not that of {' '.join(filter(None, c.before.model_key(earlier)))}",
            )
    moved = {_without(c.before, row, column): row for row in c.gone}
    newest = max(map(_number, c.before.entries), default=(-1, ""))
    for row in c.added:
        entry = c.after.entry(row)
        if (earlier_row := moved.get(_without(c.after, row, column))) is not None:
            yield c.after.breach(row, column, expected=f"{c.before.entry(earlier_row)}, its id in the list before")
        elif entry not in c.before.by_entry and _number(entry) <= newest:
            yield c.after.breach(row, column, expected=f"an id after {newest[0] if newest[0] >= 0 else newest[1]}")


def _without(document: Document, row: Row, column: str) -> tuple[str, ...]:
    position = document.index.get(column, len(row.cells))
    return row.cells[:position] + row.cells[position + 1 :]


@invariance(51)
def device_models_are_unique(c: Comparison) -> Iterator[Finding]:
    """No two entries that are not removed have one Device Model key: a trial and a certified one cannot coexist."""
    seen: dict[tuple[str, ...], Row] = {}
    for row, key in zip(c.after.records, c.after.model_keys, strict=True):
        if c.after.removed(row):
            continue
        if (first := seen.setdefault(key, row)) is not row:
            yield c.after.breach(
                row,
                c.profile.keys.model[-1],
                expected=f"another Device Model than entry {c.after.entry(first)}",
                seen=" ".join(filter(None, key)),
            )


@invariance(52)
def order_is_kept(c: Comparison) -> Iterator[Finding]:
    """Entries are sorted as the profile says, and those of the list before stand in the same order."""
    columns = c.profile.ordering.by
    if columns:
        keys = [tuple(map(_number, key)) for key in zip(*map(c.after.column, columns), strict=True)]
        for row, key, previous in zip(c.after.records[1:], keys[1:], keys, strict=False):
            if key < previous:
                yield c.after.breach(row, columns[0], expected="entries sorted ascending by " + ", ".join(columns))
    places = {entry: place for place, entry in enumerate(c.before.entries)}
    last = -1
    for row, entry in zip(c.after.records, c.after.entries, strict=True):
        place = places.get(entry, -1)
        if -1 < place < last:
            yield c.after.breach(row, None, expected="the order of the list before", seen=f"entry {entry} here")
        last = max(last, place)


@invariance(53)
def records_are_only_appended(c: Comparison) -> Iterator[Finding]:
    """Where the list is append-only, the list before, with its declared updates, is the start of the list after."""
    if not c.profile.ordering.append_only:
        return
    later = c.after.by_entry
    expected = [
        later.get(c.before.entry(row), row) if row is not c.before.header and c.before.entry(row) in c.touched else row
        for row in c.before.rows
    ]
    if not c.after.content.text:
        for one, other in zip(expected, c.after.rows, strict=False):
            if one.octets != other.octets:
                yield c.after.breach(
                    other, None, expected="the record of the list before", seen=shown(" ".join(other.cells))
                )
                return
        return
    octets = c.before.content.bom + b"".join(
        row.octets + kept.ending for row, kept in zip(expected, c.before.rows, strict=True)
    )
    if not c.after.octets.startswith(octets):
        place = first_difference(octets, c.after.octets)
        yield finding(
            at=Span(start=place, length=1 if place < len(c.after.octets) else 0, path=f"line {_line(c.after, place)}"),
            expected=f"the octets of {c.before.name}: {octets[place : place + 16].hex(' ').upper()}",
            seen=c.after.octets[place : place + 16].hex(" ").upper() or "the end of the file",
        )


def _line(document: Document, offset: int) -> int:
    return next((row.line for row in reversed(document.rows) if row.start <= offset), 1)


@invariance(54)
def device_model_is_eight_hex_digits(c: Comparison) -> Iterator[Finding]:
    """Model and hardware version joined are the 8 hex digits that a device reports as its model."""
    column = c.profile.pieces["model"][0] if "model" in c.profile.pieces else None
    for row, model, hardware in zip(c.after.records, c.after.values("model"), c.after.values("hardware"), strict=True):
        if not _MODEL.fullmatch(model + hardware):
            yield c.after.breach(
                row, column, expected="8 hex digits with the hardware version", seen=shown(model + hardware)
            )


@invariance(55)
def duis_finds_one_entry(c: Comparison) -> Iterator[Finding]:
    """Manufacturer, model, firmware version and type as DUIS carries them lead to exactly one entry."""
    told: set[int] = set()
    for key, rows in c.lookup.rows.items():
        if len(rows) > 1 and rows[1].line not in told:
            told.add(rows[1].line)
            yield c.after.breach(
                rows[1],
                c.profile.pieces["firmware"][0] if "firmware" in c.profile.pieces else None,
                expected="one entry for each device that DUIS can describe",
                seen=f"{len(rows)} entries for {key}",
            )

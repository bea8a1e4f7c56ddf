"""FI-020 to FI-025: header and columns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from trialconformance.core import Finding, Span, finding
from trialconformance.cpl.checks.declare import invariance
from trialconformance.cpl.comparison import Comparison
from trialconformance.cpl.document import Document, shown
from trialconformance.cpl.profile import Column

_UINT = re.compile(r"[0-9]+")
_HEX = re.compile(r"[0-9A-Fa-f]+")


def _header_span(document: Document, column: str | None = None) -> Span:
    if document.header is None:
        return Span(start=0, length=0, path="line 1")
    return document.span(document.header, column)


@invariance(20)
def header_is_identical(c: Comparison) -> Iterator[Finding]:
    """The header line is that of the list before, octet for octet."""
    before, after = c.before.header, c.after.header
    if before is None or after is None:
        if before is not after:
            yield finding(at=_header_span(c.after), expected="a header as before", seen="no header")
        return
    one, other = before.octets + before.ending, after.octets + after.ending
    if one != other:
        place = next((i for i, (x, y) in enumerate(zip(one, other, strict=False)) if x != y), min(len(one), len(other)))
        yield finding(
            at=Span(start=after.start + place, length=max(len(other) - place, 0), path="line 1")
            if c.after.content.text
            else _header_span(c.after),
            expected=shown(one[place:].decode("latin-1")),
            seen=shown(other[place:].decode("latin-1")),
        )


@invariance(21)
def column_count_is_constant(c: Comparison) -> Iterator[Finding]:
    """Header and every record have as many fields as the profile has columns."""
    wanted = len(c.profile.columns)
    for row in c.after.rows:
        if not row.blank and len(row.cells) != wanted:
            yield c.after.breach(row, None, expected=f"{wanted} fields", seen=f"{len(row.cells)} fields")


@invariance(22)
def column_order_is_unchanged(c: Comparison) -> Iterator[Finding]:
    """Columns of both lists stand in the same order, which is that of the profile."""
    for reference, names in (("the list before", c.before.columns), ("the profile", c.profile.names)):
        known = [name for name in names if name in c.after.index]
        order = sorted(known, key=c.after.index.__getitem__)
        moved = next((name for name, expected in zip(order, known, strict=True) if name != expected), None)
        if moved is not None:
            yield finding(
                at=_header_span(c.after, moved),
                expected=f"order of {reference}: {known[order.index(moved)]}",
                seen=moved,
            )


@invariance(23)
def columns_are_the_same(c: Comparison) -> Iterator[Finding]:
    """No column was renamed, added, removed, doubled or written in another case."""
    for name in c.profile.names:
        if name not in c.after.index:
            yield finding(at=_header_span(c.after), expected=f"column {name}", seen="no such column")
    counts = Counter(c.after.columns)
    for name, count in counts.items():
        if name not in c.profile.by_name or count > 1:
            seen = f"{count} times {name!r}" if count > 1 else f"column {shown(name)}"
            yield finding(at=_header_span(c.after, name), expected="the columns of the profile, once each", seen=seen)
    for row in c.after.rows:
        for fault in row.faults:
            if fault.kind == "elements other than those of the first record":
                yield c.after.breach(row, None, expected="the elements of the first record", seen=fault.kind)


def _class_of(value: str, column: Column, document: Document) -> str:
    """The narrowest class of a value; what the column declares comes first."""
    if document.profile.dates.regex.fullmatch(value):
        return "date"
    if column.type == "hex":
        return "hex" if _HEX.fullmatch(value) else "text"
    return "number" if _UINT.fullmatch(value) and value.isascii() else "text"


@invariance(24)
def datatypes_are_unchanged(c: Comparison) -> Iterator[Finding]:
    """A column whose values were all dates, numbers or hex before holds nothing else now."""
    for column in c.profile.columns:
        classes = {_class_of(value, column, c.before) for value in c.before.distinct(column.name) if value}
        if len(classes) != 1 or classes == {"text"}:
            continue
        values = [
            value
            for value in c.after.distinct(column.name)
            if value and _class_of(value, column, c.after) not in classes
        ]
        for row in c.after.having(column.name, values):
            yield c.after.breach(row, column, expected=f"a {classes.copy().pop()}, as every value before")


@invariance(25)
def filled_columns_stay_filled(c: Comparison) -> Iterator[Finding]:
    """A column that every record filled is still filled everywhere, and one that none filled stays empty.

    Where the profile demands a column of some records only, those of one demand are compared with each other.
    """
    for column in c.profile.columns:
        before: dict[str, set[bool]] = {}
        for demand, value in zip(c.before.demands(column), c.before.column(column.name), strict=True):
            before.setdefault(demand, set()).add(bool(value))
        pairs = zip(c.after.records, c.after.demands(column), c.after.column(column.name), strict=True)
        for row, demand, value in pairs:
            known = before.get(demand, {True, False})
            if bool(value) not in known:
                wanted = "nothing" if value else "a value"
                yield c.after.breach(row, column, expected=f"{wanted}, as in every such record before")

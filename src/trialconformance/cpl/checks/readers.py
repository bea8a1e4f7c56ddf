"""FI-070 to FI-079: readers that know nothing of trials load the list, alike, as before."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import zip_longest

from trialconformance.core import ArtefactError, Finding, Severity, Span, UsageError, finding
from trialconformance.cpl import legacy
from trialconformance.cpl.checks.declare import invariance
from trialconformance.cpl.checks.identity import first_difference
from trialconformance.cpl.comparison import Comparison
from trialconformance.cpl.container import byte_order_mark
from trialconformance.cpl.delimited import Dialect, rows_of
from trialconformance.cpl.document import Document, shown
from trialconformance.cpl.lookup import DuisKey, keys_of
from trialconformance.cpl.profile import Column
from trialconformance.cpl.scopes import TEXT, TRIALS

_CHUNKS = (1, 7, 65536)  # octets
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?E[+-]?[0-9]+", re.IGNORECASE)
_ONE_DAY = timedelta(days=1)


@invariance(70)
def legacy_reader_accepts_the_list(c: Comparison) -> Iterator[Finding]:
    """A strict reader that knows the profile and nothing of trials loads every record."""
    for refusal in c.legacy_after.refusals:
        if refusal.row is None:
            fault = c.after.fault
            at = Span(start=fault.offset or 0, length=min(fault.length, 16), path=fault.path) if fault else None
            yield finding(at=at, expected=refusal.wanted, seen=refusal.seen or "")
        else:
            yield c.after.breach(refusal.row, refusal.column, expected=refusal.wanted, seen=refusal.seen)


@invariance(71)
def legacy_records_are_as_before(c: Comparison) -> Iterator[Finding]:
    """The legacy reader gives the same typed record for every undeclared entry as it gave before."""
    after = dict(zip(c.after.entries, c.legacy_after.records, strict=True))
    for row, entry, record in zip(c.before.records, c.before.entries, c.legacy_before.records, strict=True):
        if entry in c.touched or after.get(entry) == record:
            continue
        later = c.after.by_entry.get(entry)
        if later is None:
            yield c.before.breach(row, None, expected="the same typed record after", seen="none")
            continue
        pairs = zip(c.profile.names, record, after[entry], strict=True)
        column, expected, seen = next((name, one, other) for name, one, other in pairs if one != other)
        yield c.after.breach(later, column, expected=repr(expected), seen=repr(seen))


@invariance(72, applies_to=TEXT)
def legacy_writer_gives_the_list_again(c: Comparison) -> Iterator[Finding]:
    """What the legacy system reads and writes again is the list, octet for octet."""
    try:
        written = legacy.write(c.legacy_after, c.profile)
    except UsageError as error:
        yield finding(expected="a list that can be written again", seen=str(error))
        return
    if written != c.after.octets:
        place = first_difference(written, c.after.octets)
        yield finding(
            at=_place(c.after, place),
            expected=written[place : place + 16].hex(" ").upper() or "the end of the file",
            seen=c.after.octets[place : place + 16].hex(" ").upper() or "the end of the file",
        )


def _place(document: Document, offset: int) -> Span:
    line = next((row.line for row in reversed(document.rows) if row.start <= offset), 1)
    return Span(start=offset, length=1 if offset < len(document.octets) else 0, path=f"line {line}")


@invariance(73, applies_to=TEXT)
def two_parsers_agree(c: Comparison) -> Iterator[Finding]:
    """The csv module of Python and the state machine of this package give the same cells."""
    container = c.profile.container
    text = c.after.octets.removeprefix(byte_order_mark(c.after.octets)).decode(container.encoding, "replace")
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=container.delimiter, quotechar=container.quote, doublequote=True
    )
    count = 0
    try:
        for count, cells in enumerate(reader, start=1):
            if count > len(c.after.rows):
                yield finding(
                    at=_place(c.after, len(c.after.octets)), expected=f"{len(c.after.rows)} records", seen="more"
                )
                return
            row = c.after.rows[count - 1]
            if tuple(cells or [""]) != row.cells:
                yield c.after.breach(
                    row, None, expected=f"cells {row.cells!r}"[:120], seen=f"csv module: {cells!r}"[:120]
                )
                return
    except csv.Error as error:
        yield finding(at=_place(c.after, 0), expected="a list that the csv module reads", seen=str(error))
        return
    if count < len(c.after.rows):
        yield c.after.breach(c.after.rows[count], None, expected="no further record, as the csv module has it")


@invariance(74, applies_to=TEXT)
def any_chunk_size_gives_the_same_records(c: Comparison) -> Iterator[Finding]:
    """Reading the list in chunks of 1, 7 and 65,536 octets gives the records that reading it whole gives."""
    bom = len(c.after.content.bom)
    for size in _CHUNKS:
        chunks = (c.after.octets[start : start + size] for start in range(bom, len(c.after.octets), size))
        try:
            for row, whole in zip_longest(rows_of(chunks, Dialect.of(c.profile.container), start=bom), c.after.rows):
                if row != whole:
                    other = row or whole
                    yield c.after.breach(other, None, expected=f"the same record in chunks of {size} octets")
                    break
        except ArtefactError as error:
            yield finding(
                at=_place(c.after, error.offset or 0),
                expected=f"a list that streams in chunks of {size} octets",
                seen=str(error),
            )


@invariance(75, severity=Severity.SHOULD)
def reader_takes_no_new_path(c: Comparison) -> Iterator[Finding]:
    """The legacy reader takes no path for the list that it did not take for the list before."""
    for path in sorted(c.legacy_after.paths.keys() - c.legacy_before.paths.keys()):
        name, _, _ = path.partition(": ")
        yield c.after.breach(
            c.legacy_after.paths[path],
            name if name in c.after.index else None,
            expected="paths that the list before took as well",
            seen=f"new path: {path}",
        )


@invariance(76)
def no_value_passed_through_a_spreadsheet(c: Comparison) -> Iterator[Finding]:
    """Values that a spreadsheet would change kept their text: leading zeros, hex that looks like 1E05, dates."""
    for column in c.profile.columns:
        if column.type not in {"hex", "date"}:
            continue
        values = [value for value in c.after.distinct(column.name) if value and _spoilt(value, column, c)]
        for row in c.after.having(column.name, values):
            entry = c.before.by_entry.get(c.after.entry(row))
            expected = shown(c.before.cell(entry, column.name)) if entry else "the text as it was typed"
            yield c.after.breach(row, column, expected=f"{expected}, not what a spreadsheet makes of it")


def _spoilt(value: str, column: Column, c: Comparison) -> bool:
    if column.type == "date":
        return c.profile.dates.regex.fullmatch(value) is None
    short = len(value) < 2 * (column.octets or 0)
    scientific = _SCIENTIFIC.fullmatch(value) is not None and len(value) != 2 * (column.octets or 0)
    return (short and value.isdecimal()) or scientific or "." in value or "+" in value


@invariance(77, applies_to=TRIALS)
def status_of_a_trial_is_defined_on_each_date(c: Comparison) -> Iterator[Finding]:
    """The logic for expired CPA certificates makes a trial active to its last day and expired on the next."""
    column = c.profile.by_role["cpa_expiry"]
    for row in c.trial_rows:
        text = c.after.value(row, "cpa_expiry")
        expiry = c.profile.dates.parse(text)
        if c.after.value(row, "status") != "Active":
            continue
        if expiry is None:
            seen = "never expires" if not text else f"no date: {shown(text)}"
            yield c.after.breach(row, column, expected="a last day, after which the entry expires", seen=seen)
            continue
        last, next_day = (legacy.status_on(c.after, row, day) for day in (expiry, expiry + _ONE_DAY))
        added = c.profile.dates.parse(c.after.value(row, "date_added"))
        if (last, next_day) != ("Active", "Expired") or (added is not None and added > expiry):
            yield c.after.breach(row, column, expected="an entry that is active from its date added to its expiry")


@invariance(78, applies_to=TRIALS)
def a_trial_device_can_be_pre_notified(c: Comparison) -> Iterator[Finding]:
    """A pre-notification of a listed trial device matches its entry, and one of unlisted firmware matches none."""
    column = c.profile.pieces["firmware"][0] if "firmware" in c.profile.pieces else None
    for row in c.trial_rows:
        if c.after.removed(row):
            continue
        keys = keys_of(c.after, row)
        if not keys:
            yield c.after.breach(row, column, expected="a device type that DUIS knows", seen="none")
        for key in keys:
            if (found := c.lookup.find(key)) != (row,):
                yield c.after.breach(row, column, expected=f"one entry for {key}", seen=f"{len(found)} entries")
            if (stranger := _unlisted(key, c)) is not None and c.lookup.find(stranger):
                yield c.after.breach(row, column, expected=f"no entry for {stranger}", seen="an entry")


def _unlisted(key: DuisKey, c: Comparison) -> DuisKey | None:
    """The same device with a firmware version that the list has nowhere."""
    listed = {firmware.upper() for firmware in c.after.values("firmware")}
    version = next((f"{number:08X}" for number in range(len(listed) + 1) if f"{number:08X}" not in listed), None)
    if version is None:
        return None
    return DuisKey(manufacturer=key.manufacturer, model=key.model, firmware=version, device_type=key.device_type)

"""FI-001 to FI-015: the container. Same kind of file, same encoding, same quoting, same line ends, same name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import PurePath

from trialconformance.core import Finding, Severity, Span, finding
from trialconformance.cpl.checks.declare import invariance
from trialconformance.cpl.comparison import Comparison
from trialconformance.cpl.container import ContentKind, Sheet
from trialconformance.cpl.delimited import Dialect, FaultKind, Row, split_fields
from trialconformance.cpl.document import Document, shown
from trialconformance.cpl.file_name import shape_of
from trialconformance.cpl.scopes import SHEETS, TEXT

_KINDS = {
    "delimited": frozenset({ContentKind.DELIMITED}),
    "xlsx-sheet": frozenset({ContentKind.ZIP}),
    "xml": frozenset({ContentKind.XML}),
}
# C0 and C1 controls except the two octets of line ends; in ASCII and UTF-8 text as octets, in windows-1252 the range
# 80 to 9F holds letters.
_CONTROL = re.compile(rb"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]")
_WIDE_CONTROL = re.compile("[\x80-\x9f\u2028\u2029]")
_COMMENTS = ("#", "//", "--", ";")
_FORMULA = ("=", "+", "-", "@")
_INVISIBLE = re.compile("^ | $|  |[\u00a0\u00ad\u200b-\u200f\u202a-\u202f\u2060\ufeff]")
_ESCAPES = (
    FaultKind.QUOTE_IN_BARE_FIELD,
    FaultKind.TEXT_AFTER_QUOTE,
    FaultKind.BACKSLASH_ESCAPE,
    FaultKind.UNTERMINATED_QUOTE,
    FaultKind.LINE_BREAK_IN_FIELD,
)


def _names(octets: bytes) -> str:
    return octets.hex(" ").upper() or "none"


def line_of(document: Document, offset: int) -> int:
    """Number of the line an octet lies in."""
    row = next((row for row in reversed(document.rows) if row.start <= offset), None)
    return row.line if row else 1


def _octets(document: Document, start: int, length: int) -> Span:
    return Span(start=start, length=length, path=f"line {line_of(document, start)}")


@invariance(1)
def container_kind_is_unchanged(c: Comparison) -> Iterator[Finding]:
    """The file is of the kind the profile declares and of the same kind as the list before."""
    accepted = _KINDS[c.profile.container.kind]
    for document in (c.after, c.before):
        if document.kind not in accepted:
            yield finding(
                at=Span(start=0, length=min(8, len(document.octets)), path="line 1"),
                artefact=document.name,
                expected=f"{' or '.join(sorted(accepted))}, as the profile declares",
                seen=document.kind.value,
            )


@invariance(2, applies_to=TEXT)
def byte_order_mark_is_unchanged(c: Comparison) -> Iterator[Finding]:
    """A byte order mark stands in front exactly where the profile requires one, as in the list before."""
    required = c.profile.container.bom == "required"
    for document in (c.after, c.before):
        bom = document.content.bom
        if bool(bom) is not required:
            yield finding(
                at=Span(start=0, length=len(bom), path="line 1"),
                artefact=document.name,
                expected="a byte order mark EF BB BF" if required else "no byte order mark",
                seen=_names(bom),
            )


@invariance(3, applies_to=TEXT)
def characters_are_of_the_encoding(c: Comparison) -> Iterator[Finding]:
    """Every octet decodes in the declared encoding, and a list that was ASCII stays ASCII."""
    narrow = c.before.octets.isascii()
    encoding = "ascii" if narrow else c.profile.container.encoding
    for row in c.after.rows:
        if row.octets.isascii():
            continue
        try:
            row.octets.decode(encoding)
        except UnicodeDecodeError as error:
            yield finding(
                at=Span(
                    start=row.start + error.start,
                    length=error.end - error.start,
                    path=_field(c.after, row, error.start),
                ),
                expected=f"{encoding} text" + (", as the list before" if narrow else ""),
                seen=f"octets {row.octets[error.start : error.end].hex(' ').upper()}",
            )


def _field(document: Document, row: Row, offset: int) -> str:
    """Path of the field that holds an octet of a record."""
    bounds = split_fields(row.octets, Dialect.of(document.profile.container)).bounds
    position = next((index for index, (_, end) in enumerate(bounds) if offset <= end), len(bounds))
    if row is document.header or position >= len(document.columns):
        return f"line {row.line}"
    return f"line {row.line} / {document.columns[position]}"


@invariance(4, applies_to=TEXT)
def no_control_characters(c: Comparison) -> Iterator[Finding]:
    """No control character stands in the list other than line endings: no NUL, TAB, DEL, U+0085 or U+2028."""
    for match in _CONTROL.finditer(c.after.octets):
        yield finding(
            at=_octets(c.after, match.start(), 1),
            expected="no control character",
            seen=f"octet {match.group().hex().upper()}",
        )
    if c.after.octets.isascii() or c.profile.container.encoding == "windows-1252":
        return
    for row in c.after.rows:
        for position, cell in enumerate(row.cells):
            if wide := _WIDE_CONTROL.search(cell):
                name = c.after.columns[position] if position < len(c.after.columns) else None
                yield c.after.breach(row, name, expected="no control character", seen=f"U+{ord(wide.group()):04X}")


@invariance(5, applies_to=TEXT)
def line_endings_are_uniform(c: Comparison) -> Iterator[Finding]:
    """Every record ends with the line ending of the profile, which is that of the list before."""
    wanted = {c.profile.container.ending, *(row.ending for row in c.before.rows[:-1])}
    for row in c.after.rows:
        if row.ending not in wanted and row.ending:
            at = row.start + len(row.octets)
            yield finding(
                at=_octets(c.after, at, len(row.ending)),
                expected=_names(c.profile.container.ending),
                seen=_names(row.ending),
            )
    if len(wanted) > 1:
        row = next(row for row in c.before.rows[:-1] if row.ending != c.profile.container.ending)
        yield finding(
            at=Span(start=row.start + len(row.octets), length=len(row.ending), path=f"line {row.line}"),
            artefact=c.before.name,
            expected=_names(c.profile.container.ending),
            seen=_names(row.ending),
        )


@invariance(6, applies_to=TEXT)
def final_line_ending_is_unchanged(c: Comparison) -> Iterator[Finding]:
    """The last record has exactly one line ending where the profile requires it, else none."""
    rows = c.after.rows
    required = c.profile.container.final_newline == "required"
    end = len(c.after.octets)
    if not rows or bool(rows[-1].ending) is not required:
        yield finding(
            at=_octets(c.after, end - len(rows[-1].ending) if rows else 0, len(rows[-1].ending) if rows else 0),
            expected="a line ending after the last record" if required else "no line ending after the last record",
            seen=_names(rows[-1].ending) if rows else "an empty file",
        )
    elif not rows[-1].octets:
        yield finding(
            at=_octets(c.after, rows[-1].start, len(rows[-1].ending)),
            expected="one line ending at the end",
            seen="more than one",
        )


@invariance(7, applies_to=TEXT)
def no_blank_or_comment_lines(c: Comparison) -> Iterator[Finding]:
    """No blank, whitespace-only or comment line stands in the list that did not stand in the list before."""
    known = {row.octets for row in c.before.rows}
    for row in c.after.rows[1:]:
        text = row.cells[0].lstrip()
        if row.octets not in known and (row.blank or text.startswith(_COMMENTS)):
            yield c.after.breach(
                row,
                None,
                expected="an entry",
                seen=shown(row.octets.decode("latin-1")) if row.octets else "a blank line",
            )


@invariance(8, applies_to=TEXT)
def delimiters_are_constant(c: Comparison) -> Iterator[Finding]:
    """Every record has the delimiter of the profile, as often as the header of the list before."""
    wanted = len(c.before.columns) - 1
    for row in c.after.rows:
        if not row.blank and len(row.cells) - 1 != wanted:
            yield c.after.breach(
                row,
                None,
                expected=f"{wanted} times {c.profile.container.delimiter!r}",
                seen=f"{len(row.cells) - 1} times",
            )


@invariance(9, applies_to=TEXT)
def quoting_is_as_the_profile_rules(c: Comparison) -> Iterator[Finding]:
    """A field is quoted where the rule of the profile forces it, and nowhere else."""
    quoting = c.profile.container.quoting
    dialect = Dialect.of(c.profile.container)
    special = re.compile(b"[\r\n" + re.escape(dialect.delimiter) + re.escape(dialect.quote) + b"]")
    for row in c.after.rows:
        if row.quoted or (quoting == "all" and not row.blank):
            fields = split_fields(row.octets, dialect)
            for position, (value, quoted) in enumerate(zip(fields.values, fields.quoted, strict=True)):
                forced = quoting == "all" or (quoting == "minimal" and special.search(value) is not None)
                if quoted is not forced:
                    first, last = fields.bounds[position]
                    yield finding(
                        at=Span(start=row.start + first, length=last - first, path=_field(c.after, row, first)),
                        expected="quotes" if forced else "no quotes",
                        seen=shown(row.octets[first:last].decode("latin-1")),
                    )


@invariance(10, applies_to=TEXT)
def quotes_are_escaped_as_before(c: Comparison) -> Iterator[Finding]:
    """A quote inside a field is doubled, every quote is closed, and no field holds a line break."""
    for row in c.after.rows:
        for fault in row.faults:
            if fault.kind in _ESCAPES:
                yield finding(
                    at=Span(start=fault.offset, length=1, path=_field(c.after, row, fault.offset - row.start)),
                    expected="quotes doubled inside quotes, on one line",
                    seen=fault.kind,
                )


@invariance(11)
def no_new_formula(c: Comparison) -> Iterator[Finding]:
    """No field starts with a character that a spreadsheet takes for a formula where the column had none before."""
    for name in c.after.columns:
        if any(value.startswith(_FORMULA) for value in c.before.distinct(name)):
            continue
        values = [value for value in c.after.distinct(name) if value.startswith(_FORMULA)]
        for row in c.after.having(name, values):
            yield c.after.breach(row, name, expected=f"no field that starts with one of {' '.join(_FORMULA)}")


@invariance(12, severity=Severity.SHOULD)
def no_new_blank_characters(c: Comparison) -> Iterator[Finding]:
    """No leading, trailing or double space, no-break space or zero-width character was brought in."""
    for name in c.after.columns:
        known = c.before.distinct(name)
        values = [value for value in c.after.distinct(name) if value not in known and _INVISIBLE.search(value)]
        for row in c.after.having(name, values):
            yield c.after.breach(row, name, expected="single spaces between words and no invisible character")


@invariance(13)
def text_is_normal_and_codes_are_ascii(c: Comparison) -> Iterator[Finding]:
    """Text is in Unicode form NFC, codes hold no look-alike of an ASCII character, and no word mixes alphabets."""
    if c.after.octets.isascii() and c.after.content.text:
        return
    for column in c.profile.columns:
        for value in c.after.distinct(column.name):
            if value.isascii():
                continue
            objection = _objection(value, coded=column.coded or column.role in {"cpa_ref", "zigbee_ref", "dlms_ref"})
            for row in c.after.having(column.name, [value]) if objection else ():
                yield c.after.breach(row, column, expected=objection)


def _objection(value: str, *, coded: bool) -> str:
    if coded:
        return "ASCII only in a coded field"
    if not unicodedata.is_normalized("NFC", value):
        return "Unicode normalisation form NFC"
    for word in value.split():
        alphabets = {unicodedata.name(letter, "UNKNOWN").split()[0] for letter in word if letter.isalpha()}
        if len(alphabets) > 1:
            return f"one alphabet in a word, not {' and '.join(sorted(alphabets))}"
    return ""


@invariance(14)
def file_name_keeps_its_shape(c: Comparison) -> Iterator[Finding]:
    """The file has the extension of the list before; where that name carries a version or date, also its shape."""
    before, after = PurePath(c.before.name), PurePath(c.after.name)
    same = before.suffix == after.suffix
    if c.before.token:
        same = same and shape_of(before.name) == shape_of(after.name)
    if not same:
        yield finding(
            expected=f"a name like {before.name}" if c.before.token else f"extension {before.suffix or 'none'}",
            seen=after.name,
        )


@invariance(15, applies_to=SHEETS)
def sheets_are_unchanged(c: Comparison) -> Iterator[Finding]:
    """The file has the same sheets, in the same order, with the same hidden columns."""
    before, after = c.before.content.sheets, c.after.content.sheets
    if before != after:
        yield finding(expected=_sheets(before), seen=_sheets(after))


def _sheets(sheets: Iterable[Sheet]) -> str:
    return (
        ", ".join(
            f"{sheet.name}{' (hidden)' if sheet.hidden else ''}{_hidden(sheet.hidden_columns)}" for sheet in sheets
        )
        or "no sheet"
    )


def _hidden(columns: tuple[str, ...]) -> str:
    return f" (hidden columns {', '.join(columns)})" if columns else ""

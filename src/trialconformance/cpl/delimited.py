"""Delimited text, strictly: a state machine that keeps raw octets and offsets and reads in chunks of any size.

RFC 4180 grammar with the dialect taken from the profile. Nothing is repaired: what another reader might guess is
recorded as a fault of the record.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import NoReturn

from trialconformance.core import ArtefactError
from trialconformance.cpl.profile import Container

__all__ = ["Dialect", "Fault", "FaultKind", "Fields", "Row", "rows_of", "split_fields"]

_ENDING = re.compile(rb"\r\n|\n|\r")
_CR = b"\r"
_AT_A_TIME = 64  # chunks


class FaultKind(StrEnum):
    """What a strict reader objects to inside a record."""

    QUOTE_IN_BARE_FIELD = "a quote inside a field that is not quoted"
    TEXT_AFTER_QUOTE = "text between the closing quote and the delimiter"
    BACKSLASH_ESCAPE = "a backslash before a quote"
    UNTERMINATED_QUOTE = "a quote that is never closed"
    LINE_BREAK_IN_FIELD = "a line break inside a field"
    OTHER_ELEMENTS = "elements other than those of the first record"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something inside a record that a strict reader objects to.

    Args:
        kind: what it is.
        offset: octets from the start of the file.
    """

    kind: FaultKind
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What a reader of delimited text must know.

    Args:
        delimiter: one octet.
        quote: one octet.
        encoding: name of the character encoding.
        longest: most octets of a record.
    """

    delimiter: bytes
    quote: bytes
    encoding: str
    longest: int

    @classmethod
    def of(cls, container: Container) -> Dialect:
        """Take the dialect from a profile."""
        return cls(
            delimiter=container.delimiter.encode(),
            quote=container.quote.encode(),
            encoding=container.encoding,
            longest=container.max_record_octets,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """The fields of one record.

    Args:
        values: octets of each field, quoting resolved.
        bounds: first octet and the one after the last of each field as written, from the start of the record.
        quoted: which fields were quoted.
        faults: what is wrong, with offsets from the start of the record.
        open: whether the record ends inside quotes.
    """

    values: tuple[bytes, ...]
    bounds: tuple[tuple[int, int], ...]
    quoted: tuple[bool, ...]
    faults: tuple[Fault, ...]
    open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One record.

    Args:
        line: number of its first line, from 1.
        start: octets from the start of the file to the record.
        octets: the record as written, without its end.
        ending: the line ending, empty at the end of a file without one.
        cells: text of each field.
        quoted: whether any field was quoted.
        faults: what is wrong, with offsets from the start of the file.
        length: octets of the file that hold the record where it is not text of its own (a packed sheet).
    """

    line: int
    start: int
    octets: bytes
    ending: bytes
    cells: tuple[str, ...]
    quoted: bool = False
    faults: tuple[Fault, ...] = ()
    length: int = 0

    @property
    def blank(self) -> bool:
        """Whether nothing stands in the record."""
        return not any(cell.strip() for cell in self.cells)


def split_fields(record: bytes, dialect: Dialect) -> Fields:
    """Split one record with the state machine.

    Args:
        record: the record without its line ending.
        dialect: the dialect.

    Returns:
        The fields, with what is wrong in them.
    """
    values: list[bytes] = []
    bounds: list[tuple[int, int]] = []
    quoted: list[bool] = []
    faults: list[Fault] = []
    position = 0
    is_open = False
    while True:
        start = position
        if record[position : position + 1] == dialect.quote:
            value, position, is_open = _quoted_field(record, position, dialect, faults)
            quoted.append(True)
        else:
            end = record.find(dialect.delimiter, position)
            position = len(record) if end < 0 else end
            value = record[start:position]
            quoted.append(False)
            stray = value.find(dialect.quote)
            if stray >= 0:
                faults.append(Fault(kind=FaultKind.QUOTE_IN_BARE_FIELD, offset=start + stray))
        values.append(value)
        bounds.append((start, position))
        if position >= len(record):
            break
        position += 1
    return Fields(values=tuple(values), bounds=tuple(bounds), quoted=tuple(quoted), faults=tuple(faults), open=is_open)


def _quoted_field(record: bytes, start: int, dialect: Dialect, faults: list[Fault]) -> tuple[bytes, int, bool]:
    """Read a field from its opening quote: its value, where it ends and whether it never does."""
    quote = dialect.quote
    pieces: list[bytes] = []
    position = start + 1
    while True:
        close = record.find(quote, position)
        if close < 0:
            pieces.append(record[position:])
            faults.append(Fault(kind=FaultKind.UNTERMINATED_QUOTE, offset=start))
            return b"".join(pieces), len(record), True
        if record[close - 1 : close] == b"\\" and close > start + 1:
            faults.append(Fault(kind=FaultKind.BACKSLASH_ESCAPE, offset=close - 1))
        if record[close + 1 : close + 2] != quote:
            break
        pieces.append(record[position : close + 1])
        position = close + 2
    pieces.append(record[position:close])
    value = b"".join(pieces)
    if match := _ENDING.search(record, start, close):
        faults.append(Fault(kind=FaultKind.LINE_BREAK_IN_FIELD, offset=match.start()))
    after = close + 1
    end = record.find(dialect.delimiter, after)
    end = len(record) if end < 0 else end
    if end != after:
        faults.append(Fault(kind=FaultKind.TEXT_AFTER_QUOTE, offset=after))
        value += record[after:end]
    return value, end, False


def rows_of(chunks: Iterable[bytes], dialect: Dialect, *, start: int = 0) -> Iterator[Row]:
    """Read records from a stream, in memory that does not grow with the stream.

    Args:
        chunks: the octets in pieces of any size.
        dialect: the dialect.
        start: octets before the first chunk, for offsets (a byte order mark).

    Yields:
        The records in order, blank ones included.

    Raises:
        ArtefactError: a record is longer than the dialect allows; the offset is that of the record.
    """
    reader = _Reader(dialect, start)
    held = b""
    for block in _blocks(chunks):
        held += block
        used = yield from reader.complete(held, last=False)
        held = held[used:]
        if len(held) > dialect.longest + 1:
            reader.refuse(len(held))
    if held:
        used = yield from reader.complete(held, last=True)
        if used < len(held):
            yield from reader.rest(held[used:])


def _blocks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Join a few chunks at a time, so that a stream that drips costs no more than one that flows."""
    stream = iter(chunks)
    while pieces := list(islice(stream, _AT_A_TIME)):
        yield b"".join(pieces)


class _Reader:
    """Where a stream has got to: octets and lines behind, and the one place that makes rows."""

    def __init__(self, dialect: Dialect, start: int) -> None:
        self._dialect = dialect
        self._start = start
        self._line = 1

    def complete(self, block: bytes, *, last: bool) -> Generator[Row, None, int]:
        """Yield the rows that end inside the block; the generator's value is the number of octets used up."""
        quote = self._dialect.quote
        used = 0
        lines = 0
        for match in _ENDING.finditer(block):
            if match.end() == len(block) and match.group() == _CR and not last:
                break  # may be the first half of CRLF
            lines += 1
            record = block[used : match.start()]
            if len(record) > self._dialect.longest:
                self.refuse(len(record))
            if quote in record and split_fields(record, self._dialect).open:
                continue
            yield self._row(record, match.group(), lines)
            used = match.end()
            lines = 0
        return used

    def rest(self, record: bytes) -> Iterator[Row]:
        """Yield what stands after the last line ending."""
        if len(record) > self._dialect.longest:
            self.refuse(len(record))
        yield self._row(record, b"", 1)

    def refuse(self, length: int) -> NoReturn:
        """Stop at a record that is longer than any list may hold."""
        raise ArtefactError(
            "record is longer than the profile allows",
            offset=self._start,
            length=length,
            path=f"line {self._line}",
            expected=f"at most {self._dialect.longest} octets",
            seen=f"{length} octets or more",
        )

    def _row(self, record: bytes, ending: bytes, lines: int) -> Row:
        dialect = self._dialect
        if dialect.quote in record:
            fields = split_fields(record, dialect)
            cells = tuple(value.decode(dialect.encoding, "replace") for value in fields.values)
            faults = tuple(Fault(kind=each.kind, offset=self._start + each.offset) for each in fields.faults)
            quoted = any(fields.quoted)
        else:
            cells = tuple(record.decode(dialect.encoding, "replace").split(dialect.delimiter.decode()))
            faults = ()
            quoted = False
        row = Row(
            line=self._line,
            start=self._start,
            octets=record,
            ending=ending,
            cells=cells,
            quoted=quoted,
            faults=faults,
        )
        self._start += len(record) + len(ending)
        self._line += lines
        return row

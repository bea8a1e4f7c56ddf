"""The state machine for delimited text."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialconformance.core import ArtefactError
from trialconformance.cpl.delimited import Dialect, FaultKind, rows_of, split_fields

_DIALECT = Dialect(delimiter=b",", quote=b'"', encoding="ascii", longest=200)
_fields = st.lists(st.text(alphabet='ab,"\r\n ', max_size=6), min_size=2, max_size=4)


def _csv(records: list[list[str]]) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\r\n").writerows(records)
    return stream.getvalue().encode()


@given(records=st.lists(_fields, min_size=1, max_size=5))
def test_reads_what_the_standard_writer_writes(records: list[list[str]]) -> None:
    """Whatever the csv module writes comes back cell by cell."""
    assert [list(row.cells) for row in rows_of([_csv(records)], _DIALECT)] == records


@given(octets=st.text(alphabet='ab,"\r\n', max_size=60).map(str.encode), size=st.integers(1, 9))
def test_any_chunk_size_gives_the_same_records(octets: bytes, size: int) -> None:
    """Records do not depend on how the stream is cut."""
    chunks = (octets[start : start + size] for start in range(0, len(octets), size))
    assert list(rows_of(chunks, _DIALECT)) == list(rows_of([octets], _DIALECT))


@given(octets=st.text(alphabet='ab,"\r\n', max_size=60).map(str.encode))
def test_no_octet_is_lost(octets: bytes) -> None:
    """Records and their endings, joined, are the file; offsets and lines fit."""
    rows = list(rows_of([octets], _DIALECT))
    assert b"".join(row.octets + row.ending for row in rows) == octets
    for row in rows:
        assert octets[row.start : row.start + len(row.octets)] == row.octets
        assert row.line == len(octets[: row.start].decode().splitlines()) + 1


@pytest.mark.parametrize(
    ("record", "values", "fault"),
    [
        (b'a,b"c', (b"a", b'b"c'), FaultKind.QUOTE_IN_BARE_FIELD),
        (b'a,"b"c', (b"a", b"bc"), FaultKind.TEXT_AFTER_QUOTE),
        (b'a,"b', (b"a", b"b"), FaultKind.UNTERMINATED_QUOTE),
        (b'"a\r\nb",c', (b"a\r\nb", b"c"), FaultKind.LINE_BREAK_IN_FIELD),
        (b'a,"b\\"', (b"a", b"b\\"), FaultKind.BACKSLASH_ESCAPE),
    ],
)
def test_faults_are_recorded_not_repaired(record: bytes, values: tuple[bytes, ...], fault: FaultKind) -> None:
    """What another reader might guess is noted with its kind."""
    fields = split_fields(record, _DIALECT)
    assert fields.values == values
    assert [each.kind for each in fields.faults] == [fault]


@pytest.mark.parametrize(
    "octets", [b"a," + b"b" * 300 + b"\r\nc", b"a," + b"b" * 300, b'a,"' + b"b\r\n" * 90, b"b" * 9000]
)
def test_an_endless_record_stops_the_reader(octets: bytes) -> None:
    """A record longer than the dialect allows is an error at its offset, before memory fills."""
    chunks = (octets[start : start + 64] for start in range(0, len(octets), 64))
    with pytest.raises(ArtefactError, match="longer than the profile allows") as caught:
        list(rows_of(chunks, _DIALECT))
    assert caught.value.offset == 0


def test_a_record_of_the_longest_length_is_read() -> None:
    """The limit itself is allowed, with and without a line ending."""
    record = b"b" * _DIALECT.longest
    assert [row.octets for row in rows_of([record, b"\r", b"\n", record], _DIALECT)] == [record, record]

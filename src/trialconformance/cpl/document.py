"""A list as it was read: raw octets, records, and the place of every field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from trialconformance.core import ArtefactError, Finding, Span, finding
from trialconformance.cpl.container import Content, ContentKind, read_delimited, sniff
from trialconformance.cpl.delimited import Dialect, Row, split_fields
from trialconformance.cpl.file_name import token_of
from trialconformance.cpl.markup import read_xml
from trialconformance.cpl.profile import Column, Profile
from trialconformance.cpl.sheet import read_sheet

__all__ = ["Document", "read_document"]

_SHOWN = 80  # characters of a value shown in a finding

_READERS: dict[str, Callable[[bytes, Profile], Content]] = {
    "delimited": read_delimited,
    "xlsx-sheet": read_sheet,
    "xml": read_xml,
}


def shown(text: str) -> str:
    """A value as a finding shows it: quoted, never longer than a line."""
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")


# Not slotted: what follows from the rows is worked out once, when a check first asks for it.
@dataclass(frozen=True, kw_only=True, eq=False)
class Document:
    """A Central Products List under a profile.

    Args:
        name: file name.
        octets: the whole file.
        profile: the profile it was read under.
        content: what the reader of its container kind found.
    """

    name: str
    octets: bytes
    profile: Profile
    content: Content

    @cached_property
    def kind(self) -> ContentKind:
        """What the first octets say the file is."""
        return sniff(self.octets)

    @property
    def token(self) -> tuple[int, ...]:
        """Version or date in the file name, empty where it has none."""
        return token_of(self.name)

    @property
    def fault(self) -> ArtefactError | None:
        """Why reading stopped before the end, None where it did not."""
        return self.content.fault

    @property
    def rows(self) -> tuple[Row, ...]:
        """Every record that was read, header and blank ones included."""
        return self.content.rows

    @cached_property
    def header(self) -> Row | None:
        """The first record."""
        return self.rows[0] if self.rows else None

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Column names as the header has them."""
        return self.header.cells if self.header else ()

    @cached_property
    def index(self) -> dict[str, int]:
        """Position of each column of the header, the first of several with one name."""
        return {name: position for position, name in reversed(list(enumerate(self.columns)))}

    @cached_property
    def records(self) -> tuple[Row, ...]:
        """Records after the header, blank ones left out."""
        return tuple(row for row in self.rows[1:] if not row.blank)

    def cell(self, row: Row, column: str) -> str:
        """Text of a record in a column, empty where either is missing."""
        position = self.index.get(column, len(row.cells))
        return row.cells[position] if position < len(row.cells) else ""

    def value(self, row: Row, role: str) -> str:
        """Text of a record in the column of a role, empty where there is none."""
        piece = self.profile.pieces.get(role)
        return self.cell(row, piece[0].name)[piece[1]] if piece else ""

    def values(self, role: str) -> list[str]:
        """Text of every record in the column of a role."""
        piece = self.profile.pieces.get(role)
        if piece is None:
            return [""] * len(self.records)
        texts = self.column(piece[0].name)
        return texts if piece[1] == slice(None) else [text[piece[1]] for text in texts]

    def column(self, name: str) -> list[str]:
        """Text of every record in a column, empty where a record is too short."""
        if name not in self._columns:
            self._columns[name] = self._read_column(name)
        return self._columns[name]

    @cached_property
    def _columns(self) -> dict[str, list[str]]:
        return {}

    def _read_column(self, name: str) -> list[str]:
        position = self.index.get(name)
        if position is None:
            return [""] * len(self.records)
        return [row.cells[position] if position < len(row.cells) else "" for row in self.records]

    def distinct(self, name: str) -> dict[str, Row]:
        """Different values of a column, each with the first record that holds it."""
        if name not in self._distinct:
            self._distinct[name] = dict(zip(reversed(self.column(name)), reversed(self.records), strict=True))
        return self._distinct[name]

    @cached_property
    def _distinct(self) -> dict[str, dict[str, Row]]:
        return {}

    def having(self, name: str, values: Iterable[str]) -> list[Row]:
        """Records that hold one of these values in a column."""
        wanted = frozenset(values)
        if not wanted:
            return []
        return [row for row, value in zip(self.records, self.column(name), strict=True) if value in wanted]

    def key(self, row: Row, columns: Iterable[str]) -> tuple[str, ...]:
        """Values of a record in the columns of a key."""
        return tuple(self.cell(row, column) for column in columns)

    def entry(self, row: Row) -> str:
        """Entry key of a record."""
        return "|".join(self.key(row, self.profile.keys.entry))

    def model_key(self, row: Row) -> tuple[str, ...]:
        """Device Model key of a record."""
        return self.key(row, self.profile.keys.model)

    @cached_property
    def entries(self) -> list[str]:
        """Entry key of every record."""
        return ["|".join(key) for key in zip(*map(self.column, self.profile.keys.entry), strict=True)]

    @cached_property
    def model_keys(self) -> list[tuple[str, ...]]:
        """Device Model key of every record."""
        return list(zip(*map(self.column, self.profile.keys.model), strict=True))

    @cached_property
    def by_entry(self) -> dict[str, Row]:
        """Records by entry key, the first of several with one key."""
        return dict(zip(reversed(self.entries), reversed(self.records), strict=True))

    def demand_breaches(self, column: Column) -> list[tuple[Row, str]]:
        """Find records that leave a column empty where it must be filled, or fill it where it must be empty.

        Args:
            column: a column of the profile.

        Returns:
            Each such record with what is wanted: ``filled`` or ``empty``.
        """
        if column.name not in self._demands:
            self._demands[column.name] = list(self._breaches_of_demand(column))
        return self._demands[column.name]

    @cached_property
    def _demands(self) -> dict[str, list[tuple[Row, str]]]:
        return {}

    def demands(self, column: Column) -> list[str]:
        """What the profile demands of a column in every record: ``filled``, ``empty`` or ``free``."""
        names = tuple(column.required_if)
        if column.required or not names:
            return [column.demand({})] * len(self.records)
        known: dict[tuple[str, ...], str] = {}
        found = []
        for key in zip(*map(self.column, names), strict=True):
            if key not in known:
                known[key] = column.demand(dict(zip(names, key, strict=True)))
            found.append(known[key])
        return found

    def _breaches_of_demand(self, column: Column) -> Iterator[tuple[Row, str]]:
        if not column.required_if and (not column.required or "" not in self.distinct(column.name)):
            return
        for row, demand, text in zip(self.records, self.demands(column), self.column(column.name), strict=True):
            if demand == ("empty" if text else "filled"):
                yield row, demand

    def removed(self, row: Row) -> bool:
        """Whether a record counts as removed: it has a date of removal, or a status that closes it."""
        return bool(self.value(row, "date_removed")) or self.value(row, "status") in self.profile.closed_statuses

    def span(self, row: Row, column: str | None = None) -> Span:
        """Say where a record or one of its fields lies.

        Args:
            row: the record.
            column: name of the column, None for the whole record.

        Returns:
            Octets from the start of the file; for a packed sheet or XML the octets of what holds the record.
        """
        path = f"line {row.line}" if column is None else f"line {row.line} / {column}"
        position = self.index.get(column) if column is not None else None
        if not self.content.text or position is None:
            length = len(row.octets) if self.content.text else row.length
            return Span(start=row.start, length=length, path=path)
        bounds = split_fields(row.octets, Dialect.of(self.profile.container)).bounds
        first, last = bounds[position] if position < len(bounds) else (len(row.octets), len(row.octets))
        return Span(start=row.start + first, length=last - first, path=path)

    def breach(self, row: Row, column: str | Column | None, *, expected: str, seen: str | None = None) -> Finding:
        """State that a field of this document breaks a rule.

        Args:
            row: the record.
            column: the column, None for the record as a whole.
            expected: what the rule accepts.
            seen: what stands there; the value of the field by default.

        Returns:
            The finding, with line, column and octets.
        """
        name = column.name if isinstance(column, Column) else column
        if seen is None:
            seen = shown(self.cell(row, name)) if name is not None else shown(row.octets.decode("latin-1"))
        return finding(at=self.span(row, name), expected=expected, seen=seen, artefact=self.name)


def read_document(octets: bytes, *, profile: Profile, name: str) -> Document:
    """Read a list; whatever is wrong with it is left for the checks to report.

    Args:
        octets: the whole file.
        profile: the declared format.
        name: file name for findings.

    Returns:
        The document.
    """
    return Document(
        name=name, octets=octets, profile=profile, content=_READERS[profile.container.kind](octets, profile)
    )

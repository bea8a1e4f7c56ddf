"""What differs between two lists, record by record; the same for the same octets, whenever it is made."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from trialconformance.core import canonical_json, sha256_hex
from trialconformance.cpl.comparison import Comparison
from trialconformance.cpl.delimited import Row
from trialconformance.cpl.document import Document

__all__ = ["Cell", "Diff", "DiffFile", "DiffKind", "DiffRow", "diff"]


class DiffKind(StrEnum):
    """How a record differs."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Cell(_Row):
    """One field on both sides.

    Args:
        column: name of the column.
        before: text before.
        after: text after.
    """

    column: str
    before: str
    after: str

    @property
    def differs(self) -> bool:
        """Whether the sides differ."""
        return self.before != self.after


class DiffRow(_Row):
    """One record that differs.

    Args:
        kind: how.
        entry: its entry key.
        declared: whether the change was declared.
        before_line: its line before, None where it is new.
        after_line: its line after, None where it is gone.
        offset: octets from the start of the list after (before, where it is gone).
        cells: its fields on both sides.
    """

    kind: DiffKind
    entry: str
    declared: bool
    before_line: int | None
    after_line: int | None
    offset: int
    cells: tuple[Cell, ...]


class DiffFile(_Row):
    """One of the lists.

    Args:
        name: file name.
        sha256: digest.
    """

    name: str
    sha256: str


class Diff(_Row):
    """What differs between two lists.

    Args:
        before: the list before.
        after: the list after.
        profile: how outputs name the profile.
        same: number of records that are identical.
        rows: records that differ, in the order of the list after, those that are gone last.
    """

    schema_id: Literal["trialconformance-cpl-diff/1"] = "trialconformance-cpl-diff/1"
    before: DiffFile
    after: DiffFile
    profile: str
    same: int
    rows: tuple[DiffRow, ...]

    def to_json(self) -> bytes:
        """The canonical octets of the report."""
        return canonical_json(self.model_dump(mode="json"))

    @property
    def sha256(self) -> str:
        """SHA-256 of the canonical octets, 64 lower-case hex digits."""
        return sha256_hex(self.to_json())


def diff(comparison: Comparison) -> Diff:
    """List the records that differ.

    Args:
        comparison: two lists side by side.

    Returns:
        The difference.
    """
    before, after = comparison.before, comparison.after
    rows = []
    paired = set()
    gone = {before.entry(row): row for row in comparison.gone}
    for row in comparison.added:
        entry = after.entry(row)
        earlier = gone.get(entry)
        if earlier is not None:
            paired.add(entry)
        rows.append(_row(comparison, entry, earlier, row))
    rows += [
        _row(comparison, before.entry(row), row, None) for row in comparison.gone if before.entry(row) not in paired
    ]
    return Diff(
        before=DiffFile(name=before.name, sha256=sha256_hex(before.octets)),
        after=DiffFile(name=after.name, sha256=sha256_hex(after.octets)),
        profile=comparison.profile.label,
        same=len(after.records) - len(comparison.added),
        rows=tuple(rows),
    )


def _row(comparison: Comparison, entry: str, earlier: Row | None, later: Row | None) -> DiffRow:
    kinds = {(False, True): DiffKind.ADDED, (True, False): DiffKind.REMOVED, (True, True): DiffKind.CHANGED}
    place = later or earlier
    return DiffRow(
        kind=kinds[earlier is not None, later is not None],
        entry=entry,
        declared=entry in comparison.declared,
        before_line=earlier.line if earlier else None,
        after_line=later.line if later else None,
        offset=place.start if place else 0,
        cells=tuple(
            Cell(
                column=name, before=_text(comparison.before, earlier, name), after=_text(comparison.after, later, name)
            )
            for name in comparison.profile.names
        ),
    )


def _text(document: Document, row: Row | None, column: str) -> str:
    return document.cell(row, column) if row is not None else ""

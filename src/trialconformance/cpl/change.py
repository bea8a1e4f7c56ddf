"""The change manifest: what is declared to differ, how *after* is made from *before*, and the way back.

Additions go to the end, updates change only the octets of the fields they name, and everything else is copied as it
stands. Applying twice is applying once; the undo file gives *before* back bit for bit.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from trialconformance.core import UsageError, canonical_json, load_json, sha256_hex
from trialconformance.cpl.delimited import Dialect, Row, split_fields
from trialconformance.cpl.document import Document
from trialconformance.cpl.writer import cells_in_order, write_field, write_record

__all__ = ["Addition", "Applied", "ChangeManifest", "Removal", "Undo", "Update", "apply_changes"]

_Digest = Annotated[str, StringConstraints(pattern="^([0-9a-f]{64})?$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Addition(_Part):
    """A record that is added at the end.

    Args:
        entry: its entry key.
        trial: whether it is the entry of a trial.
        cells: text by column name; columns left out are empty.
    """

    entry: str
    trial: bool = True
    cells: dict[str, str]


class Update(_Part):
    """A record that is changed in place.

    Args:
        entry: its entry key.
        trial: whether it is the entry of a trial after the change.
        was: text of the changed columns before.
        cells: text of the same columns after.
    """

    entry: str
    trial: bool = True
    was: dict[str, str]
    cells: Annotated[dict[str, str], Field(min_length=1)]

    @model_validator(mode="after")
    def _same_columns(self) -> Self:
        if set(self.was) != set(self.cells):
            raise ValueError("'was' and 'cells' must name the same columns")
        return self


class Removal(_Part):
    """A record that is taken out, which an append-only list does not allow.

    Args:
        entry: its entry key.
    """

    entry: str


class ChangeManifest(_Part):
    """Everything that is declared to differ between two lists.

    Args:
        profile: profile the change was written for.
        before_sha256: digest of the list before, empty when not stated.
        after_sha256: digest of the list after, empty when not stated.
        additions: records added.
        updates: records changed in place.
        removals: records taken out.
    """

    schema_id: Literal["trialconformance-cpl-changes/1"] = "trialconformance-cpl-changes/1"
    profile: str
    before_sha256: _Digest = ""
    after_sha256: _Digest = ""
    additions: tuple[Addition, ...] = ()
    updates: tuple[Update, ...] = ()
    removals: tuple[Removal, ...] = ()

    @model_validator(mode="after")
    def _each_entry_once(self) -> Self:
        entries = [each.entry for each in self.all]
        if twice := sorted({entry for entry in entries if entries.count(entry) > 1}):
            raise ValueError(f"entry declared twice: {', '.join(twice)}")
        return self

    @property
    def present(self) -> tuple[Addition | Update, ...]:
        """Declared changes whose records the list after holds."""
        return (*self.additions, *self.updates)

    @property
    def all(self) -> tuple[Addition | Update | Removal, ...]:
        """Every declared change."""
        return (*self.present, *self.removals)

    @classmethod
    def from_json(cls, octets: bytes, *, where: str = "change manifest") -> ChangeManifest:
        """Read a manifest; raises UsageError where it is none."""
        return load_json(cls, octets, where=where)

    def to_json(self) -> bytes:
        """The canonical octets of the manifest."""
        return canonical_json(self.model_dump(mode="json"))


class _Splice(_Part):
    offset: Annotated[int, Field(ge=0)]
    inserted: str
    removed: str


class Undo(_Part):
    """The way back from *after* to *before*.

    Args:
        before_sha256: digest of the list it gives back.
        after_sha256: digest of the list it takes.
        splices: octets put in and taken out, base64, with offsets in *after*, from the end to the start.
    """

    schema_id: Literal["trialconformance-cpl-undo/1"] = "trialconformance-cpl-undo/1"
    before_sha256: _Digest
    after_sha256: _Digest
    splices: tuple[_Splice, ...]

    @classmethod
    def from_json(cls, octets: bytes, *, where: str = "undo file") -> Undo:
        """Read an undo file; raises UsageError where it is none."""
        return load_json(cls, octets, where=where)

    def to_json(self) -> bytes:
        """The canonical octets of the undo file."""
        return canonical_json(self.model_dump(mode="json"))

    def restore(self, after: bytes) -> bytes:
        """Give the list before back.

        Args:
            after: the list as the change left it.

        Returns:
            The list before, bit for bit.

        Raises:
            UsageError: the undo file is of another list, or does not give its own digest.
        """
        if sha256_hex(after) != self.after_sha256:
            raise UsageError("the undo file is of another list", accepted=f"the list with SHA-256 {self.after_sha256}")
        octets = after
        try:
            for splice in self.splices:
                inserted = base64.b64decode(splice.inserted, validate=True)
                end = splice.offset + len(inserted)
                octets = octets[: splice.offset] + base64.b64decode(splice.removed, validate=True) + octets[end:]
        except ValueError as error:
            raise UsageError("the undo file holds no base64", accepted="an undo file as cpl apply wrote it") from error
        if sha256_hex(octets) != self.before_sha256:
            raise UsageError("the undo file does not give the list it promises", accepted="the file as it was written")
        return octets


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """A change that was made.

    Args:
        octets: the list after.
        undo: the way back.
    """

    octets: bytes
    undo: Undo


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edit:
    offset: int
    removed: bytes
    inserted: bytes


def apply_changes(before: Document, changes: ChangeManifest) -> Applied:
    """Make the list after from the list before and the declared change.

    Args:
        before: the list before.
        changes: the declared change.

    Returns:
        The list after and the way back; a change that already stands in the list leaves it as it is.

    Raises:
        UsageError: the change does not fit the list or the profile.
    """
    profile = before.profile
    _usable(before, changes)
    edits = [edit for update in changes.updates for edit in _update(before, update)]
    edits += [edit for removal in changes.removals for edit in _removal(before, removal)]
    edits.sort(key=lambda each: each.offset)
    added = b"".join(
        record + profile.container.ending
        for record in (_addition(before, addition) for addition in changes.additions)
        if record is not None
    )
    if added:
        edits.append(_Edit(offset=len(before.octets), removed=b"", inserted=added))
    return _applied(before.octets, edits)


def _usable(before: Document, changes: ChangeManifest) -> None:
    profile = before.profile
    if profile.container.kind != "delimited":
        raise UsageError(
            f"a list of kind {profile.container.kind} cannot be written", where="profile", accepted="delimited"
        )
    if changes.profile != profile.profile_id:
        raise UsageError(
            f"the change was written for profile {changes.profile}", where="profile", accepted=profile.profile_id
        )
    if before.fault is not None:
        raise UsageError(f"the list cannot be read to its end: {before.fault}", where=before.name)
    if changes.additions and (not before.rows or not before.rows[-1].ending):
        raise UsageError("the list does not end with a line ending", where=before.name, accepted="whole records only")


def _row(before: Document, entry: str, where: str) -> Row:
    row = before.by_entry.get(entry)
    if row is None:
        raise UsageError(f"no entry {entry}", where=where, accepted=f"an entry of {before.name}")
    return row


def _update(before: Document, update: Update) -> list[_Edit]:
    profile = before.profile
    where = f"update of entry {update.entry}"
    row = _row(before, update.entry, where)
    if touched := sorted(set(update.cells) - profile.updatable_columns):
        raise UsageError(
            f"an update may not touch {', '.join(touched)}",
            where=where,
            accepted=", ".join(sorted(profile.updatable_columns)),
        )
    bounds = split_fields(row.octets, Dialect.of(profile.container)).bounds
    edits = []
    for column, text in update.cells.items():
        seen = before.cell(row, column)
        if seen == text:
            continue
        if seen != update.was[column]:
            raise UsageError(
                f"{column} is {seen!r}, neither what it was nor what it shall be",
                where=where,
                accepted=repr(update.was[column]),
            )
        first, last = bounds[before.index[column]]
        edits.append(
            _Edit(
                offset=row.start + first,
                removed=row.octets[first:last],
                inserted=write_field(text, profile.container),
            )
        )
    return edits


def _removal(before: Document, removal: Removal) -> list[_Edit]:
    if before.profile.ordering.append_only:
        raise UsageError(
            "the list is append-only",
            where=f"removal of entry {removal.entry}",
            accepted="an update of the status and the date of removal",
        )
    row = before.by_entry.get(removal.entry)
    return [] if row is None else [_Edit(offset=row.start, removed=row.octets + row.ending, inserted=b"")]


def _addition(before: Document, addition: Addition) -> bytes | None:
    profile = before.profile
    where = f"addition of entry {addition.entry}"
    cells = cells_in_order(addition.cells, profile, where=where)
    named = "|".join(addition.cells.get(name, "") for name in profile.keys.entry)
    if named != addition.entry:
        raise UsageError(f"the cells are those of entry {named!r}", where=where, accepted=addition.entry)
    row = before.by_entry.get(addition.entry)
    if row is None:
        return write_record(cells, profile.container)
    if row.cells != cells:
        raise UsageError("the list has another record of that entry", where=where, accepted="an unused entry")
    return None


def _applied(before: bytes, edits: list[_Edit]) -> Applied:
    pieces: list[bytes] = []
    splices: list[_Splice] = []
    position = 0
    length = 0
    for edit in edits:
        kept = before[position : edit.offset]
        pieces += [kept, edit.inserted]
        splices.append(
            _Splice(
                offset=length + len(kept),
                inserted=base64.b64encode(edit.inserted).decode(),
                removed=base64.b64encode(edit.removed).decode(),
            )
        )
        length += len(kept) + len(edit.inserted)
        position = edit.offset + len(edit.removed)
    after = b"".join([*pieces, before[position:]])
    return Applied(
        octets=after,
        undo=Undo(before_sha256=sha256_hex(before), after_sha256=sha256_hex(after), splices=tuple(reversed(splices))),
    )

"""A comparison in the making: what mutants are cut from and what is done to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from trialconformance.core import TrialConformanceError, sha256_hex
from trialconformance.cpl.change import Addition, ChangeManifest
from trialconformance.cpl.comparison import Comparison, Delivery
from trialconformance.cpl.container import Content
from trialconformance.cpl.delimited import Row
from trialconformance.cpl.document import Document, read_document
from trialconformance.cpl.profile import Profile
from trialconformance.cpl.register import RegisterEntry, RegisterModel
from trialconformance.cpl.writer import write_record

__all__ = ["Draft", "InapplicableMutantError", "specimen"]

_UNDECLARED_ROWS = 3  # records of the list before that a specimen keeps
_NAMES = ("CPL_20220901.csv", "CPL_20221003.csv")


class InapplicableMutantError(TrialConformanceError):
    """A list has nothing that this mutant could be made of: no such column, no such record."""


@dataclass(slots=True, kw_only=True)
class Draft:
    """A comparison in the making: the one value of this package that changes, because mutation is what it is for.

    Args:
        profile: the declared format.
        before: records before, as octets with their endings, the header first.
        after: records after.
        entry: entry key of the declared record.
        names: names of both files.
        given: other parts of the comparison by name.
        prefix: octets in front of the list after.
        edited: what is done to the octets of the list after at the end.
        content: what stands in place of the reader's content of both lists.
    """

    profile: Profile
    before: list[bytes]
    after: list[bytes]
    entry: str
    names: tuple[str, str] = _NAMES
    given: dict[str, Any] = field(default_factory=dict)
    prefix: bytes = b""
    edited: Callable[[bytes], bytes] = bytes
    content: tuple[Content, Content] | None = None

    def copy(self) -> Draft:
        """A draft of its own that starts from this one."""
        return replace(self, before=list(self.before), after=list(self.after), given=dict(self.given))

    def read(self, which: str) -> Document:
        """Read one of the lists as it stands."""
        lines, name = (self.before, self.names[0]) if which == "before" else (self.after, self.names[1])
        return read_document(b"".join(lines), profile=self.profile, name=name)

    def place(self, row: str) -> int:
        """Position of a record: ``trial``, ``first``, ``other``, or ``sibling`` of the same manufacturer."""
        trial = len(self.before)
        place = {"trial": trial, "first": 1, "other": 2}.get(row)
        if row == "sibling":
            document = self.read("before")
            maker = self.given["register"][0].manufacturer
            same = (i for i, each in enumerate(document.rows) if i and document.value(each, "manufacturer") == maker)
            place = next(same, None)
        if place is None or place >= len(self.after) or (row != "trial" and place >= trial):
            raise InapplicableMutantError(f"the list has no {row} record")
        return place

    def column(self, role: str) -> int:
        """Position of the column of a role."""
        column = self.profile.by_role.get(role)
        if column is None:
            raise InapplicableMutantError(f"the list has no column for {role}")
        return self.profile.names.index(column.name)

    def cells(self, row: str) -> list[str]:
        """Cells of a record of the list after."""
        return list(self.read("after").rows[self.place(row)].cells)

    def put(self, row: str, cells: list[str]) -> None:
        """Write a record of the list after."""
        self.after[self.place(row)] = write_record(cells, self.profile.container) + self.profile.container.ending

    def comparison(self) -> Comparison:
        """The comparison as it stands."""
        octets = self.edited(self.prefix + b"".join(self.after))
        before = self.read("before")
        after = read_document(octets, profile=self.profile, name=self.names[1])
        if self.content is not None:
            before, after = replace(before, content=self.content[0]), replace(after, content=self.content[1])
        return Comparison(before=before, after=after, **self.given)


def specimen(comparison: Comparison) -> Draft:
    """Cut a small comparison from a large one: the first records before, and one declared addition.

    Args:
        comparison: lists of delimited text.

    Returns:
        The draft that mutants start from.

    Raises:
        InapplicableMutantError: no declared addition is marked as a trial, or a record is not of the layout.
    """
    before, after = comparison.before, comparison.after
    additions = [each for each in comparison.changes.additions if each.entry in after.by_entry]
    trials = [each for each in additions if comparison.is_trial(after, after.by_entry[each.entry])]
    if not trials or not before.rows:
        raise InapplicableMutantError("no declared addition is marked as a trial")
    addition = trials[0]
    row = after.by_entry[addition.entry]
    kept = [before.rows[0], *_representative(before, after.value(row, "manufacturer"))]
    if before.columns != comparison.profile.names or not all(_sound(each, comparison) for each in (*kept, row)):
        raise InapplicableMutantError("the list is not sound enough to make mutants of")
    lines = [each.octets + (each.ending or comparison.profile.container.ending) for each in kept]
    draft = Draft(
        profile=comparison.profile,
        before=lines,
        after=[*lines, row.octets + (row.ending or comparison.profile.container.ending)],
        entry=addition.entry,
    )
    cells = {name: after.cell(row, name) for name in comparison.profile.names}
    manifest = ChangeManifest(
        profile=comparison.profile.profile_id, additions=(Addition(entry=addition.entry, cells=cells),)
    )
    register, as_of = _registered(after, row)
    draft.given = {
        "manifest": manifest,
        "register": (register,),
        "as_of": as_of,
        "delivery": Delivery(
            before_sha256=sha256_hex(b"".join(draft.before)), after_sha256=sha256_hex(b"".join(draft.after))
        ),
    }
    return draft


def _sound(row: Row, comparison: Comparison) -> bool:
    """Whether a record has the fields of the profile and text of its encoding."""
    try:
        row.octets.decode(comparison.profile.container.encoding)
    except UnicodeDecodeError:
        return False
    return not row.faults and len(row.cells) == len(comparison.profile.names)


def _representative(before: Document, manufacturer: str) -> list[Row]:
    """Some records of a list, one of the manufacturer among them where it has any, in their order."""
    rows = [row for row in before.records if before.value(row, "manufacturer") == manufacturer][:1]
    rows += [row for row in before.records if row not in rows][: _UNDECLARED_ROWS + 1 - len(rows)]
    return sorted(rows, key=lambda row: row.start)


def _registered(after: Document, row: Row) -> tuple[RegisterEntry, date]:
    """A register that agrees with the trial, and a day within it."""
    dates = after.profile.dates
    added = dates.parse(after.value(row, "date_added")) or date(2022, 1, 1)
    end = dates.parse(after.value(row, "cpa_expiry")) or added
    entry = RegisterEntry(
        trial_ref=after.value(row, "cpa_ref"),
        outcome="approved",
        decided=added,
        start=added,
        end=end,
        manufacturer=after.value(row, "manufacturer"),
        models=(
            RegisterModel(
                type=after.value(row, "device_type"),
                model_id=after.value(row, "model"),
                hardware=after.value(row, "hardware"),
                firmware=(after.value(row, "firmware"),),
            ),
        ),
    )
    return entry, added

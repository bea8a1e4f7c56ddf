"""The Central Products List side by side: the trial's row after the change, what it replaced, what stayed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from trialconformance.core import Record, sha256_hex
from trialconformance.cpl import Document, read_document
from trialconformance.cpl.delimited import Row
from trialconformance.evidence.cpl_rows import listing, octets_of_role
from trialconformance.evidence.report.templating import fill

__all__ = ["build"]

_SHOWN = 50  # changed entries


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One entry that differs between the lists.

    Args:
        entry: its entry id.
        cells: column, value before, value after.
    """

    entry: str
    cells: tuple[tuple[str, str, str], ...]

    @property
    def kind(self) -> str:
        """What happened to the entry."""
        if not any(before for _, before, _ in self.cells):
            return "added"
        return "changed" if any(after for _, _, after in self.cells) else "removed"


def build(record: Record, inputs: Mapping[str, bytes]) -> Markup | None:
    """Show the lists side by side.

    Args:
        record: the record.
        inputs: octets by artefact name.

    Returns:
        The section, None where one of the lists is not at hand or cannot be read.
    """
    found = octets_of_role(record, inputs, "cpl-before")
    listed = listing(record, inputs)
    if found is None or listed is None:
        return None
    after = listed.document
    before = read_document(found[1], profile=after.profile, name=found[0])
    pairs = _pairs(before, after)
    same = {row.octets for row in before.records} & {row.octets for row in after.records}
    return fill(
        "lists.html",
        before=before,
        after=after,
        digests=(sha256_hex(before.octets), sha256_hex(after.octets)),
        pairs=pairs[:_SHOWN],
        more=max(len(pairs) - _SHOWN, 0),
        same=len(same),
        prefix=after.octets.startswith(before.octets),
        header_same=before.columns == after.columns,
    )


def _pairs(before: Document, after: Document) -> list[Pair]:
    old, new = ({document.value(row, "entry_id"): row for row in document.records} for document in (before, after))
    return [
        _pair(entry, before, old.get(entry), after, new.get(entry))
        for entry in dict.fromkeys((*old, *new))
        if entry not in old or entry not in new or old[entry].octets != new[entry].octets
    ]


def _pair(entry: str, before: Document, old: Row | None, after: Document, new: Row | None) -> Pair:
    return Pair(
        entry=entry,
        cells=tuple(
            (column, before.cell(old, column) if old else "", after.cell(new, column) if new else "")
            for column in dict.fromkeys((*before.columns, *after.columns))
        ),
    )

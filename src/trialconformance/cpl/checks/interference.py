"""FI-060 to FI-066: nothing but the declared change differs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from trialconformance.core import Finding, Span, finding
from trialconformance.cpl.change import Addition, Update
from trialconformance.cpl.checks.declare import invariance
from trialconformance.cpl.comparison import Comparison
from trialconformance.cpl.delimited import Row
from trialconformance.cpl.document import Document, shown
from trialconformance.cpl.trial_reference import Trial

_SIBLING_ROLES = ("image_hash", "firmware", "spec_version", "gbcs_version", "cpa_ref", "zigbee_ref", "dlms_ref")


def _end(document: Document) -> Span:
    return Span(start=len(document.octets) if document.content.text else 0, length=0, path="end of the list")


@invariance(60)
def undeclared_records_are_identical(c: Comparison) -> Iterator[Finding]:
    """Every record of the list before that no declaration touches is in the list after, octet for octet."""
    for row in c.gone:
        entry = c.before.entry(row)
        if entry in c.touched:
            continue
        later = c.after.by_entry.get(entry)
        if later is None:
            yield finding(at=_end(c.after), expected=f"entry {entry} of {c.before.name}", seen="no such entry")
            continue
        column = next((name for name in c.before.columns if c.differs(row, later, name)), None)
        yield c.after.breach(
            later, column, expected=shown(c.before.cell(row, column)) if column else shown(row.octets.decode("latin-1"))
        )


def _matches(c: Comparison, row: Row, change: Addition | Update) -> bool:
    if isinstance(change, Addition):
        return all(c.after.cell(row, name) == change.cells.get(name, "") for name in c.profile.names)
    return all(c.after.cell(row, name) == text for name, text in change.cells.items())


@invariance(61)
def new_records_are_those_declared(c: Comparison) -> Iterator[Finding]:
    """Records that the list before did not have are exactly the declared additions and updates, as declared."""
    declared = {change.entry: change for change in c.changes.present}
    for row in c.added:
        change = declared.get(c.after.entry(row))
        if change is None:
            yield c.after.breach(row, None, expected="a record of the list before, or a declared one")
        elif not _matches(c, row, change):
            column = next((name for name, text in change.cells.items() if c.after.cell(row, name) != text), None)
            expected = shown(change.cells[column]) if column else "the declared record"
            yield c.after.breach(row, column, expected=expected)
    present = c.after.by_entry
    for entry, change in declared.items():
        if entry not in present or not _matches(c, present[entry], change):
            yield finding(at=_end(c.after), expected=f"declared entry {entry}", seen="no such record")


@invariance(62)
def missing_records_are_those_declared(c: Comparison) -> Iterator[Finding]:
    """Records that the list after no longer has are exactly the declared removals and the old forms of updates."""
    for row in c.gone:
        if c.before.entry(row) not in c.touched:
            yield c.before.breach(
                row, None, expected="this record in the list after, or a declaration", seen=f"none in {c.after.name}"
            )
    for change in c.changes.removals:
        if (kept := c.after.by_entry.get(change.entry)) is not None:
            yield c.after.breach(kept, None, expected=f"entry {change.entry} removed, as declared")


@invariance(63)
def lists_without_the_change_are_one(c: Comparison) -> Iterator[Finding]:
    """Both lists have one digest when the declared records are taken out."""
    before = _digest_without(c.before, c.touched)
    after = _digest_without(c.after, c.declared)
    if before != after:
        yield finding(
            at=Span(start=0, length=0, path="the list without declared records"),
            expected=f"SHA-256 {before}",
            seen=f"SHA-256 {after}",
        )


def _digest_without(document: Document, entries: frozenset[str]) -> str:
    digest = hashlib.sha256(document.content.bom)
    left_out = {row.line for row in document.records if document.entry(row) in entries} if entries else set()
    for row in document.rows:
        if row.line not in left_out or row is document.header:
            digest.update(row.octets + row.ending)
    return digest.hexdigest()


@invariance(64)
def updates_touch_only_what_they_may(c: Comparison) -> Iterator[Finding]:
    """A declared update changes only CPA reference and expiry, SC version, status or date of removal."""
    for change in c.changes.updates:
        earlier, later = c.before.by_entry.get(change.entry), c.after.by_entry.get(change.entry)
        if earlier is None or later is None:
            continue
        for name in c.profile.names:
            if name not in c.profile.updatable_columns and c.differs(earlier, later, name):
                yield c.after.breach(later, name, expected=shown(c.before.cell(earlier, name)))


@invariance(65)
def trial_entries_are_those_declared(c: Comparison) -> Iterator[Finding]:
    """No entry that is not of a trial reads as one, and no entry of a trial reads as anything else."""
    column = c.profile.by_role["cpa_ref"]
    declared = {change.entry: change.trial for change in c.changes.present}
    for row in (*c.added, *c.declared_rows):
        is_trial = isinstance(c.decoded(c.after, row), Trial)
        wanted = declared.get(c.after.entry(row), False)
        if is_trial is not wanted and (row in c.added or wanted):
            yield c.after.breach(
                row, column, expected=f"a trial reference {c.codec.form}" if wanted else "no trial reference"
            )


@invariance(66)
def siblings_are_unchanged(c: Comparison) -> Iterator[Finding]:
    """Other entries of a manufacturer with a declared change keep their hash, versions and certificates."""
    makers = {c.after.value(row, "manufacturer") for row in c.declared_rows}
    columns = [c.profile.by_role[role] for role in _SIBLING_ROLES if role in c.profile.by_role]
    for earlier, later in c.kept:
        if earlier.octets == later.octets or c.before.value(earlier, "manufacturer") not in makers:
            continue
        for column in columns:
            if c.differs(earlier, later, column.name):
                yield c.after.breach(later, column, expected=shown(c.before.cell(earlier, column.name)))

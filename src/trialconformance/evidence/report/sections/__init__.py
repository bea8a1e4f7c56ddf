"""Sections of the report that show artefacts; each comes only when the run had what it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from trialconformance.core import Record
from trialconformance.evidence.report.note import Note
from trialconformance.evidence.report.sections import (
    chains,
    clauses,
    history,
    lists,
    messages,
    requirements,
    sensitivity,
    transcripts,
)
from trialconformance.evidence.report.templating import fill

__all__ = ["Section", "sections"]

# In the order of the page.
_BUILDERS: tuple[tuple[str, str, Callable[[Record, Mapping[str, bytes]], Markup | None]], ...] = (
    ("requirements", "Requirements", requirements.build),
    ("clauses", "Clauses", clauses.build),
    ("history", "Time line", history.build),
    ("lists", "CPL side by side", lists.build),
    ("chains", "Certificate chains", chains.build),
    ("messages", "Messages", messages.build),
    ("sensitivity", "Sensitivity of the suite", sensitivity.build),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One section.

    Args:
        id: anchor on the page.
        title: heading.
        body: finished HTML.
    """

    id: str
    title: str
    body: Markup


def sections(
    record: Record, inputs: Mapping[str, bytes], notes: Sequence[Note], attachments: Mapping[str, bytes]
) -> tuple[Section, ...]:
    """Build the sections for which there is something to show.

    Args:
        record: the record.
        inputs: octets by artefact name.
        notes: sections of a user's own plugin.
        attachments: what else the run left behind, by name.

    Returns:
        The sections in the order of the page.
    """
    shown = list(_built(record, inputs))
    if (talk := transcripts.build(record, attachments)) is not None:
        shown.append(Section(id="transcripts", title="Device transcripts", body=talk))
    if notes:
        shown.append(Section(id="notes", title="Notes", body=fill("notes.html", notes=notes)))
    return tuple(shown)


def _built(record: Record, inputs: Mapping[str, bytes]) -> Iterator[Section]:
    built = ((name, title, build(record, inputs)) for name, title, build in _BUILDERS)
    yield from (Section(id=name, title=title, body=body) for name, title, body in built if body is not None)

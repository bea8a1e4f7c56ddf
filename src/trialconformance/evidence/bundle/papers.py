"""The report in a bundle: made from the record and inputs beside it, so that anybody can make it again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from trialconformance.core import Record
from trialconformance.evidence.report import Note, Standing, render

__all__ = ["NOTES", "REPORT", "bundled_report", "read_notes"]

REPORT = "reports/report.html"
NOTES = "reports/notes.json"


def bundled_report(
    record: Record,
    digest: str,
    inputs: Mapping[str, bytes],
    notes: Sequence[Note],
    attachments: Mapping[str, bytes],
) -> bytes:
    """Render the report of a bundle.

    Args:
        record: the record.
        digest: SHA-256 of the record.
        inputs: octets of the inputs that are in the bundle, by name.
        notes: sections of a user's own plugin.
        attachments: what else the run left behind, by name.

    Returns:
        The page.
    """
    page = render(record, digest=digest, inputs=inputs, notes=notes, attachments=attachments, standing=Standing.BUNDLED)
    return page.encode()


def read_notes(octets: bytes) -> tuple[Note, ...]:
    """Read the notes of a bundle.

    Args:
        octets: the file.

    Returns:
        The notes.

    Raises:
        ValueError: not a list of titles and texts.
    """
    try:
        return tuple(Note(title=str(each["title"]), text=str(each["text"])) for each in json.loads(octets))
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError("is no list of notes") from error

"""Transcripts of a live device: what was sent and received, procedure by procedure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup
from pydantic import ValidationError

from trialconformance.core import CaseRow, Record, Verdict
from trialconformance.evidence.report.templating import fill
from trialconformance.harness.transcript import Entry, TranscriptFile

__all__ = ["PREFIX", "build"]

PREFIX = "transcripts/"  # attachments below it are transcripts, named by the case of the procedure
_SHOWN = 40  # transcripts; the others are in the bundle
_ENTRIES = 60  # of one transcript
_OCTETS = 256  # of one entry
_FIRST = {Verdict.FAIL: 0, Verdict.ERROR: 1, Verdict.INCONCLUSIVE: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One transcript.

    Args:
        row: the case of the procedure.
        device: EUI-64 of the device.
        entries: what happened, in order.
        more: entries that are left out.
    """

    row: CaseRow
    device: str
    entries: tuple[Entry, ...]
    more: int


def build(record: Record, attachments: Mapping[str, bytes]) -> Markup | None:
    """Show the transcripts, those of procedures that failed first.

    Args:
        record: the record.
        attachments: octets by name of what else the run left behind.

    Returns:
        The section, None where no device took part.
    """
    rows = {row.id: row for row in record.cases}
    found = {
        name.removeprefix(PREFIX).removesuffix(".json"): octets
        for name, octets in attachments.items()
        if name.startswith(PREFIX)
    }
    order = sorted((case for case in found if case in rows), key=lambda case: (_FIRST.get(rows[case].verdict, 3), case))
    told = [each for case in order[:_SHOWN] if (each := _told(rows[case], found[case])) is not None]
    if not told:
        return None
    return fill("transcripts.html", told=told, total=len(order), octets=_OCTETS)


def _told(row: CaseRow, octets: bytes) -> Told | None:
    try:
        transcript = TranscriptFile.model_validate_json(octets)
    except ValidationError:
        return None
    entries = transcript.entries
    return Told(row=row, device=transcript.device, entries=entries[:_ENTRIES], more=max(len(entries) - _ENTRIES, 0))

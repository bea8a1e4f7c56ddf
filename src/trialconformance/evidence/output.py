"""The files a run leaves behind: the record for machines, the report for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from trialconformance.core import Record, sha256_hex
from trialconformance.evidence.files import folder_for, write_atomically
from trialconformance.evidence.report import Note, render
from trialconformance.evidence.timing import Timing

__all__ = ["Written", "write"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Where the results of a run lie.

    Args:
        record: the canonical record, ``record.json``.
        report: the report for people, ``report.html``.
        timing: the timing, None when the run kept none.
    """

    record: Path
    report: Path
    timing: Path | None = None


def write(
    record: Record,
    folder: Path,
    *,
    inputs: Mapping[str, bytes] | None = None,
    timing: Timing | None = None,
    notes: Sequence[Note] = (),
    attachments: Mapping[str, bytes] | None = None,
) -> Written:
    """Write the results of a run into a folder.

    Args:
        record: what came of every case.
        folder: where the files go; it is made when it is missing.
        inputs: octets by artefact name, for the views that need more than the record holds (CPL side by side,
            certificate chains); nothing of the verdict comes from them.
        notes: sections that a user's own plugin adds to the report.
        attachments: what else the run left behind, by name below the folder, for example
            ``transcripts/GBCS-CTR-002.json``; shown in the report, written by who made it.
        timing: when the run was made; written beside the record, never into it.

    Returns:
        The paths.

    Raises:
        UsageError: the folder cannot be written.
    """
    octets = record.to_json()
    page = render(record, digest=sha256_hex(octets), inputs=inputs or {}, notes=notes, attachments=attachments).encode()
    folder_for(folder)
    written_timing = write_atomically(folder / "timing.json", timing.to_json()) if timing else None
    return Written(
        record=write_atomically(folder / "record.json", octets),
        report=write_atomically(folder / "report.html", page),
        timing=written_timing,
    )

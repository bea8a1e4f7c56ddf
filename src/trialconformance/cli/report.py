"""``trialconformance report``: a record or bundle as HTML, PDF or in another tool's format."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from trialconformance.cli import console
from trialconformance.core import ExitCode, Record, UsageError, load_json
from trialconformance.evidence.attest import read_trust
from trialconformance.evidence.bundle import open_bundle, read_bundle_file
from trialconformance.evidence.bundle.papers import NOTES, read_notes
from trialconformance.evidence.files import write_atomically
from trialconformance.evidence.formats import FORMATS
from trialconformance.evidence.pdf import to_pdf
from trialconformance.evidence.report import Note, Standing, render
from trialconformance.evidence.timing import Timing
from trialconformance.evidence.verify import verify_bundle

__all__ = ["report"]

_TIMING = "timing.json"


class Kind(StrEnum):
    """How the record is shown."""

    HTML = "html"
    PDF = "pdf"
    CTRF = "ctrf"
    JUNIT = "junit"
    MARKDOWN = "markdown"
    OSCAL = "oscal"
    SARIF = "sarif"


def report(
    source: Annotated[Path, typer.Argument(metavar="BUNDLE.zip|record.json", help="What to show.", show_default=False)],
    *,
    kind: Annotated[Kind, typer.Option("--format", "-f", help="html, pdf, or another tool's format.")] = Kind.HTML,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to; standard output else.")
    ] = None,
    trust: Annotated[
        Path | None, typer.Option("--trust", metavar="POLICY.json", help="Show on page one who vouches for a bundle.")
    ] = None,
) -> ExitCode:
    """Show a record or bundle as HTML, PDF, JUnit, CTRF, SARIF, OSCAL or Markdown.

    The exit code says whether the report was written. What a format cannot carry is said on standard error and in the
    output itself.
    """
    octets = read_bundle_file(source)
    shown = _Shown.of_bundle(octets, trust) if octets.startswith(b"PK") else _Shown.of_record(source, octets, trust)
    if kind.value in FORMATS:
        chosen = FORMATS[kind.value]
        for loss in chosen.loses:
            console.note(f"{chosen.name} loses: {loss}")
        written = chosen.write(shown.record, shown.timing)
    else:
        page = shown.page()
        written = page.encode() if kind is Kind.HTML else to_pdf(page)
    if output is not None:
        write_atomically(output, written)
        console.note(f"written: {output}")
    elif kind is Kind.PDF:
        raise UsageError("a PDF does not go to a terminal", where="--output", accepted="--output FILE.pdf")
    else:
        console.write(written)
    return ExitCode.PASS


class _Shown:
    """What is shown, whether it came from a bundle or stands alone."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.inputs: dict[str, bytes] = {}
        self.attachments: dict[str, bytes] = {}
        self.notes: tuple[Note, ...] = ()
        self.timing: Timing | None = None
        self.standing = Standing.ALONE
        self.signatures: tuple[str, ...] = ()

    def page(self) -> str:
        """The report."""
        return render(
            self.record,
            inputs=self.inputs,
            notes=self.notes,
            attachments=self.attachments,
            standing=self.standing,
            signatures=self.signatures,
        )

    @classmethod
    def of_record(cls, source: Path, octets: bytes, trust: Path | None) -> _Shown:
        """A record that stands alone, with the timing beside it."""
        if trust is not None:
            raise UsageError("a record alone is not signed", where="--trust", accepted="a bundle")
        try:
            shown = cls(Record.from_json(octets))
        except ValueError as error:
            raise UsageError(
                "is no bundle and no record", where=str(source), accepted="bundle.zip or record.json"
            ) from error
        beside = source.with_name(_TIMING)
        if beside.is_file():
            shown.timing = load_json(Timing, beside.read_bytes(), where=str(beside))
        return shown

    @classmethod
    def of_bundle(cls, octets: bytes, trust: Path | None) -> _Shown:
        """A bundle; with a trust policy its signatures are verified first."""
        bundle = open_bundle(octets)
        shown = cls(bundle.record)
        shown.inputs, shown.standing = bundle.inputs, Standing.BUNDLED
        shown.attachments = bundle.attachments
        shown.notes = read_notes(bundle.files.get(NOTES, b"[]"))
        if _TIMING in bundle.files:
            shown.timing = load_json(Timing, bundle.files[_TIMING], where=_TIMING)
        if trust is not None:
            today: date = datetime.now(tz=UTC).date()
            verification = verify_bundle(octets, trust=read_trust(trust), on=today, again=None)
            broken = [each for each in verification.steps[:4] if each.outcome.value == "failed"]
            if broken:
                raise UsageError(
                    f"step {broken[0].number} fails: {broken[0].notes[0]}",
                    where="bundle",
                    accepted="a bundle that holds",
                )
            shown.standing = Standing.VERIFIED
            shown.signatures = verification.steps[3].notes
        return shown

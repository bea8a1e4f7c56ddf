"""``trialconformance init``: the start of a submission of one's own."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from trialconformance.cli import console
from trialconformance.cli.writing import write_files
from trialconformance.core import ExitCode
from trialconformance.trial.templates import scaffold

__all__ = ["init"]


def init(
    folder: Annotated[Path, typer.Argument(help="Where the submission is put.")] = Path(),
) -> ExitCode:
    """Write submission.toml with comments, and a template for every document that the SSC wants."""
    files = scaffold(as_of=datetime.now(UTC).date())
    write_files(folder, files)
    for name in sorted(files):
        console.note(f"wrote {folder / name}")
    console.note(f"fill in {folder / 'submission.toml'}, then: trialconformance run {folder / 'submission.toml'}")
    return ExitCode.PASS

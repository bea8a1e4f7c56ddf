"""``trialconformance submission``: what an application to the SSC still lacks, and what it must hold."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from trialconformance.cli import console
from trialconformance.cli.trial_inputs import AsJson, AsOf, day_of
from trialconformance.core import ExitCode, Severity, canonical_json
from trialconformance.engine import Inputs, Run
from trialconformance.trial import DOCUMENTS, REQUIREMENTS, Submission
from trialconformance.trial.facts import RequirementTable
from trialconformance.trial.gaps import Gaps

__all__ = ["app"]

app = typer.Typer(help="What a trial application must hold, and what it still lacks.", no_args_is_help=True)


@app.command()
def gaps(
    submission: Annotated[Path, typer.Argument(help="The submission.toml.")],
    *,
    as_of: AsOf = "",
    as_json: AsJson = False,
) -> ExitCode:
    """List what is missing, requirement by requirement, naming the file or entry wanted."""
    read = Submission.read(submission)
    run = Run(Inputs.of(read, as_of=day_of(as_of) if as_of else None))
    found = Gaps.of({each.case: run.judge.row(each.case) for each in REQUIREMENTS})
    if as_json:
        console.write(found.to_json())
    else:
        _show(found)
    return found.exit_code


@app.command()
def requirements(*, as_json: AsJson = False) -> ExitCode:
    """List the requirements of the trial regime: force, kind, and the document that serves each."""
    if as_json:
        table = RequirementTable(schema_id="trialconformance-requirements/1", requirements=REQUIREMENTS)
        console.write(canonical_json(table.model_dump(mode="json")))
        return ExitCode.PASS
    files = {facts.requirement: facts.file for facts in DOCUMENTS.values()}
    shown = Table("requirement", "force", "kind", "what", "document", box=None)
    for each in REQUIREMENTS:
        shown.add_row(each.id, each.force, each.kind, each.title, files.get(each.id, ""))
    console.stdout().print(shown)
    console.note("force: R proposed solution or formal position of the SSC, V a view, N a note")
    return ExitCode.PASS


def _show(found: Gaps) -> None:
    out = console.stdout()
    for each in found.gaps:
        weight = "" if each.severity is Severity.MUST else f", {each.severity}"
        out.print(f"{each.requirement} {each.title} ({each.verdict}{weight})", style="bold", markup=False)
        for wanted in each.wanted:
            place = " ".join(part for part in (wanted.artefact, wanted.key) if part)
            out.print(f"    {place}: wanted {wanted.expected}; seen {wanted.seen}", markup=False)
    out.print(
        f"{len(found.gaps)} of {len(REQUIREMENTS)} requirements have gaps, {found.met} are met, "
        f"{found.aside} do not apply or were decided by people"
    )

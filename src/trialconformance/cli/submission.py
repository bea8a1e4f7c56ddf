"""``trialconformance submission``: what an application to the SSC still lacks, and what it must hold."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from trialconformance.cli import console
from trialconformance.cli.trial_inputs import AsJson, AsOf, day_of
from trialconformance.core import CaseRow, ExitCode, Severity, Verdict, canonical_json
from trialconformance.engine import Inputs, Run
from trialconformance.trial import DOCUMENTS, REQUIREMENTS, Requirement, Submission

__all__ = ["app"]

app = typer.Typer(help="What a trial application must hold, and what it still lacks.", no_args_is_help=True)

_OPEN = frozenset({Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.ERROR, Verdict.NOT_RUN})


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
    rows = {each.case: run.judge.row(each.case) for each in REQUIREMENTS}
    wanted = [each for each in REQUIREMENTS if rows[each.case].verdict in _OPEN]
    if as_json:
        console.write(
            canonical_json({"schema": "trialconformance-gaps/1", "gaps": [_gap(rows, each) for each in wanted]})
        )
    else:
        _show(rows, wanted)
    deciding = {rows[each.case].verdict for each in wanted if rows[each.case].severity is Severity.MUST}
    if deciding - {Verdict.INCONCLUSIVE}:
        return ExitCode.FAIL
    return ExitCode.INCONCLUSIVE if deciding else ExitCode.PASS


@app.command()
def requirements(*, as_json: AsJson = False) -> ExitCode:
    """List the requirements of the trial regime: force, kind, and the document that serves each."""
    files = {facts.requirement: facts.file for facts in DOCUMENTS.values()}
    if as_json:
        rows = [each.model_dump(mode="json") | {"file": files.get(each.id, "")} for each in REQUIREMENTS]
        console.write(canonical_json({"schema": "trialconformance-requirements/1", "requirements": rows}))
        return ExitCode.PASS
    table = Table("requirement", "force", "kind", "what", "document", box=None)
    for each in REQUIREMENTS:
        table.add_row(each.id, each.force, each.kind, each.title, files.get(each.id, ""))
    console.stdout().print(table)
    console.note("force: R proposed solution or formal position of the SSC, V a view, N a note")
    return ExitCode.PASS


def _gap(rows: dict[str, CaseRow], requirement: Requirement) -> dict[str, object]:
    row = rows[requirement.case]
    return {
        "requirement": requirement.id,
        "force": requirement.force,
        "kind": requirement.kind,
        "title": requirement.title,
        "verdict": row.verdict,
        "wanted": [
            {"artefact": each.artefact, "key": each.path, "expected": each.expected, "seen": each.seen}
            for each in row.findings
        ],
    }


def _show(rows: dict[str, CaseRow], wanted: list[Requirement]) -> None:
    out = console.stdout()
    for each in wanted:
        row = rows[each.case]
        weight = "" if row.severity is Severity.MUST else f", {row.severity}"
        out.print(f"{each.id} {each.title} ({row.verdict}{weight})", style="bold", markup=False)
        for found in row.findings:
            place = " ".join(part for part in (found.artefact, found.path) if part)
            out.print(f"    {place}: wanted {found.expected}; seen {found.seen}", markup=False)
    held = sum(row.verdict is Verdict.PASS for row in rows.values())
    aside = sum(row.verdict is Verdict.NOT_APPLICABLE for row in rows.values())
    out.print(
        f"{len(wanted)} of {len(rows)} requirements have gaps, {held} are met, {aside} do not apply or are for people"
    )

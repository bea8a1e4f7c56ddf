"""``trialconformance sensitivity``: are the suites worth anything? Every known fault must be noticed by its case."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from trialconformance.cli import console
from trialconformance.core import ExitCode
from trialconformance.evidence import write_atomically
from trialconformance.harness.emulator import Faults
from trialconformance.harness.sensitivity import Sensitivity, measure, procedures_in
from trialconformance.packaged import packaged

__all__ = ["sensitivity"]


def sensitivity(
    *,
    fault: Annotated[list[str] | None, typer.Option("--fault", help="Only this fault; may be repeated.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the score to this file as well.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The score as JSON on standard output.")] = False,
) -> ExitCode:
    """Run the suites against an emulated device with each fault in turn; exit code 1 where a fault goes unnoticed."""
    faults = Faults.shipped()
    chosen = [faults.get(name) for name in fault] if fault else list(faults.faults)
    suites = packaged("suites")
    with console.progress("faults", len(chosen)) as advance:
        score = measure(procedures_in(suites / "device", suites / "risk"), faults=chosen, progress=advance)
    octets = score.to_json()
    if output is not None:
        write_atomically(output, octets)
    if as_json:
        console.write(octets)
    else:
        _show(score)
    return ExitCode.PASS if score.complete else ExitCode.FAIL


def _title(score: Sensitivity) -> str:
    return f"{score.killed} of {score.total} faults noticed by the case they are for: {score.score} %"


def _show(score: Sensitivity) -> None:
    table = Table("fault", "written for", "noticed by", title=_title(score))
    for row in score.faults:
        others = len(row.killed_by) - row.killed
        noticed = "its case" if row.killed else "not by its case"
        table.add_row(row.name, row.written_for, f"{noticed}{f' and {others} others' if others else ''}")
    console.stdout().print(table)
    for device_type, cases in score.false_alarms.items():
        if cases:
            console.stdout().print(f"false alarms about a good {device_type}: {', '.join(cases)}")

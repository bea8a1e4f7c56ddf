"""``trialconformance risk``: the risk register of a laboratory, filled in from a record."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.table import Table

from trialconformance.cli import console
from trialconformance.core import ExitCode, Record, UsageError
from trialconformance.evidence import write_atomically
from trialconformance.harness.risk import RiskRegister, RiskReport, assess

__all__ = ["risk"]


def risk(
    record: Annotated[Path, typer.Argument(help="The record.json of a run with a device.", show_default=False)],
    *,
    register: Annotated[
        Path | None,
        typer.Option("--register", help="The laboratory's own risk register (JSON).", show_default=False),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write risk.json to this file as well.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="risk.json on standard output.")] = False,
) -> ExitCode:
    """Say for each attack what it threatens, what mitigates it, and whether the device withstood it."""
    try:
        read = Record.from_json(record.read_bytes())
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(record), accepted="a record.json") from error
    except ValidationError as error:
        raise UsageError("is no record", where=str(record), accepted="the record.json of a run") from error
    report = assess(RiskRegister.load(register), read.cases)
    if output is not None:
        write_atomically(output, report.to_json())
    if as_json:
        console.write(report.to_json())
    else:
        _show(report)
    return _exit_code(report)


def _exit_code(report: RiskReport) -> ExitCode:
    statuses = {each.status for each in report.risks}
    if "broken" in statuses:
        return ExitCode.FAIL
    return ExitCode.INCONCLUSIVE if statuses != {"withstood"} else ExitCode.PASS


def _show(report: RiskReport) -> None:
    table = Table(
        "attack", "likelihood", "impact", "status", "residual", "mitigations", title=report.mitigations_source
    )
    for row in report.risks:
        mitigations = ", ".join(row.mitigations)
        table.add_row(row.attack, row.likelihood, row.impact, row.status, row.residual, mitigations)
    console.stdout().print(table)

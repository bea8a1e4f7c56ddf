"""``trialconformance field-report``: which trial devices are in the field, for the SSC."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trialconformance.cli import console
from trialconformance.cli.trial_inputs import (
    AsJson,
    AsOf,
    Estate,
    ListedCpl,
    PolicyName,
    RegisterFolder,
    TrustedKeys,
    day_of,
    field_inputs,
    need_polars,
    octets_of,
    policy_of,
    runner,
)
from trialconformance.core import ExitCode, load_json
from trialconformance.evidence import write_atomically
from trialconformance.trial.field import FieldReport
from trialconformance.trial.field.page import field_page, series_page
from trialconformance.trial.field.series import series_of
from trialconformance.trial.policy import PRESETS

__all__ = ["app"]

app = typer.Typer(help="Report to the SSC which trial devices are in the field.", no_args_is_help=True)

Inventory = Annotated[
    list[Path], typer.Argument(help="Inventory: .parquet, .csv, ReadInventory .xml, or folders of them.")
]
Cpl = Annotated[Path, typer.Option("--cpl", help="The Central Products List.")]
CplProfile = Annotated[Path | None, typer.Option("--cpl-profile", help="Format profile of the list.")]
Columns = Annotated[Path | None, typer.Option("--columns", help="JSON file with the names of inventory columns.")]
Drawn = Annotated[
    str, typer.Option("--drawn", help="Day the inventory was drawn, where no extract.json beside it says so.")
]
AllowList = Annotated[Path | None, typer.Option("--allow-list", help="Devices that may take part, one EUI-64 a line.")]
PseudonymKey = Annotated[
    Path | None,
    typer.Option("--pseudonym-key", help="File with a secret; without it devices are counted, not named."),
]
Workers = Annotated[int, typer.Option("--cluster", min=0, help="Worker processes of a Dask cluster on this machine.")]
Scheduler = Annotated[str, typer.Option("--scheduler", help="Address of a Dask scheduler that runs already.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="Folder for JSON, CSV and HTML.")]


@app.command()
def make(
    inventory: Inventory,
    *,
    register: RegisterFolder,
    cpl: Cpl,
    trust: TrustedKeys = None,
    cpl_profile: CplProfile = None,
    columns: Columns = None,
    drawn: Drawn = "",
    as_of: AsOf = "",
    policy: PolicyName = PRESETS[0],
    allow_list: AllowList = None,
    pseudonym_key: PseudonymKey = None,
    cluster: Workers = 0,
    scheduler: Scheduler = "",
    output: Output = None,
    as_json: AsJson = False,
) -> ExitCode:
    """Join an inventory with the list and the register, and report."""
    inputs = field_inputs(
        Estate(
            inventory=inventory,
            register=register,
            trust=trust,
            listed=ListedCpl.read(cpl, cpl_profile),
            columns=columns,
            drawn=drawn,
            as_of=as_of,
            policy=policy,
            allowlist=allow_list,
            key=pseudonym_key,
        )
    )
    from trialconformance.trial.field.join import field_report  # noqa: PLC0415 -- needs the extra that was asked for above

    with runner(workers=cluster, address=scheduler) as run:
        report = field_report(inputs, run=run)
    if output is not None:
        _write(
            output,
            {
                "field-report.json": report.to_json(),
                "field-report.csv": report.to_csv(),
                "field-report.html": field_page(report),
            },
        )
    if as_json:
        console.write(report.to_json())
    else:
        _show(report)
    return report.exit_code


@app.command()
def series(
    reports: Annotated[list[Path], typer.Argument(help="Field reports as JSON.")],
    *,
    policy: PolicyName = PRESETS[0],
    output: Output = None,
    as_json: AsJson = False,
) -> ExitCode:
    """Put weekly reports in a row: trend, breaches, late reports, and when the cap is reached."""
    read = [load_json(FieldReport, octets_of(path, where="report"), where=str(path)) for path in reports]
    found = series_of(read, interval_days=policy_of(policy).field_report_days)
    if output is not None:
        _write(output, {"field-series.json": found.to_json(), "field-series.html": series_page(found)})
    if as_json:
        console.write(found.to_json())
        return found.exit_code
    out = console.stdout()
    for each in found.trials:
        newest = each.points[-1]
        pace = f"{each.per_week / 100:.2f} a week"
        reached = f", cap reached on {each.cap_reached}" if each.cap_reached else ""
        out.print(f"{each.trial_ref}: {newest.in_field} on {newest.as_of}, {pace}{reached}", markup=False)
        for breach, (first, last) in each.breaches.items():
            out.print(f"    {breach}: {first} to {last}", markup=False)
    for day in found.gaps:
        out.print(f"the report of {day} came late", markup=False)
    out.print(f"verdict: {found.verdict}", markup=False)
    return found.exit_code


@app.command()
def synthetic(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    *,
    devices: Annotated[int, typer.Option("--devices", help="Devices in all.")] = 10_000,
    trial_devices: Annotated[int, typer.Option("--trial-devices", help="Trial devices among them.")] = 50,
    drawn: Annotated[str, typer.Option("--drawn", help="Day of the inventory.")] = "2023-01-02",
    seed: Annotated[int, typer.Option("--seed", help="Any number; the same number makes the same inventory.")] = 1,
) -> ExitCode:
    """Write a synthetic inventory for rehearsals and measurements: the trial devices are those of the demo."""
    need_polars()
    from trialconformance.trial.field.synthetic import Estate as Wanted  # noqa: PLC0415 -- an extra
    from trialconformance.trial.field.synthetic import write_estate  # noqa: PLC0415 -- an extra

    wanted = Wanted(devices=devices, trial_devices=trial_devices, drawn=day_of(drawn, where="--drawn"), seed=seed)
    for path in write_estate(folder, wanted):
        console.note(f"wrote {path}")
    return ExitCode.PASS


def _write(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, octets in files.items():
        write_atomically(folder / name, octets)
        console.note(f"wrote {folder / name}")


def _show(report: FieldReport) -> None:
    out = console.stdout()
    for each in report.trials:
        cap = f" of {each.cap}" if each.cap is not None else ""
        left = f", {each.days_left} days left" if each.days_left is not None else ""
        out.print(
            f"{each.trial_ref} ({each.state}): {each.in_field}{cap} in the field, {each.pending} pending{left}",
            markup=False,
        )
        for breach in each.breaches:
            out.print(f"    broken: {breach}", markup=False)
    for problem in report.problems:
        place = f"{problem.source} row {problem.row}" if problem.row else problem.source
        out.print(f"{problem.kind}: {place}: wanted {problem.expected}; seen {problem.seen}", markup=False)
    if not report.coverage.whole:
        out.print(f"not the whole estate: {report.coverage.reason}", markup=False)
    out.print(f"verdict: {report.verdict}", markup=False)

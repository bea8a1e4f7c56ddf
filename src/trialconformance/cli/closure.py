"""``trialconformance closure``: the end of a trial, hand-over to another supplier, and service levels without it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trialconformance import cpl as products
from trialconformance.cli import console
from trialconformance.cli.field_report import (
    AllowList,
    Columns,
    Cpl,
    CplProfile,
    Drawn,
    Inventory,
    Output,
    PseudonymKey,
    Scheduler,
    Workers,
)
from trialconformance.cli.trial_inputs import (
    AsJson,
    AsOf,
    Estate,
    ListedCpl,
    PolicyName,
    RegisterFolder,
    TrustedKeys,
    day_of,
    devices_in,
    field_inputs,
    octets_of,
    runner,
    target_row,
)
from trialconformance.core import ExitCode, UsageError
from trialconformance.evidence import write_atomically
from trialconformance.trial.closure import BATCH_DEVICES, ClosurePlan, Route, Target, batches, ota_refusals
from trialconformance.trial.handover import HandoverDevice, HandoverReason, handover_sheet
from trialconformance.trial.performance import exclusion_list, performance_report, read_measurements
from trialconformance.trial.policy import PRESETS

__all__ = ["app"]

app = typer.Typer(help="End a trial: routes, batches, proof, hand-over, service levels.", no_args_is_help=True)

TrialOption = Annotated[str, typer.Option("--trial", help="Trial reference.")]
Firmware = Annotated[str, typer.Option("--target-firmware", help="Certified firmware to upgrade to, 8 hex digits.")]
Batch = Annotated[int, typer.Option("--batch", min=1, max=BATCH_DEVICES, help="Devices of one device list.")]
ImageFile = Annotated[Path | None, typer.Option("--image", help="OTA image of that firmware.")]


@app.command()
def plan(
    inventory: Inventory,
    *,
    trial: TrialOption,
    register: RegisterFolder,
    cpl: Cpl,
    target_firmware: Firmware = "",
    image: ImageFile = None,
    trust: TrustedKeys = None,
    cpl_profile: CplProfile = None,
    columns: Columns = None,
    drawn: Drawn = "",
    as_of: AsOf = "",
    policy: PolicyName = PRESETS[0],
    allow_list: AllowList = None,
    batch: Batch = BATCH_DEVICES,
    output: Output = None,
    as_json: AsJson = False,
) -> ExitCode:
    """Say which way out each device may take; writes the device lists for Update Firmware where it may be upgraded."""
    listed = ListedCpl.read(cpl, cpl_profile)
    inputs = field_inputs(
        Estate(
            inventory=inventory,
            register=register,
            trust=trust,
            listed=listed,
            columns=columns,
            drawn=drawn,
            as_of=as_of,
            policy=policy,
            allowlist=allow_list,
            key=None,
        )
    )
    from trialconformance.trial.field.population import trial_devices  # noqa: PLC0415 -- an extra

    population = trial_devices(inputs, trial)
    entry = inputs.register.entry(trial)
    target = target_row(listed.listing, inputs.register, trial, target_firmware)
    refusals = ota_refusals(entry, target, _image(image)) if entry else ()
    standing = [each for each in population.devices if each.status and each.status not in inputs.facts.closed]
    upgradable = [] if refusals else [each.eui64 for each in standing if not each.on_certified]
    visits = standing if refusals else []
    lists = batches(upgradable, most=batch)
    found = ClosurePlan(
        trial_ref=trial,
        as_of=inputs.as_of,
        whole=population.coverage.whole,
        target=Target.of(target) if target else None,
        refusals=refusals,
        activation_hash=target.image_hash if target and not refusals else None,
        upgrade_over_the_air=len(upgradable),
        exchange_or_removal=len(visits),
        already_left_or_certified=len(population.devices) - len(upgradable) - len(visits),
        batches=tuple(text.count(",") + 1 for text in lists),
    )
    if output is not None:
        files = {f"device-list-{number:04d}.txt": text.encode() for number, text in enumerate(lists, start=1)}
        _write(output, files | {"closure-plan.json": found.to_json()})
    _show_plan(found, as_json=as_json)
    if refusals and target_firmware:
        return ExitCode.FAIL
    return ExitCode.PASS if population.coverage.whole else ExitCode.INCONCLUSIVE


@app.command()
def proof(
    inventory: Inventory,
    *,
    trial: TrialOption,
    register: RegisterFolder,
    cpl: Cpl,
    target_firmware: Firmware = "",
    image: ImageFile = None,
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
    """Show from the final inventory that every device is certified, exchanged or removed."""
    listed = ListedCpl.read(cpl, cpl_profile)
    inputs = field_inputs(
        Estate(
            inventory=inventory,
            register=register,
            trust=trust,
            listed=listed,
            columns=columns,
            drawn=drawn,
            as_of=as_of,
            policy=policy,
            allowlist=allow_list,
            key=pseudonym_key,
        )
    )
    from trialconformance.trial.field.population import closure_proof  # noqa: PLC0415 -- an extra

    entry = inputs.register.entry(trial)
    target = target_row(listed.listing, inputs.register, trial, target_firmware)
    refusals = ota_refusals(entry, target, _image(image)) if entry else ()
    with runner(workers=cluster, address=scheduler) as run:
        found = closure_proof(inputs, trial, target=target, refusals=refusals, run=run)
    if output is not None:
        _write(output, {"closure.json": found.to_json()})
    if as_json:
        console.write(found.to_json())
    else:
        out = console.stdout()
        for route in Route:
            out.print(f"{route}: {found.counts.get(route, 0)}", markup=False)
        for refusal in found.refusals if target_firmware else ():
            out.print(f"no upgrade over the air counts: {refusal}", markup=False)
        if not found.whole:
            out.print("not shown from a whole inventory", markup=False)
    return found.exit_code


@app.command()
def handover(
    inventory: Inventory,
    *,
    trial: TrialOption,
    register: RegisterFolder,
    cpl: Cpl,
    to: Annotated[str, typer.Option("--to", help="Party that is responsible from now on.")],
    sheet: Annotated[Path, typer.Option("--sheet", help="File to write; it names devices.")],
    contact: Annotated[str, typer.Option("--contact", help="Whom to ask at the manufacturer.")],
    devices: Annotated[
        Path | None, typer.Option("--devices", help="Devices that change hands, one EUI-64 a line; all by default.")
    ] = None,
    last_resort: Annotated[
        bool, typer.Option("--last-resort", help="The supplier so far failed: a Supplier of Last Resort takes over.")
    ] = False,
    target_firmware: Firmware = "",
    trust: TrustedKeys = None,
    cpl_profile: CplProfile = None,
    columns: Columns = None,
    drawn: Drawn = "",
    as_of: AsOf = "",
    policy: PolicyName = PRESETS[0],
    allow_list: AllowList = None,
) -> ExitCode:
    """Write the sheet that a gaining supplier, or a Supplier of Last Resort, gets for the devices it takes over."""
    listed = ListedCpl.read(cpl, cpl_profile)
    inputs = field_inputs(
        Estate(
            inventory=inventory,
            register=register,
            trust=trust,
            listed=listed,
            columns=columns,
            drawn=drawn,
            as_of=as_of,
            policy=policy,
            allowlist=allow_list,
            key=None,
        )
    )
    from trialconformance.trial.field.population import trial_devices  # noqa: PLC0415 -- an extra

    found = {each.eui64: each for each in trial_devices(inputs, trial).devices if each.status}
    wanted = (
        devices_in(devices) if devices else [each for each in found if found[each].status not in inputs.facts.closed]
    )
    if strangers := [each for each in wanted if each not in found]:
        raise UsageError(
            f"{strangers[0].hex().upper()} is no device of {trial} on this inventory",
            where="--devices",
            accepted="its devices",
        )
    entry = inputs.register.entry(trial)
    if entry is None or not wanted:
        raise UsageError("there is no device to hand over", where="--devices", accepted=f"devices of {trial}")
    text = handover_sheet(
        entry,
        [
            HandoverDevice(
                eui64=each, firmware=found[each].firmware, status=found[each].status, supplier=found[each].supplier
            )
            for each in wanted
        ],
        reason=HandoverReason.LAST_RESORT if last_resort else HandoverReason.CHANGE_OF_SUPPLIER,
        to=to,
        as_of=inputs.as_of,
        target=target_row(listed.listing, inputs.register, trial, target_firmware),
        contact=contact,
    )
    write_atomically(sheet, text)
    console.note(f"wrote {sheet}, {len(wanted)} devices")
    return ExitCode.PASS


@app.command()
def performance(
    measurements: Annotated[Path, typer.Argument(help="CSV with the columns metric, device, met, measured.")],
    *,
    exclude: Annotated[Path, typer.Option("--exclude", help="Trial devices, one EUI-64 a line.")],
    threshold: Annotated[
        list[str], typer.Option("--threshold", help="METRIC=PER CENT, for example on-demand=99.5; may be repeated.")
    ],
    first: Annotated[str, typer.Option("--first", help="First day of the period.")],
    last: Annotated[str, typer.Option("--last", help="Last day of the period.")],
    output: Output = None,
    as_json: AsJson = False,
) -> ExitCode:
    """Compute service levels with and without trial devices, and say which threshold that decides."""
    excluded = devices_in(exclude)
    report = performance_report(
        read_measurements(octets_of(measurements, where="measurements"), name=measurements.name),
        excluded=frozenset(excluded),
        thresholds=dict(_threshold(each) for each in threshold),
        first=day_of(first, where="--first"),
        last=day_of(last, where="--last"),
    )
    if output is not None:
        _write(output, {"performance.json": report.to_json(), "exclusion-list.txt": exclusion_list(excluded)})
    if as_json:
        console.write(report.to_json())
    else:
        out = console.stdout()
        for each in report.metrics:
            flips = " (trial devices decide it)" if each.flips else ""
            out.print(
                f"{each.metric}: {_percent(each.everybody.hundredths)} with trial devices, "
                f"{_percent(each.without_trial.hundredths)} without, threshold {_percent(each.threshold)}{flips}",
                markup=False,
            )
        out.print(f"left out: {report.excluded} devices, {report.exclusion_digest}", markup=False)
    return ExitCode.FAIL if any(each.flips for each in report.metrics) else ExitCode.PASS


def _threshold(text: str) -> tuple[str, int]:
    name, sign, value = text.partition("=")
    whole, _, part = value.partition(".")
    if not (name and sign and whole.isdecimal() and (not part or part.isdecimal()) and len(part) <= 2):
        raise UsageError(f"{text!r} is no threshold", where="--threshold", accepted="METRIC=PER CENT, two decimals")
    return name, int(whole) * 100 + int(part.ljust(2, "0") if part else 0)


def _percent(hundredths: int | None) -> str:
    return "nothing measured" if hundredths is None else f"{hundredths / 100:.2f} %"


def _image(path: Path | None) -> products.Image | None:
    return products.decode_image(octets_of(path, where="--image"), name=path.name) if path else None


def _write(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, octets in files.items():
        write_atomically(folder / name, octets)
        console.note(f"wrote {folder / name}")


def _show_plan(found: ClosurePlan, *, as_json: bool) -> None:
    if as_json:
        console.write(found.to_json())
        return
    out = console.stdout()
    out.print(f"upgrade over the air: {found.upgrade_over_the_air}", markup=False)
    out.print(f"exchange or removal: {found.exchange_or_removal}", markup=False)
    out.print(f"already left or certified: {found.already_left_or_certified}", markup=False)
    if found.activation_hash:
        out.print(f"activation hash: {found.activation_hash}", markup=False)
    for refusal in found.refusals:
        out.print(f"no upgrade over the air: {refusal}", markup=False)

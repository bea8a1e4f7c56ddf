"""The devices of one trial, each with what the inventory says of it now: for closure and hand-over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial

import polars as pl

from trialconformance.core import UsageError
from trialconformance.trial.closure import ClosedDevice, ClosureProof, Route, Target
from trialconformance.trial.field.classify import (
    CERTIFIED,
    GATEWAY,
    KIND,
    REFERENCE,
    classified,
    exchanged_devices,
    models_on_trial,
)
from trialconformance.trial.field.inputs import FieldInputs, Run, run_here
from trialconformance.trial.field.join import coverage_of, pseudonym, pseudonym_secret
from trialconformance.trial.field.report import Coverage
from trialconformance.trial.field.scan import DAY, EUI, Plan, scan
from trialconformance.trial.listing import ListedModel
from trialconformance.trial.register_entry import Entry

__all__ = ["Population", "TrialDevice", "closure_proof", "trial_devices"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialDevice:
    """A device of a trial as the inventory has it. It holds its identity: never part of a report.

    Args:
        eui64: its identity, 8 octets.
        status: its status, empty where the inventory has no row for it.
        firmware: its firmware version.
        on_certified: whether that firmware stands on an active certified row for its hardware.
        exchanged: whether it is gone and another commissioned device of the type is at the premises.
        commissioned: day of commissioning, where known.
        region: region, where known.
        supplier: responsible supplier, where known.
    """

    eui64: bytes
    status: str
    firmware: str
    on_certified: bool
    exchanged: bool
    commissioned: date | None
    region: str
    supplier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """The devices of a trial.

    Args:
        devices: by identity.
        coverage: how much of the estate was seen.
    """

    devices: tuple[TrialDevice, ...]
    coverage: Coverage


def trial_devices(inputs: FieldInputs, reference: str, *, run: Run = run_here) -> Population:
    """List the devices of a trial.

    Args:
        inputs: inventory, list, register; the allow-list says who took part, without one everybody who was commissioned
            while the trial ran.
        reference: the trial.
        run: how partitions are worked through.

    Returns:
        The devices, and how much of the estate was seen.

    Raises:
        UsageError: no such trial on the register, or an inventory file that cannot be read.
    """
    entry = inputs.register.entry(reference)
    if entry is None:
        known = ", ".join(each.trial_ref for each in inputs.register.head.entries if each.trial_ref) or "none"
        raise UsageError(f"there is no trial {reference!r} on the register", where="trial", accepted=known)
    models = models_on_trial(inputs)
    plan = Plan(
        facts=inputs.facts,
        as_of=inputs.as_of,
        models=frozenset((each[0], each[1], kind) for each in models for kind in each[2]),
    )
    found = run(inputs.partitions, partial(scan, plan=plan))
    devices = classified(inputs, models, found).filter((pl.col(REFERENCE) == reference) & ~pl.col(GATEWAY))
    exchanged = exchanged_devices(inputs, devices, run)
    taking_part = [
        TrialDevice(
            eui64=row[EUI].to_bytes(8),
            status=row["status"],
            firmware=row["firmware"] or "",
            on_certified=row[KIND] == CERTIFIED,
            exchanged=row[EUI] in exchanged,
            commissioned=row[DAY],
            region=row["region"] or "",
            supplier=row["supplier"] or "",
        )
        for row in devices.sort(EUI).iter_rows(named=True)
        if _took_part(inputs, entry, row[EUI], row[KIND], row[DAY])
    ]
    return Population(
        devices=tuple(sorted((*taking_part, *_absent(inputs, taking_part)), key=lambda each: each.eui64)),
        coverage=coverage_of(inputs, found),
    )


def closure_proof(
    inputs: FieldInputs,
    reference: str,
    *,
    target: ListedModel | None,
    refusals: tuple[str, ...],
    run: Run = run_here,
) -> ClosureProof:
    """Say what became of every device of a trial (TR-34 to TR-36).

    Args:
        inputs: the final inventory, the list, the register.
        reference: the trial.
        target: the certified row that devices were upgraded to.
        refusals: why an upgrade over the air does not count, see ``closure.ota_refusals``.
        run: how partitions are worked through.

    Returns:
        The proof.
    """
    population = trial_devices(inputs, reference, run=run)
    secret = pseudonym_secret(inputs.key, reference)
    closed = [_closed(inputs, each, secret, refusals) for each in population.devices]
    counts = {route: sum(each.route is route for each in closed) for route in Route}
    return ClosureProof(
        trial_ref=reference,
        as_of=inputs.as_of,
        whole=population.coverage.whole,
        inventory_sha256=tuple(each.sha256 for each in population.coverage.sources),
        target=Target.of(target) if target else None,
        refusals=refusals,
        counts=counts,
        devices=tuple(sorted(closed, key=lambda each: (each.pseudonym, each.route, each.status, each.firmware))),
    )


def _took_part(inputs: FieldInputs, entry: Entry, identity: int, kind: str | None, day: date | None) -> bool:
    if inputs.allowlist is not None:
        return identity.to_bytes(8) in inputs.allowlist or kind != CERTIFIED
    return kind != CERTIFIED or (day is not None and entry.start <= day <= entry.end)


def _absent(inputs: FieldInputs, present: list[TrialDevice]) -> list[TrialDevice]:
    seen = {each.eui64 for each in present}
    return [
        TrialDevice(
            eui64=each,
            status="",
            firmware="",
            on_certified=False,
            exchanged=False,
            commissioned=None,
            region="",
            supplier="",
        )
        for each in sorted((inputs.allowlist or frozenset()) - seen)
    ]


def _closed(inputs: FieldInputs, device: TrialDevice, secret: bytes | None, refusals: tuple[str, ...]) -> ClosedDevice:
    route, reason = _route(inputs, device, refusals)
    return ClosedDevice(
        pseudonym=pseudonym(secret, int.from_bytes(device.eui64)),
        route=route,
        status=device.status or "absent",
        firmware=device.firmware,
        reason=reason,
    )


def _route(inputs: FieldInputs, device: TrialDevice, refusals: tuple[str, ...]) -> tuple[Route, str]:
    facts = inputs.facts
    table = (
        (not device.status, Route.OPEN, "on the allow-list, but the inventory has no row that shows where it went"),
        (device.exchanged, Route.EXCHANGE, "gone, and another commissioned device of the type is at the premises"),
        (device.status in facts.closed, Route.REMOVAL, f"its status is {device.status}"),
        (device.on_certified and not refusals, Route.OTA, "it runs firmware of a certified row for its hardware"),
        (device.on_certified, Route.OPEN, "its firmware is certified, but the upgrade does not count: see refusals"),
        (device.status in facts.pending, Route.OPEN, "announced on trial firmware"),
        (True, Route.OPEN, "it still runs firmware that is not certified"),
    )
    return next((route, reason) for holds, route, reason in table if holds)

"""The join: inventory by list by register, and what of it the SSC gets to see."""

from __future__ import annotations

import hmac
import math
from datetime import date, timedelta
from functools import partial
from typing import Any

import polars as pl

from trialconformance.trial.field.classify import (
    CERTIFIED,
    GATEWAY,
    KIND,
    REFERENCE,
    TRIAL,
    classified,
    exchanged_devices,
    models_on_trial,
)
from trialconformance.trial.field.inputs import FieldInputs, Run, run_here
from trialconformance.trial.field.problems import problems_of
from trialconformance.trial.field.report import Breach, Closed, Coverage, FieldReport, ReportedDevice, TrialReport
from trialconformance.trial.field.scan import DAY, EUI, Findings, Plan, scan
from trialconformance.trial.field.sources import coverage
from trialconformance.trial.register_entry import Entry, TrialState

__all__ = ["coverage_of", "field_report", "pseudonym", "pseudonym_secret"]

_UNREGISTERED = "unregistered"
_UNKNOWN = "unknown"
_MOST_DEVICES = 1000  # devices listed one by one; the counts are always whole
_PSEUDONYM = 16  # octets of a pseudonym


def field_report(inputs: FieldInputs, *, run: Run = run_here) -> FieldReport:
    """Make the field report.

    Args:
        inputs: what it is made from.
        run: how the partitions are worked through: one after the other here, or on a cluster.

    Returns:
        The report, the same for the same inputs however it was run.

    Raises:
        UsageError: an inventory file cannot be read.
    """
    models = models_on_trial(inputs)
    plan = Plan(
        facts=inputs.facts,
        as_of=inputs.as_of,
        models=frozenset((each[0], each[1], kind) for each in models for kind in each[2]),
    )
    found = run(inputs.partitions, partial(scan, plan=plan))
    seen = coverage_of(inputs, found)
    devices = classified(inputs, models, found)
    problems, counts = problems_of(inputs, found, devices, seen, run=run)
    references = sorted(
        {reference for *_, reference in models}
        | {each.trial_ref for each in inputs.register.head.entries if each.trial_ref}
    )
    exchanged = exchanged_devices(inputs, devices, run)
    return FieldReport(
        as_of=inputs.as_of,
        coverage=seen,
        register_digest=inputs.register.head.digest,
        register_as_of=inputs.register.head.as_of,
        list_sha256=inputs.list_sha256,
        list_profile=inputs.list_profile,
        pseudonyms="hmac-sha-256" if inputs.key is not None else "none",
        trials=tuple(
            _trial_report(inputs, reference, devices.filter(pl.col(REFERENCE) == reference), exchanged)
            for reference in references
        ),
        problems=problems,
        problem_counts=counts,
    )


def _trial_report(inputs: FieldInputs, reference: str, devices: pl.DataFrame, exchanged: frozenset[int]) -> TrialReport:
    entry = inputs.register.entry(reference)
    units = devices.filter(~pl.col(GATEWAY))
    on_trial = units.filter(pl.col(KIND).fill_null(TRIAL) == TRIAL)
    in_field = on_trial.filter(pl.col("status").is_in(list(inputs.facts.in_field)))
    gone = on_trial.filter(pl.col("status").is_in(list(inputs.facts.closed)))
    by_exchange = gone.filter(pl.col(EUI).is_in(pl.Series(sorted(exchanged), dtype=pl.UInt64).implode())).height
    closed = Closed(ota=_upgraded(inputs, entry, units), exchange=by_exchange, removal=gone.height - by_exchange)
    end = entry.end if entry else None
    marked = _with_breaches(inputs, entry, on_trial.filter(~pl.col("status").is_in(list(inputs.facts.closed))))
    counted = in_field.height + (sum(closed.model_dump().values()) if inputs.policy.cap_counts_replacements else 0)
    counts = {each: int(marked[each].sum()) for each in _PER_DEVICE}
    report = TrialReport(
        trial_ref=reference,
        state=entry.state if entry else _UNREGISTERED,
        cap=entry.quantity_cap if entry else None,
        start=entry.start if entry else None,
        end=end,
        days_left=(end - inputs.as_of).days if end else None,
        in_field=in_field.height,
        counted=counted,
        cap_use_percent=math.ceil(100 * counted / entry.quantity_cap) if entry else None,
        pending=on_trial.filter(pl.col("status").is_in(list(inputs.facts.pending))).height,
        closed=closed,
        by_region=_counts(in_field, "region"),
        by_supplier=_counts(in_field, "supplier"),
        by_firmware=_counts(in_field, "firmware"),
        by_week=_by_week(in_field),
        first_commissioned=_day(in_field[DAY].min()),
        last_commissioned=_day(in_field[DAY].max()),
        overdue=counts[Breach.OVERDUE],
        installed_after_end=counts[Breach.INSTALLED_AFTER_END],
        outside_allowlist=counts[Breach.OUTSIDE_ALLOWLIST] if inputs.allowlist is not None else None,
        firmware_mismatch=counts[Breach.FIRMWARE_MISMATCH],
        devices=_devices(inputs, reference, marked),
        breaches=(),
    )
    return report.model_copy(update={"breaches": _breaches(inputs, entry, report)})


_PER_DEVICE = (
    Breach.OVERDUE,
    Breach.INSTALLED_AFTER_END,
    Breach.OUTSIDE_ALLOWLIST,
    Breach.FIRMWARE_MISMATCH,
)


def _with_breaches(inputs: FieldInputs, entry: Entry | None, devices: pl.DataFrame) -> pl.DataFrame:
    standing = pl.col("status").is_in(list(inputs.facts.in_field))
    never = pl.lit(value=False)
    after_end = standing if entry and inputs.as_of > entry.end else never
    outside = never
    if inputs.allowlist is not None:
        allowed = pl.Series([int.from_bytes(each) for each in sorted(inputs.allowlist)], dtype=pl.UInt64)
        outside = standing & ~pl.col(EUI).is_in(allowed.implode())
    return devices.with_columns(
        after_end.alias(Breach.OVERDUE),
        (pl.col(DAY) > entry.end if entry else never).fill_null(value=False).alias(Breach.INSTALLED_AFTER_END),
        outside.alias(Breach.OUTSIDE_ALLOWLIST),
        pl.col(KIND).is_null().alias(Breach.FIRMWARE_MISMATCH),
    )


def _breaches(inputs: FieldInputs, entry: Entry | None, report: TrialReport) -> tuple[Breach, ...]:
    live = report.in_field > 0
    if entry is None:
        return (Breach.UNREGISTERED,) if live or report.pending else ()
    # devices may stand for some days after the end while the trial is wound down
    grace = timedelta(days=inputs.policy.closure_days if entry.state is TrialState.CLOSING else 0)
    broken = {
        Breach.NOT_ACTIVE: live and not entry.state.may_be_in_the_field,
        Breach.CAP: report.counted > entry.quantity_cap,
        Breach.OVERDUE: report.overdue > 0 and inputs.as_of > entry.end + grace,
        Breach.INSTALLED_AFTER_END: report.installed_after_end > 0,
        Breach.OUTSIDE_ALLOWLIST: (report.outside_allowlist or 0) > 0,
        Breach.FIRMWARE_MISMATCH: report.firmware_mismatch > 0,
    }
    return tuple(breach for breach, holds in broken.items() if holds)


def _upgraded(inputs: FieldInputs, entry: Entry | None, units: pl.DataFrame) -> int:
    """Devices of the trial that run certified firmware now.

    The inventory has no memory: a device counts as one of the trial when the allow-list has it, or, without a list,
    when it was commissioned while the trial ran.
    """
    certified = units.filter((pl.col(KIND) == CERTIFIED) & pl.col("status").is_in(list(inputs.facts.commissioned)))
    if inputs.allowlist is not None:
        allowed = pl.Series([int.from_bytes(each) for each in sorted(inputs.allowlist)], dtype=pl.UInt64)
        return certified.filter(pl.col(EUI).is_in(allowed.implode())).height
    if entry is None:
        return 0
    return certified.filter(pl.col(DAY).is_between(entry.start, entry.end)).height


def _counts(devices: pl.DataFrame, column: str) -> dict[str, int]:
    text = pl.col(column).fill_null("").replace("", _UNKNOWN)
    counted = devices.select(text.alias(column)).group_by(column).len().sort(column)
    return dict(counted.iter_rows())


def _by_week(devices: pl.DataFrame) -> dict[str, int]:
    weeks = devices.filter(pl.col(DAY).is_not_null()).group_by(pl.col(DAY).dt.truncate("1w")).len().sort(DAY)
    return {day.isoformat(): count for day, count in weeks.iter_rows()}


def _day(value: Any) -> date | None:
    return value if isinstance(value, date) else None


def _devices(inputs: FieldInputs, reference: str, marked: pl.DataFrame) -> tuple[ReportedDevice, ...]:
    """The devices one by one, those with breaches first, none that is only announced unless it breaks a rule."""
    broken = pl.any_horizontal(*_PER_DEVICE)
    shown = marked.filter(broken | pl.col("status").is_in(list(inputs.facts.in_field)))
    shown = shown.with_columns(broken.alias("broken")).sort(pl.col("broken").not_(), EUI).head(_MOST_DEVICES)
    secret = pseudonym_secret(inputs.key, reference)
    found = [
        ReportedDevice(
            pseudonym=pseudonym(secret, row[EUI]),
            status=row["status"],
            firmware=row["firmware"] or "",
            commissioned=row[DAY],
            region=row["region"] or _UNKNOWN,
            supplier=row["supplier"] or _UNKNOWN,
            breaches=tuple(each for each in _PER_DEVICE if row[each]),
        )
        for row in shown.iter_rows(named=True)
    ]
    # by pseudonym, not by identity: the order must not tell what the pseudonym hides
    return tuple(
        sorted(found, key=lambda each: (not each.breaches, each.pseudonym, each.commissioned or date.min, each.status))
    )


def pseudonym_secret(key: bytes | None, reference: str) -> bytes | None:
    """Derive the secret of one trial, so that pseudonyms of two trials cannot be joined.

    Args:
        key: secret of all pseudonyms, None to name no device.
        reference: trial reference.

    Returns:
        32 octets, or None.
    """
    return hmac.digest(key, reference.encode(), "sha256") if key is not None else None


def pseudonym(secret: bytes | None, identity: int) -> str:
    """Name a device without saying which it is.

    Args:
        secret: secret of its trial, None to name no device.
        identity: EUI-64 as unsigned integer.

    Returns:
        The first 16 octets of HMAC-SHA-256 over the 8 octets of the EUI-64, as hex; empty without secret.
    """
    if secret is None:
        return ""
    return hmac.digest(secret, identity.to_bytes(8), "sha256")[:_PSEUDONYM].hex()


def coverage_of(inputs: FieldInputs, found: list[Findings]) -> Coverage:
    """Add up what was read, and say whether it was the whole inventory."""
    rows: dict[str, int] = {}
    for each in found:
        rows[each.source] = rows.get(each.source, 0) + each.rows
    return coverage(inputs.partitions, rows, inputs.manifest, drawn=inputs.drawn)

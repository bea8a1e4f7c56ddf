"""One pass over a partition: the few rows that matter, and every identity for finding duplicates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from trialconformance.trial.field.columns import InventoryFacts
from trialconformance.trial.field.sources import ROW, Partition

__all__ = ["EUI", "Findings", "Plan", "scan", "scan_identities", "scan_premises"]

EUI = "eui"
SOURCE = "source"
BAD_EUI, BAD_STATUS, BAD_DATE, CANDIDATE = "bad_eui", "bad_status", "bad_date", "candidate"
DAY = "day"

_EUI_FORM = r"^[0-9A-Fa-f]{16}$"
_HALF = 1 << 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to look for.

    Args:
        facts: columns and statuses.
        as_of: the day of the report.
        models: manufacturer, model (8 hex digits) and DUIS device type of every model on trial.
    """

    facts: InventoryFacts
    as_of: date
    models: frozenset[tuple[str, str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What one partition holds.

    Args:
        source: name of the file.
        rows: rows in it.
        marked: rows that are of a model on trial or have a fault, with what they are.
        identities: EUI-64 of every row as unsigned integer, unreadable ones left out.
    """

    source: str
    rows: int
    marked: pl.DataFrame
    identities: pl.Series


def _with_identity(frame: pl.LazyFrame) -> pl.LazyFrame:
    digits = pl.col("device_id").str.replace_all(r"[-:]", "")
    readable = pl.when(digits.str.contains(_EUI_FORM)).then(digits)
    high, low = readable.str.slice(0, 8), readable.str.slice(8, 8)
    value = high.str.to_integer(base=16).cast(pl.UInt64) * _HALF + low.str.to_integer(base=16).cast(pl.UInt64)
    return frame.with_columns(value.alias(EUI))


def scan(partition: Partition, plan: Plan) -> Findings:
    """Pass over a partition once.

    Args:
        partition: the rows.
        plan: what to look for.

    Returns:
        What it holds.

    Raises:
        UsageError: it cannot be read.
    """
    frame = _with_identity(partition.frame(plan.facts))
    day = pl.col("commissioned").str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    has_date = pl.col("commissioned").is_not_null() & (pl.col("commissioned") != "")
    impossible = has_date & (day.is_null() | (day > plan.as_of) | (day < plan.facts.earliest_commissioning))
    upper = pl.concat_str(
        pl.col("manufacturer", "model", "device_type").str.to_uppercase(), separator="|", ignore_nulls=False
    )
    keys = sorted("|".join(each).upper() for each in plan.models)
    flagged = frame.with_columns(
        pl.col(EUI).is_null().alias(BAD_EUI),
        (~pl.col("status").is_in(list(plan.facts.statuses))).fill_null(value=True).alias(BAD_STATUS),
        impossible.fill_null(value=False).alias(BAD_DATE),
        upper.is_in(keys).fill_null(value=False).alias(CANDIDATE),
        day.alias(DAY),
    )
    marked = flagged.filter(pl.any_horizontal(BAD_EUI, BAD_STATUS, BAD_DATE, CANDIDATE)).drop("device_id")
    identities, kept = pl.collect_all([flagged.select(EUI), marked], engine="streaming")
    return Findings(
        source=partition.name,
        rows=identities.height,
        marked=kept.with_columns(pl.lit(partition.name).alias(SOURCE)),
        identities=identities[EUI].drop_nulls(),
    )


def scan_identities(partition: Partition, facts: InventoryFacts, wanted: pl.Series) -> pl.DataFrame:
    """Find the rows of some identities.

    Args:
        partition: the rows.
        facts: names of columns.
        wanted: EUI-64 as unsigned integers.

    Returns:
        Source, row and identity.
    """
    frame = _with_identity(partition.frame(facts)).filter(pl.col(EUI).is_in(wanted.implode()))
    return frame.select(pl.lit(partition.name).alias(SOURCE), ROW, EUI).collect(engine="streaming")


def scan_premises(partition: Partition, facts: InventoryFacts, wanted: pl.Series) -> pl.DataFrame:
    """Find the commissioned devices at some premises.

    Args:
        partition: the rows.
        facts: names of columns.
        wanted: premises, which never leave the join.

    Returns:
        Premises, device type and identity.
    """
    frame = _with_identity(partition.frame(facts)).filter(
        pl.col("premises").is_in(wanted.implode()) & pl.col("status").is_in(list(facts.commissioned))
    )
    return frame.select("premises", "device_type", EUI, "firmware", "model").collect(engine="streaming")

"""What is wrong with an inventory: rows that cannot be, devices that stand twice, a register that lags behind."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import polars as pl

from trialconformance.cpl.trial_reference import Malformed
from trialconformance.trial.field.classify import GATEWAY
from trialconformance.trial.field.inputs import FieldInputs, Run
from trialconformance.trial.field.report import Coverage, Problem, ProblemKind
from trialconformance.trial.field.scan import (
    BAD_DATE,
    BAD_EUI,
    BAD_STATUS,
    EUI,
    SOURCE,
    Findings,
    scan_identities,
)
from trialconformance.trial.field.sources import ROW

__all__ = ["problems_of"]

_MOST = 100  # problems of one kind that are listed; the counts are always whole


def problems_of(
    inputs: FieldInputs, found: list[Findings], devices: pl.DataFrame, seen: Coverage, *, run: Run
) -> tuple[tuple[Problem, ...], dict[str, int]]:
    """Gather what is wrong with an inventory.

    Args:
        inputs: what the report is made from.
        found: what its partitions hold.
        devices: the devices of models on trial.
        seen: how much of the estate was seen.
        run: how partitions are worked through.

    Returns:
        The problems, at most 100 of each kind, sorted; and how often each kind occurs.
    """
    counts: dict[str, int] = {}
    problems: list[Problem] = []
    for kind, total, listed in (
        *_bad_rows(inputs, found),
        _duplicates(inputs, found, run),
        _lonely_gateways(inputs, devices),
        _older_register(inputs, seen),
        _unverified_register(inputs),
        _malformed_flags(inputs),
    ):
        if total:
            counts[kind] = total
            problems += listed
    problems.sort(key=lambda each: (each.kind, each.source, each.row, each.seen))
    return tuple(problems), dict(sorted(counts.items()))


_Gathered = tuple[ProblemKind, int, list[Problem]]


def _bad_rows(inputs: FieldInputs, found: list[Findings]) -> Iterator[_Gathered]:
    marked = pl.concat([each.marked for each in found]).sort(SOURCE, ROW)
    statuses = ", ".join(inputs.facts.statuses)
    days = f"a day from {inputs.facts.earliest_commissioning} to {inputs.as_of}, YYYY-MM-DD"
    for kind, flag, expected, column in (
        (ProblemKind.BAD_EUI, BAD_EUI, "an EUI-64, 16 hex digits", None),
        (ProblemKind.UNKNOWN_STATUS, BAD_STATUS, f"one of {statuses}", "status"),
        (ProblemKind.IMPOSSIBLE_DATE, BAD_DATE, days, "commissioned"),
    ):
        rows = marked.filter(pl.col(flag))
        listed = [
            Problem(
                kind=kind,
                source=row[SOURCE],
                row=row[ROW],
                expected=expected,
                seen=(row[column] or "nothing")[:40] if column else "another text",
            )
            for row in rows.head(_MOST).iter_rows(named=True)
        ]
        yield kind, rows.height, listed


def _duplicates(inputs: FieldInputs, found: list[Findings], run: Run) -> _Gathered:
    identities = pl.concat([each.identities for each in found])
    extra = identities.len() - identities.n_unique()
    if not extra:
        return ProblemKind.DUPLICATE_EUI, 0, []
    twice = identities.filter(identities.is_duplicated()).unique().sort().head(_MOST)
    rows = pl.concat(run(inputs.partitions, partial(scan_identities, facts=inputs.facts, wanted=twice)))
    rows = rows.sort(EUI, SOURCE, ROW)
    first = rows.group_by(EUI, maintain_order=True).first()
    later = rows.join(first, on=EUI, suffix="_first").filter(
        (pl.col(SOURCE) != pl.col(f"{SOURCE}_first")) | (pl.col(ROW) != pl.col(f"{ROW}_first"))
    )
    listed = [
        Problem(
            kind=ProblemKind.DUPLICATE_EUI,
            source=row[SOURCE],
            row=row[ROW],
            expected="every device once",
            seen=f"the device of row {row[f'{ROW}_first']} of {row[f'{SOURCE}_first']}",
        )
        for row in later.sort(SOURCE, ROW).head(_MOST).iter_rows(named=True)
    ]
    return ProblemKind.DUPLICATE_EUI, extra, listed


def _lonely_gateways(inputs: FieldInputs, devices: pl.DataFrame) -> _Gathered:
    standing = devices.filter(pl.col("status").is_in(list(inputs.facts.in_field)))
    gateways = standing.filter(pl.col(GATEWAY)).height
    hubs = standing.filter(pl.col("device_type") == "CHF").height
    kind = ProblemKind.GPF_WITHOUT_CHF
    if gateways <= hubs:
        return kind, 0, []
    expected = "a CHF for every GPF, as one hub shows as both"
    problem = Problem(kind=kind, source="", row=0, expected=expected, seen=f"{gateways} GPF and {hubs} CHF")
    return kind, gateways - hubs, [problem]


def _older_register(inputs: FieldInputs, seen: Coverage) -> _Gathered:
    kind, day = ProblemKind.REGISTER_OLDER, inputs.register.head.as_of
    if day >= seen.as_of:
        return kind, 0, []
    expected = f"a register of {seen.as_of} or later: confirm it where nothing changed"
    problem = Problem(kind=kind, source=inputs.register.name, row=0, expected=expected, seen=f"{day}")
    return kind, 1, [problem]


def _unverified_register(inputs: FieldInputs) -> _Gathered:
    kind, unsigned = ProblemKind.REGISTER_UNVERIFIED, inputs.register.unsigned
    expected = "states signed by a key of the register keeper that the reader trusts"
    listed = [
        Problem(kind=kind, source=name, row=0, expected=expected, seen="no signature of a trusted key")
        for name in unsigned[-1:]
    ]
    return kind, len(unsigned), listed


def _malformed_flags(inputs: FieldInputs) -> _Gathered:
    kind = ProblemKind.LIST_FLAG_MALFORMED
    listed = [
        Problem(kind=kind, source=row.document, row=index, expected="a trial reference", seen=row.flag.why)
        for index, row in enumerate(inputs.listing.models, start=1)
        if isinstance(row.flag, Malformed)
    ]
    return kind, len(listed), listed[:_MOST]

"""A series of field reports: how the devices of a trial grow, and when rules began to be broken."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from trialconformance.core import ExitCode, UsageError, canonical_json
from trialconformance.trial.field.report import Breach, FieldReport, FieldVerdict

__all__ = ["Point", "Series", "TrialSeries", "series_of"]

Count = Annotated[int, Field(ge=0)]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Point(_Value):
    """One report on one trial.

    Args:
        as_of: its day.
        in_field: devices in the field.
        counted: devices that count toward the cap.
        change: devices in the field more than in the report before.
        cap: devices it may have.
        end: last day of the trial.
        whole: whether the inventory was whole.
        breaches: rules that were broken.
    """

    as_of: date
    in_field: Count
    counted: Count
    change: int
    cap: Count | None
    end: date | None
    whole: bool
    breaches: tuple[Breach, ...]


class TrialSeries(_Value):
    """The reports on one trial.

    Args:
        trial_ref: its reference.
        points: one for every report that knows it, by day.
        per_week: devices a week that came on average, in hundredths.
        cap_reached: the day on which the cap is reached at that pace; None where it is not before the end.
        breaches: every rule that was ever broken, with the first and the last day on which a report said so.
        stop: whether the newest report is reason to ask for a stop of installations.
    """

    trial_ref: str
    points: tuple[Point, ...] = Field(min_length=1)
    per_week: int
    cap_reached: date | None
    breaches: dict[str, tuple[date, date]]
    stop: bool


class Series(_Value):
    """A series of field reports.

    Args:
        schema_id: form of the file, key ``schema``.
        first: day of the oldest report.
        last: day of the newest.
        gaps: days of reports that came later than the policy's interval after the one before.
        verdict: verdict of the newest report; fail also where a report is missing.
        trials: one series for every trial.
    """

    schema_id: Literal["gb-trial-field-series/1"] = Field(default="gb-trial-field-series/1", alias="schema")
    first: date
    last: date
    gaps: tuple[date, ...]
    verdict: FieldVerdict
    trials: tuple[TrialSeries, ...]

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of a command that ends with this series."""
        codes = {FieldVerdict.PASS: ExitCode.PASS, FieldVerdict.FAIL: ExitCode.FAIL}
        return codes.get(self.verdict, ExitCode.INCONCLUSIVE)

    def to_json(self) -> bytes:
        """The series as canonical JSON."""
        return canonical_json(self.model_dump(mode="json", by_alias=True))


def series_of(reports: Iterable[FieldReport], *, interval_days: int) -> Series:
    """Put reports in a row.

    Args:
        reports: the reports in any order, each of another day.
        interval_days: days between two reports that the policy permits.

    Returns:
        The series.

    Raises:
        UsageError: no report at all, or two of one day.
    """
    row = sorted(reports, key=lambda each: each.as_of)
    days = [each.as_of for each in row]
    if not row:
        raise UsageError(
            "a series needs at least one report", where="reports", accepted="field reports of different days"
        )
    if len(set(days)) != len(days):
        raise UsageError("two reports are of one day", where="reports", accepted="field reports of different days")
    longest = timedelta(days=interval_days)
    gaps = tuple(later for earlier, later in pairwise(days) if later - earlier > longest)
    references = sorted({each.trial_ref for report in row for each in report.trials})
    return Series(
        first=days[0],
        last=days[-1],
        gaps=gaps,
        verdict=FieldVerdict.FAIL if gaps else row[-1].verdict,
        trials=tuple(_trial_series(reference, row) for reference in references),
    )


def _trial_series(reference: str, row: list[FieldReport]) -> TrialSeries:
    points: list[Point] = []
    for report in row:
        trial = report.trial(reference)
        if trial is not None:
            points.append(
                Point(
                    as_of=report.as_of,
                    in_field=trial.in_field,
                    counted=trial.counted,
                    change=trial.in_field - points[-1].in_field if points else 0,
                    cap=trial.cap,
                    end=trial.end,
                    whole=report.coverage.whole,
                    breaches=trial.breaches,
                )
            )
    broken: dict[str, tuple[date, date]] = {}
    for point in points:
        for breach in point.breaches:
            broken[breach] = (broken.get(breach, (point.as_of, point.as_of))[0], point.as_of)
    per_week = _per_week(points)
    return TrialSeries(
        trial_ref=reference,
        points=tuple(points),
        per_week=per_week,
        cap_reached=_cap_reached(points[-1], per_week),
        breaches=broken,
        stop=bool(points[-1].breaches),
    )


def _per_week(points: list[Point]) -> int:
    days = (points[-1].as_of - points[0].as_of).days
    return round(100 * 7 * (points[-1].in_field - points[0].in_field) / days) if days else 0


def _cap_reached(newest: Point, per_week: int) -> date | None:
    if newest.cap is None or per_week <= 0 or newest.counted >= newest.cap:
        return newest.as_of if newest.cap is not None and newest.counted >= newest.cap else None
    days = -(-(newest.cap - newest.counted) * 100 * 7 // per_week)
    reached = newest.as_of + timedelta(days=days)
    return reached if newest.end is None or reached <= newest.end else None

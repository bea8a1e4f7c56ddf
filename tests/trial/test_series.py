"""Field reports in a row, and the charts."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from field_bench import device, registered, report_of
from trial_bench import REFERENCE

from trialconformance.core import ExitCode, UsageError
from trialconformance.trial.field import FieldReport, FieldVerdict
from trialconformance.trial.field.chart import cumulative, curve, time_line
from trialconformance.trial.field.page import series_page
from trialconformance.trial.field.series import Series, series_of

FIRST = date(2023, 1, 2)


def _report(tmp_path: Path, week: int, devices: int) -> FieldReport:
    day = FIRST + timedelta(weeks=week)
    rows = [device(number) for number in range(devices)]
    (tmp_path / "extract.json").unlink(missing_ok=True)
    return report_of(tmp_path, rows, as_of=day, drawn=day, register=registered(day))


def test_a_series_shows_pace_and_breaches(tmp_path: Path) -> None:
    """Devices a week, the day on which the cap is reached, and from when to when a rule was broken."""
    reports = [_report(tmp_path, week, devices) for week, devices in ((2, 101), (0, 60), (1, 80))]
    series = series_of(reports, interval_days=7)
    (trial,) = series.trials
    assert [point.in_field for point in trial.points] == [60, 80, 101]
    assert [point.change for point in trial.points] == [0, 20, 21]
    assert (trial.per_week, trial.stop, series.gaps) == (2050, True, ())
    assert trial.breaches == {"cap": (date(2023, 1, 16), date(2023, 1, 16))}
    assert trial.cap_reached == date(2023, 1, 16)
    assert (series.verdict, series.exit_code) == (FieldVerdict.FAIL, ExitCode.FAIL)
    assert Series.model_validate_json(series.to_json()) == series
    page = series_page(series).decode()
    assert REFERENCE in page
    assert page.count("<svg") == 1


@pytest.mark.parametrize(
    ("devices", "reached"),
    [([60, 80], date(2023, 1, 16)), ([60, 61], date(2023, 10, 9)), ([60, 60], None), ([80, 60], None), ([60], None)],
)
def test_the_day_of_the_cap_is_foretold(tmp_path: Path, devices: list[int], reached: date | None) -> None:
    """At an even pace the day is computed; without growth, or after the end, there is none."""
    reports = [_report(tmp_path, week, count) for week, count in enumerate(devices)]
    (trial,) = series_of(reports, interval_days=7).trials
    assert trial.cap_reached == (reached if reached and reached <= date(2023, 9, 30) else None)
    assert not trial.stop


def test_a_late_report_fails_the_series(tmp_path: Path) -> None:
    """Reports of the policy's interval are in time, a day more is late."""
    reports = [_report(tmp_path, 0, 1), _report(tmp_path, 1, 1)]
    assert series_of(reports, interval_days=7).verdict is FieldVerdict.PASS
    late = series_of(reports, interval_days=6)
    assert (late.gaps, late.verdict) == ((date(2023, 1, 9),), FieldVerdict.FAIL)


def test_a_series_is_of_different_days(tmp_path: Path) -> None:
    """No report at all, or two of one day, make no series."""
    report = _report(tmp_path, 0, 1)
    for reports in ([], [report, report]):
        with pytest.raises(UsageError, match="different days"):
            series_of(reports, interval_days=7)


def test_an_inconclusive_report_is_an_inconclusive_series(tmp_path: Path) -> None:
    """The verdict of a series is that of its newest report."""
    partial = _report(tmp_path, 0, 1)
    partial = partial.model_copy(update={"coverage": partial.coverage.model_copy(update={"whole": False})})
    series = series_of([partial], interval_days=7)
    assert (series.verdict, series.exit_code) == (FieldVerdict.INCONCLUSIVE, ExitCode.INCONCLUSIVE)
    assert "a part" in series_page(series).decode()


def test_weeks_without_devices_are_on_the_curve() -> None:
    """The curve goes level through a week in which nothing was commissioned."""
    assert cumulative({"2022-10-03": 2, "2022-10-17": 1}) == [
        (date(2022, 10, 9), 2),
        (date(2022, 10, 16), 2),
        (date(2022, 10, 23), 3),
    ]
    assert cumulative({}) == []


def test_charts_stay_inside_their_drawing() -> None:
    """Points, cap and ticks lie between the edges, before the start, after the end and above the cap as well."""
    points = [(date(2022, 9, 1), 5), (date(2024, 1, 1), 120)]
    drawn = curve(points, start=date(2022, 10, 1), end=date(2023, 9, 30), cap=100)
    numbers = [float(each) for each in drawn.points.replace(",", " ").split()]
    assert all(0 <= each <= 640 for each in numbers)
    assert drawn.cap is not None
    assert 0 <= drawn.cap <= 200
    assert curve(points, start=date(2022, 10, 1), end=date(2023, 9, 30), cap=None).cap is None
    for as_of, is_over in ((date(2022, 9, 1), False), (date(2023, 9, 30), False), (date(2023, 10, 1), True)):
        line = time_line(start=date(2022, 10, 1), end=date(2023, 9, 30), as_of=as_of)
        assert line.is_over is is_over
        assert 40 <= line.used <= 628

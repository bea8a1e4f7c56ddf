"""The field report as one HTML page without any external asset."""

from __future__ import annotations

from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from trialconformance.trial.field.chart import Curve, TimeLine, cumulative, curve, time_line
from trialconformance.trial.field.report import FieldReport, TrialReport
from trialconformance.trial.field.series import Series

__all__ = ["field_page", "series_page"]

_PAGES = Environment(
    loader=PackageLoader("trialconformance.trial", "templates/field"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    trial: TrialReport
    curve: Curve | None
    time_line: TimeLine | None


def field_page(report: FieldReport) -> bytes:
    """Render a field report.

    Args:
        report: the report.

    Returns:
        UTF-8 HTML, the same for the same report.
    """
    shown = [_shown(report, each) for each in report.trials]
    return _PAGES.get_template("report.html").render(report=report, shown=shown).encode()


def series_page(series: Series) -> bytes:
    """Render a weekly series of reports.

    Args:
        series: the series.

    Returns:
        UTF-8 HTML, the same for the same series.
    """
    curves = [
        (
            each,
            curve(
                [(point.as_of, point.counted) for point in each.points],
                start=each.points[0].as_of,
                end=each.points[-1].end or each.points[-1].as_of,
                cap=each.points[-1].cap,
            ),
        )
        for each in series.trials
    ]
    return _PAGES.get_template("series.html").render(series=series, curves=curves).encode()


def _shown(report: FieldReport, trial: TrialReport) -> _Shown:
    points = [(min(day, report.as_of), count) for day, count in cumulative(trial.by_week)]
    if trial.start is None or trial.end is None:
        return _Shown(trial=trial, curve=None, time_line=None)
    if points and points[-1][0] < report.as_of:
        points.append((report.as_of, points[-1][1]))
    return _Shown(
        trial=trial,
        curve=curve(points, start=trial.start, end=trial.end, cap=trial.cap) if points else None,
        time_line=time_line(start=trial.start, end=trial.end, as_of=report.as_of),
    )

"""Coordinates of the charts on the field report's page: devices over time against the cap, and the time line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

__all__ = ["Curve", "TimeLine", "cumulative", "curve", "time_line"]

WIDTH, HEIGHT = 640, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 12, 14, 24
_WEEK = timedelta(days=7)
_MOST_TICKS = 8
_LAST_TICK = 0.95  # share of the axis


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A mark on an axis.

    Args:
        at: coordinate in SVG units.
        text: its label.
    """

    at: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Devices over time.

    Args:
        points: points of the line, as SVG wants them.
        area: the same closed down to the axis.
        cap: height of the cap line, None where there is no cap.
        today: last point, as x and y.
        x_ticks: days.
        y_ticks: devices.
    """

    points: str
    area: str
    cap: float | None
    today: tuple[float, float]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLine:
    """Start, today and end of a trial.

    Args:
        used: x of today, kept inside the drawing.
        end: x of the last day.
        is_over: whether today is after the last day.
    """

    used: float
    end: float
    is_over: bool


def cumulative(by_week: dict[str, int]) -> list[tuple[date, int]]:
    """Add up devices week by week.

    Args:
        by_week: devices by the Monday of their week.

    Returns:
        The end of each week with the devices by then, weeks without any included.
    """
    if not by_week:
        return []
    weeks = {date.fromisoformat(day): count for day, count in by_week.items()}
    day, last, total, points = min(weeks), max(weeks), 0, []
    while day <= last:
        total += weeks.get(day, 0)
        points.append((day + _WEEK - timedelta(days=1), total))
        day += _WEEK
    return points


def curve(points: list[tuple[date, int]], *, start: date, end: date, cap: int | None) -> Curve:
    """Lay out a curve of devices over time.

    Args:
        points: days with devices, in the order of days, at least one.
        start: left end of the axis.
        end: right end of the axis.
        cap: devices that are permitted.

    Returns:
        Its coordinates in a drawing of 640 by 200 units.
    """
    first, last = min(start, points[0][0]), max(end, points[-1][0])
    days = max((last - first).days, 1)
    top = max([count for _, count in points] + [cap or 0, 1])
    drawn = [(_x((day - first).days / days), _y(count / top)) for day, count in points]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in drawn)
    step = max(days // _MOST_TICKS, 1)
    # the last label would run out of the drawing
    ticks = [first + timedelta(days=offset) for offset in range(0, days + 1, step) if offset <= days * _LAST_TICK]
    return Curve(
        points=line,
        area=f"{drawn[0][0]:.1f},{_y(0):.1f} {line} {drawn[-1][0]:.1f},{_y(0):.1f}",
        cap=_y(cap / top) if cap is not None else None,
        today=drawn[-1],
        x_ticks=tuple(Tick(at=_x((day - first).days / days), text=f"{day:%d %b %y}") for day in ticks),
        y_ticks=tuple(Tick(at=_y(value / top), text=str(value)) for value in sorted({0, top // 2, top})),
    )


def time_line(*, start: date, end: date, as_of: date) -> TimeLine:
    """Lay out the time line of a trial.

    Args:
        start: first day.
        end: last day.
        as_of: today.

    Returns:
        Its coordinates.
    """
    last = max(end, as_of)
    days = max((last - start).days, 1)
    return TimeLine(
        used=_x(min(max((as_of - start).days / days, 0), 1)), end=_x((end - start).days / days), is_over=as_of > end
    )


def _x(share: float) -> float:
    return _LEFT + share * (WIDTH - _LEFT - _RIGHT)


def _y(share: float) -> float:
    return HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM)

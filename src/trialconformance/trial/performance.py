"""Service levels with and without trial devices (TR-40, TR-41): what a hundred devices do to a threshold."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from trialconformance.core import ArtefactError, UsageError, canonical_json, parse_eui64, sha256_hex

__all__ = [
    "Measurement",
    "MetricReport",
    "PerformanceReport",
    "exclusion_list",
    "performance_report",
    "read_measurements",
]

_COLUMNS = ("metric", "device", "met", "measured")
_HUNDREDTHS = 10_000  # a share in hundredths of a per cent

Count = Annotated[int, Field(ge=0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One row of a metric extract: what one device did to one metric in the period.

    Args:
        metric: name of the metric.
        device: EUI-64, 8 octets.
        met: events that met the service level.
        measured: events in all.
    """

    metric: str
    device: bytes
    met: int
    measured: int


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Share(_Value):
    """How often a service level was met.

    Args:
        met: events that met it.
        measured: events in all.
        hundredths: met by measured in hundredths of a per cent, rounded down; None where nothing was measured.
        passes: whether that reaches the threshold; None where nothing was measured.
    """

    met: Count
    measured: Count
    hundredths: Count | None
    passes: bool | None


class MetricReport(_Value):
    """A metric with and without trial devices.

    Args:
        metric: its name.
        threshold: the share that passes, in hundredths of a per cent.
        everybody: over all devices.
        without_trial: over all devices but those on the exclusion list.
        trial_only: over those on the exclusion list.
        flips: whether leaving trial devices out changes whether the threshold is reached.
    """

    metric: str
    threshold: Count
    everybody: Share
    without_trial: Share
    trial_only: Share
    flips: bool


class PerformanceReport(_Value):
    """Service levels with and without trial devices, ``gb-trial-performance/1``.

    Args:
        schema_id: form of the file, key ``schema``.
        first: first day of the period.
        last: last day of the period.
        excluded: devices on the exclusion list.
        exclusion_digest: digest of the exclusion list: the list itself is no part of the report.
        metrics: the metrics by name.
    """

    schema_id: Literal["gb-trial-performance/1"] = Field(default="gb-trial-performance/1", alias="schema")
    first: date
    last: date
    excluded: Count
    exclusion_digest: str = Field(pattern=r"^sha256:[0-9a-f]{64}$")
    metrics: tuple[MetricReport, ...]

    def to_json(self) -> bytes:
        """The report as canonical JSON."""
        return canonical_json(self.model_dump(mode="json", by_alias=True))


def exclusion_list(devices: Iterable[bytes]) -> bytes:
    """Write the devices that metrics leave out: one EUI-64 a line, sorted, 16 upper-case hex digits, LF.

    Args:
        devices: EUI-64, 8 octets each.

    Returns:
        ASCII text; its SHA-256 is the digest that reports and the register name.
    """
    return "".join(f"{each.hex().upper()}\n" for each in sorted(set(devices))).encode()


def read_measurements(octets: bytes, *, name: str) -> list[Measurement]:
    """Read a metric extract.

    Args:
        octets: CSV with the columns ``metric``, ``device``, ``met`` and ``measured``.
        name: name of the file.

    Returns:
        Its rows.

    Raises:
        UsageError: no CSV with these columns.
        ArtefactError: a row that cannot be (names it).
    """
    try:
        reader = csv.DictReader(io.StringIO(octets.decode()), strict=True)
        if reader.fieldnames is None or set(_COLUMNS) - set(reader.fieldnames):
            raise UsageError("lacks a column", where=name, accepted=f"columns {', '.join(_COLUMNS)}")
        return [_measurement(row, name=name, number=number) for number, row in enumerate(reader, start=1)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"is no CSV: {error}", where=name, accepted="UTF-8 CSV with a header") from error


def _measurement(row: dict[str, str], *, name: str, number: int) -> Measurement:
    try:
        met, measured = int(row["met"]), int(row["measured"])
        device = parse_eui64(row["device"], where=name)
    except (ValueError, TypeError, UsageError) as error:
        raise _bad_row(name, number, expected="an EUI-64 and two counts", seen=str(error)) from error
    if not 0 <= met <= measured:
        raise _bad_row(name, number, expected="0 <= met <= measured", seen=f"{met}, {measured}")
    return Measurement(metric=row["metric"], device=device, met=met, measured=measured)


def _bad_row(name: str, number: int, *, expected: str, seen: str) -> ArtefactError:
    return ArtefactError("a row cannot be", artefact=name, path=f"row {number}", expected=expected, seen=seen)


def performance_report(
    measurements: Iterable[Measurement],
    *,
    excluded: frozenset[bytes],
    thresholds: dict[str, int],
    first: date,
    last: date,
) -> PerformanceReport:
    """Compute every metric with and without trial devices.

    Args:
        measurements: the extract.
        excluded: EUI-64 of the trial devices.
        thresholds: share that passes by metric, in hundredths of a per cent.
        first: first day of the period.
        last: last day of the period.

    Returns:
        The report.

    Raises:
        UsageError: a metric without threshold, or a period that ends before it begins.
    """
    if last < first:
        raise UsageError(f"the period ends on {last} before it begins", where="period", accepted=f"{first} or later")
    sums: dict[str, dict[bool, list[int]]] = {}
    for each in measurements:
        counted = sums.setdefault(each.metric, {True: [0, 0], False: [0, 0]})[each.device in excluded]
        counted[0] += each.met
        counted[1] += each.measured
    if missing := sorted(set(sums) - set(thresholds)):
        raise UsageError(f"no threshold for {', '.join(missing)}", where="thresholds", accepted="one for every metric")
    return PerformanceReport(
        first=first,
        last=last,
        excluded=len(excluded),
        exclusion_digest=f"sha256:{sha256_hex(exclusion_list(excluded))}",
        metrics=tuple(_metric(name, thresholds[name], sums[name]) for name in sorted(sums)),
    )


def _metric(name: str, threshold: int, sums: dict[bool, list[int]]) -> MetricReport:
    trial, others = sums[True], sums[False]
    everybody = _share(trial[0] + others[0], trial[1] + others[1], threshold)
    without = _share(others[0], others[1], threshold)
    return MetricReport(
        metric=name,
        threshold=threshold,
        everybody=everybody,
        without_trial=without,
        trial_only=_share(trial[0], trial[1], threshold),
        flips=everybody.passes != without.passes,
    )


def _share(met: int, measured: int, threshold: int) -> Share:
    if not measured:
        return Share(met=met, measured=measured, hundredths=None, passes=None)
    # compared as fractions: rounding must not decide a service level
    passes = met * _HUNDREDTHS >= threshold * measured
    return Share(met=met, measured=measured, hundredths=met * _HUNDREDTHS // measured, passes=passes)

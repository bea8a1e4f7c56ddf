"""Service levels with and without trial devices."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialconformance.core import ArtefactError, UsageError, sha256_hex
from trialconformance.trial.performance import (
    Measurement,
    PerformanceReport,
    exclusion_list,
    performance_report,
    read_measurements,
)

FIRST, LAST = date(2023, 1, 1), date(2023, 1, 31)
TRIAL = frozenset({bytes([number] * 8) for number in range(1, 4)})
EXTRACT = b"""metric,device,met,measured
on-demand,01-01-01-01-01-01-01-01,0,10
on-demand,0909090909090909,99,100
future-dated,0909090909090909,10,10
"""


def _report(measurements: list[Measurement], threshold: int = 9_900) -> PerformanceReport:
    thresholds = {"on-demand": threshold, "future-dated": threshold}
    return performance_report(measurements, excluded=TRIAL, thresholds=thresholds, first=FIRST, last=LAST)


def test_trial_devices_may_decide_a_service_level() -> None:
    """99 of 100 reach 99 %, 99 of 110 do not: leaving trial devices out flips the threshold."""
    report = _report(read_measurements(EXTRACT, name="extract.csv"))
    future, demand = report.metrics
    assert (demand.everybody.hundredths, demand.everybody.passes) == (9_000, False)
    assert (demand.without_trial.hundredths, demand.without_trial.passes, demand.flips) == (9_900, True, True)
    assert (demand.trial_only.hundredths, demand.trial_only.measured) == (0, 10)
    assert (future.flips, future.trial_only.passes, future.trial_only.hundredths) == (False, None, None)
    assert PerformanceReport.model_validate_json(report.to_json()) == report


def test_the_exclusion_list_is_named_by_its_digest() -> None:
    """The report holds the digest of the list, never the list."""
    report = _report(read_measurements(EXTRACT, name="extract.csv"))
    assert report.excluded == 3
    assert report.exclusion_digest == f"sha256:{sha256_hex(exclusion_list(TRIAL))}"
    assert exclusion_list([b"\xff" * 8, bytes(8), bytes(8)]) == b"0000000000000000\nFFFFFFFFFFFFFFFF\n"
    assert b"0101010101010101" not in report.to_json()


@given(met=st.integers(0, 10_000), measured=st.integers(1, 10_000), threshold=st.integers(0, 10_000))
def test_rounding_decides_nothing(met: int, measured: int, threshold: int) -> None:
    """A service level is reached exactly when met by measured is no less than the threshold, as fractions."""
    met = min(met, measured)
    report = _report([Measurement(metric="on-demand", device=bytes(8), met=met, measured=measured)], threshold)
    assert report.metrics[0].everybody.passes is (met * 10_000 >= threshold * measured)


@pytest.mark.parametrize(
    ("octets", "said"),
    [
        (b"\xff", "is no CSV"),
        (b"", "lacks a column"),
        (b"metric,device,met\n", "lacks a column"),
        (b'metric,device,met,measured\n"', "is no CSV"),
    ],
)
def test_what_is_no_extract_is_refused(octets: bytes, said: str) -> None:
    """A file without the columns is bad usage."""
    with pytest.raises(UsageError, match=said):
        read_measurements(octets, name="extract.csv")


@pytest.mark.parametrize(
    "line", ["x,12,1,2", "x,0909090909090909,one,2", "x,0909090909090909,3,2", "x,0909090909090909"]
)
def test_a_row_that_cannot_be_is_named(line: str) -> None:
    """A row without identity or counts, or with more met than measured, is told with its number."""
    with pytest.raises(ArtefactError, match="row 1"):
        read_measurements(f"metric,device,met,measured\n{line}\n".encode(), name="extract.csv")


def test_a_metric_needs_a_threshold_and_a_period_an_order() -> None:
    """A metric without threshold, and a period that ends before it begins, are bad usage."""
    measurements = read_measurements(EXTRACT, name="extract.csv")
    with pytest.raises(UsageError, match="no threshold for future-dated, on-demand"):
        performance_report(measurements, excluded=TRIAL, thresholds={}, first=FIRST, last=LAST)
    with pytest.raises(UsageError, match="before it begins"):
        performance_report([], excluded=TRIAL, thresholds={}, first=LAST, last=FIRST)

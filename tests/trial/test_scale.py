"""Synthetic estates, and the same report on a cluster."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from field_bench import inputs_of
from trial_bench import REFERENCE

from trialconformance.core import UsageError
from trialconformance.trial.field import FieldVerdict
from trialconformance.trial.field.cluster import on_cluster
from trialconformance.trial.field.join import field_report
from trialconformance.trial.field.synthetic import Estate, write_estate


def test_an_estate_is_what_was_asked_for(tmp_path: Path) -> None:
    """As many devices and trial devices as asked for, each once, the same again for the same seed."""
    files = write_estate(tmp_path / "a", Estate(devices=1001, trial_devices=37, files=3))
    again = write_estate(tmp_path / "b", Estate(devices=1001, trial_devices=37, files=3))
    assert [path.read_bytes() for path in files] == [path.read_bytes() for path in again]
    rows = pl.concat([pl.read_parquet(path) for path in files])
    assert (rows.height, rows["DeviceID"].n_unique()) == (1001, 1001)
    assert rows.filter(pl.col("DeviceModel") == "03020001").height == 37
    other = write_estate(tmp_path / "c", Estate(devices=1001, trial_devices=37, files=3, seed=2))
    assert other[0].read_bytes() != files[0].read_bytes()
    assert json.loads((tmp_path / "a" / "extract.json").read_bytes())["whole"] is True


@pytest.mark.parametrize("estate", [Estate(devices=1, trial_devices=2), Estate(devices=1, trial_devices=0, files=0)])
def test_estates_that_make_no_sense_are_refused(tmp_path: Path, estate: Estate) -> None:
    """More trial devices than devices, or no file, is bad usage."""
    with pytest.raises(UsageError, match="0 to all"):
        write_estate(tmp_path, estate)


def test_two_workers_give_the_same_octets(tmp_path: Path) -> None:
    """The report through a Dask cluster of two workers is octet for octet that of this machine alone."""
    write_estate(tmp_path, Estate(devices=4000, trial_devices=100, files=4))
    inputs = inputs_of(tmp_path)
    here = field_report(inputs)
    assert (here.verdict, here.trials[0].in_field, here.trials[0].trial_ref) == (FieldVerdict.PASS, 100, REFERENCE)
    with on_cluster(workers=2) as run:
        assert field_report(inputs, run=run).to_json() == here.to_json()

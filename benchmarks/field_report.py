"""How long a field report takes: a synthetic estate joined on this machine and through a Dask cluster of two workers.

Run: ``python benchmarks/field_report.py [--devices N] [--csv]``. Every figure comes from a process of its own, so that
the peak of its memory is its own, interpreter and imports included; workers of the cluster are not in it. It fails when
both ways do not print the same octets, or when 10 million devices take more than 30 CPU seconds a core or 2 GiB: wall
seconds are shown as well, and mean something on an idle machine only.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

from trialconformance.core import sha256_hex
from trialconformance.packaged import packaged
from trialconformance.trial.field.synthetic import Estate, write_estate

_DEMO = packaged("fixtures") / "demo"
_SECONDS, _GIBIBYTES = 30, 2
_TARGET_DEVICES = 10_000_000


def _measure(inventory: Path, *options: str) -> tuple[float, float, float, str]:
    """Wall seconds, CPU seconds, peak GiB and digest of one report, made by the command in a process of its own."""
    command = [sys.executable, "-m", "trialconformance", "field-report", "make", str(inventory), "--json", *options]
    command += ["--register", str(_DEMO / "register"), "--cpl", str(_DEMO / "cpl/after.csv"), "--as-of", "2023-01-02"]
    started = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:  # noqa: S603 -- our own command
        printed = process.stdout.read() if process.stdout else b""
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
    wall, cpu = time.monotonic() - started, usage.ru_utime + usage.ru_stime
    return wall, cpu, usage.ru_maxrss / (1 << 20), sha256_hex(printed)


def main() -> int:
    """Measure, print, and say whether the targets hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=_TARGET_DEVICES)
    parser.add_argument("--csv", action="store_true", help="measure one CSV file of the same devices as well")
    chosen = parser.parse_args()
    failed = False
    with tempfile.TemporaryDirectory() as scratch:
        estate = Path(scratch) / "parquet"
        files = write_estate(estate, Estate(devices=chosen.devices, trial_devices=100))
        runs = [("this machine", estate, ()), ("two Dask workers", estate, ("--cluster", "2"))]
        if chosen.csv:
            single = Path(scratch) / "csv"
            single.mkdir()
            pl.scan_parquet(files).sink_csv(single / "inventory.csv")
            runs.append(("one CSV file", single, ()))
        digests = {}
        for name, inventory, options in runs:
            wall, cpu, peak, digests[name] = _measure(inventory, *options)
            figures = f"{wall:.1f} s, {cpu:.1f} CPU seconds, peak {peak:.2f} GiB"
            sys.stdout.write(f"{name}: {chosen.devices} devices in {figures}\n")
            missed = cpu > _SECONDS * (os.cpu_count() or 1) or peak > _GIBIBYTES
            failed |= chosen.devices <= _TARGET_DEVICES and missed
    same = digests["this machine"] == digests["two Dask workers"]
    sys.stdout.write(f"same octets on both: {same}\n")
    return int(failed or not same)


if __name__ == "__main__":
    raise SystemExit(main())

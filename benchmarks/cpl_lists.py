"""How long a list takes: all checks over 10,000 records, and 1,000,000 records streamed, with the csv reader beside.

Run: ``python benchmarks/cpl_lists.py [--records N] [--streamed N]``. Every figure comes from a process of its own, so
that the peak of its memory is its own. Times are CPU seconds; memory is the peak of the process, interpreter and
imports included.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from trialconformance import cpl
from trialconformance.core import sha256_hex
from trialconformance.cpl.report import judge
from trialconformance.cpl.scan import scan
from trialconformance.cpl.trial_reference import ALPHA

_PIECE = 1 << 16  # octets
_MEBI = 1 << 20
_TYPES = ("ESME", "GSME", "HCALCS", "PPMID")


def _record(number: int) -> dict[str, str]:
    device = _TYPES[number % len(_TYPES)]
    needs_cpa = device != "PPMID"
    return {
        "CPLEntryID": str(number),
        "EntryStatus": "Expired" if number % 7 == 0 else "Active",
        "PhysicalDeviceType": device,
        "ESMEVariant": "ADE" if device == "ESME" else "",
        "ManufacturerID": f"{0xF000 + number % 40:04X}",
        "ManufacturerName": f"Example Maker {number % 40} Ltd",
        "ModelID": f"{number % 0xFFBF:04X}",
        "HardwareVersion": "0001",
        "FirmwareVersion": f"{number:08X}",
        "TechSpecVersion": "SMETS V4.2",
        "GBCSVersion": "3.2",
        "ManufacturerImageHash": hashlib.sha256(f"img-{number}".encode()).hexdigest().upper(),
        "CPACertificateRef": f"EXAMPLE-CPA-{number:07}" if needs_cpa else "",
        "CPACertificateExpiry": "31/08/2027" if number % 3 == 0 else "",
        "CPASecurityCharacteristicVersion": "1.3" if needs_cpa else "",
        "ZigbeeCertificateRef": f"ZIG-EX-{number:07}",
        "DLMSCertificateRef": "DLMS-EX-0001" if device == "ESME" else "",
        "DateAdded": "01/03/2021",
    }


def _trial(number: int) -> dict[str, str]:
    return _record(4 * number + 2) | {
        "CPLEntryID": str(number),
        "EntryStatus": "Active",
        "CPACertificateRef": "TRIAL-2022-0007-49",
        "CPACertificateExpiry": "30/09/2023",
        "DateAdded": "03/10/2022",
    }


def _write_lists(folder: Path, records: int) -> None:
    profile = cpl.load_profile()
    before = cpl.write_list((_record(number) for number in range(1, records + 1)), profile)
    record = cpl.write_list([_trial(records + 1)], profile).splitlines(keepends=True)[1]
    for name, octets in (("before.csv", before), ("after.csv", before + record)):
        (folder / name).write_bytes(octets)


def _write_stream(path: Path, records: int) -> None:
    profile = cpl.load_profile()
    with path.open("wb") as stream:
        for start in range(1, records + 1, 10_000):
            block = cpl.write_list((_record(n) for n in range(start, min(start + 10_000, records + 1))), profile)
            header, _, rest = block.partition(b"\r\n")
            stream.write(header + b"\r\n" + rest if start == 1 else rest)


def _check(folder: Path) -> str:
    profile = cpl.load_profile()
    before, after = (cpl.read_file(folder / name, profile=profile) for name in ("before.csv", "after.csv"))
    digests = cpl.Delivery(before_sha256=sha256_hex(before.octets), after_sha256=sha256_hex(after.octets))
    return judge(cpl.compare(before=before, after=after, delivery=digests)).verdict.value


def _read(folder: Path) -> str:
    profile = cpl.load_profile()
    return (
        f"{sum(len(cpl.read_file(folder / name, profile=profile).rows) for name in ('before.csv', 'after.csv'))} rows"
    )


def _csv(folder: Path) -> str:
    count = 0
    for name in ("before.csv", "after.csv"):
        with (folder / name).open(newline="", encoding="ascii") as stream:
            count += len(list(csv.reader(stream)))
    return f"{count} rows"


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while piece := stream.read(_PIECE):
            yield piece


def _scan(folder: Path) -> str:
    found = scan(_pieces(folder / "stream.csv"), profile=cpl.load_profile(), codec=ALPHA, name="stream.csv")
    return f"{found.records} records, {found.collisions} collisions"


def _csv_stream(folder: Path) -> str:
    with (folder / "stream.csv").open(newline="", encoding="ascii") as stream:
        return f"{sum(1 for _ in csv.reader(stream)) - 1} records"


_TASKS: dict[str, Callable[[Path], str]] = {
    "all checks, both lists": _check,
    "read both lists, ours": _read,
    "read both lists, csv module": _csv,
    "stream and scan, ours": _scan,
    "stream, csv module": _csv_stream,
}


def _measured(task: str, folder: Path) -> None:
    started = time.process_time()
    outcome = _TASKS[task](folder)
    seconds = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / _MEBI
    sys.stdout.write(f"{task:<30} {seconds:8.2f} s {peak:8.0f} MiB   {outcome}\n")


def main() -> None:
    """Write the lists and measure each task in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--streamed", type=int, default=1_000_000)
    parser.add_argument("--task", choices=sorted(_TASKS), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.task:
        _measured(given.task, given.folder)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_lists(folder, given.records)
        _write_stream(folder / "stream.csv", given.streamed)
        sizes = {each.name: each.stat().st_size / _MEBI for each in sorted(folder.iterdir())}
        sys.stdout.write(", ".join(f"{file} {size:.1f} MiB" for file, size in sizes.items()) + "\n")
        for task in _TASKS:
            subprocess.run([sys.executable, __file__, "--task", task, "--folder", name], check=True)  # noqa: S603 - this very file


if __name__ == "__main__":
    main()

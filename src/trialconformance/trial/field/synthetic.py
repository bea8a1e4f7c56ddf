"""A synthetic inventory of any size, for rehearsals and benchmarks; the same for the same seed, and nobody's home."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

import polars as pl

from trialconformance.core import UsageError, canonical_json, sha256_hex

__all__ = ["Estate", "write_estate"]

_REGIONS = ("North", "Central", "South")
_TYPES = ("ESME", "GSME", "CHF", "GPF", "PPMID", "IHD")
_SUPPLIERS = tuple(f"EX-SUPPLIER-{number:02d}" for number in range(1, 21))
_STATUSES = ("Commissioned",) * 17 + ("Pending", "InstalledNotCommissioned", "Decommissioned")
_ORIGIN = 0x00DB_1234_0000_0000  # first identity, an OUI that nobody uses here
_ODD = 0x9E37_79B9_7F4A_7C15  # spreads consecutive numbers over 64 bits
_WORD = (1 << 64) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Estate:
    """What to make.

    Args:
        devices: devices in all.
        trial_devices: devices of the model on trial among them.
        manufacturer: manufacturer code of that model.
        model: its model, 8 hex digits.
        firmware: its firmware.
        device_type: its DUIS device type.
        start: first day on which one of them was commissioned.
        drawn: the day of the inventory.
        files: number of Parquet files.
        seed: any number.
    """

    devices: int
    trial_devices: int
    manufacturer: str = "F0B2"
    model: str = "03020001"
    firmware: str = "00000B01"
    device_type: str = "HCALCS"
    start: date = date(2022, 10, 3)
    drawn: date = date(2023, 1, 2)
    files: int = 4
    seed: int = 1


def write_estate(folder: Path, estate: Estate) -> list[Path]:
    """Write the inventory as Parquet files with its manifest.

    Args:
        folder: an empty or new folder.
        estate: what to make.

    Returns:
        The Parquet files.

    Raises:
        UsageError: sizes that make no sense.
    """
    if not 0 <= estate.trial_devices <= estate.devices or not estate.files >= 1:
        raise UsageError("more trial devices than devices", where="estate", accepted="0 to all of the devices")
    folder.mkdir(parents=True, exist_ok=True)
    bounds = [estate.devices * number // estate.files for number in range(estate.files + 1)]
    written = []
    for number, (first, last) in enumerate(pairwise(bounds), start=1):
        path = folder / f"inventory-{number:04d}.parquet"
        _rows(estate, first, last).write_parquet(path, compression="zstd")
        written.append(path)
    files = [
        {"name": path.name, "rows": last - first, "sha256": sha256_hex(path.read_bytes())}
        for path, (first, last) in zip(written, pairwise(bounds), strict=True)
    ]
    manifest = {"schema": "gb-inventory-extract/1", "as_of": estate.drawn.isoformat(), "whole": True, "files": files}
    (folder / "extract.json").write_bytes(canonical_json(manifest))
    return written


def _rows(estate: Estate, first: int, last: int) -> pl.DataFrame:
    number = pl.int_range(first, last, dtype=pl.UInt64)
    noise = (number * _ODD + (estate.seed * _ODD & _WORD)) // (1 << 33)
    # trial devices lie evenly among the others
    trial = (number * estate.trial_devices) // estate.devices != ((number + 1) * estate.trial_devices) // estate.devices
    span = max((estate.drawn - estate.start).days, 1)
    day = pl.when(trial).then(pl.lit(estate.start)).otherwise(pl.lit(date(2018, 1, 1)))
    days = pl.when(trial).then(noise % span).otherwise(noise % 1500)
    status = _chosen(_STATUSES, noise)
    identity = (number + _ORIGIN).map_batches(_hexadecimal, return_dtype=pl.String)
    return pl.select(
        identity.alias("DeviceID"),
        pl.when(trial).then(pl.lit(estate.device_type)).otherwise(_chosen(_TYPES, noise // 7)).alias("DeviceType"),
        pl.when(trial).then(pl.lit("Commissioned")).otherwise(status).alias("DeviceStatus"),
        pl.when(trial)
        .then(pl.lit(estate.manufacturer))
        .otherwise(_chosen(("F0A1", "F0C3", "F0D4"), noise // 3))
        .alias("DeviceManufacturer"),
        pl.when(trial)
        .then(pl.lit(estate.model))
        .otherwise(_chosen(("01010001", "02010001", "05010002", "05020001"), noise // 5))
        .alias("DeviceModel"),
        pl.when(trial)
        .then(pl.lit(estate.firmware))
        .otherwise(_chosen(("00010203", "00010204", "00010100"), noise // 11))
        .alias("DeviceFirmwareVersion"),
        (day + pl.duration(days=days.cast(pl.Int64))).cast(pl.String).alias("DateCommissioned"),
        _chosen(_REGIONS, noise // 13).alias("CSPRegion"),
        _chosen(_SUPPLIERS, noise // 17).alias("ResponsibleSupplier"),
    )


def _chosen(values: tuple[str, ...], by: pl.Expr) -> pl.Expr:
    return pl.lit(pl.Series(list(values))).gather((by % len(values)).cast(pl.UInt32))


def _hexadecimal(numbers: pl.Series) -> pl.Series:
    return pl.Series([f"{each:016X}" for each in numbers.to_list()])

"""Inventory files as partitions of one shape: Parquet, CSV, and DUIS ReadInventory responses (SR 8.2)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import polars as pl
from lxml import etree
from pydantic import BaseModel, ConfigDict, Field

from trialconformance.core import UsageError, load_json
from trialconformance.trial.field.columns import InventoryFacts
from trialconformance.trial.field.report import Coverage, Source

__all__ = ["ROW", "ExtractManifest", "Partition", "coverage", "partitions"]

ROW = "row"
PARTITION_ROWS = 1_000_000
"""Rows of one partition of a Parquet file: bounds the memory of a scan."""

_SUFFIXES = {".parquet": "parquet", ".csv": "csv", ".xml": "xml"}
_ACCEPTED = "a file .parquet, .csv with a header, .xml with a ReadInventory response, or a folder of them"
_MANIFEST = "extract.json"
_CHUNK = 1 << 20


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ExtractFile(_Part):
    """A file of an extract.

    Args:
        name: its name.
        rows: devices in it.
        sha256: its digest, where stated.
    """

    name: str
    rows: int = Field(ge=0)
    sha256: str = ""


class ExtractManifest(_Part):
    """What the body that drew an inventory says of it.

    Args:
        schema_id: form of the file, key ``schema``.
        as_of: the day it was drawn.
        whole: whether it is the whole inventory.
        files: its files.
    """

    schema_id: Literal["gb-inventory-extract/1"] = Field(alias="schema")
    as_of: date
    whole: bool
    files: tuple[ExtractFile, ...] = Field(min_length=1)

    @classmethod
    def beside(cls, paths: list[Path]) -> ExtractManifest | None:
        """Read the manifest ``extract.json`` of the folder that was given, None where there is none."""
        for path in paths:
            file = path / _MANIFEST
            if path.is_dir() and file.is_file():
                return load_json(cls, _read(file), where=str(file))
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """A run of rows of one file.

    Args:
        path: the file.
        name: its name in the report.
        kind: how it is read.
        offset: rows of the file before the first one.
        rows: rows, None for all of them.
    """

    path: Path
    name: str
    kind: str
    offset: int = 0
    rows: int | None = None

    def frame(self, facts: InventoryFacts) -> pl.LazyFrame:
        """Rows with the columns of the facts as text, and ``row`` counted from 1 within the file.

        Args:
            facts: names of columns.

        Returns:
            A lazy frame; a column that is not required and not there is null.

        Raises:
            UsageError: the file cannot be read, or lacks a required column.
        """
        try:
            lazy = self._scan(facts)
            present = lazy.collect_schema().names()
        except (pl.exceptions.PolarsError, OSError) as error:
            raise _unusable(self.name, str(error).splitlines()[0]) from error
        for column in facts.columns:
            if column.required and column.source not in present:
                raise UsageError(
                    f"lacks the column {column.source}", where=self.name, accepted=f"columns: {', '.join(present)}"
                )
        lazy = lazy.slice(self.offset, self.rows).with_row_index(ROW, offset=self.offset + 1)
        return lazy.select(
            ROW,
            *(
                pl.col(column.source).cast(pl.String).str.strip_chars().alias(column.name)
                if column.source in present
                else pl.lit(None, dtype=pl.String).alias(column.name)
                for column in facts.columns
            ),
        )

    def _scan(self, facts: InventoryFacts) -> pl.LazyFrame:
        if self.kind == "parquet":
            return pl.scan_parquet(self.path)
        if self.kind == "csv":
            return pl.scan_csv(self.path, infer_schema=False)
        wanted = [column.source for column in facts.columns]
        rows = list(_devices(self.path, self.name, wanted))
        return pl.LazyFrame(rows, schema=dict.fromkeys(wanted, pl.String), orient="row")


def partitions(paths: list[Path]) -> list[Partition]:
    """Cut an inventory into partitions.

    Args:
        paths: files, or folders of files.

    Returns:
        The partitions in the order of the files' names and rows: Parquet in runs of rows, other files whole.

    Raises:
        UsageError: a file of another kind, no file at all, or one that cannot be read.
    """
    files = sorted(_files(paths), key=lambda each: (each.name, str(each)))
    if not files:
        raise UsageError("the inventory holds no file", where="inventory", accepted=_ACCEPTED)
    names = [each.name for each in files]
    if len(set(names)) != len(names):
        raise UsageError("two files of the inventory have one name", where="inventory", accepted="names that differ")
    return [part for path in files for part in _partitions_of(path)]


def coverage(
    parts: list[Partition], rows: dict[str, int], manifest: ExtractManifest | None, *, drawn: date
) -> Coverage:
    """Say how much of the estate was seen.

    Args:
        parts: the partitions.
        rows: rows that were read, by name of the file.
        manifest: what the body that drew the inventory says of it.
        drawn: the day it was drawn, where there is no manifest.

    Returns:
        The coverage, whole only where a manifest says so and every file and row of it was read.
    """
    paths = {each.name: each.path for each in parts}
    sources = tuple(Source(name=name, sha256=_sha256(paths[name]), rows=rows[name]) for name in sorted(paths))
    if manifest is None:
        whole, reason = False, "no manifest of the extract says that it is whole"
    else:
        whole, reason = _compare(sources, manifest)
    return Coverage(
        as_of=manifest.as_of if manifest else drawn,
        sources=sources,
        rows=sum(rows.values()),
        whole=whole,
        reason=reason,
    )


def _compare(sources: tuple[Source, ...], manifest: ExtractManifest) -> tuple[bool, str]:
    read = {each.name: each for each in sources}
    for file in manifest.files:
        found = read.pop(file.name, None)
        if found is None:
            return False, f"{file.name} of the manifest was not read"
        if found.rows != file.rows:
            return False, f"{file.name} has {found.rows} rows, its manifest says {file.rows}"
        if file.sha256 and file.sha256 != found.sha256:
            return False, f"{file.name} has another digest than its manifest says"
    if read:
        return False, f"the manifest does not know {', '.join(sorted(read))}"
    if not manifest.whole:
        return False, "its manifest says that it is a part"
    return True, f"every file and row of the manifest of {manifest.as_of} was read"


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from (each for each in path.iterdir() if each.suffix.lower() in _SUFFIXES)
        elif path.suffix.lower() in _SUFFIXES and path.is_file():
            yield path
        else:
            raise UsageError(
                "is no inventory file", where=str(path), accepted="a file .parquet, .csv or .xml, or a folder"
            )


def _partitions_of(path: Path) -> Iterator[Partition]:
    kind = _SUFFIXES[path.suffix.lower()]
    if kind != "parquet":
        yield Partition(path=path, name=path.name, kind=kind)
        return
    try:
        total = pl.scan_parquet(path).select(pl.len()).collect().item()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _unusable(path.name, str(error).splitlines()[0]) from error
    for offset in range(0, max(total, 1), PARTITION_ROWS):
        yield Partition(path=path, name=path.name, kind=kind, offset=offset, rows=PARTITION_ROWS)


def _devices(path: Path, name: str, wanted: list[str]) -> Iterator[list[str | None]]:
    """Rows of a ReadInventory response: the children of every element ``Device``, whatever the namespace."""
    try:
        for _, element in etree.iterparse(path, tag="{*}Device", resolve_entities=False, no_network=True):
            texts = {etree.QName(child).localname: child.text for child in element.iterchildren("{*}*")}
            yield [texts.get(column) for column in wanted]
            element.clear()
    except (etree.XMLSyntaxError, OSError) as error:
        raise _unusable(name, str(error)) from error


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(path), accepted="a file") from error


def _unusable(name: str, why: str) -> UsageError:
    return UsageError(
        f"cannot be read: {why}", where=name, accepted="Parquet, CSV with a header, or DUIS ReadInventory"
    )

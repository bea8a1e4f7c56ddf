"""``trialconformance schema``: the JSON Schema of a file that this package reads or writes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trialconformance.cli import console
from trialconformance.core import ExitCode, UsageError
from trialconformance.evidence import write_atomically
from trialconformance.schemas import SCHEMAS, schema_json

__all__ = ["schema"]


def schema(
    name: Annotated[
        str, typer.Argument(help="Which schema, for example submission; without one they are listed.")
    ] = "",
    *,
    write: Annotated[Path | None, typer.Option("--write", help="Write every schema into this folder.")] = None,
) -> ExitCode:
    """Print a JSON Schema, list their names, or write them all into a folder."""
    if write is not None:
        if not write.is_dir():
            raise UsageError("is no folder", where=str(write), accepted="a folder that is there")
        for each in SCHEMAS:
            write_atomically(write / f"{each}.schema.json", schema_json(each))
    elif name:
        console.write(schema_json(name))
    else:
        console.write("".join(f"{each}\n" for each in SCHEMAS).encode())
    return ExitCode.PASS

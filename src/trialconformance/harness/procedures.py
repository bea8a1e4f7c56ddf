"""The procedures: cases that need a live device, as data; the steps are the functions of the shipped suites."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from trialconformance.core import Basis, Case, Scope, Severity, load_json, read_data

__all__ = ["DEVICE", "PROCEDURES", "load_procedures"]

DEVICE = "device"
_SCOPE = Scope(kind=DEVICE, title="the live device under test")


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str
    requirement: str
    clause: str
    severity: Severity
    basis: Basis
    suite: Literal["device", "risk"]


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_id: Literal["harness-procedures/1"]
    procedures: tuple[_Row, ...]


def load_procedures(path: Path | None = None) -> tuple[Case, ...]:
    """Read the procedures of this package, or a user's own file of the same schema.

    Args:
        path: the user's file.

    Returns:
        The cases, by id.

    Raises:
        UsageError: the file cannot be read or is not of the schema.
    """
    octets = read_data("trialconformance.harness", "data/procedures.json", override=path)
    rows = load_json(_File, octets, where=str(path or "procedures.json")).procedures
    return tuple(
        Case(
            id=row.id,
            title=row.title,
            requirement=row.requirement,
            clause=row.clause,
            severity=row.severity,
            basis=row.basis,
            scope=_SCOPE,
        )
        for row in sorted(rows, key=lambda each: each.id)
    )


PROCEDURES: tuple[Case, ...] = load_procedures()

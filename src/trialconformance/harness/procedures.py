"""The procedures: cases that need a live device, as data; the steps are the functions of the shipped suites."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from trialconformance.core import Basis, Case, Scope, Severity, load_json, read_data

__all__ = ["DEVICE", "PROCEDURES", "Procedures", "load_procedures"]

DEVICE = "device"
_SCOPE = Scope(kind=DEVICE, title="the live device under test")


class ProcedureRow(BaseModel):
    """One procedure, without its steps.

    Args:
        id: id of the case, fixed for ever.
        title: the requirement in a few words.
        requirement: the requirement in full.
        clause: source clause.
        severity: how much it weighs.
        basis: where the requirement comes from.
        suite: the suite that holds its steps.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str
    requirement: str
    clause: str
    severity: Severity
    basis: Basis
    suite: Literal["device", "risk"]


class Procedures(BaseModel):
    """The procedures.

    Args:
        schema_id: version of the file format.
        procedures: one row for each case.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_id: Literal["harness-procedures/1"]
    procedures: tuple[ProcedureRow, ...]


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
    rows = load_json(Procedures, octets, where=str(path or "procedures.json")).procedures
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

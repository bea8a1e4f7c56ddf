"""Known-bad lists as data: what is done to a good one, and the case that must reject the result."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from trialconformance.core import load_json, read_data

__all__ = ["Edit", "KillList", "Mutant", "load_mutants"]

_PACKAGE = "trialconformance.cpl"
_KILL_LIST = "data/kill-list.json"


class Edit(BaseModel):
    """One thing that is done to a comparison.

    Args:
        do: name of the operation, see ``mutation.OPERATIONS``.
        row: which record: ``trial`` (the declared one), ``first`` and ``other`` (the first two of the list before), or
            ``sibling`` (one of the same manufacturer).
        role: which column, by its role.
        value: text to put there; ``{}`` stands for what was there.
        options: what else the operation takes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    do: str
    row: str = "trial"
    role: str = "cpa_ref"
    value: str = ""
    options: dict[str, Any] = {}


class Mutant(BaseModel):
    """A known-bad list.

    Args:
        kills: id of the case that must reject it.
        title: what is wrong, to follow ``a list with``.
        edits: what makes it wrong.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kills: Annotated[str, Field(pattern="^CPL-[A-Z]+-[0-9]{2,3}$")]
    title: str
    edits: Annotated[tuple[Edit, ...], Field(min_length=1)]


class KillList(BaseModel):
    """A list of mutants.

    Args:
        note: what it is for.
        mutants: the mutants.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    note: str
    mutants: tuple[Mutant, ...]


def load_mutants(file: Path | None = None) -> tuple[Mutant, ...]:
    """Load a kill list.

    Args:
        file: a list of one's own instead of the shipped one.

    Returns:
        The mutants.

    Raises:
        UsageError: the file is no kill list.
    """
    octets = read_data(_PACKAGE, _KILL_LIST, override=file)
    return load_json(KillList, octets, where=_KILL_LIST if file is None else str(file)).mutants

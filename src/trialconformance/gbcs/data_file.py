"""Facts of this package that live in a data file: the package's own, or a user's file of the same schema."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import ClassVar, Self, cast

from pydantic import BaseModel, ConfigDict

from trialconformance.core import load_json, read_data

__all__ = ["DataFile", "Row"]


class Row(BaseModel):
    """One row of a data file: nothing in it may be unknown or change."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DataFile(Row):
    """A data file as a whole."""

    file: ClassVar[str]

    @classmethod
    def load(cls, path: Path | None = None) -> Self:
        """Read the file of the package, or a user's own.

        Args:
            path: the user's file.

        Returns:
            What it holds.

        Raises:
            UsageError: the file cannot be read or is not of the schema.
        """
        octets = read_data("trialconformance.gbcs", f"data/{cls.file}", override=path)
        return load_json(cls, octets, where=str(path or cls.file))

    @classmethod
    def shipped(cls) -> Self:
        """What the file of the package holds, read once."""
        return cast("Self", _shipped(cls))


@cache
def _shipped(model: type[DataFile]) -> DataFile:
    return model.load()

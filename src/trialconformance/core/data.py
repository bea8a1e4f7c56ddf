"""The one loader for facts that live in data files: package data by default, a user's own file on request."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from trialconformance.core.errors import UsageError

__all__ = ["load_json", "read_data"]

Model = TypeVar("Model", bound=BaseModel)


def read_data(package: str, name: str, *, override: Path | None = None) -> bytes:
    """Read a data file of a package, or the file a user points at instead.

    Args:
        package: package that holds the file, for example ``trialconformance.gbcs``.
        name: path below the package, for example ``data/use_cases.json``.
        override: a user's own file of the same schema.

    Returns:
        The octets of the file.

    Raises:
        UsageError: the user's file cannot be read.
    """
    if override is None:
        return files(package).joinpath(name).read_bytes()
    try:
        return override.read_bytes()
    except OSError as error:
        raise UsageError(
            f"cannot be read: {error.strerror}", where=str(override), accepted=f"a file like {name}"
        ) from error


def load_json(model: type[Model], octets: bytes, *, where: str) -> Model:
    """Validate JSON against its model.

    Args:
        model: the pydantic model that is the schema of the file.
        octets: the file.
        where: name of the file for error messages.

    Returns:
        The validated value.

    Raises:
        UsageError: not JSON, a duplicate key, or not of that schema; names the first key at fault.
    """
    try:
        value = json.loads(octets, object_pairs_hook=_unique_keys)
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{key}: {first['msg']}", where=where, accepted=f"the schema of {model.__name__}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"is not usable JSON: {error}", where=where, accepted="UTF-8 JSON with unique keys") from error


def _unique_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"key {key!r} stands twice in one object")
        found[key] = value
    return found

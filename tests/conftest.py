"""Where official test data is, for those who have a copy; none of it is part of this project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_RTDS = "TRIALCONFORMANCE_RTDS"
_DUIS = "TRIALCONFORMANCE_DUIS"


def _folder(variable: str, *members: str) -> Path:
    value = os.environ.get(variable)
    if not value:
        pytest.skip(f"official test data is not part of this project: set {variable} to a copy of it")
    folder = Path(value)
    missing = [member for member in members if not (folder / member).exists()]
    if missing:
        pytest.fail(f"{variable}={value} lacks {', '.join(missing)}")
    return folder


@pytest.fixture(scope="session")
def rtds() -> Path:
    """The folder that holds ``RTDS-4.5.0/`` and ``keystore/``."""
    return _folder(_RTDS, "RTDS-4.5.0", "keystore")


@pytest.fixture(scope="session")
def duis() -> Path:
    """The folder that holds the DUIS ``schema/``, ``templates/`` and ``samples/``."""
    return _folder(_DUIS, "schema", "templates", "samples")

"""Where the suites, the fixtures and the test-only certificates are: inside the wheel, or at the top of a checkout."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from trialconformance.core.errors import InternalError

__all__ = ["packaged"]

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent.parent


def packaged(name: Literal["suites", "fixtures", "certs"]) -> Path:
    """Find a folder that travels with the package.

    Args:
        name: ``suites``, ``fixtures`` or ``certs``.

    Returns:
        The folder.

    Raises:
        InternalError: the installation lacks it.
    """
    for folder in (_PACKAGE / name, _CHECKOUT / name):
        if folder.is_dir():
            return folder
    raise InternalError(f"this installation of trialconformance lacks its folder {name!r}")

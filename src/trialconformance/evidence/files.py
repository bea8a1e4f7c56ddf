"""Writing a file so that a reader sees the old octets or the new ones, never half of them."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from trialconformance.core import UsageError

__all__ = ["folder_for", "write_atomically"]

_MODE = 0o644  # what a plain open() gives under the usual umask; a temporary file starts as 0600


def folder_for(folder: Path) -> Path:
    """Make a folder for results, or take the one that is there.

    Args:
        folder: where results go.

    Returns:
        The same path.

    Raises:
        UsageError: it cannot be made, or a file is in the way.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"cannot be used for results: {error.strerror}", where=str(folder), accepted="a folder we may write to"
        ) from error
    return folder


def write_atomically(path: Path, octets: bytes) -> Path:
    """Write a file under a temporary name beside its place, then rename it.

    Args:
        path: the file; its folder exists.
        octets: the whole content.

    Returns:
        The same path.

    Raises:
        UsageError: the file system refuses.
    """
    temporary: str | None = None
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as stream:
            stream.write(octets)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).chmod(_MODE)
        Path(temporary).replace(path)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        raise UsageError(
            f"cannot be written: {error.strerror}", where=str(path), accepted="a path in a folder we may write to"
        ) from error
    return path

"""Putting a set of files into a folder without overwriting anybody's work."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from trialconformance.core import UsageError
from trialconformance.evidence import write_atomically

__all__ = ["write_files"]


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files; those that are there already with the same octets stay.

    Args:
        folder: the folder; it is made when it is missing.
        files: octets by path below the folder, with ``/``.

    Raises:
        UsageError: a file is there with other octets, or the folder cannot be written. Nothing is written then.
    """
    wanted = {folder / name: octets for name, octets in files.items()}
    try:
        missing = {path: octets for path, octets in wanted.items() if not _is_there(path, octets)}
        for path, octets in missing.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, octets)
    except OSError as error:
        raise UsageError(
            f"cannot be written: {error.strerror}", where=str(error.filename or folder), accepted="a folder of your own"
        ) from error


def _is_there(path: Path, octets: bytes) -> bool:
    if not path.exists():
        return False
    if not path.is_file() or path.read_bytes() != octets:
        raise UsageError("is there with other content", where=str(path), accepted="an empty or new folder")
    return True

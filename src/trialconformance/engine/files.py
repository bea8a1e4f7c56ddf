"""The files of a run: each with its role, its name in the record and the digest taken when the run began.

This module and the readers of the domains are the edge at which the engine touches the file system.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from trialconformance.core import ArtefactRow, UsageError

__all__ = ["InputFile", "InputFiles", "files_below"]

_CHUNK = 1 << 20  # octets read at a time, so that an inventory of any size is hashed in flat memory
_PRIVATE_KEY = b"PRIVATE KEY-----"
_PEM_SUFFIXES = frozenset({".pem", ".key"})


class InputFile(NamedTuple):
    """A file of a run.

    Args:
        role: what it is, for example ``capture``.
        name: its name in the record.
        path: where it lies.
    """

    role: str
    name: str
    path: Path


def files_below(path: Path) -> list[Path]:
    """List a file, or every file in a folder and the folders below it.

    Args:
        path: a file or a folder.

    Returns:
        The files in the order of their paths, hidden ones left out.

    Raises:
        UsageError: the path cannot be read.
    """
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise UsageError("is no file and no folder", where=str(path), accepted="a file or folder that can be read")
    found = []
    for folder, folders, files in os.walk(path, onerror=_refuse):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        found += [Path(folder) / name for name in files if not name.startswith(".")]
    return sorted(found)


def _refuse(error: OSError) -> None:
    raise UsageError(
        f"cannot be read: {error.strerror}", where=str(error.filename), accepted="a folder that can be read"
    ) from error


class InputFiles(Mapping[str, bytes]):
    """The inputs of a run: octets by name, read when they are asked for.

    A file with a private key in it is no input: neither its octets nor its digest reach a record.

    Args:
        files: the files; one that is named in two roles counts in the first.

    Raises:
        UsageError: a file cannot be read, or two files have one name.
    """

    __slots__ = ("_digests", "_files", "_secrets", "_sizes")

    def __init__(self, files: Iterable[InputFile]) -> None:
        self._files: dict[str, InputFile] = {}
        self._digests: dict[str, str] = {}
        self._sizes: dict[str, int] = {}
        self._secrets: dict[str, Path] = {}
        for each in sorted(files, key=lambda file: file.name):
            known = self._files.get(each.name)
            if known is not None and not known.path.samefile(each.path):
                raise UsageError(
                    f"two files are named {each.name}", where=str(each.path), accepted="folders with names of their own"
                )
            if known is not None:
                continue
            if _holds_private_key(each.path):
                self._secrets[each.name] = each.path
                continue
            self._digests[each.name], self._sizes[each.name] = _digest(each)
            self._files[each.name] = each

    @property
    def digests(self) -> Mapping[str, str]:
        """SHA-256 by name."""
        return self._digests

    @property
    def secrets(self) -> dict[str, bytes]:
        """Files with private keys, by name: for a commitment only, never for a record, a report or a bundle."""
        return {name: path.read_bytes() for name, path in self._secrets.items()}

    @property
    def rows(self) -> tuple[ArtefactRow, ...]:
        """The inputs as the record lists them."""
        return tuple(
            ArtefactRow(name=name, role=file.role, octets=self._sizes[name], sha256=self._digests[name])
            for name, file in self._files.items()
        )

    def __getitem__(self, name: str) -> bytes:
        file = self._files[name]
        octets = _read(file)
        if hashlib.sha256(octets).hexdigest() != self._digests[name]:
            raise UsageError("changed while it was judged", where=file.name, accepted="inputs that stay as they are")
        return octets

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


def _read(file: InputFile) -> bytes:
    try:
        return file.path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"cannot be read: {error.strerror}", where=file.name, accepted="a file that can be read"
        ) from error


def _digest(file: InputFile) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    try:
        with file.path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
    except OSError as error:
        raise UsageError(
            f"cannot be read: {error.strerror}", where=file.name, accepted="a file that can be read"
        ) from error
    return digest.hexdigest(), size


def _holds_private_key(path: Path) -> bool:
    """Whether a PEM file holds a private key; keys in other files are refused by whoever writes a bundle."""
    if path.suffix.lower() not in _PEM_SUFFIXES:
        return False
    try:
        return _PRIVATE_KEY in path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"cannot be read: {error.strerror}", where=str(path), accepted="a file that can be read"
        ) from error

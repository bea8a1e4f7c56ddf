"""The bundle as a zip archive with one form only, and a reader that trusts nothing in it.

The writer stores files without compression: the octets that deflate gives depend on the zlib of the machine. The reader
accepts nothing but what the writer makes of the same files, so that there is no second place to hide octets in.
"""

from __future__ import annotations

import io
import re
import stat
import zipfile
from collections.abc import Mapping
from urllib.parse import quote, unquote

from trialconformance.core import ArtefactError

__all__ = [
    "MAXIMUM_FILES",
    "MAXIMUM_OCTETS",
    "attachment_name",
    "attachment_path",
    "check_path",
    "input_path",
    "pack",
    "setting_path",
    "unpack",
]

MAXIMUM_OCTETS = 1 << 30  # of all files together: no trial comes near it, and it fits a reviewer's machine
MAXIMUM_FILES = 100_000
_SAFE = "/()+,=@~_.- "  # characters of a name that stay as they are in a path; the others are percent-encoded

_CLAUSE = "bundle step 1"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip can name
_UNIX = 3  # made-by code under which the mode bits are read
_MODE = (stat.S_IFREG | 0o644) << 16
_PATH = re.compile(r"[A-Za-z0-9%()+,=@~_.\- ]+(/[A-Za-z0-9%()+,=@~_.\- ]+)*")
_ATTACHMENTS = "attachments/"
_UNSAFE_NAME = re.compile(r"[\x00-\x1f\x7f\\:]")
_END = b"PK\x05\x06"
_END_OCTETS = 22


def check_path(path: str) -> str | None:
    """Say what is wrong with a path of a bundle.

    Args:
        path: path of a file in the archive.

    Returns:
        The fault in words, None for a relative path of plain ASCII names parted by ``/``.
    """
    if path.startswith("/") or re.match(r"[A-Za-z]:", path):
        return "is absolute"
    if not path.isascii():
        return "is not ASCII: two names could look the same"
    if any(part in {"", ".", ".."} for part in path.split("/")):
        return "leaves its folder or holds an empty part"
    return None if _PATH.fullmatch(path) else "holds a character that some file systems refuse"


def input_path(name: str) -> str:
    """Path of an input in a bundle.

    Args:
        name: name of the artefact: a relative path with ``/``.

    Returns:
        ``inputs/`` and the name, what is not plain ASCII percent-encoded.

    Raises:
        ArtefactError: a name that could lead out of the folder into which inputs are unpacked.
    """
    path = f"inputs/{quote(name, safe=_SAFE)}"
    if fault := check_path(path):
        raise _fault(f"{name!r}: the name {fault}")
    if _UNSAFE_NAME.search(name):
        raise _fault(f"{name!r}: the name holds a character that some file systems take for a path")
    return path


def setting_path(name: str) -> str:
    """Path in a bundle of a file that steered the verdict."""
    return f"settings/{quote(name, safe=_SAFE)}"


def attachment_path(name: str) -> str:
    """Path in a bundle of something else that the run left behind."""
    return f"{_ATTACHMENTS}{quote(name, safe=_SAFE)}"


def attachment_name(path: str) -> str:
    """Name of an attachment by its path in a bundle."""
    return unquote(path.removeprefix(_ATTACHMENTS))


def pack(files: Mapping[str, bytes]) -> bytes:
    """Write the archive; the same files give the same octets on every machine.

    Args:
        files: octets by path.

    Returns:
        The zip archive.

    Raises:
        ArtefactError: a path that cannot be in a bundle.
    """
    _check_paths(list(files))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(path, _EPOCH)
            entry.create_system = _UNIX
            entry.external_attr = _MODE
            archive.writestr(entry, files[path])
    return target.getvalue()


def unpack(octets: bytes) -> dict[str, bytes]:
    """Read an archive from nobody knows whom.

    Args:
        octets: the archive.

    Returns:
        Octets by path; nothing is written anywhere.

    Raises:
        ArtefactError: not a whole archive, a link, a path that leaves its folder, a name twice, too much content,
            damaged content, or anything that the writer would not have written.
    """
    if not octets.startswith(b"PK\x03\x04"):
        raise _fault("is not a bundle: it does not begin like a zip archive", offset=0)
    if octets[-_END_OCTETS : -_END_OCTETS + 4] != _END:
        raise _fault("is cut short or has octets after its end", offset=len(octets))
    try:
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            entries = archive.infolist()
            _check_entries(entries)
            files = {entry.filename: _content(archive, entry) for entry in entries}
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, ValueError, OverflowError) as error:
        raise _fault(f"is damaged: {error}") from error
    if pack(files) != octets:
        raise _fault("holds octets beside its files: it was not written by this tool or was changed since")
    return files


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAXIMUM_FILES:
        raise _fault(f"holds more than {MAXIMUM_FILES:,} files")
    for entry in entries:
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind not in {0, stat.S_IFREG}:
            raise _fault(f"{entry.filename}: is a link or no plain file")
        if entry.flag_bits & 0x1:
            raise _fault(f"{entry.filename}: is encrypted")
    _check_paths([entry.filename for entry in entries])
    if sum(entry.file_size for entry in entries) > MAXIMUM_OCTETS:
        raise _fault(f"would unpack to more than {MAXIMUM_OCTETS:,} octets")
    for entry in entries:
        if entry.compress_type != zipfile.ZIP_STORED:
            raise _fault(f"{entry.filename}: is compressed; bundles store their files as they are")
        if entry.file_size != entry.compress_size:
            raise _fault(f"{entry.filename}: states two sizes")


def _check_paths(paths: list[str]) -> None:
    seen: dict[str, str] = {}
    for path in paths:
        if fault := check_path(path):
            raise _fault(f"{path!r}: the path {fault}")
        other = seen.setdefault(path.lower(), path)
        if other is not path:
            raise _fault(
                f"{path!r}: stands twice" if other == path else f"{path!r}: differs from {other!r} in case only"
            )


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with archive.open(entry) as stream:
        content = stream.read(entry.file_size + 1)
    if len(content) != entry.file_size:
        raise _fault(f"{entry.filename}: does not hold the octets it states")
    return content


def _fault(message: str, *, offset: int | None = None) -> ArtefactError:
    return ArtefactError(message, artefact="bundle", offset=offset, clause=_CLAUSE)

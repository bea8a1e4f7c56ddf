"""The file-system edge: lists and what lies beside them, never more than the profile allows."""

from __future__ import annotations

import re
from pathlib import Path

from trialconformance.core import ArtefactError, UsageError
from trialconformance.cpl.document import Document, read_document
from trialconformance.cpl.profile import Profile

__all__ = ["read_bounded", "read_file", "read_sidecar"]

_DIGEST = re.compile(r"([0-9A-Fa-f]{64})(?:\s+\*?(.*))?")
_LONGEST_SIDECAR = 4096  # octets


def read_bounded(path: Path, most: int) -> bytes:
    """Read a file of limited size.

    Args:
        path: the file.
        most: octets it may have.

    Returns:
        Its octets.

    Raises:
        UsageError: it cannot be read.
        ArtefactError: it is larger; the offset is the first octet too many.
    """
    try:
        with path.open("rb") as stream:
            octets = stream.read(most + 1)
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(path), accepted="a readable file") from error
    if len(octets) > most:
        raise ArtefactError(
            "file is larger than allowed",
            artefact=path.name,
            offset=most,
            expected=f"at most {most} octets",
            seen="more",
        )
    return octets


def read_file(path: Path, *, profile: Profile) -> Document:
    """Read a list from a file.

    Args:
        path: the file.
        profile: the declared format, which bounds the size.

    Returns:
        The document; see ``read_document``.

    Raises:
        UsageError: the file cannot be read.
        ArtefactError: it is larger than the profile allows.
    """
    return read_document(read_bounded(path, profile.container.max_file_octets), profile=profile, name=path.name)


def read_sidecar(path: Path, *, profile: Profile) -> str | None:
    """Read the published digest that lies beside a list.

    Args:
        path: the list; the digest is in the file of the same name with the suffix of the profile.
        profile: the declared format.

    Returns:
        64 lower-case hex digits, None where there is no such file.

    Raises:
        UsageError: the file holds no digest.
    """
    sidecar = path.with_name(path.name + profile.integrity.sidecar_suffix)
    if not sidecar.exists():
        return None
    text = read_bounded(sidecar, _LONGEST_SIDECAR).decode("latin-1").strip()
    match = _DIGEST.fullmatch(text)
    if match is None:
        raise UsageError(
            "holds no digest", where=str(sidecar), accepted="64 hex digits, alone or as sha256sum writes them"
        )
    return match[1].lower()

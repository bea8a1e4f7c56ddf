"""Reading certificates from whatever holds them: PEM files and bundles, DER files, folders, key stores.

Clause: RFC 7468 for PEM.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from trialconformance.core import ArtefactError, UsageError
from trialconformance.smki.certificate import Certificate
from trialconformance.smki.pem import BUNDLE_LIMIT, read_blocks

__all__ = ["LoadedCertificate", "Skipped", "certificate_files", "read_certificates"]

_SUFFIXES = frozenset({".pem", ".crt", ".cer", ".cert", ".der"})
_ACCEPTED = "PEM or DER certificates, folders of them"
_SEQUENCE = b"\x30"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedCertificate:
    """A certificate and where it came from.

    Args:
        path: the file, as the caller named it.
        index: position among the certificates of the file, from 0.
        octets: what the file holds.
        certificate: the certificate, None where it cannot be read as one.
        error: why not.
    """

    path: Path
    index: int
    octets: bytes = field(repr=False)
    certificate: Certificate | None
    error: ArtefactError | None = None

    @property
    def name(self) -> str:
        """Name of the artefact: the file, and the position where it is not the first one."""
        path = self.path.as_posix()
        return f"{path}[{self.index}]" if self.index else path

    @property
    def sha256(self) -> str:
        """Digest of the octets, lower-case hex."""
        return self.certificate.sha256 if self.certificate is not None else hashlib.sha256(self.octets).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A file of a folder that holds no certificate.

    Args:
        path: the file.
        reason: what it holds instead.
    """

    path: Path
    reason: str


def certificate_files(paths: Iterable[Path]) -> tuple[Path, ...]:
    """List the files that may hold certificates.

    Args:
        paths: files, which are all taken, and folders, of which those with a usual suffix are.

    Returns:
        The files, each once, folders in order of their names.

    Raises:
        UsageError: a path does not exist or cannot be listed, or nothing is found.
    """
    found: dict[Path, None] = {}
    for path in paths:
        try:
            if path.is_dir():
                inside = sorted(each for each in path.rglob("*") if each.suffix.lower() in _SUFFIXES and each.is_file())
                found |= dict.fromkeys(inside)
            elif path.is_file():
                found[path] = None
            else:
                raise UsageError("does not exist", where=str(path), accepted=_ACCEPTED)
        except OSError as error:
            raise UsageError(f"cannot be read: {error.strerror}", where=str(path), accepted=_ACCEPTED) from error
    if not found:
        where = ", ".join(map(str, paths))
        suffixes = " ".join(sorted(_SUFFIXES))
        raise UsageError("holds no certificate file", where=where, accepted=f"files that end in {suffixes}")
    return tuple(found)


def read_certificates(path: Path) -> Iterator[LoadedCertificate | Skipped]:
    """Read the certificates of one file.

    Args:
        path: the file.

    Yields:
        Every certificate in order; one ``Skipped`` for a file that holds something else.

    Raises:
        UsageError: the file cannot be read, or is too large.
    """
    try:
        with path.open("rb") as stream:
            octets = stream.read(BUNDLE_LIMIT + 1)
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(path), accepted=_ACCEPTED) from error
    if len(octets) > BUNDLE_LIMIT:
        raise UsageError("is too large", where=str(path), accepted=f"at most {BUNDLE_LIMIT:,} octets")
    if octets.startswith(_SEQUENCE) and b"-----BEGIN" not in octets[:64]:
        yield _loaded(path, 0, octets)
        return
    try:
        blocks = read_blocks(octets, name=str(path))
    except ArtefactError as error:
        yield LoadedCertificate(path=path, index=0, octets=octets, certificate=None, error=error)
        return
    certificates = [each for each in blocks if each.label == "CERTIFICATE"]
    if not certificates:
        labels = ", ".join(sorted({each.label.lower() for each in blocks}))
        yield Skipped(path=path, reason=f"holds no certificate but: {labels}")
    for index, block in enumerate(certificates):
        yield _loaded(path, index, block.octets)


def _loaded(path: Path, index: int, octets: bytes) -> LoadedCertificate:
    loaded = LoadedCertificate(path=path, index=index, octets=octets, certificate=None)
    try:
        certificate = Certificate.parse(octets, name=loaded.name)
    except ArtefactError as error:
        return LoadedCertificate(path=path, index=index, octets=octets, certificate=None, error=error)
    return LoadedCertificate(path=path, index=index, octets=octets, certificate=certificate)

"""Reading certificates, requests and lists from whatever holds them: PEM files and bundles, DER files, folders.

Clause: RFC 7468 for PEM.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from trialconformance.core import ArtefactError, UsageError
from trialconformance.smki.certificate import Certificate
from trialconformance.smki.name import Name
from trialconformance.smki.pem import BUNDLE_LIMIT, read_blocks
from trialconformance.smki.request import CertificateRequest
from trialconformance.smki.revocation import RevocationList

__all__ = ["Loaded", "Skipped", "artefact_files", "read_artefacts"]

Value = Certificate | CertificateRequest | RevocationList

_SUFFIXES = frozenset({".pem", ".crt", ".cer", ".cert", ".der", ".csr", ".crl"})
_ACCEPTED = "PEM or DER certificates, folders of them"
_SEQUENCE = b"\x30"
_CERTIFICATE = "CERTIFICATE"
_READERS: dict[str, Callable[..., Value]] = {
    _CERTIFICATE: Certificate.parse,
    "CERTIFICATE REQUEST": CertificateRequest.parse,
    "NEW CERTIFICATE REQUEST": CertificateRequest.parse,
    "X509 CRL": RevocationList.parse,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """Something that can be judged, and where it came from.

    Args:
        path: the file, as the caller named it.
        index: position among those of the file, from 0.
        octets: what the file holds.
        value: what it is, None where it cannot be read.
        error: why not.
    """

    path: Path
    index: int
    octets: bytes = field(repr=False)
    value: Value | None
    error: ArtefactError | None = None

    @property
    def name(self) -> str:
        """Name of the artefact: the file, and the position where it is not the first one."""
        path = self.path.as_posix()
        return f"{path}[{self.index}]" if self.index else path

    @property
    def sha256(self) -> str:
        """Digest of the octets, lower-case hex."""
        return hashlib.sha256(self.octets).hexdigest()

    @property
    def certificate(self) -> Certificate | None:
        """The certificate, None where it is something else."""
        return self.value if isinstance(self.value, Certificate) else None

    @property
    def subject(self) -> str:
        """The subject, of a revocation list the issuer, as text; empty where there is none."""
        if isinstance(self.value, Certificate):
            return str(self.value.subject)
        if isinstance(self.value, CertificateRequest):
            return str(Name.of(self.value.subject))
        return "" if self.value is None else str(self.value.issuer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A file of a folder that holds nothing to judge.

    Args:
        path: the file.
        reason: what it holds instead.
    """

    path: Path
    reason: str


def artefact_files(paths: Iterable[Path]) -> tuple[Path, ...]:
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


def read_artefacts(path: Path) -> Iterator[Loaded | Skipped]:
    """Read the certificates, requests and lists of one file.

    Args:
        path: the file; one without PEM labels is taken for a certificate in DER.

    Yields:
        Each in order; one ``Skipped`` for a file that holds something else.

    Raises:
        UsageError: the file cannot be read, is too large, or holds an encrypted key.
    """
    try:
        with path.open("rb") as stream:
            octets = stream.read(BUNDLE_LIMIT + 1)
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(path), accepted=_ACCEPTED) from error
    if len(octets) > BUNDLE_LIMIT:
        raise UsageError("is too large", where=str(path), accepted=f"at most {BUNDLE_LIMIT:,} octets")
    if octets.startswith(_SEQUENCE) and b"-----BEGIN" not in octets[:64]:
        yield _loaded(path, 0, octets, _CERTIFICATE)
        return
    try:
        blocks = read_blocks(octets, name=str(path))
    except ArtefactError as error:
        yield Loaded(path=path, index=0, octets=octets, value=None, error=error)
        return
    judged = [each for each in blocks if each.label in _READERS]
    if not judged:
        labels = ", ".join(sorted({each.label.lower() for each in blocks}))
        yield Skipped(path=path, reason=f"holds no certificate but: {labels}")
    for index, block in enumerate(judged):
        yield _loaded(path, index, block.octets, block.label)


def _loaded(path: Path, index: int, octets: bytes, label: str) -> Loaded:
    name = Loaded(path=path, index=index, octets=octets, value=None).name
    try:
        value = _READERS[label](octets, name=name)
    except ArtefactError as error:
        return Loaded(path=path, index=index, octets=octets, value=None, error=error)
    return Loaded(path=path, index=index, octets=octets, value=value)

"""Reading the folder of a key store: what each file holds, and what is odd about it.

The oddities carry the ids of the deviations that official test data is known for (W11, W12, W16) and of the rules for
files: FIL-01 a name that disagrees with its content, FIL-02 a private key that does not belong to its certificate.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from trialconformance.core import ArtefactError, UsageError, format_eui64
from trialconformance.smki import p256
from trialconformance.smki.certificate import Certificate
from trialconformance.smki.extension import KeyUsage
from trialconformance.smki.pem import Block, load_point, load_private_key, read_pem

__all__ = ["FolderContent", "KeyStoreFile", "Oddity", "Place", "identity", "read_folder"]

_FILE = re.compile(r"([0-9a-f]{16})(-pp)?-(ds|ka)\.(?:pem|key)", re.IGNORECASE)
_SUFFIXES = frozenset({".pem", ".key"})
_CA_FOLDER = "ca"
_USAGES = {"ds": KeyUsage.DIGITAL_SIGNATURE, "ka": KeyUsage.KEY_AGREEMENT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Oddity:
    """Something that was tolerated.

    Args:
        file: name of the file below the folder.
        rule: ``W11``, ``W12``, ``W16``, ``FIL-01`` or ``FIL-02``.
        text: what is odd, for a person.
    """

    file: str
    rule: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a key is looked up.

    Args:
        entity: EUI-64, 8 octets.
        usage: ``DIGITAL_SIGNATURE`` or ``KEY_AGREEMENT``.
        prepayment: whether it is for prepayment top-up.
    """

    entity: bytes
    usage: KeyUsage
    prepayment: bool = False

    @classmethod
    def of_file(cls, file: str) -> Place | None:
        """The place that a file name stands for, None where it follows no convention."""
        match = _FILE.fullmatch(file)
        if match is None:
            return None
        return cls(entity=bytes.fromhex(match[1]), usage=_USAGES[match[3].lower()], prepayment=bool(match[2]))

    def named_by(self, certificate: Certificate) -> bool:
        """Whether a certificate names this identity and usage."""
        return certificate.entity_id == self.entity and self.usage in certificate.usage

    def __str__(self) -> str:
        kind = "prepayment " if self.prepayment else ""
        return f"{format_eui64(self.entity)} for {kind}{self.usage.words}"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyStoreFile:
    """A file of a key store beside what it holds.

    Args:
        name: name of the artefact.
        octets: the certificate; no octets for a file that holds a private key.
        stated: whom the file name names, None where it follows no convention.
        certificate: the certificate it holds, None for a private key.
        key_belongs: whether a private key belongs to the certificate beside it; True for a certificate.
    """

    name: str
    octets: bytes
    stated: Place | None
    certificate: Certificate | None
    key_belongs: bool = True


@dataclass(slots=True, kw_only=True)
class FolderContent:
    """What was gathered so far.

    Args:
        titles: names of artefacts by file name, where they differ.
        files: files and what they hold.
        placed: certificates under the places they name.
        points: public keys without a certificate under the places their file names stand for.
        private_keys: private keys that belong to something.
        found: certificates by digest.
        notes: what was tolerated.
    """

    titles: dict[str, str] = field(default_factory=dict)
    files: list[KeyStoreFile] = field(default_factory=list)
    placed: list[tuple[Place, Certificate]] = field(default_factory=list)
    points: dict[Place, bytes] = field(default_factory=dict)
    private_keys: list[ec.EllipticCurvePrivateKey] = field(default_factory=list, repr=False)
    found: dict[str, Certificate] = field(default_factory=dict)
    notes: list[Oddity] = field(default_factory=list)

    def place(self, certificate: Certificate, *, prepayment: bool) -> None:
        """File a certificate under the identity and usages it names."""
        known = self.found.setdefault(certificate.sha256, certificate)
        for usage in _USAGES.values():
            if certificate.entity_id is not None and usage in certificate.usage:
                pair = (Place(entity=certificate.entity_id, usage=usage, prepayment=prepayment), known)
                if pair not in self.placed:
                    self.placed.append(pair)

    def note(self, file: str, rule: str, text: str) -> None:
        """Write down something odd."""
        self.notes.append(Oddity(file=self.title(file), rule=rule, text=text))

    def title(self, file: str) -> str:
        """The name of the artefact that a file is."""
        return self.titles.get(file, file)

    @property
    def certificates(self) -> tuple[Certificate, ...]:
        """Every certificate once, by name."""
        return tuple(sorted(self.found.values(), key=lambda each: (each.name, each.sha256)))

    @property
    def oddities(self) -> tuple[Oddity, ...]:
        """What was odd, by file."""
        return tuple(sorted(self.notes, key=lambda each: (each.file, each.rule, each.text)))


def read_folder(folder: Path, *, name_of: Callable[[Path], str] | None = None) -> FolderContent:
    """Read every ``.pem`` and ``.key`` file of a folder and of ``ca/`` below it.

    Args:
        folder: the folder.
        name_of: gives the name of the artefact that a file is; by default its name below the folder.

    Returns:
        What it holds.

    Raises:
        UsageError: the folder or a file cannot be read, it holds no such file, or a key is encrypted.
        ArtefactError: a file holds no PEM, no certificate or no usable key.
    """
    content = FolderContent()
    certificates: dict[str, list[Certificate]] = {}
    points: dict[str, list[bytes]] = {}
    keys: list[tuple[str, ec.EllipticCurvePrivateKey]] = []
    for name, file in _files(folder):
        content.titles[name] = title = name if name_of is None else name_of(file)
        for index, block in enumerate(read_pem(file, name=title)):
            block_name = f"{title}[{index}]" if index else title
            match block.label:
                case "CERTIFICATE":
                    certificates.setdefault(name, []).append(Certificate.parse(block.octets, name=block_name))
                case "PUBLIC KEY":
                    points.setdefault(name, []).append(load_point(block.octets, name=block_name))
                case "PRIVATE KEY" | "EC PRIVATE KEY":
                    keys.append((name, load_private_key(block.octets, name=block_name)))
                case _:
                    raise _unknown_label(block, block_name)
    # Files whose names tell the truth first: a byte copy under another name is the one that is reported.
    for name in sorted(certificates, key=lambda name: (not _truthful(name, certificates[name]), name)):
        for certificate in certificates[name]:
            _take_certificate(content, name, certificate)
    for name, values in points.items():
        _take_point(content, name, values[0])
    _take_private_keys(content, keys, certificates, points)
    _note_reissued(content)
    return content


def _files(folder: Path) -> list[tuple[str, Path]]:
    found = []
    try:
        for below in (folder, folder / _CA_FOLDER):
            if below is folder or below.is_dir():
                prefix = "" if below is folder else f"{_CA_FOLDER}/"
                found += [
                    (f"{prefix}{each.name}", each) for each in below.iterdir() if each.suffix.lower() in _SUFFIXES
                ]
    except OSError as error:
        raise UsageError(
            f"cannot be read: {error.strerror}", where=str(folder), accepted="a folder of PEM files"
        ) from error
    if not found:
        raise UsageError(
            "holds no key store file", where=str(folder), accepted="files named <eui64>[-pp]-{ds,ka}.{pem,key}"
        )
    return sorted(found)


def _unknown_label(block: Block, name: str) -> ArtefactError:
    return ArtefactError(
        "holds a PEM block of another kind",
        artefact=name,
        clause="RFC 7468",
        expected="CERTIFICATE, PUBLIC KEY or PRIVATE KEY",
        seen=block.label,
    )


def _truthful(name: str, certificates: list[Certificate]) -> bool:
    place = Place.of_file(name)
    return place is not None and all(place.named_by(each) for each in certificates)


def _take_certificate(content: FolderContent, name: str, certificate: Certificate) -> None:
    place = Place.of_file(name)
    content.files.append(
        KeyStoreFile(name=content.title(name), octets=certificate.octets, stated=place, certificate=certificate)
    )
    if place is None:
        if not name.startswith(f"{_CA_FOLDER}/"):
            content.note(name, "FIL-01", "the file name is not <eui64>[-pp]-{ds,ka}.{pem,key}")
    elif not place.named_by(certificate):
        content.note(name, "FIL-01", f"the file name says {place}, the certificate names {identity(certificate)}")
    known = content.found.get(certificate.sha256)
    if known is not None:
        content.note(name, "W11", f"the certificate is a byte copy of {known.name}")
    content.place(certificate, prepayment=place is not None and place.prepayment)


def identity(certificate: Certificate) -> str:
    """Whom a certificate names, for a person."""
    entity = format_eui64(certificate.entity_id) if certificate.entity_id is not None else "no EUI-64"
    return f"{entity} for {certificate.usage.words}"


def _take_point(content: FolderContent, name: str, point: bytes) -> None:
    content.note(name, "W16", "holds a bare public key, no certificate: only the file name says whose it is")
    if place := Place.of_file(name):
        content.points[place] = point


def _take_private_keys(
    content: FolderContent,
    keys: list[tuple[str, ec.EllipticCurvePrivateKey]],
    certificates: dict[str, list[Certificate]],
    points: dict[str, list[bytes]],
) -> None:
    """Keep the private keys that belong to the public key of the same file stem."""
    expected: dict[str, list[bytes]] = {}
    for name, values in certificates.items():
        expected.setdefault(_stem(name), []).extend(each.point for each in values)
    for name, bare in points.items():
        expected.setdefault(_stem(name), []).extend(bare)
    for name, key in keys:
        point = p256.point_of(key.public_key())
        known = expected.get(_stem(name))
        if known is None:
            content.note(name, "W16", "holds a private key without a certificate: only the file name says whose it is")
            if place := Place.of_file(name):
                content.points[place] = point
        elif point not in known:
            content.note(name, "FIL-02", "the private key does not belong to the certificate beside it and is not used")
            title = content.title(name)
            content.files.append(
                KeyStoreFile(name=title, octets=b"", stated=Place.of_file(name), certificate=None, key_belongs=False)
            )
            continue
        content.private_keys.append(key)


def _stem(name: str) -> str:
    return name.rpartition(".")[0].lower()


def _note_reissued(content: FolderContent) -> None:
    """Note different certificates for one key of one identity (W12): the key identifier tells them not apart."""
    first: dict[tuple[bytes | None, bytes], Certificate] = {}
    for certificate in content.certificates:
        known = first.setdefault((certificate.entity_id, certificate.point), certificate)
        if known is not certificate and known.usage == certificate.usage:
            content.note(
                certificate.name, "W12", f"certifies the same key as {known.name}: one key, several certificates"
            )

"""A row beside what it speaks of: the image, the device that reports itself, the certificates.

The values of devices and certificates are handed over as plain text; who decoded them is of no matter here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from trialconformance.cpl.delimited import Row
from trialconformance.cpl.document import Document, shown
from trialconformance.cpl.image import Image

__all__ = [
    "CertificateFacts",
    "CertificateOnList",
    "DeviceReading",
    "ImageOnList",
    "ReadingOnList",
    "entry_of",
    "entry_of_certificate",
    "entry_of_reading",
    "hash_objection",
    "hex_number",
    "version_objection",
]

_ENOUGH = 3  # points that make a row the one an image means


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceReading:
    """What a device says of itself in a capture (ECS52, GCS38, CS08 for firmware; ECS26, GCS21 for identity).

    Args:
        name: name of the capture.
        use_case: where it comes from.
        device_type: physical device type, as on the list.
        manufacturer: 4 characters as reported, None where the capture does not hold it.
        model: 8 characters as reported, None where the capture does not hold it.
        firmware: 8 hex digits, None where the capture does not hold it.
        octets: the capture.
    """

    name: str
    use_case: str
    device_type: str
    manufacturer: str | None = None
    model: str | None = None
    firmware: str | None = None
    octets: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFacts:
    """What an assurance certificate says, as far as it says it.

    Args:
        name: name of the document.
        kind: which certificate.
        reference: its reference, which finds the entry.
        manufacturer: manufacturer code, 4 hex digits.
        model: model, 4 hex digits.
        hardware: hardware version, 4 hex digits.
        firmware: firmware version as the certificate has it.
        mapping: firmware version of the certificate to that of the list, where the manufacturer supplied one.
        octets: the document.
    """

    name: str
    kind: str
    reference: str
    manufacturer: str | None = None
    model: str | None = None
    hardware: str | None = None
    firmware: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    octets: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnList:
    """Something beside the entry of the list that speaks of it.

    Args:
        document: the list.
        row: the entry, None where there is none.
    """

    document: Document
    row: Row | None

    def listed(self, role: str) -> str:
        """What the entry says, empty where there is none."""
        return "" if self.row is None else self.document.value(self.row, role)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageOnList(OnList):
    """A firmware image beside its entry.

    Args:
        image: the image.
        verified: whether its signature verifies, None where no key was given or there is no signature.
    """

    image: Image
    verified: bool | None

    @property
    def name(self) -> str:
        """Name of the image."""
        return self.image.name

    @property
    def octets(self) -> bytes:
        """Octets of the image."""
        return self.image.octets


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingOnList(OnList):
    """What a device says of itself, beside its entry.

    Args:
        reading: the reading.
    """

    reading: DeviceReading

    @property
    def name(self) -> str:
        """Name of the capture."""
        return self.reading.name

    @property
    def octets(self) -> bytes:
        """Octets of the capture."""
        return self.reading.octets


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateOnList(OnList):
    """What an assurance certificate says, beside the entry that names it.

    Args:
        certificate: what it says.
    """

    certificate: CertificateFacts

    @property
    def name(self) -> str:
        """Name of the document."""
        return self.certificate.name

    @property
    def octets(self) -> bytes:
        """Octets of the document."""
        return self.certificate.octets


def entry_of(image: Image, document: Document) -> Row | None:
    """Find the entry that speaks of an image, even where some of what it says is wrong.

    Args:
        image: the image.
        document: the list.

    Returns:
        The entry that agrees in most, the last of several; None where none agrees in enough.
    """
    best, most = None, 0
    for row in document.records:
        points = _points(row, document, image)
        if points >= max(most, _ENOUGH) and not document.removed(row):
            best, most = row, points
    return best


def _points(row: Row, document: Document, image: Image) -> int:
    header = image.header
    listed = document.value(row, "image_hash").upper()
    hardware = hex_number(document.value(row, "hardware"))
    return (
        4 * (listed == image.hash)
        + 3 * (listed in image.wrong_hashes)
        + 2 * (hex_number(document.value(row, "model")) == header.image_type)
        + (hex_number(document.value(row, "manufacturer")) == header.manufacturer)
        + (hex_number(document.value(row, "firmware")) == header.file_version)
        + (hardware is not None and (header.minimum_hardware or 0) <= hardware <= (header.maximum_hardware or 0))
    )


def entry_of_reading(reading: DeviceReading, document: Document) -> Row | None:
    """Find the entry of a device: of its type, the one that agrees in most of what it reports, the last of several.

    Args:
        reading: what the device says.
        document: the list.

    Returns:
        The entry, None where no entry of that type stands on the list.
    """
    best, most = None, -1
    for row in document.records:
        if document.value(row, "device_type") != reading.device_type or document.removed(row):
            continue
        points = (
            (reading.model == document.value(row, "model") + document.value(row, "hardware"))
            + (reading.manufacturer == document.value(row, "manufacturer"))
            + (reading.firmware == document.value(row, "firmware"))
        )
        if points >= most:
            best, most = row, points
    return best


def entry_of_certificate(certificate: CertificateFacts, document: Document) -> Row | None:
    """Find the entry that names a certificate by its reference."""
    role = f"{certificate.kind}_ref"
    rows = [row for row in document.records if document.value(row, role) == certificate.reference]
    return rows[-1] if rows else None


def hex_number(text: str) -> int | None:
    """The number that hex digits stand for, None where they are none."""
    try:
        return int(text, 16)
    except ValueError:
        return None


def hash_objection(listed: str, image: Image) -> str:
    """Say what a listed hash is instead of that of the Manufacturer Image; empty where it is that."""
    value = listed.upper()
    if value == image.hash:
        return ""
    mistake = image.wrong_hashes.get(value)
    return f"{mistake}: {listed}" if mistake else shown(listed)


def version_objection(listed: str, version: int) -> str:
    """Say what is wrong with a listed firmware version; empty where it is the version.

    Args:
        listed: text of the list, 8 hex digits.
        version: the u32 of the OTA header or of the device.

    Returns:
        The objection; a decimal release written as hex digits (or the other way round) is named as such.
    """
    number = hex_number(listed)
    if number == version:
        return ""
    if number is not None and len(listed) == 8 and _mixed(number.to_bytes(4), version.to_bytes(4)):
        return f"possible BCD/hex mix: {listed} on the list, {version:08X} in the image"
    return shown(listed)


def _mixed(listed: bytes, actual: bytes) -> bool:
    """Whether each octet, written in decimal on one side, reads the same as the hex digits of the other."""
    return any(
        all(f"{one:02X}" == f"{other:02d}" for one, other in zip(left, right, strict=True))
        for left, right in ((listed, actual), (actual, listed))
    )

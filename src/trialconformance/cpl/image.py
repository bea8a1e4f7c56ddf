"""The firmware image as it is distributed: OTA header, Manufacturer Image, and for SR 11.1 a signed trailer.

The hash on the list is SHA-256 over the Manufacturer Image only: not over the header, not over the trailer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TypeGuard

from construct import Bytes, Const, ConstructError, If, Int8ul, Int16ul, Int32ul, Struct, this
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from trialconformance.core import ArtefactError, Span, UsageError

__all__ = ["OTA_FIELDS", "Image", "ImageForm", "OtaHeader", "Trailer", "build_image", "decode_image", "is_p256"]

_MAGIC = 0x0BEEF11E
_HEADER_VERSION = 0x0100
_STACK_VERSION = 0x0002
_CREDENTIAL_PRESENT, _DEVICE_SPECIFIC, _HARDWARE_PRESENT = 0x0001, 0x0002, 0x0004
_HEADER_STRING = 32  # octets
_SIGNATURE = 64  # octets, r||s
_TRAILER = 2 + _SIGNATURE

# Zigbee OTA Upgrade cluster, OTA file header, little-endian. GBCS images have the hardware versions (bit 2) and
# neither a security credential version (bit 0) nor a device address (bit 1).
_HEADER = Struct(
    "magic" / Int32ul,
    "header_version" / Int16ul,
    "header_length" / Int16ul,
    "field_control" / Int16ul,
    "manufacturer" / Int16ul,
    "image_type" / Int16ul,
    "file_version" / Int32ul,
    "stack_version" / Int16ul,
    "header_string" / Bytes(_HEADER_STRING),
    "total_size" / Int32ul,
    "credential_version" / If(this.field_control & _CREDENTIAL_PRESENT, Int8ul),
    "upgrade_destination" / If(this.field_control & _DEVICE_SPECIFIC, Bytes(8)),
    "minimum_hardware" / If(this.field_control & _HARDWARE_PRESENT, Int16ul),
    "maximum_hardware" / If(this.field_control & _HARDWARE_PRESENT, Int16ul),
)
# SR 11.1: force-replace octet, length octet, ECDSA P-256 signature of the remote party over the Manufacturer Image.
_TRAILER_LAYOUT = Struct(
    "force_replace" / Int8ul, "length" / Const(_SIGNATURE, Int8ul), "signature" / Bytes(_SIGNATURE)
)

# Offset and length of each header field, for findings.
_FIELDS = {
    "magic": (0, 4),
    "header_version": (4, 2),
    "header_length": (6, 2),
    "field_control": (8, 2),
    "manufacturer": (10, 2),
    "image_type": (12, 2),
    "file_version": (14, 4),
    "stack_version": (18, 2),
    "header_string": (20, 32),
    "total_size": (52, 4),
}


# What GBCS fixes of the header.
OTA_FIELDS = {
    "header_version": _HEADER_VERSION,
    "header_length": 60,
    "field_control": _HARDWARE_PRESENT,
    "stack_version": _STACK_VERSION,
}


class ImageForm(StrEnum):
    """How an image is packed for its Service Request."""

    SIGNED = "SR 11.1"
    PLAIN = "SR 11.4"


@dataclass(frozen=True, slots=True, kw_only=True)
class OtaHeader:
    """The header of an OTA file.

    Args:
        header_version: 0x0100.
        header_length: octets of the header.
        field_control: which optional fields are there.
        manufacturer: Zigbee manufacturer code.
        image_type: image type, the first half of the Device Model.
        file_version: firmware version.
        stack_version: Zigbee stack version.
        header_string: 32 octets of text.
        total_size: octets of the file as the header says.
        minimum_hardware: first hardware version the image is for, None where the header does not say.
        maximum_hardware: last hardware version.
    """

    header_version: int
    header_length: int
    field_control: int
    manufacturer: int
    image_type: int
    file_version: int
    stack_version: int
    header_string: bytes
    total_size: int
    minimum_hardware: int | None
    maximum_hardware: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trailer:
    """What follows the Manufacturer Image in SR 11.1.

    Args:
        force_replace: meaningful to the Communications Hub only.
        signature: 64 octets, r||s, over the Manufacturer Image.
    """

    force_replace: int
    signature: bytes


# Not slotted: hashes are worked out once, on demand.
@dataclass(frozen=True, kw_only=True, eq=False)
class Image:
    """A firmware image.

    Args:
        name: file name.
        octets: the whole file.
        header: the OTA header.
        manufacturer_image: what the hash covers.
        trailer: the trailer of SR 11.1, None in the form of SR 11.4.
    """

    name: str
    octets: bytes
    header: OtaHeader
    manufacturer_image: bytes
    trailer: Trailer | None

    @property
    def form(self) -> ImageForm:
        """How the image is packed."""
        return ImageForm.PLAIN if self.trailer is None else ImageForm.SIGNED

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the Manufacturer Image, 64 upper-case hex digits: what the list must hold."""
        return _sha256(self.manufacturer_image)

    @cached_property
    def wrong_hashes(self) -> dict[str, str]:
        """Hashes that people take by mistake, each with the name of the mistake."""
        header = self.octets[: self.header.header_length]
        body = self.octets[self.header.header_length :]
        mistakes = {
            _sha256(header + self.manufacturer_image): "header-included hash: over OTA header and Manufacturer Image",
            _sha256(body): "trailer-included hash: over Manufacturer Image and signed trailer",
            _sha256(self.octets): "whole-file hash: over header, Manufacturer Image and trailer",
        }
        return {value: mistake for value, mistake in mistakes.items() if value != self.hash}

    @property
    def suggested_name(self) -> str:
        """File name that says what the image is: ``MMMM-TTTT-VVVVVVVV-<hash>.zigbee``."""
        header = self.header
        return f"{header.manufacturer:04X}-{header.image_type:04X}-{header.file_version:08X}-{self.hash}.zigbee"

    def span(self, field: str) -> Span:
        """Where a field lies: one of the header, ``manufacturer_image`` or ``signature``."""
        length = self.header.header_length
        if field in {"minimum_hardware", "maximum_hardware"}:
            return Span(start=length - (4 if field == "minimum_hardware" else 2), length=2, path=f"ota.{field}")
        if field == "manufacturer_image":
            return Span(start=length, length=len(self.manufacturer_image), path=field)
        if field == "signature":
            return Span(start=max(len(self.octets) - _SIGNATURE, 0), length=_SIGNATURE, path="trailer.signature")
        start, size = _FIELDS[field]
        return Span(start=start, length=size, path=f"ota.{field}")

    def verifies(self, key: ec.EllipticCurvePublicKey) -> bool:
        """Whether the trailer's signature is that of a key over the Manufacturer Image (ECDSA P-256, SHA-256)."""
        if self.trailer is None:
            return False
        half = _SIGNATURE // 2
        r, s = (int.from_bytes(part) for part in (self.trailer.signature[:half], self.trailer.signature[half:]))
        try:
            key.verify(encode_dss_signature(r, s), self.manufacturer_image, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return True


def is_p256(key: object) -> TypeGuard[ec.EllipticCurvePublicKey]:
    """Whether a public key is one that signs images: on P-256."""
    return isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == "secp256r1"


def _sha256(octets: bytes) -> str:
    return hashlib.sha256(octets).hexdigest().upper()


def decode_image(octets: bytes, *, name: str = "", form: ImageForm | None = None) -> Image:
    """Read a firmware image.

    Args:
        octets: the whole file.
        name: file name.
        form: how it is packed, None to tell by the length octet of a trailer.

    Returns:
        The image; a total size that is not that of the file is left to the checks.

    Raises:
        ArtefactError: no OTA header at the start, or a stated trailer that is not there.
    """
    try:
        parsed = _HEADER.parse(octets)
    except ConstructError as error:
        raise ArtefactError(
            "image ends inside the OTA header",
            artefact=name,
            offset=len(octets),
            clause="Zigbee OTA Upgrade",
            path="ota",
            expected="at least 56 octets",
            seen=f"{len(octets)} octets",
        ) from error
    if parsed.magic != _MAGIC:
        raise ArtefactError(
            "image does not start with the OTA file identifier",
            artefact=name,
            offset=0,
            length=4,
            path="ota.magic",
            clause="Zigbee OTA Upgrade",
            expected="1E F1 EE 0B",
            seen=octets[:4].hex(" ").upper(),
        )
    length = parsed.header_length
    if not len(_HEADER.build(parsed)) <= length <= len(octets):
        raise ArtefactError(
            "header length is not that of the header",
            artefact=name,
            offset=6,
            length=2,
            path="ota.header_length",
            clause="Zigbee OTA Upgrade",
            expected=f"{len(_HEADER.build(parsed))} to {len(octets)}",
            seen=str(length),
        )
    body = octets[length:]
    trailer = None if form is ImageForm.PLAIN else _trailer(body)
    if trailer is None and form is ImageForm.SIGNED:
        raise ArtefactError(
            "image has no signed trailer",
            artefact=name,
            offset=max(length, len(octets) - _TRAILER),
            path="trailer",
            clause="DUIS SR 11.1",
            expected="force-replace octet, 40, 64 octets",
            seen=body[-_TRAILER:][:2].hex(" "),
        )
    return Image(
        name=name,
        octets=octets,
        header=OtaHeader(**{field: parsed[field] for field in OtaHeader.__slots__}),
        manufacturer_image=body if trailer is None else body[:-_TRAILER],
        trailer=trailer,
    )


def _trailer(body: bytes) -> Trailer | None:
    """Read the trailer, if the length octet and a force-replace octet of 0 or 1 stand where one would have them."""
    try:
        parsed = _TRAILER_LAYOUT.parse(body[-_TRAILER:])
    except ConstructError:
        return None
    if len(body) < _TRAILER or parsed.force_replace > 1:
        return None
    return Trailer(force_replace=parsed.force_replace, signature=parsed.signature)


def build_image(
    *,
    manufacturer: int,
    image_type: int,
    file_version: int,
    minimum_hardware: int,
    maximum_hardware: int,
    payload: bytes,
    header_string: str = "",
    sign: Callable[[bytes], bytes] | None = None,
    force_replace: int = 0,
) -> bytes:
    """Build a firmware image.

    Args:
        manufacturer: Zigbee manufacturer code.
        image_type: first half of the Device Model.
        file_version: firmware version.
        minimum_hardware: first hardware version it is for.
        maximum_hardware: last hardware version.
        payload: the Manufacturer Image.
        header_string: up to 32 octets of text.
        sign: gives 64 octets r||s over the Manufacturer Image; makes the form of SR 11.1.
        force_replace: octet of the trailer.

    Returns:
        The whole file.

    Raises:
        UsageError: a value that its field cannot hold.
    """
    trailer = b""
    try:
        if sign is not None:
            trailer = _TRAILER_LAYOUT.build({"force_replace": force_replace, "signature": sign(payload)})
        fields = {
            "magic": _MAGIC,
            "header_version": _HEADER_VERSION,
            "header_length": 60,
            "field_control": _HARDWARE_PRESENT,
            "manufacturer": manufacturer,
            "image_type": image_type,
            "file_version": file_version,
            "stack_version": _STACK_VERSION,
            "header_string": header_string.encode("ascii").ljust(_HEADER_STRING, b"\x00"),
            "total_size": 60 + len(payload) + len(trailer),
            "credential_version": None,
            "upgrade_destination": None,
            "minimum_hardware": minimum_hardware,
            "maximum_hardware": maximum_hardware,
        }
        return bytes(_HEADER.build(fields)) + payload + trailer
    except (ConstructError, UnicodeEncodeError) as error:
        raise UsageError(f"no such image: {error}", accepted="values that fit their fields") from error

"""What the commands around the list tell a machine: an image, a reference, a change that was made."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from trialconformance.core import canonical_json, sha256_hex
from trialconformance.cpl.change import Applied
from trialconformance.cpl.image import Image
from trialconformance.cpl.trial_reference import Certified, Codec, Malformed, Trial

__all__ = ["AppliedFacts", "ImageFacts", "ReferenceFacts"]


class _Facts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    def to_json(self) -> bytes:
        """The canonical octets, one line."""
        return canonical_json(self.model_dump(mode="json"))


class ImageFacts(_Facts):
    """A firmware image.

    Args:
        path: file name.
        form: how it is packed, ``SR 11.1`` or ``SR 11.4``.
        octets: size of the file.
        manufacturer: manufacturer code, 4 hex digits.
        image_type: image type, 4 hex digits.
        file_version: firmware version, 8 hex digits.
        minimum_hardware: first hardware version, 4 hex digits, None where the header does not say.
        maximum_hardware: last hardware version.
        header_string: text of the header.
        total_size: size of the file as the header says.
        manufacturer_image_octets: octets that the hash covers.
        hash: SHA-256 of the Manufacturer Image, 64 hex digits: the one for the list.
        wrong_hashes: hashes taken for it by mistake, each with the name of the mistake.
        signature: valid, invalid, absent, or unverified where no key was given.
        suggested_name: file name that says what the image is.
        request_version: firmware version that the DUIS request around it names, None where there was none.
    """

    schema_id: Literal["trialconformance-image/1"] = "trialconformance-image/1"
    path: str
    form: str
    octets: int
    manufacturer: str
    image_type: str
    file_version: str
    minimum_hardware: str | None
    maximum_hardware: str | None
    header_string: str
    total_size: int
    manufacturer_image_octets: int
    hash: str
    wrong_hashes: dict[str, str]
    signature: Literal["valid", "invalid", "absent", "unverified"]
    suggested_name: str
    request_version: str | None = None

    @classmethod
    def of(cls, image: Image, *, verified: bool | None, request_version: str | None = None) -> ImageFacts:
        """Say what an image is; ``verified`` is None where no key was given."""
        header = image.header
        signature: Literal["valid", "invalid", "absent", "unverified"] = "absent"
        if image.trailer is not None:
            signature = "unverified" if verified is None else "valid" if verified else "invalid"
        return cls(
            path=image.name,
            form=image.form.value,
            octets=len(image.octets),
            manufacturer=f"{header.manufacturer:04X}",
            image_type=f"{header.image_type:04X}",
            file_version=f"{header.file_version:08X}",
            minimum_hardware=None if header.minimum_hardware is None else f"{header.minimum_hardware:04X}",
            maximum_hardware=None if header.maximum_hardware is None else f"{header.maximum_hardware:04X}",
            header_string=header.header_string.rstrip(b"\x00").decode("latin-1"),
            total_size=header.total_size,
            manufacturer_image_octets=len(image.manufacturer_image),
            hash=image.hash,
            wrong_hashes=image.wrong_hashes,
            signature=signature,
            suggested_name=image.suggested_name,
            request_version=request_version,
        )


class ReferenceFacts(_Facts):
    """What a field of the reference column reads as.

    Args:
        reference: the field.
        codec: codec it was read with.
        reads_as: trial, malformed, certified or empty.
        year: year of the decision, of a trial.
        serial: serial in that year, of a trial.
        reason: what is wrong, of a malformed one.
    """

    schema_id: Literal["trialconformance-trial-reference/1"] = "trialconformance-trial-reference/1"
    reference: str
    codec: str
    reads_as: Literal["trial", "malformed", "certified", "empty"]
    year: int | None = None
    serial: int | None = None
    reason: str = ""

    @classmethod
    def of(cls, text: str, codec: Codec) -> ReferenceFacts:
        """Say what a field reads as."""
        match codec.decode(text):
            case Trial(year=year, serial=serial):
                return cls(reference=text, codec=codec.name, reads_as="trial", year=year, serial=serial)
            case Malformed(why=why):
                return cls(reference=text, codec=codec.name, reads_as="malformed", reason=why)
            case Certified():
                return cls(reference=text, codec=codec.name, reads_as="certified")
            case None:
                return cls(reference=text, codec=codec.name, reads_as="empty")


class AppliedFacts(_Facts):
    """A change that was made.

    Args:
        output: the new list.
        undo: the way back.
        octets: size of the new list.
        sha256: its digest, 64 lower-case hex digits.
    """

    schema_id: Literal["trialconformance-cpl-applied/1"] = "trialconformance-cpl-applied/1"
    output: str
    undo: str
    octets: int
    sha256: str

    @classmethod
    def of(cls, applied: Applied, *, output: str, undo: str) -> AppliedFacts:
        """Say what was made and where it went."""
        return cls(output=output, undo=undo, octets=len(applied.octets), sha256=sha256_hex(applied.octets))

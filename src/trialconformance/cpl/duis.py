"""What DUIS says of devices: pre-notifications (SR 12.2), the inventory (SR 8.2), firmware (SR 11.1, 11.4).

Tolerant of values, not of XML.

Element names are matched without their namespace, in any order and at any depth; what an emulator writes into a
manufacturer or a model is taken as it is. Document types and entities are refused.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from trialconformance.core import ArtefactError
from trialconformance.cpl.image import Image, ImageForm, decode_image
from trialconformance.cpl.lookup import DuisKey
from trialconformance.cpl.markup import local_name, parse_hardened

__all__ = [
    "FirmwareRequest",
    "InventoryDevice",
    "Prenotification",
    "read_firmware_requests",
    "read_inventory",
    "read_prenotifications",
]

_UPDATES = {"UpdateFirmware": ImageForm.SIGNED, "UpdatePPMIDFirmware": ImageForm.PLAIN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Prenotification:
    """A device that DCC is told of before it is installed (SR 12.2).

    Args:
        name: name of the file.
        octets: the file.
        device_id: EUI-64 as eight hex pairs joined by ``-``.
        manufacturer: DeviceManufacturer.
        model: DeviceModel.
        device_type: DeviceType.
        firmware: FirmwareVersion.
        spec_version: SMETSCHTSVersion, empty where it is left out.
        variant: ESMEVariant, empty where it is left out.
    """

    name: str
    octets: bytes
    device_id: str
    manufacturer: str
    model: str
    device_type: str
    firmware: str
    spec_version: str = ""
    variant: str = ""

    @property
    def key(self) -> DuisKey:
        """What DCC looks the entry up by."""
        return DuisKey(
            manufacturer=self.manufacturer, model=self.model, firmware=self.firmware, device_type=self.device_type
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryDevice:
    """A device of the Smart Metering Inventory (SR 8.2).

    Args:
        device_id: EUI-64 as eight hex pairs joined by ``-``.
        device_type: DeviceType.
        status: DeviceStatus.
        manufacturer: DeviceManufacturer.
        model: DeviceModel.
        firmware: DeviceFirmwareVersion.
        cpl_status: CPLStatus.
        spec_version: SMETSCHTSVersion.
        gbcs_version: DeviceGBCSVersion.
    """

    device_id: str
    device_type: str
    status: str
    manufacturer: str
    model: str
    firmware: str
    cpl_status: str
    spec_version: str
    gbcs_version: str

    @property
    def key(self) -> DuisKey:
        """What joins the device to the list."""
        return DuisKey(
            manufacturer=self.manufacturer, model=self.model, firmware=self.firmware, device_type=self.device_type
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmwareRequest:
    """A request that distributes a firmware image (SR 11.1 or SR 11.4).

    Args:
        name: name of the file.
        octets: the file.
        version: FirmwareVersion, as the request says it beside the image.
        image: the image it carries.
    """

    name: str
    octets: bytes
    version: str
    image: Image


def _texts(element: etree._Element) -> dict[str, str]:
    return {local_name(child): (child.text or "").strip() for child in element.iterdescendants()}


def _elements(octets: bytes, name: str, *wanted: str) -> Iterator[tuple[str, dict[str, str]]]:
    try:
        root = parse_hardened(octets)
    except ArtefactError as error:
        error.artefact = name
        raise
    for element in root.iter():
        if (found := local_name(element)) in wanted:
            yield found, _texts(element)


def read_prenotifications(octets: bytes, *, name: str) -> tuple[Prenotification, ...]:
    """Read the pre-notified devices of a request.

    Args:
        octets: the XML.
        name: name of the file.

    Returns:
        One value for each device; none where the request is another one.

    Raises:
        ArtefactError: not well formed, or with a document type.
    """
    return tuple(
        Prenotification(
            name=name,
            octets=octets,
            device_id=texts.get("DeviceID", ""),
            manufacturer=texts.get("DeviceManufacturer", ""),
            model=texts.get("DeviceModel", ""),
            device_type=texts.get("DeviceType", ""),
            firmware=texts.get("FirmwareVersion", ""),
            spec_version=texts.get("SMETSCHTSVersion", ""),
            variant=texts.get("ESMEVariant", ""),
        )
        for _, texts in _elements(octets, name, "DevicePrenotification")
    )


def read_inventory(octets: bytes, *, name: str) -> tuple[InventoryDevice, ...]:
    """Read the devices of an inventory response.

    Args:
        octets: the XML.
        name: name of the file.

    Returns:
        One value for each device, empty texts for what the response does not say.

    Raises:
        ArtefactError: not well formed, or with a document type.
    """
    return tuple(
        InventoryDevice(
            device_id=texts.get("DeviceID", ""),
            device_type=texts.get("DeviceType", ""),
            status=texts.get("DeviceStatus", ""),
            manufacturer=texts.get("DeviceManufacturer", ""),
            model=texts.get("DeviceModel", ""),
            firmware=texts.get("DeviceFirmwareVersion", ""),
            cpl_status=texts.get("CPLStatus", ""),
            spec_version=texts.get("SMETSCHTSVersion", ""),
            gbcs_version=texts.get("DeviceGBCSVersion", ""),
        )
        for _, texts in _elements(octets, name, "Device")
        if "DeviceID" in texts
    )


def read_firmware_requests(octets: bytes, *, name: str) -> tuple[FirmwareRequest, ...]:
    """Read the firmware images that a request distributes.

    Args:
        octets: the XML.
        name: name of the file.

    Returns:
        One value for each image; none where the request is another one.

    Raises:
        ArtefactError: not well formed, with a document type, no base64, or no image of the form its request takes.
    """
    return tuple(
        FirmwareRequest(
            name=name,
            octets=octets,
            version=texts.get("FirmwareVersion", ""),
            image=decode_image(_unpacked(octets, texts.get("FirmwareImage", ""), name), name=name, form=_UPDATES[kind]),
        )
        for kind, texts in _elements(octets, name, *_UPDATES)
    )


def _unpacked(octets: bytes, text: str, name: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error as error:
        raise ArtefactError(
            "firmware image is no base64",
            artefact=name,
            offset=max(octets.find(text[:16].encode()), 0),
            path="FirmwareImage",
            expected="base64",
            seen=text[:16],
        ) from error

"""The DUIS reader."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialconformance import cpl
from trialconformance.core import ArtefactError
from trialconformance.cpl.duis import read_firmware_requests, read_inventory, read_prenotifications

_INVENTORY = b"""<?xml version="1.0"?><Response><Body><DSPInventory>
<Device><DeviceID>00-00-00-00-00-00-00-02</DeviceID><DeviceType>CAD</DeviceType><CPLStatus>Active</CPLStatus></Device>
<!-- a comment --><Device/>
<Device><DeviceType>ESME</DeviceType><DeviceID>00-00-00-00-00-00-00-03</DeviceID>
<DeviceManufacturer>MFG1</DeviceManufacturer><DeviceModel>9001</DeviceModel>
<DeviceFirmwareVersion>9001</DeviceFirmwareVersion><Unknown>x</Unknown></Device>
</DSPInventory></Body></Response>"""


def test_an_inventory_is_read_as_it_is() -> None:
    """Devices come with what the response says of them, in any order, odd values included."""
    cad, esme = read_inventory(_INVENTORY, name="inventory.xml")
    assert (cad.device_type, cad.cpl_status, cad.firmware) == ("CAD", "Active", "")
    assert (esme.manufacturer, esme.model, esme.firmware) == ("MFG1", "9001", "9001")
    assert str(esme.key) == "ESME MFG1 9001 9001"


def test_another_request_holds_no_pre_notification() -> None:
    """XML of another kind gives nothing."""
    assert read_prenotifications(_INVENTORY, name="inventory.xml") == ()


@pytest.mark.parametrize(
    "octets",
    [
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        b"<?xml version='1.0'?><!doctype a><a/>",
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode("utf-16"),
        b"<a><b></a>",
        b"",
        b"\x00\x01",
    ],
)
def test_hostile_or_broken_xml_is_refused(octets: bytes) -> None:
    """Document types in any encoding and broken XML are errors of the artefact with an offset."""
    with pytest.raises(ArtefactError) as caught:
        read_inventory(octets, name="inventory.xml")
    assert caught.value.artefact == "inventory.xml"
    assert caught.value.offset is not None


@given(octets=st.binary(max_size=60).map(lambda tail: b"<a>" + tail))
def test_any_octets_are_read_or_refused(octets: bytes) -> None:
    """Nothing but an error of the artefact comes out of bad XML."""
    outcome: object = None
    try:
        outcome = read_inventory(octets, name="x")
    except ArtefactError as error:
        outcome = error.offset
    assert outcome == () or outcome in range(len(octets) + 1)


def _request(kind: str, image: str, version: str = "00000B01") -> bytes:
    return (
        f'<r:Request xmlns:r="urn:example"><r:{kind}><r:FirmwareImage>{image}</r:FirmwareImage>'
        f"<r:FirmwareVersion>{version}</r:FirmwareVersion></r:{kind}></r:Request>"
    ).encode()


def _image(*, signed: bool) -> str:
    octets = cpl.build_image(
        manufacturer=0xF0B2,
        image_type=0x0302,
        file_version=0x00000B01,
        minimum_hardware=1,
        maximum_hardware=1,
        payload=b"img-5",
        sign=(lambda _: bytes(64)) if signed else None,
    )
    return base64.b64encode(octets).decode()


@pytest.mark.parametrize(("kind", "signed"), [("UpdateFirmware", True), ("UpdatePPMIDFirmware", False)])
def test_the_image_of_a_request_is_read_in_its_form(kind: str, signed: bool) -> None:
    """SR 11.1 carries a signed image and SR 11.4 a plain one; line breaks in the base64 do no harm."""
    text = _image(signed=signed)
    (request,) = read_firmware_requests(_request(kind, f"{text[:40]}\n{text[40:]}"), name="request.xml")
    assert (request.image.trailer is not None) is signed
    assert request.image.manufacturer_image == b"img-5"
    assert request.version == "00000B01"


@pytest.mark.parametrize("image", ["", "****", "AAAA", _image(signed=False)])
def test_a_request_without_its_image_is_refused(image: str) -> None:
    """SR 11.1 without a signed image, and what is no base64, are errors of the artefact."""
    with pytest.raises(ArtefactError) as caught:
        read_firmware_requests(_request("UpdateFirmware", image), name="request.xml")
    assert caught.value.artefact == "request.xml"
    assert caught.value.offset is not None


@pytest.mark.official
def test_the_published_firmware_requests_name_another_version(duis: Path) -> None:
    """Both published firmware requests carry the golden image and name a version that is not that of its header."""
    for template in ("11.1_*", "11.4_*"):
        (file,) = (duis / "templates").glob(template)
        (request,) = read_firmware_requests(file.read_bytes(), name=file.name)
        assert request.image.hash.startswith("7542F475E3F12EAE")
        assert (request.version, request.image.header.file_version) == ("00000000", 0xACDCACDC)


@pytest.mark.official
def test_the_published_samples_are_read(duis: Path) -> None:
    """The published inventory response gives both parts of its Communications Hub, and the template its device."""
    octets = (duis / "samples" / "read-inventory-response-4g.xml").read_bytes()
    devices = read_inventory(octets, name="sample")
    assert [device.device_type for device in devices][:2] == ["CHF", "GPF"]
    assert len({device.key._replace(device_type="") for device in devices[:2]}) == 1
    (template,) = (duis / "templates").glob("12.2_*")
    (notice,) = read_prenotifications(template.read_bytes(), name="template")
    assert (notice.manufacturer, notice.model, notice.firmware, notice.variant) == (
        "AB01",
        "010A030B",
        "0002012F",
        "AD",
    )

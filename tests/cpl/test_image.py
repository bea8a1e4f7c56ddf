"""The firmware image."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from trialconformance import cpl
from trialconformance.core import ArtefactError, UsageError
from trialconformance.cpl.image import ImageForm

_KEY = ec.derive_private_key(0x1234567, ec.SECP256R1())
_PAYLOAD = bytes(range(256))
_HASH = hashlib.sha256(_PAYLOAD).hexdigest().upper()


def _sign(payload: bytes) -> bytes:
    r, s = decode_dss_signature(_KEY.sign(payload, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32) + s.to_bytes(32)


def _image(payload: bytes = _PAYLOAD, *, signed: bool = True) -> bytes:
    return cpl.build_image(
        manufacturer=0xF0B2,
        image_type=0x0302,
        file_version=0x00000B01,
        minimum_hardware=1,
        maximum_hardware=3,
        payload=payload,
        header_string="synthetic",
        sign=_sign if signed else None,
    )


@pytest.mark.parametrize("signed", [True, False])
def test_what_is_built_is_read_again(signed: bool) -> None:
    """An image in either form gives its header, its Manufacturer Image and the hash of that alone."""
    image = cpl.decode_image(_image(signed=signed), name="a.zigbee")
    assert image.form is (ImageForm.SIGNED if signed else ImageForm.PLAIN)
    assert image.manufacturer_image == _PAYLOAD
    assert image.hash == _HASH
    assert image.header.total_size == len(image.octets)
    assert (image.header.minimum_hardware, image.header.maximum_hardware) == (1, 3)
    assert image.suggested_name == f"F0B2-0302-00000B01-{_HASH}.zigbee"
    assert _HASH not in image.wrong_hashes
    assert len(image.wrong_hashes) == (3 if signed else 1)


def test_the_signature_is_verified_over_the_manufacturer_image() -> None:
    """The trailer verifies with the key that signed it, with no other, and not after a change."""
    image = cpl.decode_image(_image())
    stranger = ec.derive_private_key(7, ec.SECP256R1()).public_key()
    assert image.verifies(_KEY.public_key())
    assert not image.verifies(stranger)
    octets = bytearray(_image())
    octets[100] ^= 1
    assert not cpl.decode_image(bytes(octets)).verifies(_KEY.public_key())
    assert not cpl.decode_image(_image(signed=False)).verifies(_KEY.public_key())


def test_spans_are_those_of_the_layout() -> None:
    """Each field lies where the OTA header has it."""
    image = cpl.decode_image(_image())
    octets = image.octets
    assert octets[slice(image.span("magic").start, image.span("magic").end)] == bytes.fromhex("1EF1EE0B")
    assert octets[image.span("file_version").start :][:4] == bytes.fromhex("010B0000")
    assert octets[image.span("minimum_hardware").start :][:4] == bytes.fromhex("01000300")
    assert octets[slice(image.span("manufacturer_image").start, image.span("manufacturer_image").end)] == _PAYLOAD
    assert image.span("signature").end == len(octets)


@given(octets=st.binary(max_size=100))
def test_other_octets_are_refused_with_their_place(octets: bytes) -> None:
    """What is no image is an error of the artefact with an offset, never another exception."""
    with pytest.raises(ArtefactError) as caught:
        cpl.decode_image(octets)
    assert caught.value.offset is not None


@pytest.mark.parametrize("length", [0, 10, 59, 0xFFFF])
def test_a_header_length_that_cannot_be_is_refused(length: int) -> None:
    """The header is as long as its fields and no longer than the file."""
    octets = bytearray(_image())
    octets[6:8] = length.to_bytes(2, "little")
    with pytest.raises(ArtefactError, match="header length"):
        cpl.decode_image(bytes(octets))


def test_a_stated_form_is_held_to() -> None:
    """An image said to be signed must have a trailer; one said to be plain has none even if it looks so."""
    with pytest.raises(ArtefactError, match="no signed trailer"):
        cpl.decode_image(_image(signed=False), form=ImageForm.SIGNED)
    assert cpl.decode_image(_image(), form=ImageForm.PLAIN).trailer is None


def test_values_that_do_not_fit_are_refused() -> None:
    """A field that cannot hold its value is the caller's error."""
    with pytest.raises(UsageError, match="no such image"):
        cpl.build_image(
            manufacturer=0x10000, image_type=0, file_version=0, minimum_hardware=0, maximum_hardware=0, payload=b""
        )


@pytest.mark.official
@pytest.mark.parametrize(
    ("template", "form", "image_type", "whole_file"),
    [
        ("11.1_", ImageForm.SIGNED, 0x0000, "c47fb1a43bf0765f74c42c857a22fc52e63512f977c661be14d4cb2f582901f0"),
        ("11.4_", ImageForm.PLAIN, 0x0084, "eb9bc9140bd389530bf3b2974270cc4d2ba1bfd3822ddc5faad4801125847c32"),
    ],
)
def test_images_of_the_duis_templates(
    duis: Path, template: str, form: ImageForm, image_type: int, whole_file: str
) -> None:
    """Both published images decode to the golden values, with one hash of the Manufacturer Image."""
    (file,) = (duis / "templates").glob(f"{template}*")
    text = max(re.findall(r">([A-Za-z0-9+/=\s]{200,})<", file.read_text()), key=len)
    image = cpl.decode_image(base64.b64decode(text))
    header = image.header
    assert image.form is form
    assert (header.manufacturer, header.image_type, header.file_version) == (0x121D, image_type, 0xACDCACDC)
    assert (header.minimum_hardware, header.maximum_hardware) == (0x1111, 0x1211)
    assert header.total_size == len(image.octets) == (361 if form is ImageForm.SIGNED else 295)
    assert image.hash.lower() == "7542f475e3f12eae887d81e32c46d313741d67076b13caec2f82e00ba5e1bb36"
    assert hashlib.sha256(image.octets).hexdigest() == whole_file

"""Entries beside images, devices, certificates and pre-notifications."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from trialconformance import cpl
from trialconformance.core import Finding
from trialconformance.cpl.comparison import Comparison
from trialconformance.cpl.crosscheck import version_objection
from trialconformance.cpl.duis import read_prenotifications

_KEY = ec.derive_private_key(0x1234567, ec.SECP256R1())
Judge = Callable[[Comparison], dict[str, list[Finding]]]


def _sign(payload: bytes) -> bytes:
    r, s = decode_dss_signature(_KEY.sign(payload, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32) + s.to_bytes(32)


def _image(**changes: Any) -> cpl.Image:
    facts: dict[str, Any] = {
        "manufacturer": 0xF0B2,
        "image_type": 0x0302,
        "file_version": 0x00000B01,
        "minimum_hardware": 1,
        "maximum_hardware": 1,
        "payload": b"img-5",  # the hash of this text is the one on the list
        "sign": _sign,
    }
    return cpl.decode_image(cpl.build_image(**(facts | changes)), name="firmware.zigbee")


def test_the_right_image_raises_no_objection(compare: Callable[..., Comparison], judge: Judge) -> None:
    """An image that is what its entry says, signed by the given key, passes every case."""
    comparison = compare(images=[_image()], image_key=_KEY.public_key())
    assert list(judge(comparison)) == ["CPL-FIW-031"]


@pytest.mark.parametrize(
    ("changes", "case"),
    [
        ({"manufacturer": 0xF0A1}, "CPL-IMG-04"),
        ({"image_type": 0x0303}, "CPL-IMG-05"),
        ({"minimum_hardware": 2, "maximum_hardware": 9}, "CPL-IMG-06"),
        ({"file_version": 0x00000B02}, "CPL-IMG-07"),
        ({"payload": b"img-6"}, "CPL-FI-082"),
        ({"sign": lambda _: bytes(64)}, "CPL-IMG-08"),
    ],
)
def test_a_wrong_image_breaks_its_case(
    compare: Callable[..., Comparison], judge: Judge, changes: dict[str, Any], case: str
) -> None:
    """What an image has other than its entry is told by the case that is meant for it."""
    found = judge(compare(images=[_image(**changes)], image_key=_KEY.public_key()))
    assert set(found) == {"CPL-FIW-031", case}
    if case.startswith("CPL-IMG"):
        assert found[case][0].span is not None


def test_a_broken_header_is_told(compare: Callable[..., Comparison], judge: Judge) -> None:
    """A header of another version and a total size that is not that of the file are findings at their octets."""
    octets = bytearray(_image().octets)
    octets[4:6] = b"\x00\x02"
    octets[52:56] = (7).to_bytes(4, "little")
    found = judge(compare(images=[cpl.decode_image(bytes(octets), name="firmware.zigbee")]))
    assert found["CPL-IMG-01"][0].span is not None
    assert (found["CPL-IMG-02"][0].expected, found["CPL-IMG-02"][0].seen) == (str(len(octets)), "7")


def test_an_image_too_large_for_duis_is_told(compare: Callable[..., Comparison], judge: Judge) -> None:
    """An image that no service request can carry is a finding at the first octet too many."""
    found = judge(compare(images=[_image(payload=bytes(10_240_000))]))
    (finding,) = found["CPL-IMG-03"]
    assert finding.span is not None
    assert finding.span.start == 10_240_000


def test_an_image_that_nothing_speaks_of_is_told(compare: Callable[..., Comparison], judge: Judge) -> None:
    """An image of another maker and model has no entry, and the entry cases leave it alone."""
    image = _image(manufacturer=1, image_type=2, file_version=3, payload=b"other")
    found = judge(compare(images=[image]))
    assert found["CPL-FI-082"][0].seen == "none"
    assert not [case for case in found if case.startswith("CPL-IMG")]


@pytest.mark.parametrize("mistake", ["whole-file", "header-included", "trailer-included"])
def test_each_hash_trap_is_named(
    compare: Callable[..., Comparison], judge: Judge, after_octets: bytes, mistake: str
) -> None:
    """A hash that covers too much is told by the name of the mistake, not just as another value."""
    image = _image()
    wrong = next(value for value, name in image.wrong_hashes.items() if name.startswith(mistake))
    found = judge(compare(after_octets.replace(image.hash.encode(), wrong.encode()), images=[image]))
    (finding,) = found["CPL-FI-082"]
    assert finding.seen.startswith(f"{mistake} hash")
    assert finding.path == "line 6 / ManufacturerImageHash"


@pytest.mark.parametrize(
    ("listed", "version", "words"),
    [
        ("00000B01", 0x00000B01, ""),
        ("00000b01", 0x00000B01, ""),
        ("00001000", 0x00000A00, "possible BCD/hex mix"),
        ("00000A00", 0x00001000, "possible BCD/hex mix"),
        ("00000C01", 0x00000B01, "'00000C01'"),
        ("N/A", 0x00000B01, "'N/A'"),
    ],
)
def test_the_bcd_trap_is_named(listed: str, version: int, words: str) -> None:
    """A release written in decimal on one side and in hex on the other is told as such a mix."""
    objection = version_objection(listed, version)
    assert objection.startswith(words)
    assert bool(objection) is bool(words)


def _reading(**changes: Any) -> cpl.DeviceReading:
    facts = {"manufacturer": "F0B2", "model": "03020001", "firmware": "00000B01"}
    return cpl.DeviceReading(name="capture.hex", use_case="CS08", device_type="HCALCS", **(facts | changes))


@pytest.mark.parametrize(
    ("changes", "case"),
    [
        ({}, None),
        ({"manufacturer": None, "model": None, "firmware": None}, None),
        ({"manufacturer": "F0A1"}, "CPL-DEV-02"),
        ({"model": "03020002"}, "CPL-DEV-03"),
        ({"firmware": "00000B02"}, "CPL-DEV-04"),
        ({"firmware": "B.01"}, "CPL-DEV-04"),
    ],
)
def test_a_device_reports_what_is_listed(
    compare: Callable[..., Comparison], judge: Judge, changes: dict[str, Any], case: str | None
) -> None:
    """A device that reports another identity or firmware than its entry breaks the case that is meant for it."""
    assert set(judge(compare(readings=[_reading(**changes)]))) == {"CPL-FIW-031", *([case] if case else [])}


def test_a_device_of_no_listed_type_is_told(compare: Callable[..., Comparison], judge: Judge) -> None:
    """A device of a type without an entry is one finding, not four."""
    reading = cpl.DeviceReading(name="x", use_case="CS08", device_type="IHD", model="1", firmware="1", manufacturer="1")
    assert set(judge(compare(readings=[reading]))) == {"CPL-FIW-031", "CPL-DEV-01"}


def _certificate(**changes: Any) -> cpl.CertificateFacts:
    facts = {
        "reference": "ZIG-EX-0005",
        "manufacturer": "F0B2",
        "model": "0302",
        "hardware": "0001",
        "firmware": "00000B01",
    }
    return cpl.CertificateFacts(name="zigbee.pdf", kind="zigbee", **(facts | changes))


@pytest.mark.parametrize(
    ("changes", "case"),
    [
        ({}, None),
        ({"manufacturer": None, "model": None, "hardware": None, "firmware": None}, None),
        ({"firmware": "2.11", "mapping": {"2.11": "00000B01"}}, None),
        ({"reference": "ZIG-EX-9999"}, "CPL-CRT-01"),
        ({"hardware": "0002"}, "CPL-CRT-02"),
        ({"firmware": "2.11"}, "CPL-CRT-03"),
    ],
)
def test_a_certificate_speaks_of_the_listed_device(
    compare: Callable[..., Comparison], judge: Judge, changes: dict[str, Any], case: str | None
) -> None:
    """A certificate of another Device Model breaks its case; a supplied mapping of the firmware version does not."""
    assert set(judge(compare(certificates=[_certificate(**changes)]))) == {"CPL-FIW-031", *([case] if case else [])}


_NOTICE = """<sr:Request xmlns:sr="urn:example"><sr:Body><sr:DevicePrenotification>
<sr:DeviceID>00-00-00-00-00-00-00-01</sr:DeviceID><sr:DeviceManufacturer>F0A1</sr:DeviceManufacturer>
<sr:DeviceModel>01010001</sr:DeviceModel><sr:DeviceType>ESME</sr:DeviceType>
<sr:SMETSCHTSVersion>V4.2</sr:SMETSCHTSVersion><sr:FirmwareVersion>00010203</sr:FirmwareVersion>
<sr:ESMEVariant>ADE</sr:ESMEVariant></sr:DevicePrenotification></sr:Body></sr:Request>"""


@pytest.mark.parametrize(
    ("old", "new", "case"),
    [
        ("", "", None),
        ("00010203", "00010204", "CPL-DUIS-01"),
        ("ADE<", "AD<", "CPL-DUIS-02"),
        ("V4.2", "V5.0", "CPL-DUIS-02"),
    ],
)
def test_a_pre_notification_matches_its_entry(
    compare: Callable[..., Comparison], judge: Judge, old: str, new: str, case: str | None
) -> None:
    """A pre-notified device finds one entry; unlisted firmware finds none; spellings of versions do not matter."""
    notices = read_prenotifications(_NOTICE.replace(old, new, 1).encode(), name="notice.xml")
    assert set(judge(compare(notices=notices))) == {"CPL-FIW-031", *([case] if case else [])}

"""What stands beside an entry: the image, the device that reports itself, the certificates, the pre-notification.

Well-formed but wrong values have reached the live list before, because they are hard to see on a form. Each of these
cases compares an entry with something that cannot be mistyped.
"""

from __future__ import annotations

from collections.abc import Iterator

from trialconformance.core import Finding, Scope, Severity, Span, check, finding
from trialconformance.cpl.crosscheck import CertificateOnList, ImageOnList, ReadingOnList, hex_number, version_objection
from trialconformance.cpl.document import shown
from trialconformance.cpl.duis import FirmwareRequest
from trialconformance.cpl.duis_schema import duis_schema
from trialconformance.cpl.image import OTA_FIELDS
from trialconformance.cpl.notice import NoticeOnList
from trialconformance.cpl.scopes import CERTIFICATE_KIND, IMAGE_KIND, NOTICE_KIND, READING_KIND, REQUEST_KIND

_OTA = "Zigbee OTA Upgrade / GBCS firmware image"
_IDENTITY = "GBCS use cases ECS26, GCS21 / CPL identity"
_FIRMWARE = "GBCS use cases ECS52, GCS38, CS08 / CPL firmware version"
_CERTIFICATE = "SECAS, CPL and Zigbee certificate alignment (2017)"

_IMAGES = Scope(kind=IMAGE_KIND, title="every firmware image beside its entry")
_LISTED_IMAGES = Scope(
    kind=IMAGE_KIND,
    title="every firmware image that has an entry",
    admits=lambda subject: subject.row is not None,
    why_not=lambda _: "no entry speaks of the image",
)
_SIGNED_IMAGES = Scope(
    kind=IMAGE_KIND,
    title="every signed firmware image whose signer is known",
    admits=lambda subject: subject.verified is not None,
    why_not=lambda _: "no signed image was given with the key of its signer",
)
_READINGS = Scope(kind=READING_KIND, title="every reading of a device's identity or firmware")
_CERTIFICATES = Scope(kind=CERTIFICATE_KIND, title="every assurance certificate beside its entry")
_REQUESTS = Scope(kind=REQUEST_KIND, title="every DUIS request that distributes firmware")
_NOTICES = Scope(kind=NOTICE_KIND, title="every DUIS pre-notification")


@check("CPL-IMG-01", clause=_OTA, applies_to=_IMAGES)
def image_header_is_that_of_gbcs(subject: ImageOnList) -> Iterator[Finding]:
    """The OTA header is of version 0x0100, 60 octets long, with hardware versions and no other optional field."""
    for field, wanted in OTA_FIELDS.items():
        seen = getattr(subject.image.header, field)
        if seen != wanted:
            yield finding(at=subject.image.span(field), expected=f"{field} {wanted:#06x}", seen=f"{seen:#06x}")


@check("CPL-IMG-02", clause=_OTA, applies_to=_IMAGES)
def image_size_is_that_of_the_file(subject: ImageOnList) -> Iterator[Finding]:
    """The total image size of the header is the size of the file."""
    size = len(subject.image.octets)
    if subject.image.header.total_size != size:
        yield finding(
            at=subject.image.span("total_size"), expected=f"{size}", seen=str(subject.image.header.total_size)
        )


@check("CPL-IMG-03", clause="DUIS XML schema, image size", applies_to=_IMAGES)
def image_fits_a_service_request(subject: ImageOnList) -> Iterator[Finding]:
    """The image is no larger than a DUIS service request carries."""
    most = duis_schema().max_image_octets
    if len(subject.image.octets) > most:
        yield finding(
            at=Span(start=most, length=1, path="image"),
            expected=f"at most {most} octets",
            seen=f"{len(subject.image.octets)} octets",
        )


@check("CPL-IMG-04", clause=_OTA, applies_to=_LISTED_IMAGES)
def image_is_of_the_listed_manufacturer(subject: ImageOnList) -> Iterator[Finding]:
    """The manufacturer code of the header is the manufacturer of the entry."""
    listed = subject.listed("manufacturer")
    if hex_number(listed) != subject.image.header.manufacturer:
        seen = f"{subject.image.header.manufacturer:04X}"
        yield finding(at=subject.image.span("manufacturer"), expected=f"{listed}, as listed", seen=seen)


@check("CPL-IMG-05", clause=_OTA, applies_to=_LISTED_IMAGES)
def image_type_is_the_listed_model(subject: ImageOnList) -> Iterator[Finding]:
    """The image type of the header is the model of the entry."""
    listed = subject.listed("model")
    if hex_number(listed) != subject.image.header.image_type:
        seen = f"{subject.image.header.image_type:04X}"
        yield finding(at=subject.image.span("image_type"), expected=f"{listed}, as listed", seen=seen)


@check("CPL-IMG-06", clause=_OTA, applies_to=_LISTED_IMAGES)
def image_is_for_the_listed_hardware(subject: ImageOnList) -> Iterator[Finding]:
    """The hardware version of the entry lies between the minimum and the maximum of the header."""
    header = subject.image.header
    listed = hex_number(subject.listed("hardware"))
    if header.minimum_hardware is None or header.maximum_hardware is None:
        return
    if listed is None or not header.minimum_hardware <= listed <= header.maximum_hardware:
        yield finding(
            at=subject.image.span("minimum_hardware"),
            expected=f"a range that holds {subject.listed('hardware')}, as listed",
            seen=f"{header.minimum_hardware:04X} to {header.maximum_hardware:04X}",
        )


@check("CPL-IMG-07", clause=_OTA, applies_to=_LISTED_IMAGES)
def image_version_is_the_listed_firmware(subject: ImageOnList) -> Iterator[Finding]:
    """The file version of the header is the firmware version of the entry, in hex on both sides."""
    if objection := version_objection(subject.listed("firmware"), subject.image.header.file_version):
        yield finding(
            at=subject.image.span("file_version"),
            expected=f"the listed version in hex, which is {subject.image.header.file_version:08X} in the image",
            seen=objection,
        )


@check("CPL-IMG-08", clause="DUIS SR 11.1 / GBCS firmware distribution", applies_to=_SIGNED_IMAGES)
def image_signature_verifies(subject: ImageOnList) -> Iterator[Finding]:
    """The signature of the trailer verifies over the Manufacturer Image with the key of its signer."""
    if not subject.verified:
        yield finding(
            at=subject.image.span("signature"), expected="a signature over the Manufacturer Image", seen="another"
        )


@check("CPL-DEV-01", clause=_IDENTITY, applies_to=_READINGS)
def device_type_is_listed(subject: ReadingOnList) -> Iterator[Finding]:
    """A device that reports itself is of a type that has an entry."""
    if subject.row is None:
        yield finding(expected=f"an entry for {subject.reading.device_type}", seen="none")


@check("CPL-DEV-02", clause=_IDENTITY, applies_to=_READINGS)
def device_reports_the_listed_manufacturer(subject: ReadingOnList) -> Iterator[Finding]:
    """The manufacturer that a device reports is that of its entry."""
    yield from _reported(subject, subject.reading.manufacturer, subject.listed("manufacturer"), "manufacturer")


@check("CPL-DEV-03", clause=_IDENTITY, applies_to=_READINGS)
def device_reports_the_listed_model(subject: ReadingOnList) -> Iterator[Finding]:
    """The model that a device reports is model and hardware version of its entry, joined."""
    yield from _reported(subject, subject.reading.model, subject.listed("model") + subject.listed("hardware"), "model")


def _reported(subject: ReadingOnList, reported: str | None, listed: str, what: str) -> Iterator[Finding]:
    if subject.row is not None and reported is not None and reported.upper() != listed.upper():
        yield finding(expected=f"{what} {listed}, as listed", seen=shown(reported))


@check("CPL-DEV-04", clause=_FIRMWARE, applies_to=_READINGS)
def device_reports_the_listed_firmware(subject: ReadingOnList) -> Iterator[Finding]:
    """The firmware version that a device reports is that of its entry, in hex on both sides."""
    reported = subject.reading.firmware
    version = hex_number(reported or "")
    if subject.row is None or reported is None:
        return
    objection = shown(reported) if version is None else version_objection(subject.listed("firmware"), version)
    if objection:
        yield finding(expected=f"{reported}, as the device reports", seen=objection)


@check("CPL-CRT-01", clause=_CERTIFICATE, applies_to=_CERTIFICATES)
def certificate_is_named_by_an_entry(subject: CertificateOnList) -> Iterator[Finding]:
    """A certificate that was given is named by an entry."""
    if subject.row is None:
        yield finding(expected=f"an entry with reference {subject.certificate.reference}", seen="none")


@check("CPL-CRT-02", clause=_CERTIFICATE, applies_to=_CERTIFICATES)
def certificate_is_of_the_listed_device_model(subject: CertificateOnList) -> Iterator[Finding]:
    """Manufacturer, model and hardware version that a certificate names are those of the entry."""
    for role in ("manufacturer", "model", "hardware"):
        named: str | None = getattr(subject.certificate, role)
        if subject.row is not None and named is not None and named.upper() != subject.listed(role).upper():
            yield finding(expected=f"{role} {subject.listed(role)}, as listed", seen=shown(named))


@check("CPL-CRT-03", clause=_CERTIFICATE, applies_to=_CERTIFICATES)
def certificate_firmware_is_listed_or_mapped(subject: CertificateOnList) -> Iterator[Finding]:
    """The firmware version that a certificate names is that of the entry, directly or by the manufacturer's mapping."""
    named = subject.certificate.firmware
    listed = subject.listed("firmware")
    if subject.row is None or named is None:
        return
    if subject.certificate.mapping.get(named, named).upper() != listed.upper():
        yield finding(expected=f"{listed}, as listed, or a mapping to it", seen=shown(named))


@check("CPL-DUIS-01", clause="SEC modification report (draft): a device must be on the CPL", applies_to=_NOTICES)
def pre_notified_device_matches_one_entry(subject: NoticeOnList) -> Iterator[Finding]:
    """A pre-notified device matches exactly one entry by manufacturer, model, firmware version and type."""
    if len(subject.found) != 1:
        yield finding(expected=f"one entry for {subject.notice.key}", seen=f"{len(subject.found)} entries")


@check(
    "CPL-DUIS-02",
    clause="DUIS SR 12.2, optional elements",
    applies_to=_NOTICES,
    severity=Severity.SHOULD,
)
def pre_notified_details_are_those_listed(subject: NoticeOnList) -> Iterator[Finding]:
    """ESME variant and specification version of a pre-notification, where given, are those of its entry."""
    if len(subject.found) != 1:
        return
    pairs = (
        ("variant", subject.notice.variant, subject.document.value(subject.found[0], "variant")),
        ("spec_version", subject.notice.spec_version, subject.document.value(subject.found[0], "spec_version")),
    )
    for role, told, listed in pairs:
        # DUIS and the list spell specification versions differently: only the numbers are compared.
        same = told == listed if role == "variant" else _numbers(told) == _numbers(listed)
        if told and not same:
            yield finding(expected=f"{listed}, as listed", seen=shown(told))


@check("CPL-DUIS-03", clause="DUIS SR 11.1 and SR 11.4, FirmwareVersion", applies_to=_REQUESTS)
def requested_version_is_that_of_the_image(request: FirmwareRequest) -> Iterator[Finding]:
    """The firmware version that a distribution request names is the file version of the image it carries."""
    version = request.image.header.file_version
    if objection := version_objection(request.version, version):
        place = request.octets.find(f">{request.version}<".encode()) + 1
        yield finding(
            at=Span(start=place, length=len(request.version), path="FirmwareVersion"),
            expected=f"{version:08X}, as in the OTA header",
            seen=objection,
        )


def _numbers(version: str) -> tuple[int, ...]:
    digits = "".join(character if character.isdecimal() else " " for character in version)
    return tuple(int(number) for number in digits.split())

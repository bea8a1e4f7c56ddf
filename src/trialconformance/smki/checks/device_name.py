"""SMKI-EXT-21 to 25: the Entity Identifier of a device in its subjectAltName."""

from __future__ import annotations

from collections.abc import Iterator

from trialconformance.core import Basis, Finding, check, finding
from trialconformance.smki import der, oids
from trialconformance.smki.certificate import Certificate
from trialconformance.smki.checks.scopes import DEVICE_CERTIFICATES
from trialconformance.smki.extension import GeneralName

_PATH = "subjectAltName"
_EUI64 = 8  # octets
_SHOWN = 40  # octets of a value shown in a finding


@check("SMKI-EXT-21", clause="GBCS 12 / RFC 5280 4.2.1.6", applies_to=DEVICE_CERTIFICATES)
def subject_alt_name_is_present_and_critical(certificate: Certificate) -> Iterator[Finding]:
    """A Device Certificate has a critical subjectAltName, since its subject is empty."""
    extension = certificate.extension(oids.SUBJECT_ALT_NAME)
    if extension is None or not extension.critical:
        yield finding(
            at=certificate.span(_PATH),
            expected="a critical subjectAltName",
            seen="none" if extension is None else "not critical",
        )


@check("SMKI-EXT-22", clause="GBCS 12", applies_to=DEVICE_CERTIFICATES)
def subject_alt_name_is_one_hardware_module_name(certificate: Certificate) -> Iterator[Finding]:
    """The subjectAltName of a device holds exactly one name, an otherName of type hardwareModuleName."""
    extension = certificate.extension(oids.SUBJECT_ALT_NAME)
    if extension is None:
        return
    inner = extension.inner
    names = [GeneralName.of(node) for node in inner.children] if inner is not None else []
    good = extension.inner_is(der.SEQUENCE) and [each.other_name for each in names] == [oids.HARDWARE_MODULE_NAME]
    if not good:
        kinds = ", ".join(each.other_name or f"tag {each.node.identifier:02X}" for each in names[:4])
        yield finding(
            at=certificate.span(_PATH),
            expected=f"one otherName of type {oids.HARDWARE_MODULE_NAME}",
            seen=f"{len(names)} names: {kinds}" if names else "no name",
        )


@check("SMKI-EXT-23", clause="RFC 4108 5", applies_to=DEVICE_CERTIFICATES)
def hardware_module_name_is_well_formed(certificate: Certificate) -> Iterator[Finding]:
    """A hardwareModuleName is an explicitly tagged SEQUENCE of one OBJECT IDENTIFIER and one OCTET STRING."""
    module = certificate.hardware_module_name
    if module is not None and not module.well_formed:
        yield finding(
            at=module.node.span(f"{_PATH}.hardwareModuleName"),
            expected="[0] { SEQUENCE { OBJECT IDENTIFIER, OCTET STRING } }",
            seen=module.node.encoding[:_SHOWN].hex().upper(),
        )


@check("SMKI-EXT-24", clause="GBCS 12", applies_to=DEVICE_CERTIFICATES)
def hardware_serial_number_is_an_eui64(certificate: Certificate) -> Iterator[Finding]:
    """HwSerialNum is the Entity Identifier of the device: 8 octets."""
    module = certificate.hardware_module_name
    serial = module.serial if module is not None else None
    if serial is not None and serial.length != _EUI64:
        yield finding(
            at=serial.span(f"{_PATH}.hwSerialNum"),
            expected=f"{_EUI64} octets",
            seen=f"{serial.length} octets: {serial.value[:_SHOWN].hex().upper()}",
        )


@check("SMKI-EXT-25", clause="IEEE EUI-64", applies_to=DEVICE_CERTIFICATES, basis=Basis.ASSUMED)
def hardware_serial_number_is_somebodys(certificate: Certificate) -> Iterator[Finding]:
    """The hwSerialNum of a device is neither all zeros nor all ones: no device has such an EUI-64."""
    module = certificate.hardware_module_name
    serial = module.serial if module is not None else None
    if serial is not None and serial.length and set(serial.value) in ({0x00}, {0xFF}):
        yield finding(
            at=serial.span(f"{_PATH}.hwSerialNum"),
            expected="the EUI-64 of a device",
            seen=serial.value[:_SHOWN].hex().upper(),
        )

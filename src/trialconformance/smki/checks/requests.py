"""SMKI-CSR: certificate signing requests of devices.

Clause: RFC 2986, GBCS CS02c; the public test data holds one such request.
"""

from __future__ import annotations

from collections.abc import Iterator

from trialconformance.core import Basis, Finding, check, finding, format_eui64
from trialconformance.smki import der, oids, p256
from trialconformance.smki.checks.scopes import (
    ASKED_REQUESTS,
    EVERY_REQUEST,
    REQUESTS_BESIDE_CERTIFICATES,
    REQUESTS_OF_A_DEVICE,
)
from trialconformance.smki.der_writer import oid, sequence
from trialconformance.smki.extension import KeyUsage
from trialconformance.smki.request import RequestInContext

_ALGORITHM = sequence(oid(oids.EC_PUBLIC_KEY), oid(oids.P256))
_SINGLE = (KeyUsage.DIGITAL_SIGNATURE, KeyUsage.KEY_AGREEMENT)
_ASKED = frozenset({oids.KEY_USAGE, oids.SUBJECT_ALT_NAME})
_EUI64 = 8  # octets
_SHOWN = 40  # octets of a value shown in a finding


def _shown(octets: bytes) -> str:
    return octets[:_SHOWN].hex().upper() or "no octets"


@check("SMKI-CSR-01", clause="RFC 2986 4 / X.690", applies_to=EVERY_REQUEST)
def request_is_der(subject: RequestInContext) -> Iterator[Finding]:
    """A request is strict DER from the first octet to the last, its signature included."""
    for fault in subject.request.faults:
        yield finding(at=fault.span, expected=fault.expected, seen=f"{fault.rule.value}: {fault.seen}")


@check("SMKI-CSR-02", clause="RFC 2986 4.1", applies_to=EVERY_REQUEST)
def request_is_of_version_0(subject: RequestInContext) -> Iterator[Finding]:
    """A request is of version 0."""
    node = subject.request.version
    if der.integer_value(node):
        yield finding(at=node.span("version"), expected="0", seen=_shown(node.value))


@check("SMKI-CSR-03", clause="GBCS 12", applies_to=EVERY_REQUEST, basis=Basis.VECTORS)
def request_of_a_device_has_no_subject(subject: RequestInContext) -> Iterator[Finding]:
    """The subject that a device asks for is empty: its subjectAltName names it."""
    node = subject.request.subject
    if node.length:
        yield finding(at=node.span("subject"), expected="3000", seen=_shown(node.encoding))


@check("SMKI-CSR-04", clause="GBCS 12 / RFC 5480 2", applies_to=EVERY_REQUEST)
def request_is_for_a_p256_key(subject: RequestInContext) -> Iterator[Finding]:
    """The public key is an uncompressed point of the named curve P-256."""
    key, point = subject.request.key, subject.request.point
    if not key.children or key.children[0].encoding != _ALGORITHM or not p256.on_curve(point):
        yield finding(
            at=key.span("subjectPKInfo"), expected="a point 04 X Y of the named curve P-256", seen=_shown(key.value)
        )


@check("SMKI-CSR-05", clause="RFC 2985 5.4.2", applies_to=EVERY_REQUEST, basis=Basis.VECTORS)
def request_has_one_attribute(subject: RequestInContext) -> Iterator[Finding]:
    """A request has exactly one attribute, an extensionRequest with one value."""
    attributes = subject.request.attributes
    kinds = [der.oid_text(each.children[0].value) if each.children else "no attribute type" for each in attributes]
    values = [len(each.children[1].children) if len(each.children) > 1 else 0 for each in attributes]
    if kinds != [oids.EXTENSION_REQUEST] or values != [1]:
        body = subject.request.signed
        yield finding(
            at=body.span(attributes[0] if attributes else None, "attributes"),
            expected=f"one {oids.EXTENSION_REQUEST} with one value",
            seen=", ".join(f"{kind} with {count}" for kind, count in zip(kinds, values, strict=True)) or "none",
        )


@check("SMKI-CSR-06", clause="GBCS 12", applies_to=EVERY_REQUEST)
def request_asks_for_one_critical_usage(subject: RequestInContext) -> Iterator[Finding]:
    """A request asks for a critical keyUsage of digitalSignature alone or keyAgreement alone."""
    extension = subject.request.extension(oids.KEY_USAGE)
    if extension is None or not extension.critical or subject.request.usage not in _SINGLE:
        yield finding(
            at=subject.request.span(oids.KEY_USAGE),
            expected="critical digitalSignature or keyAgreement",
            seen="none" if extension is None else _shown(extension.node.encoding),
        )


@check("SMKI-CSR-07", clause="GBCS 12 / RFC 4108 5", applies_to=EVERY_REQUEST)
def request_names_the_device(subject: RequestInContext) -> Iterator[Finding]:
    """A request asks for a critical subjectAltName with one well-formed hardwareModuleName of 8 octets."""
    request = subject.request
    extension = request.extension(oids.SUBJECT_ALT_NAME)
    modules = request.hardware_module_names
    module = modules[0] if len(modules) == 1 else None
    good = module is not None and module.well_formed and request.entity_id is not None
    if extension is None or not extension.critical or not good:
        yield finding(
            at=request.span(oids.SUBJECT_ALT_NAME),
            expected=f"critical, one hardwareModuleName with a serial number of {_EUI64} octets",
            seen="none" if extension is None else _shown(extension.node.encoding),
        )


@check("SMKI-CSR-08", clause="GBCS 12", applies_to=EVERY_REQUEST, basis=Basis.VECTORS)
def request_asks_for_nothing_else(subject: RequestInContext) -> Iterator[Finding]:
    """A request asks for keyUsage and subjectAltName, each once, and for no other extension: the CA adds the rest."""
    seen: set[str] = set()
    for each in subject.request.extensions:
        if each.oid not in _ASKED or each.oid in seen:
            yield finding(at=each.node.span(each.name), expected="no further extension", seen=each.name)
        seen.add(each.oid)


@check("SMKI-CSR-09", clause="RFC 2986 4.2", applies_to=EVERY_REQUEST)
def request_is_signed_with_its_own_key(subject: RequestInContext) -> Iterator[Finding]:
    """The signature of a request verifies under the key it is about, a key agreement key included."""
    request = subject.request
    if not request.signed.signed_by(request.point):
        yield finding(
            at=request.signed.value.span("signature"),
            expected="a signature by the key of the request",
            seen="a signature that does not verify",
        )


@check("SMKI-CSR-10", clause="GBCS CS02c", applies_to=REQUESTS_OF_A_DEVICE)
def request_names_the_device_that_answered(subject: RequestInContext) -> Iterator[Finding]:
    """The EUI-64 in a request is that of the device that answered."""
    request, device = subject.request, subject.device
    if device is not None and request.entity_id != device:
        yield finding(
            at=request.span(oids.SUBJECT_ALT_NAME),
            expected=format_eui64(device),
            seen="no EUI-64" if request.entity_id is None else format_eui64(request.entity_id),
        )


@check("SMKI-CSR-11", clause="SMKI practice", applies_to=REQUESTS_BESIDE_CERTIFICATES, basis=Basis.ASSUMED)
def request_is_for_a_key_of_its_own(subject: RequestInContext) -> Iterator[Finding]:
    """The key of a request is not certified already for the other usage."""
    request = subject.request
    for other in subject.certificates:
        if other.point == request.point and request.usage not in other.usage:
            yield finding(
                at=request.key.span("subjectPKInfo"),
                expected=f"a key that is not certified for {other.usage.words}",
                seen=f"the key of {other.name or other.sha256}",
            )


@check("SMKI-CSR-12", clause="GBCS CS02c", applies_to=ASKED_REQUESTS)
def request_is_for_the_usage_asked(subject: RequestInContext) -> Iterator[Finding]:
    """The key usage in a request is the one that the command asked for."""
    asked, usage = subject.asked, subject.request.usage
    if asked is not None and usage != asked:
        yield finding(at=subject.request.span(oids.KEY_USAGE), expected=asked.words, seen=usage.words)

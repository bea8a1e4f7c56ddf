"""SMKI-NAM: names of issuer and subject, the remote party role and the Entity Identifier in them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from trialconformance.core import Basis, Finding, Severity, check, finding
from trialconformance.smki import der, oids
from trialconformance.smki.certificate import Certificate, CertificateKind
from trialconformance.smki.checks.scopes import (
    DEVICE_CERTIFICATES,
    EVERY_CERTIFICATE,
    NAMED_AUTHORITIES_AND_ORGANISATIONS,
    ORGANISATION_AND_CA_CERTIFICATES,
    ORGANISATION_AND_ISSUING_CA_CERTIFICATES,
    ORGANISATION_CERTIFICATES,
)
from trialconformance.smki.name import Attribute, Name
from trialconformance.smki.roles import ROLES

_ROLE = re.compile(rb"[0-9A-F]{2}")
_UID_OCTETS = 9  # the unused-bits octet and an EUI-64
_LONGEST_NAME = 64  # characters, RFC 5280 appendix A.1 ub-common-name
_LISTED = 8  # attribute types named in a finding
_SHOWN = 40  # octets of a value shown in a finding
_STRINGS = {der.UTF8_STRING: "UTF8String", der.PRINTABLE_STRING: "PrintableString"}
_PARTS = (  # type, fewest, most
    (oids.COMMON_NAME, 0, 1),
    (oids.ORGANISATIONAL_UNIT, 1, 1),
    (oids.UNIQUE_IDENTIFIER, 1, 1),
)
_AUTHORITIES = frozenset({CertificateKind.ISSUING_CA, CertificateKind.ROOT})


def _units(name: Name) -> tuple[Attribute, ...]:
    return name.all(oids.ORGANISATIONAL_UNIT)


def _identifiers(certificate: Certificate) -> tuple[Attribute, ...]:
    return certificate.subject.all(oids.UNIQUE_IDENTIFIER)


@check("SMKI-NAM-01", clause="GBCS 12 / RFC 5280 4.1.2.6", applies_to=DEVICE_CERTIFICATES)
def subject_of_a_device_is_empty(certificate: Certificate) -> Iterator[Finding]:
    """The subject of a Device Certificate is the empty SEQUENCE: the subjectAltName says who the device is."""
    if not certificate.subject.empty:
        yield finding(at=certificate.span("subject"), expected="3000", seen=str(certificate.subject) or "no attribute")


@check("SMKI-NAM-02", clause="RFC 5280 4.1.2.4", applies_to=EVERY_CERTIFICATE)
def issuer_is_not_empty(certificate: Certificate) -> Iterator[Finding]:
    """The certificate names its issuer."""
    if certificate.issuer.empty:
        yield finding(at=certificate.span("issuer"), expected="a name", seen="the empty SEQUENCE")


@check("SMKI-NAM-03", clause="SMKI practice", applies_to=ORGANISATION_CERTIFICATES, basis=Basis.VECTORS)
def subject_of_an_organisation_has_its_parts(certificate: Certificate) -> Iterator[Finding]:
    """The subject of an organisation is one OU, one x500UniqueIdentifier and at most one CN, each a name of its own."""
    subject = certificate.subject
    counts = [f"{len(subject.all(oid))} {oids.ATTRIBUTES[oid]}" for oid, _, _ in _PARTS]
    known = all(fewest <= len(subject.all(oid)) <= most for oid, fewest, most in _PARTS)
    single = all(len(relative) == 1 for relative in subject.relative)
    strangers = {each.oid for relative in subject.relative for each in relative} - {oid for oid, _, _ in _PARTS}
    if not known or not single or strangers:
        notes = counts if single else [*counts, "a name of several values"]
        yield finding(
            at=certificate.span("subject"),
            expected="1 OU, 1 UID, 0 or 1 CN, nothing else",
            seen=", ".join([*notes, *sorted(strangers)[:_LISTED]]),
        )


@check("SMKI-NAM-04", clause="SMKI practice", applies_to=NAMED_AUTHORITIES_AND_ORGANISATIONS, basis=Basis.VECTORS)
def unit_is_two_hex_digits(certificate: Certificate) -> Iterator[Finding]:
    """The OU of a subject is the remote party role as two upper-case hexadecimal digits."""
    for unit in _units(certificate.subject):
        if not _ROLE.fullmatch(unit.node.value):
            yield finding(at=unit.span, expected="two digits of 0 to 9 and A to F", seen=repr(unit.text))


@check(
    "SMKI-NAM-05",
    clause="GBCS remotePartyRole",
    applies_to=ORGANISATION_CERTIFICATES,
    severity=Severity.SHOULD,
)
def unit_is_a_known_role(certificate: Certificate) -> Iterator[Finding]:
    """The OU of a subject is the code of a remote party role."""
    for unit in _units(certificate.subject):
        # One that is no role code at all is the matter of SMKI-NAM-04.
        if _ROLE.fullmatch(unit.node.value) and int(unit.node.value, 16) not in ROLES:
            yield finding(at=unit.span, expected="a remote party role", seen=unit.text)


@check(
    "SMKI-NAM-06",
    clause="SMKI practice",
    applies_to=ORGANISATION_AND_ISSUING_CA_CERTIFICATES,
    severity=Severity.INFO,
    basis=Basis.VECTORS,
)
def names_use_the_usual_string_types(certificate: Certificate) -> Iterator[Finding]:
    """The OU of an organisation is a UTF8String; everything in the name of a CA is a PrintableString."""
    of_a_ca = certificate.kind is CertificateKind.ISSUING_CA
    expected = [(each, der.PRINTABLE_STRING) for relative in certificate.issuer.relative for each in relative]
    if of_a_ca:
        expected += [(each, der.PRINTABLE_STRING) for relative in certificate.subject.relative for each in relative]
    else:
        expected += [(each, der.UTF8_STRING) for each in _units(certificate.subject)]
    for attribute, identifier in expected:
        if attribute.node.identifier != identifier:
            seen = attribute.node.identifier
            yield finding(at=attribute.span, expected=_STRINGS[identifier], seen=_STRINGS.get(seen, f"tag {seen:02X}"))


@check("SMKI-NAM-07", clause="SMKI practice", applies_to=ORGANISATION_CERTIFICATES, basis=Basis.VECTORS)
def unique_identifier_is_64_bits(certificate: Certificate) -> Iterator[Finding]:
    """The x500UniqueIdentifier of an organisation is a BIT STRING of 64 bits."""
    for each in _identifiers(certificate):
        node = each.node
        if node.identifier != der.BIT_STRING or node.length != _UID_OCTETS or node.value[0]:
            yield finding(
                at=each.span, expected="BIT STRING of 64 bits, 030900...", seen=node.encoding[:_SHOWN].hex().upper()
            )


@check("SMKI-NAM-08", clause="IEEE EUI-64", applies_to=ORGANISATION_CERTIFICATES, basis=Basis.ASSUMED)
def unique_identifier_is_somebodys(certificate: Certificate) -> Iterator[Finding]:
    """The x500UniqueIdentifier of an organisation is neither all zeros nor all ones."""
    for each in _identifiers(certificate):
        bits = each.node.value[1:]
        if bits and set(bits) in ({0x00}, {0xFF}):
            yield finding(at=each.span, expected="the EUI-64 of a party", seen=bits[:_SHOWN].hex().upper())


@check("SMKI-NAM-09", clause="RFC 5280 A.1", applies_to=ORGANISATION_AND_CA_CERTIFICATES)
def common_name_has_1_to_64_characters(certificate: Certificate) -> Iterator[Finding]:
    """The CN of a subject has 1 to 64 characters."""
    for each in certificate.subject.all(oids.COMMON_NAME):
        characters = len(each.node.value.decode(errors="replace"))
        if not 1 <= characters <= _LONGEST_NAME:
            yield finding(at=each.span, expected=f"1 to {_LONGEST_NAME} characters", seen=f"{characters} characters")


@check("SMKI-NAM-10", clause="SMKI practice", applies_to=EVERY_CERTIFICATE, basis=Basis.VECTORS)
def role_fits_the_kind_of_certificate(certificate: Certificate) -> Iterator[Finding]:
    """Role 00 is that of a root, 07 of an issuing CA, 87 and 89 of XML signing, the others those of organisations."""
    role = certificate.role
    known = ROLES.get(role) if role is not None else None
    if known is not None and certificate.kind not in known.kinds:
        yield finding(
            at=_units(certificate.subject)[0].span,
            expected=f"a role of the kind {certificate.kind.value}",
            seen=f"{role:02X}, {known.title}",
        )
    elif certificate.kind is CertificateKind.ROOT and role is None:
        yield finding(at=certificate.span("subject"), expected="OU 00", seen=str(certificate.subject) or "no name")

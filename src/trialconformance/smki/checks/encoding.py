"""SMKI-ENC: a certificate is strict DER from the first octet to the last.

Clause: RFC 5280 4.1 asks for DER, ITU-T X.690 says what that is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trialconformance.core import Basis, Finding, Severity, check, finding
from trialconformance.smki import p256
from trialconformance.smki.certificate import Certificate
from trialconformance.smki.checks.scopes import EVERY_CERTIFICATE
from trialconformance.smki.der import DerFault, DerRule

# Every DER rule belongs to exactly one case, so that a breach is reported once; a test asserts that none is missing.
LENGTH_RULES = frozenset({DerRule.INDEFINITE_LENGTH, DerRule.LENGTH})
BOOLEAN_RULES = frozenset({DerRule.BOOLEAN, DerRule.DEFAULT})
INTEGER_RULES = frozenset({DerRule.INTEGER})
BIT_STRING_RULES = frozenset({DerRule.BIT_STRING, DerRule.NAMED_BITS})
_LARGEST = 1024  # octets

WHOLE_RULES = frozenset(DerRule) - LENGTH_RULES - BOOLEAN_RULES - INTEGER_RULES - BIT_STRING_RULES


def _reported(faults: Iterable[DerFault], rules: frozenset[DerRule]) -> Iterator[Finding]:
    for fault in faults:
        if fault.rule in rules:
            yield finding(at=fault.span, expected=fault.expected, seen=f"{fault.rule.value}: {fault.seen}")


@check("SMKI-ENC-01", clause="RFC 5280 4.1", applies_to=EVERY_CERTIFICATE)
def one_certificate_in_der(certificate: Certificate) -> Iterator[Finding]:
    """The artefact is one DER certificate of the ASN.1 of RFC 5280, with nothing before, after or left over inside."""
    yield from _reported(certificate.faults, WHOLE_RULES)


@check("SMKI-ENC-02", clause="RFC 5280 4.1 / X.690 10.1", applies_to=EVERY_CERTIFICATE)
def lengths_are_definite_and_minimal(certificate: Certificate) -> Iterator[Finding]:
    """Every length, inside extensions too, is definite and written in its shortest form."""
    yield from _reported(certificate.faults, LENGTH_RULES)


@check("SMKI-ENC-03", clause="RFC 5280 4.1 / X.690 11.1, 11.5", applies_to=EVERY_CERTIFICATE)
def booleans_are_der(certificate: Certificate) -> Iterator[Finding]:
    """A BOOLEAN that is true is FF, and a value equal to its default is not written at all."""
    yield from _reported(certificate.faults, BOOLEAN_RULES)


@check("SMKI-ENC-04", clause="RFC 5280 4.1 / X.690 8.3.2", applies_to=EVERY_CERTIFICATE)
def integers_are_minimal(certificate: Certificate) -> Iterator[Finding]:
    """Every INTEGER, the serial number first of all, has as few octets as its value needs."""
    yield from _reported(certificate.faults, INTEGER_RULES)


@check("SMKI-ENC-05", clause="X.690 11.2", applies_to=EVERY_CERTIFICATE)
def bit_strings_are_der(certificate: Certificate) -> Iterator[Finding]:
    """The unused bits of a BIT STRING are zero, and a named-bit list ends with a bit that is set."""
    yield from _reported(certificate.faults, BIT_STRING_RULES)


@check("SMKI-ENC-07", clause="X.690 8.6 / RFC 3279 2.2.3", applies_to=EVERY_CERTIFICATE, basis=Basis.VECTORS)
def signature_has_no_unused_bits(certificate: Certificate) -> Iterator[Finding]:
    """The BIT STRING of the signature is made of whole octets: it has no unused bits."""
    node = certificate.syntax.fields["signatureValue"]
    if not node.length or node.value[0]:
        yield finding(
            at=certificate.span("signatureValue"),
            expected="00, no unused bits",
            seen=f"{node.value[0]:02X}" if node.length else "no octets",
        )


@check(
    "SMKI-ENC-08",
    clause="SMKI practice",
    applies_to=EVERY_CERTIFICATE,
    severity=Severity.SHOULD,
    basis=Basis.VECTORS,
)
def size_is_sane(certificate: Certificate) -> Iterator[Finding]:
    """The certificate has no more than 1024 octets; those of the public test PKI have 387 to 434."""
    if (octets := len(certificate.octets)) > _LARGEST:
        yield finding(
            at=certificate.span("certificate"), expected=f"at most {_LARGEST} octets", seen=f"{octets} octets"
        )


@check("SMKI-ENC-06", clause="GBCS 12 / RFC 3279 2.2.3", applies_to=EVERY_CERTIFICATE)
def signature_value_is_der_and_in_range(certificate: Certificate) -> Iterator[Finding]:
    """The signature is a DER ECDSA-Sig-Value; r and s are minimal and lie between 1 and the group order minus 1."""
    yield from _reported(certificate.signature_faults, frozenset(DerRule))
    if certificate.signature is None:
        return
    for path, value in (("signatureValue.r", certificate.signature.r), ("signatureValue.s", certificate.signature.s)):
        if not 0 < value < p256.ORDER:
            yield finding(at=certificate.span(path), expected="1 to the group order minus 1", seen=f"{value:#x}"[:80])

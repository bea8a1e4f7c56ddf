"""SMKI-EXT-01 to 04, 13 to 20 and 26 to 30: which extensions there are, key identifiers, policies, constraints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from trialconformance.core import Basis, Finding, Severity, check, finding
from trialconformance.smki import der, oids
from trialconformance.smki.certificate import Certificate, CertificateKind
from trialconformance.smki.checks.scopes import (
    CA_CERTIFICATES,
    CERTIFICATES_UNDER_A_CA,
    CERTIFICATES_WITH_KNOWN_POLICIES,
    CERTIFICATES_WITHOUT_ALT_NAME,
    EVERY_CERTIFICATE,
    EVERY_LEAF,
    ISSUING_CA_CERTIFICATES,
    LEAVES,
    POLICY_BOUND_CERTIFICATES,
)
from trialconformance.smki.context import CertificateInContext
from trialconformance.smki.extension import Extension

_KEY_IDENTIFIER = 8  # octets
_LISTED = 8  # extensions named in a finding
_SHOWN = 40  # octets of a value shown in a finding

_PROFILED = frozenset(
    {
        oids.KEY_USAGE,
        oids.SUBJECT_KEY_IDENTIFIER,
        oids.SUBJECT_ALT_NAME,
        oids.BASIC_CONSTRAINTS,
        oids.CERTIFICATE_POLICIES,
        oids.AUTHORITY_KEY_IDENTIFIER,
    }
)
_LEAF_SET = frozenset(
    {oids.KEY_USAGE, oids.SUBJECT_KEY_IDENTIFIER, oids.CERTIFICATE_POLICIES, oids.AUTHORITY_KEY_IDENTIFIER}
)
_SETS = {
    CertificateKind.DEVICE: _LEAF_SET | {oids.SUBJECT_ALT_NAME},
    CertificateKind.ORGANISATION: _LEAF_SET,
    CertificateKind.XML_SIGN: _LEAF_SET,
    CertificateKind.ISSUING_CA: _LEAF_SET | {oids.BASIC_CONSTRAINTS},
    CertificateKind.ROOT: _LEAF_SET | {oids.BASIC_CONSTRAINTS},
}
# GBCS 12: only a self-signed root may leave the authority key identifier out.
_MAY_LACK = {CertificateKind.ROOT: frozenset({oids.AUTHORITY_KEY_IDENTIFIER})}
_UNUSED = frozenset(
    {
        oids.EXTENDED_KEY_USAGE,
        oids.CRL_DISTRIBUTION_POINTS,
        oids.AUTHORITY_INFORMATION_ACCESS,
        oids.NAME_CONSTRAINTS,
        oids.POLICY_MAPPINGS,
        oids.POLICY_CONSTRAINTS,
    }
)


def _absent(certificate: Certificate, oid: str) -> Finding:
    name = oids.EXTENSIONS[oid]
    return finding(at=certificate.span(name), expected=f"the extension {name}", seen="none")


def _shown(octets: bytes) -> str:
    return octets[:_SHOWN].hex().upper() or "no octets"


def _policies(extension: Extension | None) -> tuple[der.Node, ...]:
    """PolicyInformation values, in order."""
    return extension.inner.children if extension is not None and extension.inner is not None else ()


def _policy(node: der.Node) -> str:
    first = node.children[0] if node.children else None
    return der.oid_text(first.value) if first is not None and first.identifier == der.OID else "no policy identifier"


@check("SMKI-EXT-01", clause="RFC 5280 4.2", applies_to=EVERY_CERTIFICATE)
def no_extension_stands_twice(certificate: Certificate) -> Iterator[Finding]:
    """The certificate has no more than one extension of a type."""
    seen: Counter[str] = Counter()
    for each in certificate.extensions:
        seen[each.oid] += 1
        if seen[each.oid] > 1:
            yield finding(at=each.node.span(each.name), expected=f"one {each.name}", seen="another one")


@check("SMKI-EXT-02", clause="RFC 5280 4.2", applies_to=EVERY_CERTIFICATE)
def critical_extensions_are_known(certificate: Certificate) -> Iterator[Finding]:
    """Every critical extension is one that the SMKI profile uses, so that a device can process it."""
    for each in certificate.extensions:
        if each.critical and each.oid not in _PROFILED:
            yield finding(at=each.node.span(each.name), expected="not critical, or not there", seen="critical")


@check(
    "SMKI-EXT-03",
    clause="SMKI practice",
    applies_to=EVERY_CERTIFICATE,
    severity=Severity.SHOULD,
    basis=Basis.VECTORS,
)
def extensions_are_those_of_the_kind(certificate: Certificate) -> Iterator[Finding]:
    """The extensions are exactly those that certificates of this kind have."""
    present = {each.oid for each in certificate.extensions}
    usual = _SETS[certificate.kind]
    missing = usual - present - _MAY_LACK.get(certificate.kind, frozenset())
    if missing or present - usual:
        notes = [f"no {oids.EXTENSIONS[oid]}" for oid in sorted(missing)]
        notes += [f"also {oids.EXTENSIONS.get(oid, oid)}" for oid in sorted(present - usual)]
        yield finding(
            at=certificate.span("extensions"),
            expected=", ".join(sorted(oids.EXTENSIONS[oid] for oid in usual)),
            seen=", ".join(notes[:_LISTED]) + (f" and {len(notes) - _LISTED} more" if len(notes) > _LISTED else ""),
        )


@check(
    "SMKI-EXT-04",
    clause="SMKI practice",
    applies_to=EVERY_CERTIFICATE,
    severity=Severity.SHOULD,
    basis=Basis.ASSUMED,
)
def extensions_of_the_web_are_absent(certificate: Certificate) -> Iterator[Finding]:
    """The certificate uses no extKeyUsage, no CRL distribution points, no authorityInfoAccess and no constraints."""
    for each in certificate.extensions:
        if each.oid in _UNUSED:
            yield finding(at=each.node.span(each.name), expected=f"no {each.name}", seen="one")


@check("SMKI-EXT-13", clause="GBCS 12 / RFC 5280 4.2.1.1", applies_to=CERTIFICATES_UNDER_A_CA)
def authority_key_identifier_is_present(certificate: Certificate) -> Iterator[Finding]:
    """The certificate has the authorityKeyIdentifier extension; only a self-signed root may leave it out."""
    if certificate.extension(oids.AUTHORITY_KEY_IDENTIFIER) is None:
        yield _absent(certificate, oids.AUTHORITY_KEY_IDENTIFIER)


@check("SMKI-EXT-14", clause="GBCS 12 / RFC 5280 4.2.1.1", applies_to=EVERY_CERTIFICATE)
def authority_key_identifier_is_not_critical(certificate: Certificate) -> Iterator[Finding]:
    """The authorityKeyIdentifier extension is not marked critical."""
    extension = certificate.extension(oids.AUTHORITY_KEY_IDENTIFIER)
    if extension is not None and extension.critical:
        yield finding(at=certificate.span("authorityKeyIdentifier"), expected="not critical", seen="critical")


@check("SMKI-EXT-15", clause="GBCS 12", applies_to=EVERY_CERTIFICATE)
def authority_key_identifier_is_8_octets(certificate: Certificate) -> Iterator[Finding]:
    """The authorityKeyIdentifier holds a key identifier of 8 octets and nothing else."""
    extension = certificate.extension(oids.AUTHORITY_KEY_IDENTIFIER)
    if extension is None:
        return
    elements = extension.inner.children if extension.inner is not None else ()
    only = [each.identifier for each in elements] == [0x80] and extension.inner_is(der.SEQUENCE)
    if not only or elements[0].length != _KEY_IDENTIFIER:
        yield finding(
            at=certificate.span("authorityKeyIdentifier"),
            expected=f"SEQUENCE of [0] with {_KEY_IDENTIFIER} octets",
            seen=_shown(extension.value),
        )


@check("SMKI-EXT-16", clause="GBCS 12 / RFC 5280 4.2.1.4", applies_to=EVERY_CERTIFICATE)
def certificate_policies_are_present(certificate: Certificate) -> Iterator[Finding]:
    """The certificate has the certificatePolicies extension, with at least one policy identifier."""
    extension = certificate.extension(oids.CERTIFICATE_POLICIES)
    if extension is None:
        yield _absent(certificate, oids.CERTIFICATE_POLICIES)
    elif not _policies(extension):
        yield finding(at=extension.node.span(extension.name), expected="at least one policy", seen="none")


@check("SMKI-EXT-17", clause="GBCS 12", applies_to=EVERY_CERTIFICATE)
def certificate_policies_are_critical(certificate: Certificate) -> Iterator[Finding]:
    """The certificatePolicies extension is marked critical."""
    extension = certificate.extension(oids.CERTIFICATE_POLICIES)
    if extension is not None and not extension.critical:
        yield finding(at=certificate.span("certificatePolicies"), expected="critical", seen="not critical")


@check("SMKI-EXT-18", clause="GBCS 12", applies_to=POLICY_BOUND_CERTIFICATES)
def there_is_one_policy(certificate: Certificate) -> Iterator[Finding]:
    """The certificatePolicies extension names exactly one policy."""
    policies = _policies(certificate.extension(oids.CERTIFICATE_POLICIES))
    if len(policies) > 1:
        yield finding(
            at=certificate.span("certificatePolicies"),
            expected="one policy",
            seen=f"{len(policies)}: {', '.join(_policy(each) for each in policies[:4])}",
        )


@check("SMKI-EXT-19", clause="GBCS 12", applies_to=CERTIFICATES_WITH_KNOWN_POLICIES)
def policy_is_that_of_the_environment(subject: CertificateInContext) -> Iterator[Finding]:
    """Every policy is one that the profile gives for certificates of this kind in this environment."""
    extension = subject.certificate.extension(oids.CERTIFICATE_POLICIES)
    for each in _policies(extension):
        if (policy := _policy(each)) not in subject.policies:
            yield finding(
                at=each.span("certificatePolicies.policyIdentifier"),
                expected=" or ".join(sorted(subject.policies)),
                seen=policy,
            )


@check("SMKI-EXT-20", clause="SMKI practice", applies_to=LEAVES, basis=Basis.ASSUMED)
def policy_is_a_plain_one(certificate: Certificate) -> Iterator[Finding]:
    """No policy of a leaf is anyPolicy, and none carries qualifiers."""
    for each in _policies(certificate.extension(oids.CERTIFICATE_POLICIES)):
        if _policy(each) == oids.ANY_POLICY or len(each.children) > 1:
            yield finding(
                at=each.span("certificatePolicies"),
                expected="a policy identifier alone, not anyPolicy",
                seen=_shown(each.encoding),
            )


@check("SMKI-EXT-26", clause="SMKI practice", applies_to=CERTIFICATES_WITHOUT_ALT_NAME, basis=Basis.VECTORS)
def subject_alt_name_is_absent(certificate: Certificate) -> Iterator[Finding]:
    """Only a device has a subjectAltName: organisations and issuing CAs are named in the subject."""
    extension = certificate.extension(oids.SUBJECT_ALT_NAME)
    if extension is not None:
        yield finding(
            at=extension.node.span(extension.name), expected="no subjectAltName", seen=_shown(extension.value)
        )


@check(
    "SMKI-EXT-27",
    clause="SMKI practice",
    applies_to=EVERY_LEAF,
    severity=Severity.SHOULD,
    basis=Basis.VECTORS,
)
def basic_constraints_are_absent_in_a_leaf(certificate: Certificate) -> Iterator[Finding]:
    """A Device Certificate or Organisation Certificate has no basicConstraints."""
    extension = certificate.extension(oids.BASIC_CONSTRAINTS)
    if extension is not None:
        yield finding(
            at=extension.node.span(extension.name), expected="no basicConstraints", seen=_shown(extension.value)
        )


@check("SMKI-EXT-28", clause="RFC 5280 4.2.1.9", applies_to=EVERY_LEAF)
def a_leaf_is_no_ca(certificate: Certificate) -> Iterator[Finding]:
    """A Device Certificate or Organisation Certificate never says that it is a CA."""
    if certificate.is_authority:
        yield finding(at=certificate.span("basicConstraints"), expected="cA FALSE", seen="cA TRUE")


@check("SMKI-EXT-29", clause="RFC 5280 4.2.1.9", applies_to=CA_CERTIFICATES)
def a_ca_says_so(certificate: Certificate) -> Iterator[Finding]:
    """The certificate of an issuing CA or a root has critical basicConstraints with cA TRUE."""
    extension = certificate.extension(oids.BASIC_CONSTRAINTS)
    if extension is None or not extension.critical or not certificate.is_authority:
        yield finding(
            at=certificate.span("basicConstraints"),
            expected="critical basicConstraints with cA TRUE",
            seen="none" if extension is None else _shown(extension.node.encoding),
        )


@check(
    "SMKI-EXT-30",
    clause="SMKI practice",
    applies_to=ISSUING_CA_CERTIFICATES,
    severity=Severity.SHOULD,
    basis=Basis.VECTORS,
)
def path_length_of_an_issuing_ca_is_zero(certificate: Certificate) -> Iterator[Finding]:
    """The pathLenConstraint of an issuing CA is 0: it issues to leaves only."""
    if certificate.extension(oids.BASIC_CONSTRAINTS) is not None and certificate.path_length != 0:
        seen = "none" if certificate.path_length is None else str(certificate.path_length)[:_SHOWN]
        yield finding(at=certificate.span("basicConstraints"), expected="pathLenConstraint 0", seen=seen)

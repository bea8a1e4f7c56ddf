"""SMKI-CHN: a certificate, what issued it, and the way up to a configured anchor.

Every certificate of a path is judged as the lowest one of its own chain, so each finding lies in the octets of the
certificate that it is about and a bad CA is reported once, however many leaves hang below it.

Clause: RFC 5280 6.1, GBCS 4.3.2 and 12.
"""

from __future__ import annotations

from collections.abc import Iterator

from trialconformance.core import Basis, Finding, check, finding
from trialconformance.smki.certificate import Certificate, CertificateKind
from trialconformance.smki.checks.scopes import (
    ANCHORED_CHAINS,
    CERTIFICATES_BESIDE_TWINS,
    CHAINS_WITH_A_CLOCK,
    EVERY_LINK,
    LEAF_CHAINS,
    NAMED_PATHS,
)
from trialconformance.smki.context import CertificateInContext
from trialconformance.smki.name import Name
from trialconformance.smki.path import Chain, Hierarchy, signs_certificates

_AUTHORITIES = frozenset({CertificateKind.ISSUING_CA, CertificateKind.ROOT})


def _validity(certificate: Certificate) -> str:
    start, end = certificate.not_before, certificate.not_after
    if start is None or end is None:
        return "a validity that cannot be read"
    return f"{start:%Y-%m-%d %H:%M:%S} to {end:%Y-%m-%d %H:%M:%S}"


def _alike(left: Name, right: Name) -> bool:
    """Whether two names say the same to a person: RFC 5280 7.1 would match them, SMKI practice does not."""
    return str(left).casefold() == str(right).casefold()


@check("SMKI-CHN-01", clause="RFC 5280 6.1.3 (a)(4)", applies_to=EVERY_LINK, basis=Basis.VECTORS)
def issuer_is_the_subject_of_the_issuer(chain: Chain) -> Iterator[Finding]:
    """The issuer of a certificate is, octet for octet, the subject of the certificate that issued it."""
    link, certificate = chain.links[0], chain.leaf
    name = link.issuer_name
    if name is not None and certificate.issuer.octets != name:
        same = link.issuer is not None and _alike(certificate.issuer, link.issuer.subject)
        yield finding(
            at=certificate.span("issuer"),
            expected=f"{name.hex().upper()}, {link.issuer_title}",
            seen=f"{certificate.issuer.octets.hex().upper()}{', the same words in other octets' if same else ''}",
        )


@check("SMKI-CHN-02", clause="GBCS 12 / RFC 5280 4.2.1.1", applies_to=EVERY_LINK)
def authority_key_identifier_is_that_of_the_issuer(chain: Chain) -> Iterator[Finding]:
    """The authority key identifier of a certificate is the subject key identifier of its issuer."""
    expected, seen = chain.links[0].issuer_key_identifier, chain.leaf.aki
    if seen is not None and expected is not None and seen != expected:
        yield finding(
            at=chain.leaf.span("authorityKeyIdentifier"), expected=expected.hex().upper(), seen=seen.hex().upper()
        )


@check("SMKI-CHN-03", clause="RFC 5280 6.1.3 (a)(1)", applies_to=EVERY_LINK)
def signature_verifies_under_the_issuer(chain: Chain) -> Iterator[Finding]:
    """The signature of a certificate verifies under the key of its issuer."""
    link = chain.links[0]
    if not link.verifies:
        yield finding(
            at=chain.leaf.span("signatureValue"),
            expected=f"a signature by {link.issuer_title}",
            seen="a signature that does not verify",
        )


@check("SMKI-CHN-04", clause="GBCS 12", applies_to=ANCHORED_CHAINS, basis=Basis.VECTORS)
def path_is_root_issuing_ca_leaf(chain: Chain) -> Iterator[Finding]:
    """The path is complete and has exactly its levels: an anchored root, one issuing CA and the leaf."""
    place = chain.leaf.span("issuer")
    if chain.anchor is None:
        top = chain.top
        if _is_self_issued(top):
            return  # the path is whole, only its root is not configured: SMKI-CHN-12
        identifier = "no key identifier" if top.aki is None else f"key identifier {top.aki.hex().upper()}"
        yield finding(
            at=place,
            expected="a path to a configured anchor",
            seen=f"nobody at hand issued {top.name or top.subject}: issuer {top.issuer}, {identifier}",
        )
        return
    levels = 1 if chain.leaf.kind in _AUTHORITIES or not chain.anchor.is_root else 2
    if chain.links and len(chain.links) != levels:
        yield finding(
            at=place,
            expected=f"{levels} signatures below the anchor {chain.anchor.title}",
            seen=str(len(chain.links)),
        )


@check("SMKI-CHN-05", clause="GBCS 4.3.2 / RFC 5280 6.1.3 (a)(2)", applies_to=CHAINS_WITH_A_CLOCK)
def certificate_is_valid_at_the_clock(chain: Chain) -> Iterator[Finding]:
    """The certificate is valid at the moment of judgement."""
    certificate, clock = chain.leaf, chain.clock
    start, end = certificate.not_before, certificate.not_after
    if clock is not None and (start is None or end is None or not start <= clock <= end):
        late = end is not None and clock > end
        yield finding(
            at=certificate.span("validity.notAfter" if late else "validity.notBefore"),
            expected=f"valid at {clock:%Y-%m-%d %H:%M:%S}",
            seen=_validity(certificate),
        )


@check("SMKI-CHN-06", clause="RFC 5280 6.1.4 (k), (n)", applies_to=EVERY_LINK)
def issuer_is_a_ca(chain: Chain) -> Iterator[Finding]:
    """The certificate that issued another one is that of a CA: basicConstraints cA TRUE and keyUsage keyCertSign."""
    issuer = chain.links[0].issuer
    if issuer is not None and not signs_certificates(issuer):
        yield finding(
            at=chain.leaf.span("issuer"),
            expected="an issuer with cA TRUE and keyCertSign",
            seen=f"{str(issuer.subject) or issuer.name}: "
            f"cA {'TRUE' if issuer.is_authority else 'FALSE'}, {issuer.usage.words}",
        )


@check("SMKI-CHN-07", clause="RFC 5280 6.1.4 (l), (m)", applies_to=EVERY_LINK)
def path_lengths_are_respected(chain: Chain) -> Iterator[Finding]:
    """No CA above a certificate has more CAs below it than its pathLenConstraint allows."""
    lowest = 1 if chain.leaf.kind in _AUTHORITIES else 0
    for below, link in enumerate(chain.links, start=lowest):
        issuer = link.issuer
        if issuer is not None and issuer.path_length is not None and below > issuer.path_length:
            yield finding(
                at=chain.leaf.span("issuer"),
                expected=f"at most {issuer.path_length} CAs below {issuer.subject}",
                seen=str(below),
            )


@check("SMKI-CHN-08", clause="GBCS 12 / RFC 5280 6.1.3 (d), (f)", applies_to=LEAF_CHAINS)
def a_policy_holds_from_end_to_end(chain: Chain) -> Iterator[Finding]:
    """One policy stands in every certificate below the anchor and, where the profile names policies, among these."""
    allowed: set[str] | None = set(chain.policies) or None
    for each in reversed(chain.below_anchor):
        own = set(each.policies)
        if not (own if allowed is None else own & allowed):
            wanted = ", ".join(sorted(allowed or ())) or "any policy"
            yield finding(
                at=chain.leaf.span("certificatePolicies"),
                expected=f"a policy that holds from end to end: {wanted}",
                seen=f"{', '.join(each.policies) or 'no policy'} in {each.name or each.subject}",
            )
            return
        allowed = own if allowed is None else own & allowed


@check("SMKI-CHN-09", clause="RFC 5280 3.2", applies_to=LEAF_CHAINS, basis=Basis.VECTORS)
def leaf_is_not_signed_by_itself(chain: Chain) -> Iterator[Finding]:
    """A leaf that names another issuer is not signed with its own key: a borrowed name makes no chain."""
    leaf = chain.leaf
    if not (chain.links and chain.links[0].verifies) and leaf.issued_by(leaf.point):
        yield finding(
            at=leaf.span("signatureValue"),
            expected=f"a signature by {leaf.issuer}",
            seen="a signature by the certificate's own key",
        )


@check("SMKI-CHN-10", clause="RFC 5280 6.1", applies_to=NAMED_PATHS)
def path_has_nothing_to_spare(chain: Chain) -> Iterator[Finding]:
    """The path certificates hold no duplicate, no loop, no anchor and none that the leaf does not need."""
    place = chain.leaf.span("issuer")
    for each in chain.repeated:
        yield finding(at=place, expected="each path certificate once", seen=f"{each.name or each.subject} again")
    for each in chain.unused:
        yield finding(
            at=place,
            expected="only certificates between the leaf and the anchor",
            seen=f"{each.name or each.subject}, which issued nothing here",
        )


@check("SMKI-CHN-11", clause="SMKI policy (not public)", applies_to=ANCHORED_CHAINS, basis=Basis.ASSUMED)
def hierarchies_do_not_mix(chain: Chain) -> Iterator[Finding]:
    """The chain of an organisation ends in the organisation root, that of a device in the device root."""
    own, anchor = Hierarchy.of(chain.leaf.kind), chain.anchor
    if own is not None and anchor is not None and anchor.hierarchy not in {None, own}:
        yield finding(
            at=chain.leaf.span("issuer"), expected=f"an anchor of the {own.value} hierarchy", seen=anchor.title
        )


@check("SMKI-CHN-12", clause="GBCS 4.3.2 / RFC 5280 6.1.1 (d)", applies_to=ANCHORED_CHAINS)
def anchor_is_configured(chain: Chain) -> Iterator[Finding]:
    """The chain ends in an anchor that was configured: a self-signed certificate that came along is never trusted."""
    top = chain.top
    if chain.anchor is None and _is_self_issued(top):
        yield finding(
            at=chain.leaf.span("issuer"),
            expected="a configured anchor",
            seen=f"{top.subject}, self-signed and not configured",
        )


def _is_self_issued(certificate: Certificate) -> bool:
    return certificate.subject.octets == certificate.issuer.octets and not certificate.subject.empty


@check("SMKI-CHN-13", clause="RFC 5280 4.1.2.2", applies_to=CERTIFICATES_BESIDE_TWINS)
def issuer_and_serial_number_are_unique(subject: CertificateInContext) -> Iterator[Finding]:
    """No two different certificates carry the same issuer and serial number."""
    certificate = subject.certificate
    for twin in subject.twins:
        yield finding(
            at=certificate.span("serialNumber"),
            expected=f"another serial number than that of {twin.name or twin.sha256}",
            seen=f"{certificate.serial:X} in other octets"[:80],
        )

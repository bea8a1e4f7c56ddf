"""SMKI-CRL: revocation lists.

Clause: RFC 5280 5; the SMKI profile of these lists is not public.
"""

from __future__ import annotations

from collections.abc import Iterator

from trialconformance.core import Basis, Finding, Severity, check, finding
from trialconformance.smki.checks.scopes import EVERY_LIST
from trialconformance.smki.extension import KeyUsage
from trialconformance.smki.revocation import ListInContext


@check(
    "SMKI-CRL-01",
    clause="RFC 5280 5, 6.3",
    applies_to=EVERY_LIST,
    severity=Severity.SHOULD,
    basis=Basis.ASSUMED,
)
def list_is_good_and_lists_nobody_relied_on(subject: ListInContext) -> Iterator[Finding]:
    """A list is DER, signed by a CA that may sign lists, fresh at the clock, and lists no certificate relied on."""
    revocations = subject.revocations
    signed = revocations.signed
    for fault in revocations.faults:
        yield finding(at=fault.span, expected=fault.expected, seen=f"{fault.rule.value}: {fault.seen}")
    yield from _issuer(subject)
    clock, due = subject.clock, revocations.next_update
    issued = revocations.this_update
    if clock is not None and (issued is None or due is None or not issued <= clock <= due):
        yield finding(
            at=signed.span(revocations.times[-1], "nextUpdate"),
            expected=f"a list that holds at {clock:%Y-%m-%d %H:%M:%S}",
            seen=f"issued {issued or 'at no readable time'}, next one due {due or 'at no stated time'}",
        )
    for each in subject.certificates:
        entry = revocations.entries.get(each.serial)
        if entry is not None and each.issuer.octets == revocations.issuer.octets:
            yield finding(
                at=entry.span("revokedCertificates"),
                expected="no certificate that is relied on",
                seen=f"the serial number of {each.name or each.sha256}",
            )


def _issuer(subject: ListInContext) -> Iterator[Finding]:
    revocations, issuer = subject.revocations, subject.issuer
    place = revocations.issuer.node.span("issuer")
    if issuer is None:
        yield finding(at=place, expected="an issuer at hand", seen=str(revocations.issuer) or "no name")
        return
    if revocations.issuer.octets != issuer.subject.octets:
        yield finding(at=place, expected=str(issuer.subject), seen=str(revocations.issuer))
    if KeyUsage.CRL_SIGN not in issuer.usage:
        yield finding(at=place, expected="an issuer with cRLSign", seen=issuer.usage.words)
    if not revocations.signed.signed_by(issuer.point):
        yield finding(
            at=revocations.signed.value.span("signatureValue"),
            expected=f"a signature by {str(issuer.subject) or issuer.name}",
            seen="a signature that does not verify",
        )


@check("SMKI-CRL-02", clause="RFC 5280 5.2.3", applies_to=EVERY_LIST, severity=Severity.SHOULD)
def list_number_is_present_and_grows(subject: ListInContext) -> Iterator[Finding]:
    """A list has a cRLNumber, greater than that of the list before it."""
    revocations, previous = subject.revocations, subject.previous
    place = revocations.signed.span(None, "cRLNumber")
    if revocations.number is None:
        yield finding(at=place, expected="a cRLNumber", seen="none")
    elif previous is not None and previous.number is not None and revocations.number <= previous.number:
        yield finding(at=place, expected=f"more than {previous.number}", seen=str(revocations.number))

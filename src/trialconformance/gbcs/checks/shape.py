"""GBCS-SEC-001 to 005: what protects a message is what its Message Code asks for.

The catalogue declares the forms, so that its variants (CS02a, CS02f, three modes of CS02b) need no exception here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from trialconformance.core import Basis, Finding, Scope, check, finding
from trialconformance.gbcs.checks.scopes import is_alert, is_command, is_response, messages
from trialconformance.gbcs.protection import protection_of
from trialconformance.gbcs.subjects import MessageInContext

_WORDS = {
    "mac": "a MAC and no signature",
    "signature": "a signature and no MAC",
    "mac+signature": "a signature and a MAC",
}


def _declared(subject: MessageInContext) -> bool:
    """Whether the catalogue knows the form from vectors or from the source; what it assumes fails nobody."""
    row = subject.use_case
    return row is not None and row.protection_basis != "assumed" and bool(row.forms(subject.message.cra))


def _critical(subject: MessageInContext) -> bool:
    """Critical, or both ways: a use case that declares variants is judged with the critical ones."""
    return subject.use_case is not None and subject.use_case.critical is not False


def _not_critical(subject: MessageInContext) -> bool:
    return not _critical(subject)


def _scope(title: str, *conditions: Callable[[MessageInContext], bool]) -> Scope:
    return messages(title, *conditions, _declared)


def _protected(subject: MessageInContext) -> Iterator[Finding]:
    row = subject.use_case
    forms = row.forms(subject.message.cra) if row is not None else ()
    seen = protection_of(subject.message)
    if seen not in forms:
        path = "signature_length" if subject.message.mac is None or subject.message.signature else "mac"
        yield finding(
            at=subject.span(path),
            expected=f"{' or '.join(_WORDS[form] for form in forms)}, for {row.label if row is not None else ''}",
            seen=_WORDS[seen] if seen else "neither",
        )


@check(
    "GBCS-SEC-001",
    clause="GBCS 6.2",
    applies_to=_scope("every critical Command whose form is known", is_command, _critical),
    basis=Basis.VECTORS,
)
def critical_command_is_signed_and_has_a_mac(subject: MessageInContext) -> Iterator[Finding]:
    """A critical Command carries a signature and a MAC, or what its use case declares instead."""
    yield from _protected(subject)


@check(
    "GBCS-SEC-002",
    clause="GBCS 6.2.3",
    applies_to=_scope("every non-critical Command whose form is known", is_command, _not_critical),
    basis=Basis.VECTORS,
)
def non_critical_command_has_a_mac_only(subject: MessageInContext) -> Iterator[Finding]:
    """A non-critical Command carries a MAC and no signature."""
    yield from _protected(subject)


@check(
    "GBCS-SEC-003",
    clause="GBCS 6.4",
    applies_to=_scope("every critical Response whose form is known", is_response, _critical),
    basis=Basis.VECTORS,
)
def critical_response_is_signed_only(subject: MessageInContext) -> Iterator[Finding]:
    """A critical Response carries a signature and no MAC, or what its use case declares instead."""
    yield from _protected(subject)


@check(
    "GBCS-SEC-004",
    clause="GBCS 6.4.5",
    applies_to=_scope("every non-critical Response whose form is known", is_response, _not_critical),
    basis=Basis.VECTORS,
)
def non_critical_response_has_a_mac_only(subject: MessageInContext) -> Iterator[Finding]:
    """A non-critical Response carries a MAC and a signature of zero length."""
    yield from _protected(subject)


@check(
    "GBCS-SEC-005",
    clause="GBCS 6.7",
    applies_to=_scope("every Alert whose form is known", is_alert),
    basis=Basis.VECTORS,
)
def alert_is_protected_as_its_criticality_asks(subject: MessageInContext) -> Iterator[Finding]:
    """A critical Alert carries a signature and no MAC, a non-critical one a MAC and no signature."""
    yield from _protected(subject)

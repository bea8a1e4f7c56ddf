"""GBCS-ICS: the Implementation Conformance Statement is true to what the captures show, both ways."""

from __future__ import annotations

from collections.abc import Iterator

from trialconformance.core import Finding, Severity, check, finding, format_eui64
from trialconformance.gbcs.checks.scopes import CLAIMS_BESIDE_CAPTURES
from trialconformance.gbcs.protection import Status
from trialconformance.gbcs.subjects import ClaimsBesideCaptures, MessageInContext

_CLAUSE = "ICS"
_MANY = 5  # messages named in one finding


def _shown(subject: ClaimsBesideCaptures) -> dict[str, list[MessageInContext]]:
    """Messages of the Device under test by claimed name, or by use case where none was claimed."""
    found: dict[str, list[MessageInContext]] = {}
    for each in subject.shown:
        if each.use_case is not None:
            claimed = each.use_case.names & subject.claims.use_cases
            for name in claimed or {each.use_case.use_case or each.use_case.message_code}:
                found.setdefault(name, []).append(each)
    return found


@check("GBCS-ICS-001", clause=_CLAUSE, applies_to=CLAIMS_BESIDE_CAPTURES)
def what_the_device_answers_is_claimed(subject: ClaimsBesideCaptures) -> Iterator[Finding]:
    """Every use case that the Device under test answers or raises in a capture is claimed in the ICS.

    Alerts that belong to no use case need no claim.
    """
    for name, messages in sorted(_shown(subject).items()):
        first = messages[0]
        if name not in subject.claims.use_cases and first.use_case is not None and first.use_case.use_case:
            yield finding(
                at=first.span("grouping_header.message_code"),
                artefact=first.name,
                expected=f"a use case that the ICS claims, or a claim of {name}",
                seen=f"{first.use_case.label}, in {len(messages)} captured messages",
            )


@check("GBCS-ICS-002", clause=_CLAUSE, applies_to=CLAIMS_BESIDE_CAPTURES, severity=Severity.SHOULD)
def what_is_claimed_was_captured(subject: ClaimsBesideCaptures) -> Iterator[Finding]:
    """Every use case that the ICS claims is shown by a captured Response or Alert of the Device under test.

    Use cases without GBCS messages, which stay on the HAN, are left out.
    """
    shown = set(_shown(subject))
    with_messages = {name for row in subject.context.use_cases.use_cases if row.kinds for name in row.names}
    for name in sorted(subject.claims.use_cases & with_messages - shown):
        yield finding(expected=f"a Response or an Alert of {name} in the captures", seen="none")


@check("GBCS-ICS-003", clause=_CLAUSE, applies_to=CLAIMS_BESIDE_CAPTURES)
def claimed_use_cases_exist(subject: ClaimsBesideCaptures) -> Iterator[Finding]:
    """Every use case that the ICS claims is one of the use-case catalogue."""
    for name in sorted(subject.claims.use_cases - subject.context.use_cases.names):
        yield finding(expected="a use case or Message Code of GBCS", seen=name)


@check("GBCS-ICS-004", clause=_CLAUSE, applies_to=CLAIMS_BESIDE_CAPTURES, severity=Severity.SHOULD)
def claimed_use_cases_were_verified(subject: ClaimsBesideCaptures) -> Iterator[Finding]:
    """Every claimed use case that was captured was captured at least once with protection that could be verified."""
    for name, messages in sorted(_shown(subject).items()):
        if name in subject.claims.use_cases and not any(_verified(each) for each in messages):
            yield finding(
                at=messages[0].span("payload"),
                artefact=messages[0].name,
                expected=f"a Response or an Alert of {name} whose signature or MAC verifies",
                seen=f"{', '.join(each.name for each in messages[:_MANY])}: none could be verified",
            )


def _verified(subject: MessageInContext) -> bool:
    return Status.VALID in {subject.verification.signature, subject.verification.mac}


@check("GBCS-ICS-005", clause=_CLAUSE, applies_to=CLAIMS_BESIDE_CAPTURES, severity=Severity.SHOULD)
def device_under_test_is_of_the_claimed_type(subject: ClaimsBesideCaptures) -> Iterator[Finding]:
    """The use cases that the Device under test answers are use cases of the device type that the ICS claims."""
    claimed = subject.claims.device_type.upper()
    for name, messages in sorted(_shown(subject).items()):
        row = messages[0].use_case
        if subject.context.under_test and row is not None and row.devices and claimed not in row.devices:
            yield finding(
                at=messages[0].span("grouping_header.message_code"),
                artefact=messages[0].name,
                expected=f"a use case of {subject.claims.device_type}",
                seen=f"{name}, of {', '.join(row.devices)}, from {format_eui64(messages[0].message.originator)}",
            )

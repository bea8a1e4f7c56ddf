"""GBCS-HDR: the grouping header says the right things."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from trialconformance.core import ArtefactError, Basis, Finding, Severity, check, finding, format_eui64
from trialconformance.gbcs.checks.scopes import (
    ANSWERED_COMMANDS,
    EVERY_MESSAGE,
    is_command,
    is_response,
    messages,
)
from trialconformance.gbcs.date_time import date_time_faults
from trialconformance.gbcs.message import kind_name
from trialconformance.gbcs.parties import role_name
from trialconformance.gbcs.subjects import Exchange, MessageInContext
from trialconformance.smki import Certificate, CertificateKind, KeyUsage

_HEADER = "grouping_header"
_CLAUSE = "GBCS 7.2.7"
Value = TypeVar("Value", bytes, int)


def _hex(value: bytes | int | None, digits: int = 16) -> str:
    if value is None:
        return "nothing"
    return value.hex().upper() if isinstance(value, bytes) else f"{value:0{digits}X}"


def _echo(exchange: Exchange, field: str, sent: Value | None, echoed: Value | None) -> Iterator[Finding]:
    """Compare what a Response echoes with what its Command sent."""
    if sent != echoed:
        digits = 4 if field == "message_code" else 16
        yield finding(
            at=exchange.response.span(f"{_HEADER}.{field}"),
            expected=f"{_hex(sent, digits)}, as in {exchange.command.name}",
            seen=_hex(echoed, digits),
        )


@check("GBCS-HDR-001", clause=_CLAUSE, applies_to=ANSWERED_COMMANDS, basis=Basis.VECTORS)
def response_echoes_the_message_code(exchange: Exchange) -> Iterator[Finding]:
    """The Message Code of a Response is that of the Command."""
    command, response = exchange.command.message, exchange.response.message
    yield from _echo(exchange, "message_code", command.message_code, response.message_code)


@check("GBCS-HDR-002", clause=_CLAUSE, applies_to=ANSWERED_COMMANDS, basis=Basis.VECTORS)
def response_comes_from_the_target(exchange: Exchange) -> Iterator[Finding]:
    """The Business Originator ID of a Response is the Business Target ID of the Command."""
    yield from _echo(exchange, "originator", exchange.command.message.target, exchange.response.message.originator)


@check("GBCS-HDR-003", clause=_CLAUSE, applies_to=ANSWERED_COMMANDS, basis=Basis.VECTORS)
def response_goes_to_the_originator(exchange: Exchange) -> Iterator[Finding]:
    """The Business Target ID of a Response is the Business Originator ID of the Command."""
    yield from _echo(exchange, "target", exchange.command.message.originator, exchange.response.message.target)


@check("GBCS-HDR-004", clause=_CLAUSE, applies_to=ANSWERED_COMMANDS, basis=Basis.VECTORS)
def response_echoes_the_originator_counter(exchange: Exchange) -> Iterator[Finding]:
    """The Originator Counter of a Response is that of the Command."""
    command, response = exchange.command.message, exchange.response.message
    yield from _echo(exchange, "originator_counter", command.originator_counter, response.originator_counter)


@check("GBCS-HDR-005", clause=_CLAUSE, applies_to=ANSWERED_COMMANDS, basis=Basis.VECTORS)
def response_echoes_the_supplementary_remote_party(exchange: Exchange) -> Iterator[Finding]:
    """A Response echoes the Supplementary Remote Party ID and Counter of the Command, or none where it has none."""
    command, response = exchange.command.message, exchange.response.message
    yield from _echo(
        exchange,
        "supplementary_remote_party_id",
        command.supplementary_remote_party_id,
        response.supplementary_remote_party_id,
    )
    yield from _echo(
        exchange,
        "supplementary_remote_party_counter",
        command.supplementary_remote_party_counter,
        response.supplementary_remote_party_counter,
    )


@check(
    "GBCS-HDR-006",
    clause=_CLAUSE,
    applies_to=messages(
        "every message whose Message Code is known to be a Command's, a Response's or an Alert's",
        lambda subject: subject.use_case is not None and bool(subject.use_case.kinds),
    ),
    basis=Basis.VECTORS,
)
def cra_flag_fits_the_message(subject: MessageInContext) -> Iterator[Finding]:
    """The CRA flag is 1 in a Command, 2 in a Response and 3 in an Alert, and the Message Code is one for that kind."""
    row = subject.use_case
    seen = kind_name(subject.message.cra)
    if row is not None and seen not in row.kinds:
        yield finding(
            at=subject.span(f"{_HEADER}.cra"),
            expected=f"{' or '.join(row.kinds)} for Message Code {row.message_code}",
            seen=f"{subject.message.cra:02X} ({seen})",
        )


def _devices_known(subject: MessageInContext) -> bool:
    """Whether the submission names the devices or the key store holds certificates of some."""
    return bool(subject.context.device_types) or subject.context.has_device_certificates


@check(
    "GBCS-HDR-007",
    clause=_CLAUSE,
    applies_to=messages(
        "every Response and Alert, where the devices are known",
        lambda subject: not subject.is_command,
        _devices_known,
    ),
    basis=Basis.VECTORS,
)
def responses_and_alerts_come_from_a_device(subject: MessageInContext) -> Iterator[Finding]:
    """The originator of a Response or an Alert is a Device of the test: named as one, or with a Device Certificate."""
    originator, types = subject.message.originator, subject.context.device_types
    certificate = subject.context.certificate(originator)
    is_device = certificate is not None and certificate.kind is CertificateKind.DEVICE
    if (originator not in types) if types else not is_device:
        yield finding(
            at=subject.span(f"{_HEADER}.originator"),
            expected="the EUI-64 of a Device of the test",
            seen=format_eui64(originator) + ("" if certificate is None else f", {certificate.kind.value}"),
        )


@check(
    "GBCS-HDR-008",
    clause=_CLAUSE,
    applies_to=messages(
        "every Response whose use case is known to carry a date-time or not",
        is_response,
        lambda subject: subject.use_case is not None and subject.use_case.response_date_time is not None,
    ),
    basis=Basis.VECTORS,
)
def response_carries_a_date_time_where_its_use_case_asks(subject: MessageInContext) -> Iterator[Finding]:
    """A Response carries a date-time exactly where its use case asks for one."""
    row = subject.use_case
    if row is not None and bool(subject.message.date_time) != row.response_date_time:
        yield finding(
            at=subject.span(f"{_HEADER}.date_time"),
            expected=f"{'a' if row.response_date_time else 'no'} date-time for {row.label}",
            seen=_hex(subject.message.date_time or None),
        )


@check(
    "GBCS-HDR-009",
    clause=_CLAUSE,
    applies_to=messages(
        "every Response with a date-time", is_response, lambda subject: bool(subject.message.date_time)
    ),
    severity=Severity.SHOULD,
    basis=Basis.VECTORS,
)
def response_date_time_is_a_moment_in_utc(subject: MessageInContext) -> Iterator[Finding]:
    """The date-time of a Response is one of the calendar, from 2000 on, with an unspecified deviation (8000)."""
    if faults := date_time_faults(subject.message.date_time):
        yield finding(
            at=subject.span(f"{_HEADER}.date_time"),
            expected="a calendar date-time from 2000 on with deviation 8000",
            seen=", ".join(faults),
        )


def _role(subject: MessageInContext) -> str | None:
    """The role of who sends a Command in its own name, where a certificate tells."""
    message = subject.message
    if message.supplementary_remote_party_id is not None:
        return None  # the Access Control Broker asks for a party that the device does not know: GBCS-HDR-013
    certificate = subject.context.certificate(message.originator)
    return None if certificate is None else role_name(certificate)


@check(
    "GBCS-HDR-010",
    clause="GBCS 20 (use case tables)",
    applies_to=messages(
        "every Command of a use case with known roles, from a party whose certificate is at hand",
        lambda subject: subject.is_command,
        lambda subject: subject.use_case is not None and subject.use_case.originator_roles is not None,
        lambda subject: _role(subject) is not None,
    ),
)
def originator_has_a_role_that_may_ask(subject: MessageInContext) -> Iterator[Finding]:
    """The originator of a Command has a role that the use case permits."""
    row, role = subject.use_case, _role(subject)
    if row is not None and row.originator_roles is not None and role not in row.originator_roles:
        yield finding(
            at=subject.span(f"{_HEADER}.originator"),
            expected=f"{' or '.join(row.originator_roles)} for {row.label}",
            seen=f"{format_eui64(subject.message.originator)}, {role}",
        )


def _type_of_target(subject: MessageInContext) -> str | None:
    return subject.context.device_types.get(subject.message.target)


@check(
    "GBCS-HDR-011",
    clause="GBCS 20 (use case tables)",
    applies_to=messages(
        "every Command of a use case with known device types to a Device whose type is known",
        is_command,
        lambda subject: subject.use_case is not None and bool(subject.use_case.devices),
        lambda subject: _type_of_target(subject) is not None,
    ),
    severity=Severity.SHOULD,
)
def target_is_of_a_type_that_supports_the_use_case(subject: MessageInContext) -> Iterator[Finding]:
    """The Device that a Command goes to is of a type that supports the use case."""
    row, device_type = subject.use_case, _type_of_target(subject)
    if row is not None and device_type is not None and device_type.upper() not in row.devices:
        yield finding(
            at=subject.span(f"{_HEADER}.target"),
            expected=f"a Device of type {' or '.join(row.devices)} for {row.label}",
            seen=f"{format_eui64(subject.message.target)}, {device_type}",
        )


@check("GBCS-HDR-012", clause="GBCS 15", applies_to=EVERY_MESSAGE)
def message_code_is_known(subject: MessageInContext) -> Iterator[Finding]:
    """The Message Code is one of the use-case catalogue."""
    if subject.use_case is None:
        yield finding(
            at=subject.span(f"{_HEADER}.message_code"),
            expected="a Message Code of GBCS",
            seen=_hex(subject.message.message_code, 4),
        )


@check(
    "GBCS-HDR-013",
    clause=_CLAUSE,
    applies_to=messages(
        "every Command with a Supplementary Remote Party ID whose originator is known",
        lambda subject: subject.is_command,
        lambda subject: subject.message.supplementary_remote_party_id is not None,
        lambda subject: subject.context.is_acb(subject.message.originator) is not None,
    ),
    severity=Severity.SHOULD,
    basis=Basis.VECTORS,
)
def only_the_access_control_broker_asks_for_others(subject: MessageInContext) -> Iterator[Finding]:
    """A Command carries a Supplementary Remote Party ID only where its originator is the Access Control Broker."""
    if not subject.context.is_acb(subject.message.originator):
        yield finding(
            at=subject.span(f"{_HEADER}.originator"),
            expected="the Access Control Broker",
            seen=format_eui64(subject.message.originator),
        )


@check(
    "GBCS-HDR-014",
    clause=_CLAUSE,
    applies_to=messages(
        "every message with a key agreement certificate in its header",
        lambda subject: subject.message.certificate is not None,
    ),
    basis=Basis.VECTORS,
)
def header_certificate_is_for_key_agreement_with_the_party(subject: MessageInContext) -> Iterator[Finding]:
    """The certificate in the header names the Supplementary Remote Party and is for key agreement only."""
    span = subject.span(f"{_HEADER}.certificate")
    party = subject.message.supplementary_remote_party_id
    try:
        certificate = Certificate.parse(subject.message.certificate or b"", name=subject.name)
    except ArtefactError as error:
        yield finding(at=span, expected="a certificate", seen=error.message)
        return
    if certificate.entity_id != party:
        yield finding(
            at=span, expected=f"a certificate of {_hex(party)}", seen=f"a certificate of {_hex(certificate.entity_id)}"
        )
    if certificate.usage != KeyUsage.KEY_AGREEMENT:
        yield finding(at=span, expected="a certificate for key agreement only", seen=certificate.usage.words)


@check(
    "GBCS-HDR-015",
    clause=_CLAUSE,
    applies_to=messages(
        "every message with a Supplementary Originator Counter",
        lambda subject: subject.message.supplementary_originator_counter is not None,
    ),
    severity=Severity.SHOULD,
    basis=Basis.VECTORS,
)
def only_responses_carry_a_supplementary_originator_counter(subject: MessageInContext) -> Iterator[Finding]:
    """Other-information of 26 octets, with a Supplementary Originator Counter, stands in Responses only."""
    if not is_response(subject):
        yield finding(
            at=subject.span(f"{_HEADER}.supplementary_originator_counter"),
            expected="no Supplementary Originator Counter in a Command or an Alert",
            seen=_hex(subject.message.supplementary_originator_counter),
        )

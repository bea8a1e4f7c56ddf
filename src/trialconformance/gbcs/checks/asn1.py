"""GBCS-ASN: ASN.1 payloads repeat what the header and the Command say."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from typing import Any

from trialconformance.core import ArtefactError, Basis, Finding, Severity, Span, check, finding, format_eui64
from trialconformance.gbcs.asn1 import Asn1Payload, Element
from trialconformance.gbcs.asn1.rule import Form
from trialconformance.gbcs.checks.payloads import payload_fault
from trialconformance.gbcs.checks.scopes import exchanges, messages
from trialconformance.gbcs.subjects import Exchange, MessageInContext
from trialconformance.smki import Certificate

_CLAUSE = "GBCS 13"
_CS06, _CS02D, _CS02E = 0x0012, 0x000B, 0x000C
_PROVIDE_CREDENTIALS = frozenset({0x0008, 0x011B})
_UPDATE_CREDENTIALS = frozenset({*range(0x0100, 0x010A), 0x0125, 0x0126})
_FUTURE_DATABLE = _UPDATE_CREDENTIALS | {_CS06}
_EXECUTION_ALERTS = frozenset({0x00CA, 0x00CB, 0x0124})
_SUCCEEDED, _FAILED = 0x8F66, 0x8F67
_TIME = re.compile(r"[0-9]{14}Z")


def is_asn1(subject: MessageInContext) -> bool:
    """A message whose use case travels in ASN.1."""
    return subject.use_case is not None and subject.use_case.payload == ("ASN.1",)


def _content(subject: MessageInContext) -> Asn1Payload | None:
    content = subject.content
    return content if isinstance(content, Asn1Payload) else None


def _is_read(subject: MessageInContext) -> bool:
    return _content(subject) is not None


def _of(codes: Collection[int]) -> Callable[[MessageInContext], bool]:
    """A condition: one of these Message Codes, with a payload that can be read."""
    return lambda subject: subject.message.message_code in codes and _is_read(subject)


def _between(codes: Collection[int]) -> Callable[[Exchange], bool]:
    """The same for both sides of an exchange."""
    condition = _of(codes)
    return lambda exchange: condition(exchange.command) and condition(exchange.response)


def _value(subject: MessageInContext, *path: str | int) -> Any:
    """A value inside the payload by field names and positions, None where it is absent."""
    content = _content(subject)
    found = None if content is None else content.value
    for step in path:
        try:
            found = found[step]  # type: ignore[index]  # what cannot be indexed lacks the field
        except (KeyError, IndexError, TypeError):
            return None
    return found


def _at(subject: MessageInContext, element: Element) -> Span:
    start = subject.message.payload_offset + element.start
    return Span(start=start, length=element.end - element.start, path=f"payload.{element.name}")


PAYLOADS = messages("every message with an ASN.1 payload", is_asn1)
READ_PAYLOADS = messages("every ASN.1 payload that can be read", is_asn1, _is_read)


@check("GBCS-ASN-001", clause="X.690 8", applies_to=PAYLOADS, basis=Basis.VECTORS)
def payload_is_one_der_value(subject: MessageInContext) -> Iterator[Finding]:
    """The payload is exactly one value of the structure of its use case, and its lengths nest without a gap.

    Lengths longer than needed are read all the same: GBCS-ASN-011 reports them.
    """
    yield from payload_fault(subject)


@check("GBCS-ASN-002", clause=_CLAUSE, applies_to=messages("every CS06 Command", _of({_CS06})), basis=Basis.VECTORS)
def firmware_activation_repeats_the_counter(subject: MessageInContext) -> Iterator[Finding]:
    """The originatorCounter of a CS06 Command is the Originator Counter of its header."""
    seen = _value(subject, "originatorCounter")
    if subject.is_command and seen != subject.message.originator_counter:
        yield finding(
            at=subject.payload_span("originatorCounter"),
            expected=str(subject.message.originator_counter),
            seen=str(seen),
        )


@check(
    "GBCS-ASN-003",
    clause=_CLAUSE,
    applies_to=messages("every CS02b and CS02g Command and Response", _of(_UPDATE_CREDENTIALS)),
    basis=Basis.VECTORS,
)
def credential_update_repeats_the_counter(subject: MessageInContext) -> Iterator[Finding]:
    """The sequence number of CS02b and CS02g is the Originator Counter of the header, in Command and outcome."""
    path = ("authorisation", "authSeqNo") if subject.is_command else ("outcome", "seqNo")
    seen = _value(subject, *path)
    if seen is not None and seen != subject.message.originator_counter:
        yield finding(
            at=subject.payload_span(".".join(path)),
            expected=str(subject.message.originator_counter),
            seen=str(seen),
        )


def _is_for_later(exchange: Exchange) -> bool:
    return _value(exchange.command, "executionDateTime") is not None


@check(
    "GBCS-ASN-004",
    clause="GBCS 9.2.2",
    applies_to=exchanges(
        "every Response to a future dated or cancelling CS06, CS02b or CS02g", _between(_FUTURE_DATABLE), _is_for_later
    ),
    basis=Basis.VECTORS,
)
def what_is_for_later_has_no_outcome_yet(exchange: Exchange) -> Iterator[Finding]:
    """The Response to a future dated or cancelling CS06, CS02b or CS02g holds no outcome."""
    response = exchange.response
    value = _value(response)
    outcome = value if response.message.message_code == _CS06 else _value(response, "outcome")
    if outcome is not None:
        yield finding(
            at=response.payload_span("outcome"), expected="no outcome before the time has come", seen="an outcome"
        )


@check(
    "GBCS-ASN-005",
    clause=_CLAUSE,
    applies_to=exchanges(
        "every Response to an immediate CS02b or CS02g",
        _between(_UPDATE_CREDENTIALS),
        lambda exchange: not _is_for_later(exchange),
    ),
)
def outcome_lists_every_replacement(exchange: Exchange) -> Iterator[Finding]:
    """The Response to an immediate CS02b or CS02g lists every replacement of the Command in its outcome, in order."""
    asked = [each["cell"] for each in _value(exchange.command, "replacements") or []]
    outcome = _value(exchange.response, "outcome")
    told = None if outcome is None else [each["cell"] for each in outcome["replacements"]]
    if told != asked:
        yield finding(
            at=exchange.response.payload_span("outcome"),
            expected=f"an outcome with {len(asked)} replacements, as in {exchange.command.name}",
            seen="no outcome" if told is None else f"{len(told)} replacements, or another order",
        )


@check(
    "GBCS-ASN-006",
    clause="GBCS 16",
    applies_to=messages("every execution alert of CS06, CS02b and CS02g", _of(_EXECUTION_ALERTS)),
    basis=Basis.VECTORS,
)
def execution_alert_code_tells_the_outcome(subject: MessageInContext) -> Iterator[Finding]:
    """An execution alert has the code 8F66 where its outcome is a success and 8F67 where it is not."""
    outcome = _value(subject, "outcome")
    code = _value(subject, "alertCode")
    if outcome is None:
        return
    statuses = [outcome["code"]] if "code" in outcome else [each["status"] for each in outcome["replacements"]]
    # A credential update may succeed for one cell and fail for another: both codes are then true of a part of it.
    expected = {_FAILED if status else _SUCCEEDED for status in statuses}
    if code not in expected:
        yield finding(
            at=subject.payload_span("alertCode"),
            expected=" or ".join(f"{each:04X}" for each in sorted(expected)),
            seen=f"{code:04X}",
        )


def _certificate_fault(octets: bytes | None, device: bytes) -> str | None:
    """What keeps a certificate from being one of a device; None where nothing does."""
    try:
        certificate = Certificate.parse(octets or b"")
    except ArtefactError as error:
        return error.message
    if certificate.entity_id == device:
        return None
    return format_eui64(certificate.entity_id) if certificate.entity_id is not None else "no EUI-64"


@check(
    "GBCS-ASN-007",
    clause=_CLAUSE,
    applies_to=exchanges(
        "every CS02d that the Device accepted and every CS02e it answered with a certificate",
        _between({_CS02D, _CS02E}),
        lambda exchange: _carried_certificate(exchange) is not None,
    ),
    basis=Basis.VECTORS,
)
def device_certificate_names_the_device(exchange: Exchange) -> Iterator[Finding]:
    """The certificate that CS02e returns, and one that CS02d made the Device accept, names that Device."""
    carried = _carried_certificate(exchange)
    if carried is None:
        return
    subject, octets = carried
    device = exchange.response.message.originator
    fault = _certificate_fault(octets, device)
    if fault is not None:
        yield finding(
            artefact=subject.name,
            at=subject.payload_span(""),
            expected=f"a certificate of {format_eui64(device)}",
            seen=fault,
        )


def _carried_certificate(exchange: Exchange) -> tuple[MessageInContext, bytes] | None:
    answer = _value(exchange.response)
    if exchange.response.message.message_code == _CS02E:
        return (exchange.response, answer) if isinstance(answer, bytes) else None
    asked = _value(exchange.command)
    return (exchange.command, asked) if answer == 0 and isinstance(asked, bytes) else None


@check("GBCS-ASN-008", clause="RFC 5280 4.1.2.5.2", applies_to=READ_PAYLOADS, basis=Basis.VECTORS)
def times_are_in_utc_to_the_second(subject: MessageInContext) -> Iterator[Finding]:
    """Every GeneralizedTime has the form YYYYMMDDhhmmssZ and names a moment of the calendar."""
    content = _content(subject)
    for element in content.root.walk() if content is not None else ():
        if element.rule.form is Form.TIME and not _is_moment(element.value):
            yield finding(at=_at(subject, element), expected="YYYYMMDDhhmmssZ", seen=str(element.value))


def _is_moment(text: str) -> bool:
    if not _TIME.fullmatch(text):
        return False
    try:
        datetime.strptime(text, "%Y%m%d%H%M%S%z")
    except ValueError:
        return False
    return True


@check(
    "GBCS-ASN-009",
    clause=_CLAUSE,
    applies_to=exchanges("every CS02a and CS02f Response", _between(_PROVIDE_CREDENTIALS)),
    basis=Basis.VECTORS,
)
def every_role_asked_for_is_answered(exchange: Exchange) -> Iterator[Finding]:
    """The Response to CS02a or CS02f has exactly one entry for each role asked for, in that order."""
    asked = list(_value(exchange.command, "roles") or [])
    told = [entry["role"] for entry in _value(exchange.response) or []]
    if told != asked:
        yield finding(
            at=exchange.response.payload_span(""), expected=f"roles {asked}, in that order", seen=f"roles {told}"
        )


@check(
    "GBCS-ASN-010",
    clause=_CLAUSE,
    applies_to=messages(
        "every ASN.1 Response and Alert that can be read", is_asn1, _is_read, lambda subject: not subject.is_command
    ),
)
def codes_are_in_range(subject: MessageInContext) -> Iterator[Finding]:
    """Every response code, status, role and mode of a Response or Alert is one that GBCS defines."""
    content = _content(subject)
    for element in content.root.walk() if content is not None else ():
        meanings = element.rule.meanings
        if element.rule.form is Form.INTEGER and meanings and not meanings.get(element.value):
            yield finding(at=_at(subject, element), expected=f"a {element.rule.title}", seen=str(element.value))


@check("GBCS-ASN-011", clause="X.690 10.1", applies_to=READ_PAYLOADS, severity=Severity.INFO, basis=Basis.VECTORS)
def lengths_have_the_form_of_der(subject: MessageInContext) -> Iterator[Finding]:
    """Every length of an ASN.1 payload has the shortest form, as DER asks; official vectors do not keep to it."""
    content = _content(subject)
    for element in content.longer_lengths if content is not None else ():
        yield finding(
            at=_at(subject, element), expected="the shortest form", seen=f"a length field of {element.width} octets"
        )

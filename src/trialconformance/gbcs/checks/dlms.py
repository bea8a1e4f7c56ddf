"""GBCS-DLM: DLMS payloads say what the message and the use case ask for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from trialconformance.core import Basis, Finding, Severity, Span, check, finding
from trialconformance.gbcs.checks.payloads import payload_fault
from trialconformance.gbcs.checks.scopes import exchanges, is_command, messages
from trialconformance.gbcs.dlms import (
    AccessRequest,
    AccessResponse,
    CosemNames,
    Data,
    DataNotification,
    Specification,
    Tag,
    long_invoke_id,
)
from trialconformance.gbcs.future_dating import DATE_TIME_ATTRIBUTES
from trialconformance.gbcs.message import kind_name
from trialconformance.gbcs.subjects import Exchange, MessageInContext
from trialconformance.gbcs.templates import RequestTemplates

_CLAUSE = "GBCS 7.3"
_TAGS = {1: AccessRequest.tag, 2: AccessResponse.tag, 3: DataNotification.tag}
_GET, _SET, _ACTION, _GET_SELECTED, _SET_SELECTED = range(1, 6)
_KIND_OF_RESULT = {_GET: _GET, _GET_SELECTED: _GET, _SET: _SET, _SET_SELECTED: _SET, _ACTION: _ACTION}
_RANGE_DESCRIPTOR = 1

# Attributes that hold a list of times and dates: Single action schedule, execution times.
_TIMES_AND_DATES = {(22, 4)}


def is_dlms(subject: MessageInContext) -> bool:
    """A message whose use case travels in DLMS, or whose payload starts like one where it may be either."""
    row = subject.use_case
    first = subject.message.payload[:1]
    families = row.payload if row is not None else ()
    if families == ("DLMS",):
        return True
    return ("DLMS" in families or row is None) and first in {bytes((tag,)) for tag in _TAGS.values()}


def _request(subject: MessageInContext) -> AccessRequest | None:
    content = subject.content
    return content if isinstance(content, AccessRequest) else None


def _response(subject: MessageInContext) -> AccessResponse | None:
    content = subject.content
    return content if isinstance(content, AccessResponse) else None


def _is_apdu(subject: MessageInContext) -> bool:
    return isinstance(subject.content, AccessRequest | AccessResponse | DataNotification)


def _is_request(subject: MessageInContext) -> bool:
    return _request(subject) is not None


def _is_response(subject: MessageInContext) -> bool:
    return _response(subject) is not None


def _pairs(exchange: Exchange) -> list[tuple[AccessRequest, AccessResponse]]:
    """What was asked and what was answered, where both are DLMS and can be read."""
    request, response = _request(exchange.command), _response(exchange.response)
    return [] if request is None or response is None else [(request, response)]


DLMS_MESSAGES = messages("every message with a DLMS payload", is_dlms)
APDUS = messages("every DLMS payload that can be read", _is_apdu)
REQUESTS = messages("every DLMS access-request", _is_request)
RESPONSES = messages("every DLMS access-response", _is_response)
EXCHANGES = exchanges("every DLMS access-response beside its request", lambda exchange: bool(_pairs(exchange)))


@check("GBCS-DLM-001", clause=_CLAUSE, applies_to=DLMS_MESSAGES, basis=Basis.VECTORS)
def dlms_tag_fits_the_kind_of_message(subject: MessageInContext) -> Iterator[Finding]:
    """The payload starts with D9 (access-request) in a Command, DA in a Response, 0F (data-notification) in Alerts."""
    expected, first = _TAGS[subject.message.cra], subject.message.payload[:1]
    if first != bytes((expected,)):
        start = subject.message.payload_offset
        yield finding(
            at=Span(start=start, length=len(first), path="payload.tag"),
            expected=f"{expected:02X} in {kind_name(subject.message.cra)}s",
            seen=first.hex().upper() or "no payload",
        )


@check("GBCS-DLM-002", clause=_CLAUSE, applies_to=APDUS, basis=Basis.VECTORS)
def long_invoke_id_repeats_the_counter(subject: MessageInContext) -> Iterator[Finding]:
    """The long-invoke-id is 20 and the low three octets of the Originator Counter."""
    expected = long_invoke_id(subject.message.originator_counter)
    content = subject.content
    if _is_apdu(subject) and content.long_invoke_id != expected:
        yield finding(
            at=subject.payload_span("long_invoke_id"), expected=f"{expected:08X}", seen=f"{content.long_invoke_id:08X}"
        )


@check("GBCS-DLM-003", clause=_CLAUSE, applies_to=APDUS, basis=Basis.VECTORS)
def apdu_carries_no_date_time(subject: MessageInContext) -> Iterator[Finding]:
    """The date-time of the DLMS APDU is absent (00)."""
    if _is_apdu(subject) and subject.content.date_time:
        yield finding(at=subject.payload_span("date_time"), expected="00", seen=subject.content.date_time.hex().upper())


@check("GBCS-DLM-004", clause=_CLAUSE, applies_to=RESPONSES, basis=Basis.VECTORS)
def response_does_not_repeat_the_specifications(subject: MessageInContext) -> Iterator[Finding]:
    """The optional list of specifications is absent (00) from an access-response."""
    response = _response(subject)
    if response is not None and response.specifications is not None:
        yield finding(at=subject.payload_span(""), expected="00", seen=f"{len(response.specifications)} specifications")


@check("GBCS-DLM-005", clause=_CLAUSE, applies_to=EXCHANGES, basis=Basis.VECTORS)
def response_answers_every_specification(exchange: Exchange) -> Iterator[Finding]:
    """The lists of data and of results of a Response have as many entries as the request has specifications."""
    for request, response in _pairs(exchange):
        asked = len(request.specifications)
        for path, count in (("data", len(response.data)), ("result", len(response.results))):
            if count != asked:
                yield finding(
                    at=exchange.response.payload_span(path),
                    expected=f"{asked} entries, one for each specification of {exchange.command.name}",
                    seen=f"{count} entries",
                )


@check("GBCS-DLM-006", clause=_CLAUSE, applies_to=EXCHANGES, basis=Basis.VECTORS)
def results_are_of_the_kind_that_was_asked(exchange: Exchange) -> Iterator[Finding]:
    """The choice of each result (get, set, action) is the kind of the request it answers."""
    for request, response in _pairs(exchange):
        for at, (specification, result) in enumerate(zip(request.specifications, response.results, strict=False)):
            expected = _KIND_OF_RESULT[specification.choice]
            if result.choice != expected:
                yield finding(
                    at=exchange.response.payload_span(f"result[{at}].choice"),
                    expected=f"{expected:02X} for {specification.descriptor}",
                    seen=f"{result.choice:02X}",
                )


@check("GBCS-DLM-007", clause=_CLAUSE, applies_to=RESPONSES, basis=Basis.VECTORS)
def results_are_known_codes(subject: MessageInContext) -> Iterator[Finding]:
    """Every result is a data-access-result or action-result that DLMS defines."""
    response = _response(subject)
    known = CosemNames.shipped().results
    for at, result in enumerate(response.results if response is not None else ()):
        if result.result not in known:
            yield finding(
                at=subject.payload_span(f"result[{at}].result"),
                expected="a result code of DLMS",
                seen=f"{result.result:02X}",
            )


@check("GBCS-DLM-008", clause=_CLAUSE, applies_to=DLMS_MESSAGES, basis=Basis.VECTORS)
def dlms_payload_is_read_to_its_last_octet(subject: MessageInContext) -> Iterator[Finding]:
    """A DLMS payload consists of legal data types, as many of them as it asks for, and ends with the last of them."""
    yield from payload_fault(subject)
    request = _request(subject)
    if request is not None and len(request.data) != len(request.specifications):
        yield finding(
            at=subject.payload_span("data"),
            expected=f"{len(request.specifications)} values, one for each specification",
            seen=f"{len(request.data)} values",
        )


@check(
    "GBCS-DLM-009",
    clause="GBCS 20 (use case tables)",
    applies_to=messages(
        "every DLMS Command of a use case with a request template",
        is_command,
        _is_request,
        lambda subject: bool(RequestTemplates.shipped().requests(subject.message.message_code)),
    ),
)
def request_follows_its_template(subject: MessageInContext) -> Iterator[Finding]:
    """The specifications of a Command are those of its use case, in its order: kind, class, OBIS code, attribute."""
    templates = RequestTemplates.shipped().requests(subject.message.message_code)
    seen = tuple(specification.descriptor for _, specification in _specifications(subject))
    if seen in templates:
        return
    nearest = max(templates, key=lambda template: _agreement(template, seen))
    for at, (expected, found) in enumerate(zip_longest(nearest, seen)):
        if expected != found:
            yield finding(
                at=subject.payload_span(f"request[{at}]" if found else ""),
                expected=expected or "the end of the list",
                seen=found or "the end of the list",
            )


def _agreement(template: tuple[str, ...], seen: tuple[str, ...]) -> tuple[int, bool]:
    return sum(one == other for one, other in zip(template, seen, strict=False)), len(template) == len(seen)


@check("GBCS-DLM-010", clause=_CLAUSE, applies_to=REQUESTS, severity=Severity.SHOULD, basis=Basis.VECTORS)
def selective_access_uses_the_range_descriptor(subject: MessageInContext) -> Iterator[Finding]:
    """A get with selection uses selector 1, the range descriptor."""
    for at, specification in _specifications(subject):
        if specification.choice == _GET_SELECTED and specification.selector != _RANGE_DESCRIPTOR:
            yield finding(
                at=subject.payload_span(f"request[{at}]"), expected="selector 01", seen=f"{specification.selector:02X}"
            )


def _specifications(subject: MessageInContext) -> Iterator[tuple[int, Specification]]:
    request = _request(subject)
    yield from enumerate(request.specifications if request is not None else ())


@check(
    "GBCS-DLM-011",
    clause=_CLAUSE,
    applies_to=messages(
        "every DLMS access-request and access-response", lambda subject: _is_request(subject) or _is_response(subject)
    ),
    severity=Severity.SHOULD,
    basis=Basis.VECTORS,
)
def entries_without_a_value_carry_null(subject: MessageInContext) -> Iterator[Finding]:
    """The data of a get request, of a set result and of a failed get is null."""
    for at, data, reason in _valueless(subject):
        if data.tag != Tag.NULL:
            yield finding(
                at=subject.payload_span(f"data[{at}]"), expected=f"null (00), for {reason}", seen=f"tag {data.tag:02X}"
            )


def _valueless(subject: MessageInContext) -> Iterator[tuple[int, Data, str]]:
    request, response = _request(subject), _response(subject)
    if request is not None:
        for at, (specification, data) in enumerate(zip(request.specifications, request.data, strict=False)):
            if specification.choice in {_GET, _GET_SELECTED}:
                yield at, data, "a get request"
    if response is not None:
        for at, (data, result) in enumerate(zip(response.data, response.results, strict=False)):
            if result.choice == _SET:
                yield at, data, "the result of a set"
            elif result.choice == _GET and result.result:
                yield at, data, "a failed get"


@check("GBCS-DLM-012", clause=_CLAUSE, applies_to=DLMS_MESSAGES, basis=Basis.VECTORS)
def compact_arrays_hold_whole_elements(subject: MessageInContext) -> Iterator[Finding]:
    """The contents of a compact-array are a whole number of elements of its type."""
    error = subject.payload_error
    if error is not None and "compact-array" in error.message:
        yield from payload_fault(subject)


@check(
    "GBCS-DLM-013",
    clause="DLMS Blue Book 4.1.6.1",
    applies_to=messages("every DLMS request that sets a date or a time", _is_request),
    severity=Severity.SHOULD,
)
def moments_have_their_length(subject: MessageInContext) -> Iterator[Finding]:
    """A date-time takes 12 octets, a date 5 and a time 4, where the attribute that is set holds one."""
    for at, specification in _specifications(subject):
        for path, value, octets in _moments(specification, subject.content.data[at : at + 1], f"data[{at}]"):
            if value.tag == Tag.OCTET_STRING and len(value.value) != octets:
                yield finding(
                    at=subject.payload_span(path), expected=f"{octets} octets", seen=f"{len(value.value)} octets"
                )


def _moments(specification: Specification, values: tuple[Data, ...], path: str) -> Iterator[tuple[str, Data, int]]:
    """The values of a set that must be a date-time, a date or a time, and the octets they take."""
    attribute = specification.class_id, specification.attribute
    for data in values if specification.choice == _SET else ():
        if attribute in DATE_TIME_ATTRIBUTES:
            yield path, data, 12
        elif attribute in _TIMES_AND_DATES:
            for at, entry in enumerate(data.items):
                for member, (value, octets) in enumerate(zip(entry.items, (4, 5), strict=False)):
                    yield f"{path}[{at}][{member}]", value, octets

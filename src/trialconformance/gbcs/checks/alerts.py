"""GBCS-ALR and GBCS-CTR-001: alerts say what happened, to whom it concerns, in order."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from trialconformance.core import Basis, Finding, Severity, check, finding, format_eui64
from trialconformance.gbcs.alert_codes import AlertTable
from trialconformance.gbcs.alerts import Alert
from trialconformance.gbcs.asn1 import Asn1Payload
from trialconformance.gbcs.checks.scopes import SCENARIOS, is_alert, messages
from trialconformance.gbcs.dlms import DataNotification, Tag
from trialconformance.gbcs.future_dating import cancels, earliest_time
from trialconformance.gbcs.gbz import GbzAlert
from trialconformance.gbcs.parties import role_name
from trialconformance.gbcs.subjects import MessageInContext, Scenario

_CLAUSE = "GBCS 16"
_EXECUTED = frozenset({0x8F66, 0x8F67})
_CS06, _CS06_ALERT = 0x0012, 0x00CA
_CREDENTIAL_ALERTS = frozenset({0x00CB, 0x0124})
_FIRMWARE_RECEIPT = 0x8F72
_DATE_TIME_OCTETS = 12
# Device types that speak each protocol on the HAN, GBCS 7.1: what a generic alert of theirs looks like.
_PROTOCOLS = {"ESME": "DLMS", "CHF": "DLMS", "SAPC": "DLMS", "GSME": "GBZ", "GPF": "GBZ"}


def _alert(subject: MessageInContext) -> Alert | None:
    return None if subject.payload is None else subject.payload.alert


def _is_told(subject: MessageInContext) -> bool:
    return is_alert(subject) and _alert(subject) is not None


ALERTS = messages("every Alert that can be read", _is_told)


def _hex(codes: tuple[str, ...]) -> str:
    return " or ".join(code.removeprefix("0x") for code in codes)


@check("GBCS-ALR-001", clause=_CLAUSE, applies_to=ALERTS)
def alert_code_fits_the_message_code(subject: MessageInContext) -> Iterator[Finding]:
    """The alert code is one of GBCS, and one that travels under the Message Code of the Alert."""
    alert, row = _alert(subject), subject.use_case
    if alert is None:
        return
    at, seen = subject.payload_span(alert.code_path), f"{alert.code:04X}"
    known = AlertTable.shipped().code(alert.code)
    here = f"0x{subject.message.message_code:04X}"
    if known is None:
        yield finding(at=at, expected="an alert code of GBCS", seen=seen)
    elif row is not None and row.alert_codes and f"0x{alert.code:04X}" not in row.alert_codes:
        yield finding(at=at, expected=f"{_hex(row.alert_codes)} under {row.label}", seen=f"{seen} {alert.name}")
    elif (row is None or not row.alert_codes) and known.message_codes and here not in known.message_codes:
        yield finding(at=at, expected=f"Message Code {_hex(known.message_codes)} for {seen}", seen=here)


@check(
    "GBCS-ALR-002",
    clause=_CLAUSE,
    applies_to=messages(
        "every Alert of a known Message Code",
        is_alert,
        lambda subject: subject.use_case is not None and bool(subject.use_case.payload),
    ),
    basis=Basis.VECTORS,
)
def alert_has_the_form_of_the_device(subject: MessageInContext) -> Iterator[Finding]:
    """An Alert has the form (DLMS, GBZ or ASN.1) of its Message Code, a generic one that of the Device's protocol."""
    row = subject.use_case
    if row is None:
        return
    device_type = subject.context.device_types.get(subject.message.originator, "").upper()
    protocol = _PROTOCOLS.get(device_type)
    expected = (protocol,) if len(row.payload) > 1 and protocol in row.payload else row.payload
    if subject.payload is None or subject.payload.family not in expected or _alert(subject) is None:
        seen = "another form" if subject.payload is None else f"{subject.payload.family.value} payload"
        yield finding(at=subject.span("payload"), expected=f"an alert in {' or '.join(map(str, expected))}", seen=seen)


@check(
    "GBCS-ALR-003",
    clause=_CLAUSE,
    applies_to=messages("every DLMS Alert", is_alert, lambda subject: isinstance(subject.content, DataNotification)),
    basis=Basis.VECTORS,
)
def dlms_alert_holds_code_and_time(subject: MessageInContext) -> Iterator[Finding]:
    """A DLMS Alert is a structure of as many items as it counts, first the alert code and a time of 12 octets."""
    body = subject.content.body
    items = body.items
    tags = [item.tag for item in items[:2]]
    if body.tag != Tag.STRUCTURE or tags != [Tag.UINT16, Tag.OCTET_STRING]:
        yield finding(
            at=subject.payload_span("body"),
            expected="a structure that starts with an alert code and an octet-string",
            seen=f"tag {body.tag:02X}, items {' '.join(f'{tag:02X}' for tag in tags) or 'none'}",
        )
        return
    if len(items[1].value) != _DATE_TIME_OCTETS:
        yield finding(at=subject.payload_span("body[1]"), expected="12 octets", seen=f"{len(items[1].value)} octets")


@check(
    "GBCS-ALR-004",
    clause=_CLAUSE,
    applies_to=messages("every GBZ Alert", is_alert, lambda subject: isinstance(subject.content, GbzAlert)),
    severity=Severity.SHOULD,
    basis=Basis.VECTORS,
)
def gbz_alert_tells_whether_extras_follow(subject: MessageInContext) -> Iterator[Finding]:
    """The octet after the profile of a GBZ Alert is 00 where nothing follows the time and 01 where something does."""
    content = subject.content
    expected = int(bool(content.extras) or content.component is not None)
    if content.has_extras != expected:
        yield finding(
            at=subject.payload_span("has_extras"), expected=f"{expected:02X}", seen=f"{content.has_extras:02X}"
        )


class _Execution(NamedTuple):
    """What an execution alert says of the Command it is about."""

    message_code: int | None
    counter: int
    instruction: tuple[object, ...]
    path: str


def _execution(subject: MessageInContext) -> _Execution | None:
    """Read an execution alert; None where a message is none."""
    alert = _alert(subject)
    if not is_alert(subject) or alert is None or alert.code not in _EXECUTED:
        return None
    code = subject.message.message_code
    if isinstance(subject.content, Asn1Payload):
        value = subject.content.value
        if code == _CS06_ALERT:
            return _Execution(_CS06, value["originatorCounter"], (), "originatorCounter")
        if code in _CREDENTIAL_ALERTS:
            return _Execution(None, value["outcome"]["seqNo"], (), "outcome.seqNo")
        return None
    embedded, counter = alert.named("message_code"), alert.named("originator_counter")
    if embedded is None or counter is None:
        return None
    rest = tuple(each.value for each in alert.extras if each not in (embedded, counter))
    return _Execution(embedded.value, counter.value, rest, counter.path)


@check("GBCS-ALR-005", clause="GBCS 9.2.2", applies_to=SCENARIOS, basis=Basis.VECTORS)
def execution_alert_names_its_command(scenario: Scenario) -> Iterator[Finding]:
    """An execution alert (8F66, 8F67) carries the Message Code and the Originator Counter of the Command it is about.

    Where the scenario holds a Command with one of the two, it must hold one with both.
    """
    commands = [each.message for each in scenario.messages if each.is_command]
    for subject in scenario.messages:
        told = _execution(subject)
        if told is None:
            continue
        mine = [each for each in commands if each.target == subject.message.originator]
        codes = {each.message_code for each in mine if each.originator_counter == told.counter}
        counters = {
            each.originator_counter
            for each in mine
            if each.message_code == told.message_code
            or (told.message_code is None and _updates_credentials(each.message_code))
        }
        wanted = codes if told.message_code is not None else set()
        if (counters and told.counter not in counters) or (wanted and told.message_code not in wanted):
            yield finding(
                artefact=subject.name,
                at=subject.payload_span(told.path),
                expected="Message Code and counter of a Command of the scenario",
                seen=f"{'' if told.message_code is None else f'{told.message_code:04X} '}counter {told.counter}",
            )


def _updates_credentials(message_code: int) -> bool:
    return 0x0100 <= message_code <= 0x0109 or message_code in {0x0125, 0x0126}


@check("GBCS-ALR-006", clause="GBCS 9.2.2.6", applies_to=SCENARIOS)
def each_instruction_is_executed_once_and_in_time(scenario: Scenario) -> Iterator[Finding]:
    """An instruction of a future dated Command raises one execution alert, not before the time that was asked for."""
    asked = {
        (each.message.target, each.message.originator_counter): time
        for each in scenario.messages
        if each.is_command and (time := earliest_time(each.content)) is not None
    }
    seen: dict[tuple[object, ...], MessageInContext] = {}
    for subject in scenario.messages:
        told = _execution(subject)
        if told is None:
            continue
        key = (subject.message.originator, told.message_code, told.counter, *told.instruction)
        first = seen.setdefault(key, subject)
        if first is not subject and first.octets != subject.octets:
            yield finding(
                artefact=subject.name,
                at=subject.payload_span(told.path),
                expected="one execution alert for each instruction",
                seen=f"a second one after {first.name}",
            )
        alert, time = _alert(subject), asked.get((subject.message.originator, told.counter))
        if alert is not None and alert.moment is not None and time is not None and alert.moment < time:
            yield finding(
                artefact=subject.name,
                at=subject.payload_span(alert.time_path),
                expected=f"{time:%Y-%m-%d %H:%M:%S} or later",
                seen=alert.time_text,
            )


@check("GBCS-ALR-008", clause="GBCS 9.2.2", applies_to=SCENARIOS)
def a_cancellation_is_not_executed(scenario: Scenario) -> Iterator[Finding]:
    """A Command that cancels a future dated one raises no execution alert itself."""
    cancelling = {
        (each.message.target, each.message.message_code, each.message.originator_counter): each
        for each in scenario.messages
        if each.is_command and cancels(each.content)
    }
    for subject in scenario.messages:
        told = _execution(subject)
        if told is None:
            continue
        command = cancelling.get((subject.message.originator, told.message_code or 0, told.counter))
        if command is not None:
            yield finding(
                artefact=subject.name,
                at=subject.payload_span(told.path),
                expected=f"no execution alert for {command.name}, which cancels",
                seen=f"an execution alert with counter {told.counter}",
            )


@check(
    "GBCS-ALR-009",
    clause=_CLAUSE,
    applies_to=messages(
        "every Alert of a known audience to a party whose certificate is at hand",
        is_alert,
        lambda subject: subject.use_case is not None and subject.use_case.alert_targets is not None,
        lambda subject: subject.context.certificate(subject.message.target) is not None,
    ),
    severity=Severity.SHOULD,
    basis=Basis.VECTORS,
)
def alert_goes_to_a_party_it_concerns(subject: MessageInContext) -> Iterator[Finding]:
    """An Alert goes to a party that is entitled to it."""
    row, certificate = subject.use_case, subject.context.certificate(subject.message.target)
    role = None if certificate is None else role_name(certificate)
    if row is not None and row.alert_targets is not None and role not in row.alert_targets:
        yield finding(
            at=subject.span("grouping_header.target"),
            expected=" or ".join(row.alert_targets),
            seen=f"{format_eui64(subject.message.target)}, {role or 'no remote party'}",
        )


@check(
    "GBCS-ALR-010",
    clause="GBCS 11.2",
    applies_to=messages(
        "every firmware receipt alert, where the image was submitted",
        lambda subject: subject.context.image is not None,
        lambda subject: _receipt(subject) is not None,
    ),
)
def firmware_receipt_names_the_image(subject: MessageInContext) -> Iterator[Finding]:
    """The hash in a firmware receipt alert is the SHA-256 of the image that was sent."""
    receipt, image = _receipt(subject), subject.context.image
    if receipt is not None and image is not None and receipt[1] != hashlib.sha256(image).digest():
        yield finding(
            at=subject.payload_span(receipt[0]), expected=hashlib.sha256(image).hexdigest(), seen=receipt[1].hex()
        )


def _receipt(subject: MessageInContext) -> tuple[str, bytes] | None:
    """Path and value of the hash in a firmware receipt alert."""
    alert = _alert(subject)
    found = alert.named("image_hash") if alert is not None and alert.code == _FIRMWARE_RECEIPT else None
    return (found.path, found.value) if found is not None and isinstance(found.value, bytes) else None


@check("GBCS-CTR-001", clause="GBCS 4.3.1", applies_to=SCENARIOS)
def alert_counters_increase(scenario: Scenario) -> Iterator[Finding]:
    """The Originator Counter of a Device's Alerts increases strictly with the time they tell."""
    by_device: dict[bytes, list[tuple[datetime, int, MessageInContext]]] = {}
    for subject in scenario.messages:
        alert = _alert(subject)
        if is_alert(subject) and alert is not None and alert.moment is not None:
            message = subject.message
            by_device.setdefault(message.originator, []).append((alert.moment, message.originator_counter, subject))
    for alerts in by_device.values():
        alerts.sort(key=lambda each: each[:2])
        for (moment, counter, before), (later, next_counter, subject) in pairwise(alerts):
            if next_counter > counter or subject.octets == before.octets:
                continue
            yield finding(
                artefact=subject.name,
                at=subject.span("grouping_header.originator_counter"),
                expected=f"more than {counter}, the counter of {before.name} at {moment:%Y-%m-%d %H:%M:%S}",
                seen=f"{next_counter} at {later:%Y-%m-%d %H:%M:%S}",
            )

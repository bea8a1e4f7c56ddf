"""GBCS-GBZ: ZigBee payloads are cut and numbered as GBCS asks, and answer what was asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trialconformance.core import Basis, Finding, Severity, check, finding
from trialconformance.gbcs.checks.payloads import payload_fault
from trialconformance.gbcs.checks.scopes import exchanges, messages
from trialconformance.gbcs.gbz import PROFILE, CommandTable, Component, GbzAlert, GbzPayload, codec
from trialconformance.gbcs.subjects import Exchange, MessageInContext

_CLAUSE = "GBCS 7.2.9"
_LAST, _ENCRYPTED, _FROM_DATE_TIME = 0x01, 0x02, 0x10
_KNOWN_BITS = _LAST | _ENCRYPTED | _FROM_DATE_TIME
_DIRECTION = 0x08  # ZCL frame control: server to client
_LEAST_CIPHERED = 17  # security header of 5 octets and tag of 12
_PROFILE_OCTETS = PROFILE.to_bytes(2)


def is_gbz(subject: MessageInContext) -> bool:
    """A message whose use case travels in GBZ, or whose payload starts like one where it may be either."""
    families = subject.use_case.payload if subject.use_case is not None else ()
    if families == ("GBZ",):
        return True
    return ("GBZ" in families or not families) and subject.message.payload[:2] == _PROFILE_OCTETS


def _content(subject: MessageInContext) -> GbzPayload | None:
    content = subject.content
    return content if isinstance(content, GbzPayload) else None


def _has_components(subject: MessageInContext) -> bool:
    return _content(subject) is not None


def _components(subject: MessageInContext) -> list[tuple[str, Component]]:
    """The components with their paths; that of an alert too."""
    content = subject.content
    if isinstance(content, GbzAlert):
        return [] if content.component is None else [("component", content.component)]
    found = _content(subject)
    return [] if found is None else [(f"component[{at}]", each) for at, each in enumerate(found.components)]


def _is_encrypted(subject: MessageInContext) -> bool:
    return any(component.control & _ENCRYPTED for _, component in _components(subject))


def _pairs(exchange: Exchange) -> list[tuple[GbzPayload, GbzPayload]]:
    """What was asked and what was answered, where both are GBZ and can be read."""
    asked, answered = _content(exchange.command), _content(exchange.response)
    return [] if asked is None or answered is None else [(asked, answered)]


GBZ_MESSAGES = messages("every message with a GBZ payload", is_gbz)
COMPONENTS = messages("every GBZ payload of a Command or Response that can be read", _has_components)
ENCRYPTED = messages("every GBZ payload with an encrypted component", _is_encrypted)
EXCHANGES = exchanges("every GBZ Response beside its Command", lambda exchange: bool(_pairs(exchange)))


@check("GBCS-GBZ-001", clause=_CLAUSE, applies_to=GBZ_MESSAGES, basis=Basis.VECTORS)
def profile_is_smart_energy(subject: MessageInContext) -> Iterator[Finding]:
    """The payload starts with the profile id 0109, ZigBee Smart Energy."""
    first = subject.message.payload[:2]
    if first != _PROFILE_OCTETS:
        yield finding(at=subject.payload_span("profile"), expected="0109", seen=first.hex().upper() or "no payload")


@check("GBCS-GBZ-002", clause=_CLAUSE, applies_to=GBZ_MESSAGES, basis=Basis.VECTORS)
def only_the_last_component_is_marked_so(subject: MessageInContext) -> Iterator[Finding]:
    """There are as many components as the payload counts, and exactly the final one has the last flag."""
    error = subject.payload_error
    if error is not None and "component" in error.path and ".zcl" not in error.path:
        yield from payload_fault(subject)
    components = _components(subject)
    for at, (path, component) in enumerate(components):
        is_last = at == len(components) - 1
        if bool(component.control & _LAST) != is_last:
            yield finding(
                at=subject.payload_span(f"{path}.control"),
                expected=f"the last flag {'set' if is_last else 'not set'}, component {at + 1} of {len(components)}",
                seen=f"{component.control:02X}",
            )


@check("GBCS-GBZ-003", clause=_CLAUSE, applies_to=GBZ_MESSAGES, basis=Basis.VECTORS)
def gbz_payload_is_read_to_its_last_octet(subject: MessageInContext) -> Iterator[Finding]:
    """The length of each component covers it exactly, and the payload ends with the last one."""
    yield from payload_fault(subject)


@check("GBCS-GBZ-004", clause=_CLAUSE, applies_to=COMPONENTS, basis=Basis.VECTORS)
def control_has_no_other_bits(subject: MessageInContext) -> Iterator[Finding]:
    """The control field of a component has no bits but 01 (last), 02 (encrypted) and 10 (from-date-time)."""
    for path, component in _components(subject):
        if component.control & ~_KNOWN_BITS:
            yield finding(
                at=subject.payload_span(f"{path}.control"),
                expected="no bits but 01, 02 and 10",
                seen=f"{component.control:02X}",
            )


@check("GBCS-GBZ-005", clause=_CLAUSE, applies_to=EXCHANGES, basis=Basis.VECTORS)
def sequence_numbers_tie_answers_to_requests(exchange: Exchange) -> Iterator[Finding]:
    """Commands number their components from 0; answers repeat those numbers in order, on the same cluster."""
    for asked, answered in _pairs(exchange):
        for at, component in enumerate(asked.components):
            if component.sequence != at:
                yield finding(
                    artefact=exchange.command.name,
                    at=exchange.command.payload_span(f"component[{at}].sequence"),
                    expected=f"{at:02X}",
                    seen=f"{component.sequence:02X}",
                )
        clusters = {component.sequence: component.cluster for component in asked.components}
        before = 0
        for at, component in enumerate(answered.components):
            path = f"component[{at}]"
            if component.sequence < before or component.sequence not in clusters:
                yield finding(
                    at=exchange.response.payload_span(f"{path}.sequence"),
                    expected=f"a number of {exchange.command.name}, {before:02X} or more",
                    seen=f"{component.sequence:02X}",
                )
            elif component.cluster != clusters[component.sequence]:
                yield finding(
                    at=exchange.response.payload_span(f"{path}.cluster"),
                    expected=f"{clusters[component.sequence]:04X}, as asked under {component.sequence:02X}",
                    seen=f"{component.cluster:04X}",
                )
            before = max(before, component.sequence)


@check("GBCS-GBZ-006", clause=_CLAUSE, applies_to=EXCHANGES, severity=Severity.SHOULD, basis=Basis.VECTORS)
def answers_go_the_other_way(exchange: Exchange) -> Iterator[Finding]:
    """The direction bit of an answer (frame control 08) is the inverse of that of the component it answers."""
    for asked, answered in _pairs(exchange):
        directions = {component.sequence: component.frame_control & _DIRECTION for component in asked.components}
        for at, component in enumerate(answered.components):
            direction = directions.get(component.sequence)
            if direction is not None and direction == component.frame_control & _DIRECTION:
                yield finding(
                    at=exchange.response.payload_span(f"component[{at}].frame_control"),
                    expected=f"{component.frame_control ^ _DIRECTION:02X}",
                    seen=f"{component.frame_control:02X}",
                )


@check("GBCS-GBZ-007", clause=_CLAUSE, applies_to=ENCRYPTED, basis=Basis.VECTORS)
def encrypted_components_are_counted(subject: MessageInContext) -> Iterator[Finding]:
    """The additional header of an encrypted component has control 00 and counts the encrypted components from 0."""
    encrypted = [each for each in _components(subject) if each[1].control & _ENCRYPTED]
    for at, (path, component) in enumerate(encrypted):
        if (component.additional_header, component.frame_counter) != (0, at):
            yield finding(
                at=subject.payload_span(path),
                expected=f"additional header 00 {at:02X}",
                seen=f"{component.additional_header:02X} {component.frame_counter:02X}",
            )


@check("GBCS-GBZ-008", clause=_CLAUSE, applies_to=ENCRYPTED, basis=Basis.VECTORS)
def ciphered_length_covers_the_rest(subject: MessageInContext) -> Iterator[Finding]:
    """The ciphered length of an encrypted component is at least 17 and covers the rest of the component."""
    for path, component in _components(subject):
        if component.ciphered_length is None:
            continue
        rest = len(component.ciphered)
        if component.ciphered_length < _LEAST_CIPHERED or component.ciphered_length != rest:
            yield finding(
                at=subject.payload_span(f"{path}.ciphered_length"),
                expected=f"{max(rest, _LEAST_CIPHERED)} octets",
                seen=f"{component.ciphered_length} octets announced, {rest} there",
            )


@check("GBCS-GBZ-009", clause=_CLAUSE, applies_to=EXCHANGES, basis=Basis.VECTORS)
def every_component_is_answered(exchange: Exchange) -> Iterator[Finding]:
    """Every component of a Command is answered by at least one component of the Response."""
    for asked, answered in _pairs(exchange):
        answers = {component.sequence for component in answered.components}
        for component in asked.components:
            if component.sequence not in answers:
                yield finding(
                    at=exchange.response.payload_span(""),
                    expected=f"an answer to component {component.sequence:02X}, cluster {component.cluster:04X}",
                    seen="none",
                )


@check("GBCS-GBZ-010", clause="ZigBee Cluster Library 2.6.3", applies_to=COMPONENTS)
def status_codes_are_legal(subject: MessageInContext) -> Iterator[Finding]:
    """Every status is one that the ZigBee Cluster Library defines."""
    legal = CommandTable.shipped().values["status"]
    for path, component in _components(subject):
        for field, status in _statuses(component.values or {}, f"{path}.zcl"):
            if status not in legal:
                yield finding(at=subject.payload_span(field), expected="a status of the ZCL", seen=f"{status:02X}")


def _statuses(values: Any, path: str) -> Iterator[tuple[str, int]]:
    """The statuses of profile-wide answers: Default Response, Read and Write Attributes Response."""
    if isinstance(values, dict):
        if set(values) & {"command_id", "attribute_id"} and isinstance(values.get("status"), int):
            yield f"{path}.status", values["status"]
        for name, value in values.items():
            yield from _statuses(value, f"{path}.{name}")
    elif isinstance(values, list | tuple):
        for at, value in enumerate(values):
            yield from _statuses(value, f"{path}[{at}]")


@check(
    "GBCS-GBZ-011",
    clause=_CLAUSE,
    applies_to=messages(
        "every GBZ payload of a known use case", _has_components, lambda subject: subject.use_case is not None
    ),
    severity=Severity.SHOULD,
    basis=Basis.VECTORS,
)
def from_date_time_only_where_the_use_case_has_one(subject: MessageInContext) -> Iterator[Finding]:
    """A component carries a from-date-time only in Commands of the use cases that have one."""
    row = subject.use_case
    if row is not None and row.from_date_time and subject.is_command:
        return
    for path, component in _components(subject):
        if component.control & _FROM_DATE_TIME:
            yield finding(
                at=subject.payload_span(f"{path}.control"),
                expected=f"no from-date-time in {row.label if row is not None else 'this message'}",
                seen=f"{component.control:02X}",
            )


@check(
    "GBCS-GBZ-012",
    clause="ZigBee Smart Energy Profile 1.2",
    applies_to=COMPONENTS,
    severity=Severity.SHOULD,
    basis=Basis.ASSUMED,
)
def known_commands_hold_their_fields(subject: MessageInContext) -> Iterator[Finding]:
    """The payload of a ZCL command that is known holds the fields of that command and nothing after them.

    The fields of commands that no official vector shows are taken from the ZigBee profile.
    """
    for path, component in _components(subject):
        known = component.codec
        if known is None or not component.surplus:
            continue
        size = len(component.surplus)
        yield finding(
            at=subject.payload_span(f"{path}.surplus"),
            expected=f"the fields of {known.command.name}",
            seen=f"{size} octets that {'do not fit them' if component.unfit else 'are none of them'}",
        )
    for unit in subject.decrypted_units:
        frame = unit.unit.zcl
        known = None if frame is None else codec(frame.cluster, frame.frame_control, frame.command)
        if known is not None and unit.plaintext and unit.value is None and unit.error is None:
            yield finding(
                at=subject.payload_span(unit.unit.path),
                expected=f"the fields of {known.command.name}",
                seen=f"{len(unit.plaintext)} decrypted octets that do not fit them",
            )

"""GBCS-SEC-017 to 019: encrypted attributes open for the right party only, and nothing sensitive travels in clear."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from trialconformance.core import Basis, Finding, Span, check, finding, format_eui64
from trialconformance.gbcs.attribute_encryption import Parties, decrypt
from trialconformance.gbcs.checks.scopes import is_response, messages
from trialconformance.gbcs.dlms import AccessResponse, Tag
from trialconformance.gbcs.encrypted_unit import SECURITY_CONTROL, EncryptedUnit, ProtectionParameters
from trialconformance.gbcs.gbz import Component, GbzPayload
from trialconformance.gbcs.key_derivation import KeyUse
from trialconformance.gbcs.message import Message
from trialconformance.gbcs.protection import Status
from trialconformance.gbcs.subjects import MessageInContext

_CLAUSE = "GBCS 8"
_AUTHENTICATED_AND_ENCRYPTED = 2
_AGREED_KEY = 2
_STATIC_UNIFIED_MODEL = b"\x02"  # C(0e, 2s)
_ACTION = 3
_PERSONAL = frozenset({0x0702, 0x0705})  # clusters Metering and Prepayment: consumption, debts, credit
_DEFAULT_RESPONSE = 0x0B
_FRAME_TYPE, _PROFILE_WIDE = 0x03, 0x00  # low two bits of a ZCL frame control


def _units(subject: MessageInContext) -> tuple[EncryptedUnit, ...]:
    return () if subject.payload is None else subject.payload.encrypted_units


def _has_units(subject: MessageInContext) -> bool:
    return bool(_units(subject))


def _at(subject: MessageInContext, unit: EncryptedUnit) -> Span:
    start = subject.message.payload_offset + unit.start
    return Span(start=start, length=len(unit.ciphered), path=f"payload.{unit.path}")


def _keys_at_hand(subject: MessageInContext) -> bool:
    return any(unit.status is not Status.UNVERIFIED for unit in subject.decrypted_units)


def _wants_keys(subject: MessageInContext) -> str:
    lacking = _has_units(subject) and not _keys_at_hand(subject)
    return "no key agreement private key of the Device or the reader is at hand" if lacking else ""


@check(
    "GBCS-SEC-017",
    clause=_CLAUSE,
    applies_to=messages(
        "every message with encrypted attributes whose keys are at hand",
        _has_units,
        _keys_at_hand,
        wants=_wants_keys,
    ),
    basis=Basis.VECTORS,
)
def encrypted_attributes_open_for_the_reader(subject: MessageInContext) -> Iterator[Finding]:
    """Encrypted attributes decrypt with the key of Device and reader, use 04, and not with another counter."""
    keystore = subject.context.keystore
    parties = Parties.of(subject.message)
    other = replace(parties, counter=(parties.counter + 1) % 2**64)
    for unit in subject.decrypted_units:
        if unit.status is Status.INVALID:
            yield finding(
                at=_at(subject, unit.unit),
                expected=f"attributes for {format_eui64(parties.recipient)} with counter {parties.counter}",
                seen="a tag that does not verify",
            )
        elif keystore is not None and decrypt(unit.unit, other, keystore).status is Status.VALID:
            yield finding(
                at=_at(subject, unit.unit),
                expected="a key that depends on the counter",
                seen=f"attributes that open with counter {other.counter} too",
            )


def _succeeded(subject: MessageInContext) -> bool:
    """Whether a Response gives a value of what was asked for."""
    content = subject.content
    if isinstance(content, AccessResponse):
        return any(
            data.tag != Tag.NULL and not result.result
            for data, result in zip(content.data, content.results, strict=False)
        )
    return isinstance(content, GbzPayload) and any(map(_gives_a_value, content.components))


def _gives_a_value(component: Component) -> bool:
    """Whether a component tells something of a consumer: not a price, not a failure."""
    if component.cluster not in _PERSONAL:
        return False
    if component.values is None or component.frame_control & _FRAME_TYPE != _PROFILE_WIDE:
        return True
    if component.command == _DEFAULT_RESPONSE:
        return False
    attributes = component.values.get("attributes")
    return attributes is None or any(not attribute.get("status") for attribute in attributes)


@check(
    "GBCS-SEC-018",
    clause=_CLAUSE,
    applies_to=messages(
        "every successful Response of a use case with sensitive data",
        is_response,
        lambda subject: subject.use_case is not None and subject.use_case.encrypted_response,
        _succeeded,
    ),
    basis=Basis.VECTORS,
)
def sensitive_data_never_travels_in_clear(subject: MessageInContext) -> Iterator[Finding]:
    """A successful Response of a use case with personal data holds no value of it in clear."""
    content = subject.content
    if isinstance(content, AccessResponse):
        protected = {unit.path.partition("]")[0] for unit in _units(subject)}
        for at, (data, result) in enumerate(zip(content.data, content.results, strict=False)):
            bare = data.tag != Tag.NULL and f"data[{at}" not in protected
            if bare and result.choice == _ACTION and not result.result:
                yield finding(
                    at=subject.payload_span(f"data[{at}]"),
                    expected="protected attributes",
                    seen=f"a value in clear, tag {data.tag:02X}",
                )
    for at, component in enumerate(content.components if isinstance(content, GbzPayload) else ()):
        if _gives_a_value(component) and component.additional_header is None:
            yield finding(
                at=subject.payload_span(f"component[{at}]"),
                expected="an encrypted component",
                seen=f"values of cluster {component.cluster:04X} in clear",
            )


@check(
    "GBCS-SEC-019",
    clause="GBCS 8.3",
    applies_to=messages("every message with encrypted attributes", _has_units),
    basis=Basis.VECTORS,
)
def protection_parameters_tell_the_truth(subject: MessageInContext) -> Iterator[Finding]:
    """Security header and protection parameters of encrypted attributes are those of the message that carries them."""
    message = subject.message
    # RTDS ECS21b for an unknown party: the parameters repeat the header although key and counter are the party's.
    truths = (
        _parameters(message, message.reader, message.counter_of_encryption),
        _parameters(message, message.target, message.originator_counter),
    )
    for unit in _units(subject):
        if (unit.security_control, unit.invocation_counter) != (SECURITY_CONTROL, 0):
            yield finding(
                at=_at(subject, unit),
                expected="31 00000000",
                seen=f"{unit.security_control:02X} {unit.invocation_counter:08X}",
            )
        if unit.parameters is not None and unit.parameters not in truths:
            yield finding(at=_at(subject, unit), expected=_words(truths[0]), seen=_words(unit.parameters))


def _parameters(message: Message, recipient: bytes, counter: int) -> ProtectionParameters:
    return ProtectionParameters(
        protection_type=_AUTHENTICATED_AND_ENCRYPTED,
        transaction_id=bytes((KeyUse.ATTRIBUTES,)) + counter.to_bytes(8),
        originator=message.originator,
        recipient=recipient,
        key_info=_AGREED_KEY,
        key_parameters=_STATIC_UNIFIED_MODEL,
    )


def _words(parameters: ProtectionParameters) -> str:
    return (
        f"type {parameters.protection_type}, transaction {parameters.transaction_id.hex()}, "
        f"from {format_eui64(parameters.originator)} to {format_eui64(parameters.recipient)}, "
        f"key {parameters.key_info} {parameters.key_parameters.hex()}"
    )

"""The GBZ side of the emulator: attribute reads, log reads, top-up and payment mode of a GSME."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trialconformance.core import ArtefactError
from trialconformance.gbcs import Message
from trialconformance.gbcs.attribute_encryption import encrypted_component
from trialconformance.gbcs.gbz import Component, TypedValue, read_payload
from trialconformance.harness.emulator import encryption, future, topup
from trialconformance.harness.emulator.interface import Device
from trialconformance.harness.emulator.state import Instruction, LogEntry
from trialconformance.harness.payloads.gbz import BASIC, EVENTS, METERING, PREPAYMENT, PRICE, components
from trialconformance.harness.times import CANCEL_ZCL

__all__ = ["apply_payment_mode", "serve", "serve_protected"]

_READ_RESPONSE, _DEFAULT_RESPONSE = 0x01, 0x0B
_PROFILE_RESPONSE, _CLUSTER_RESPONSE, _SERVER_TO_CLIENT = 0x18, 0x19, 0x09
_SUCCESS, _UNSUPPORTED_ATTRIBUTE, _UNSUPPORTED_COMMAND, _NOT_FOUND = 0x00, 0x86, 0x81, 0x8B
_OCTET_STRING, _CHARACTER_STRING = 0x41, 0x42
_BITMAP16, _UINT24, _UINT48, _ENUM8 = 0x19, 0x22, 0x25, 0x30
_VERSION = (METERING, 0x0206)
_MODEL = (BASIC, 0x0005)
_PAYMENT_CONTROL = (PREPAYMENT, 0x0000)
_CANCEL_BROADCAST = 0xFFFFFFFF
_EMERGENCY_CREDIT, _EMERGENCY_THRESHOLD = 1_000_000, 200_000
_FRIENDLY_CALENDAR = 2

_VALUES: dict[tuple[int, int], TypedValue] = {
    (BASIC, 0x0004): TypedValue(_CHARACTER_STRING, b"12BE"),
    _MODEL: TypedValue(_CHARACTER_STRING, b"43310001"),
    (PRICE, 0x0000): TypedValue(_OCTET_STRING, b"RATE1"),
    (METERING, 0x0000): TypedValue(_UINT48, 123_456),
    (METERING, 0x0100): TypedValue(_UINT48, 123_000),
    (METERING, 0x0300): TypedValue(_ENUM8, 1),
    (METERING, 0x0301): TypedValue(_UINT24, 1),
    (METERING, 0x0302): TypedValue(_UINT24, 1000),
    (METERING, 0x0607): TypedValue(_ENUM8, 0x03),
    (METERING, 0x0608): TypedValue(_ENUM8, 0x03),
}

Handler = Callable[[Device, Message, Component], tuple[int, int, dict[str, Any]]]


def serve(device: Device, command: Message) -> bytes | None:
    """Execute a GBZ command.

    Args:
        device: who executes it.
        command: the command.

    Returns:
        The response; None where the payload is no GBZ payload and the command is dropped.
    """
    return _serve(device, command, protected=False)


def serve_protected(device: Device, command: Message) -> bytes | None:
    """Execute a GBZ command whose answer is encrypted for who asked (GBCS 8.4)."""
    return _serve(device, command, protected=device.behaviour.encryption != "plain")


def apply_payment_mode(device: Device, instruction: Instruction) -> bool:
    """Let a payment mode that fell due take effect."""
    for each in read_payload(instruction.command.payload).components:
        device.state.payment_mode = (each.values or {})["proposed_payment_control_configuration"]
    return True


def _serve(device: Device, command: Message, *, protected: bool) -> bytes | None:
    try:
        asked = read_payload(command.payload).components
    except ArtefactError:
        return None
    frames = [_frame(device, command, each) for each in asked]
    if protected:
        parties = encryption.parties_for(device, command)
        frames = [
            encrypted_component(frame, parties, device.keystore, frame_counter=number)
            for number, frame in enumerate(frames)
        ]
    return components(*frames)


def _frame(device: Device, command: Message, asked: Component) -> Component:
    handler = _HANDLERS.get((asked.frame_control & 0x03, asked.cluster, asked.command)) or _HANDLERS.get(
        (asked.frame_control & 0x03, None, asked.command)
    )
    control, answer, values = (
        handler(device, command, asked) if handler is not None else _default(asked, _UNSUPPORTED_COMMAND)
    )
    return Component(
        control=0,
        cluster=asked.cluster,
        frame_control=control,
        sequence=asked.sequence,
        command=answer,
        values=values,
    )


def _default(asked: Component, status: int) -> tuple[int, int, dict[str, Any]]:
    return _PROFILE_RESPONSE, _DEFAULT_RESPONSE, {"command_id": asked.command, "status": status}


def _read(device: Device, _: Message, asked: Component) -> tuple[int, int, dict[str, Any]]:
    wanted = [(asked.cluster, each["attribute_id"]) for each in (asked.values or {})["attributes"]]
    read = []
    for cluster, attribute in wanted:
        value = _value(device, (cluster, attribute))
        found = {"attribute_id": attribute, "status": _SUCCESS, "value": value}
        read.append(found if value is not None else {"attribute_id": attribute, "status": _UNSUPPORTED_ATTRIBUTE})
    return _PROFILE_RESPONSE, _READ_RESPONSE, {"attributes": read}


def _value(device: Device, name: tuple[int, int]) -> TypedValue | None:
    if name == _VERSION:
        return TypedValue(_OCTET_STRING, device.state.firmware.version)
    if name == _PAYMENT_CONTROL:
        return TypedValue(_BITMAP16, device.state.payment_mode)
    value = _VALUES.get(name)
    if name == _MODEL and device.behaviour.identity == "wrong" and value is not None:
        return TypedValue(_CHARACTER_STRING, bytes(reversed(value.value or b"")))  # type: ignore[arg-type]  # a string here
    return value


def _top_up(device: Device, command: Message, asked: Component) -> tuple[int, int, dict[str, Any]]:
    text = (asked.values or {})["top_up_code"].decode("ascii", "replace")
    before = device.state.credit
    result = topup.enter(device, command, text)
    values = {
        "result_type": result.value,
        "top_up_value": device.state.credit - before,
        "source_of_top_up": 0,
        "credit_remaining": device.state.credit,
    }
    return _SERVER_TO_CLIENT, 0x03, values


def _change_mode(device: Device, command: Message, asked: Component) -> tuple[int, int, dict[str, Any]]:
    values = asked.values or {}
    due = values["implementation_time"]
    descriptor = asked.cluster.to_bytes(2, "big") + bytes([asked.frame_control, asked.command])
    if due in {CANCEL_ZCL, _CANCEL_BROADCAST}:
        future.cancel(device, command, descriptor)
    elif due == 0:
        device.state.payment_mode = values["proposed_payment_control_configuration"]
    else:
        future.schedule(device, Instruction(due=due, command=command, service="payment-mode", descriptor=descriptor))
    answer = {
        "friendly_credit": 1,
        "friendly_credit_calendar_id": _FRIENDLY_CALENDAR,
        "emergency_credit_limit": _EMERGENCY_CREDIT,
        "emergency_credit_threshold": _EMERGENCY_THRESHOLD,
    }
    return _CLUSTER_RESPONSE, 0x02, answer


def _read_log(device: Device, _: Message, asked: Component) -> tuple[int, int, dict[str, Any]]:
    values = asked.values or {}
    chosen: list[LogEntry] = [
        each
        for each in device.state.log
        if device.behaviour.log == "ignores-range" or values["start_time"] <= each.at <= values["end_time"]
    ]
    if not chosen:
        return _default(asked, _NOT_FOUND)
    events = [{"log_id": 1, "event_id": each.code, "event_time": each.at, "event_data": b""} for each in chosen]
    answer = {
        "total_number_of_matching_events": len(events),
        "command_index": 0,
        "total_number_of_commands": 1,
        "log_payload_control": 0,
        "events": events,
    }
    return _CLUSTER_RESPONSE, 0x01, answer


# (frame type, cluster or None for any, command) -> what executes it
_HANDLERS: dict[tuple[int, int | None, int], Handler] = {
    (0, None, 0x00): _read,
    (1, PREPAYMENT, 0x04): _top_up,
    (1, PREPAYMENT, 0x06): _change_mode,
    (1, EVENTS, 0x00): _read_log,
}

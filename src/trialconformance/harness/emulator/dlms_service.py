"""The DLMS side of the emulator: reads, writes and method calls on its COSEM attributes."""

from __future__ import annotations

from collections.abc import Callable

from trialconformance.core import ArtefactError
from trialconformance.gbcs import Message
from trialconformance.gbcs.attribute_encryption import protected_value
from trialconformance.gbcs.dlms.access import AccessRequest, AccessResponse, AccessResult, Specification, read_apdu
from trialconformance.gbcs.dlms.data import CompactArray, Data, Tag, TypeDescription
from trialconformance.harness.emulator import encryption, future, topup
from trialconformance.harness.emulator.interface import Device
from trialconformance.harness.emulator.state import Instruction, LogEntry
from trialconformance.harness.times import ClockStatus, as_dlms, from_dlms

__all__ = ["CHARGE_PASSIVE", "CHARGE_TIME", "apply_charge", "serve"]

# DLMS access results, GBCS 7.3 as the vectors show them.
SUCCESS = 0x00
HARDWARE_FAULT = 0x01
OBJECT_UNDEFINED = 0x04
TYPE_UNMATCHED = 0x0C

GET, SET, ACTION, GET_WITH_SELECTION = 1, 2, 3, 4
_RESULT_CHOICE = {GET: 1, SET: 2, ACTION: 3, GET_WITH_SELECTION: 1}
_NULL = Data(Tag.NULL)

_FIRMWARE_VERSION = "1/0000000201ff/2"
_CLOCK_TIME = "8/0000010000ff/2"
_CLOCK_STATUS = "8/0000010000ff/4"
_CLOCK_PRESET = "8/0000010000ff/5"
CHARGE_ACTIVE = "113/0000131405ff/5"
CHARGE_PASSIVE = "113/0000131405ff/6"
CHARGE_TIME = "113/0000131405ff/7"
_MODEL = "1/0000600104ff/2"

_LOG_ENTRY = TypeDescription(Tag.STRUCTURE, 2, (TypeDescription(Tag.UINT32), TypeDescription(Tag.UINT16)))

Outcome = tuple[Data, int]
Handler = Callable[[Device, Message, Specification, Data], Outcome]


def serve(device: Device, command: Message) -> bytes | None:
    """Execute a DLMS command.

    Args:
        device: who executes it.
        command: the command; its payload is an access-request.

    Returns:
        The access-response; None where the payload is none and the command is dropped.
    """
    try:
        request = read_apdu(command.payload)
    except ArtefactError:
        return None
    if not isinstance(request, AccessRequest):
        return None
    outcomes = [
        _outcome(device, command, specification, data)
        for specification, data in zip(request.specifications, request.data, strict=False)
    ]
    return AccessResponse(
        long_invoke_id=request.long_invoke_id,
        data=tuple(data for data, _ in outcomes),
        results=tuple(
            AccessResult(_RESULT_CHOICE.get(specification.choice, GET), result)
            for specification, (_, result) in zip(request.specifications, outcomes, strict=True)
        ),
    ).encode()


def apply_charge(device: Device) -> bool:
    """Let the passive price become the active one."""
    device.state.attributes[CHARGE_ACTIVE] = device.state.attributes.get(CHARGE_PASSIVE, _NULL)
    return True


def _outcome(device: Device, command: Message, specification: Specification, data: Data) -> Outcome:
    name = specification.descriptor.partition(":")[2]
    handler = _HANDLERS.get((specification.choice, name))
    if handler is not None:
        return handler(device, command, specification, data)
    known = name in device.state.attributes
    if specification.choice == GET and known:
        return device.state.attributes[name], SUCCESS
    if specification.choice == SET and known:
        device.state.attributes[name] = data
        return _NULL, SUCCESS
    return _NULL, OBJECT_UNDEFINED


def _read_version(device: Device, _: Message, __: Specification, ___: Data) -> Outcome:
    return Data(Tag.OCTET_STRING, device.state.firmware.version), SUCCESS


def _read_model(device: Device, _: Message, __: Specification, ___: Data) -> Outcome:
    model = device.state.attributes[_MODEL]
    if device.behaviour.identity == "wrong":
        return Data(Tag.OCTET_STRING, bytes(reversed(model.value))), SUCCESS
    return model, SUCCESS


def _read_clock(device: Device, _: Message, __: Specification, ___: Data) -> Outcome:
    return Data(Tag.OCTET_STRING, as_dlms(device.state.now)), SUCCESS


def _read_clock_status(device: Device, _: Message, __: Specification, ___: Data) -> Outcome:
    return Data(Tag.UINT8, 0 if device.state.clock_status is ClockStatus.RELIABLE else 0x02), SUCCESS


def _set_clock(device: Device, _: Message, __: Specification, data: Data) -> Outcome:
    """Take the time of the hub if the interval of the command covers it: ECS70."""
    members = data.items if data.tag == Tag.STRUCTURE else ()
    times = [from_dlms(each.value) for each in members if each.tag == Tag.OCTET_STRING]
    if len(times) != 3 or times[1] is None or times[2] is None:  # preset time is "not specified"
        return _NULL, TYPE_UNMATCHED
    covered = times[1] <= device.state.now <= times[2]
    if not covered and device.behaviour.clock != "any-time":
        return _NULL, HARDWARE_FAULT
    if device.behaviour.clock not in {"claims-only", "status"}:
        device.state.clock_status = ClockStatus.RELIABLE
    if device.behaviour.clock == "claims-only":
        return _NULL, SUCCESS
    return _NULL, SUCCESS


def _adjust_clock(device: Device, _: Message, __: Specification, ___: Data) -> Outcome:
    good = device.state.clock_status is ClockStatus.RELIABLE or device.behaviour.clock in {"claims-only", "status"}
    return _NULL, SUCCESS if good else HARDWARE_FAULT


def _set_charge_time(device: Device, command: Message, specification: Specification, data: Data) -> Outcome:
    """Now, at a time, or never: the future-dated write of ECS01d."""
    if data.tag != Tag.OCTET_STRING:
        return _NULL, TYPE_UNMATCHED
    due = None if data.value == future.NEVER else from_dlms(data.value)
    descriptor = specification.class_id.to_bytes(2, "big") + specification.obis + bytes([specification.attribute])
    if data.value == future.NEVER:
        future.cancel(device, command, descriptor)
    elif due is None:
        apply_charge(device)
    else:
        future.schedule(device, Instruction(due=due, command=command, service="charge", descriptor=descriptor))
    return _NULL, SUCCESS


def _top_up(device: Device, command: Message, _: Specification, data: Data) -> Outcome:
    text = data.value.decode("ascii", "replace") if data.tag == Tag.OCTET_STRING else ""
    accepted = topup.enter(device, command, text) is topup.TokenResult.ACCEPTED
    return _NULL, SUCCESS if accepted else HARDWARE_FAULT


def _read_log(device: Device, _: Message, specification: Specification, __: Data) -> Outcome:
    chosen = _within(device, specification.selection)
    elements = tuple(Data(Tag.STRUCTURE, (Data(Tag.UINT32, each.at), Data(Tag.UINT16, each.code))) for each in chosen)
    return Data(Tag.COMPACT_ARRAY, CompactArray(_LOG_ENTRY, elements)), SUCCESS


def _within(device: Device, selection: Data | None) -> list[LogEntry]:
    bounds = [each.value for each in selection.items if each.tag == Tag.UINT32] if selection is not None else []
    if len(bounds) != 2 or device.behaviour.log == "ignores-range":
        return list(device.state.log)
    return [each for each in device.state.log if bounds[0] <= each.at <= bounds[1]]


def _read_protected(device: Device, command: Message, _: Specification, data: Data) -> Outcome:
    """COSEM Data Protection, method get_protected_attributes: GBCS 8.3."""
    wanted = _wanted(data)
    values = [device.state.attributes.get(name) for name in wanted]
    if not values or None in values:
        return _NULL, OBJECT_UNDEFINED
    plain = Data(Tag.STRUCTURE, tuple(value for value in values if value is not None))
    if device.behaviour.encryption == "plain":
        return plain, SUCCESS
    return protected_value(plain, encryption.parties_for(device, command), device.keystore), SUCCESS


def _wanted(data: Data) -> list[str]:
    """The attributes that a protected read names: ``class/obis/attribute``."""
    if data.tag != Tag.STRUCTURE or not data.items or data.items[0].tag != Tag.ARRAY:
        return []
    return [
        f"{each.items[0].value}/{each.items[1].value.hex()}/{each.items[2].value}"
        for each in data.items[0].items
        if each.tag == Tag.STRUCTURE and len(each.items) >= 3 and each.items[1].tag == Tag.OCTET_STRING
    ]


_HANDLERS: dict[tuple[int, str], Handler] = {
    (GET, _FIRMWARE_VERSION): _read_version,
    (GET, _MODEL): _read_model,
    (GET, _CLOCK_TIME): _read_clock,
    (GET, _CLOCK_STATUS): _read_clock_status,
    (ACTION, _CLOCK_PRESET): _set_clock,
    (ACTION, "8/0000010000ff/4"): _adjust_clock,
    (SET, CHARGE_TIME): _set_charge_time,
    (ACTION, "115/0000132800ff/1"): _top_up,
    (GET_WITH_SELECTION, "7/0000636200ff/2"): _read_log,
    (GET_WITH_SELECTION, "7/0000636201ff/2"): _read_log,
    (ACTION, "30/00002b0208ff/1"): _read_protected,
}

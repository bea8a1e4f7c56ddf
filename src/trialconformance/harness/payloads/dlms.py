"""DLMS payloads of commands: access-requests with the descriptors that the use cases prescribe."""

from __future__ import annotations

from trialconformance.gbcs.dlms.access import AccessRequest, Specification, long_invoke_id
from trialconformance.gbcs.dlms.data import Data, Tag
from trialconformance.gbcs.dlms.data_protection import protection_parameters_data
from trialconformance.gbcs.encrypted_unit import ProtectionParameters
from trialconformance.gbcs.key_derivation import KeyUse
from trialconformance.harness.payloads.context import Context, Recipe
from trialconformance.harness.times import CANCEL_DLMS, as_dlms

__all__ = ["RECIPES"]

_NULL = Data(Tag.NULL)
_GET, _SET, _ACTION, _GET_WITH_SELECTION = 1, 2, 3, 4
_RANGE_DESCRIPTOR = 1
_TIMEZONE_SERVER = 5  # enum of clock_base that ECS70 sets
_NOT_SPECIFIED = CANCEL_DLMS
_NOW = bytes(9) + b"\x80\x00\xff"

# The column that ranges of log reads refer to: class 1, 0-0:94.44.100.255, attribute 2.
_LOG_TIME = Data(
    Tag.STRUCTURE,
    (
        Data(Tag.UINT16, 1),
        Data(Tag.OCTET_STRING, bytes.fromhex("00005e2c64ff")),
        Data(Tag.INT8, 2),
        Data(Tag.UINT16, 0),
    ),
)
_CONSUMPTION = Data(
    Tag.STRUCTURE,
    (
        Data(Tag.UINT16, 1),
        Data(Tag.OCTET_STRING, bytes.fromhex("00005e2c220a")),
        Data(Tag.INT8, 2),
        Data(Tag.UINT16, 0),
        Data(Tag.STRUCTURE, (Data(Tag.ENUM, 0), _NULL)),
    ),
)


def _specification(descriptor: str, selection: Data | None = None) -> Specification:
    choice, _, name = descriptor.partition(":")
    class_id, obis, attribute = name.split("/")
    return Specification(
        choice=int(choice),
        class_id=int(class_id),
        obis=bytes.fromhex(obis),
        attribute=int(attribute),
        selector=_RANGE_DESCRIPTOR if selection is not None else None,
        selection=selection,
    )


def _request(context: Context, *items: tuple[Specification, Data]) -> bytes:
    return AccessRequest(
        long_invoke_id=long_invoke_id(context.counter),
        specifications=tuple(specification for specification, _ in items),
        data=tuple(data for _, data in items),
    ).encode()


def _reads(message_code: int, *names: str) -> Recipe:
    def build(context: Context) -> bytes:
        return _request(context, *((_specification(f"{_GET}:{name}"), _NULL) for name in names))

    return Recipe(message_code=message_code, build=build)


def _log(message_code: int, name: str) -> Recipe:
    def build(context: Context) -> bytes:
        bounds = (Data(Tag.UINT32, context.values["start"]), Data(Tag.UINT32, context.values["end"]))
        selection = Data(Tag.STRUCTURE, (_LOG_TIME, *bounds, Data(Tag.ARRAY, ())))
        return _request(context, (_specification(f"{_GET_WITH_SELECTION}:{name}", selection), _NULL))

    return Recipe(message_code=message_code, build=build)


def _set_clock(context: Context) -> bytes:
    interval = Data(
        Tag.STRUCTURE,
        (
            Data(Tag.OCTET_STRING, _NOT_SPECIFIED),
            Data(Tag.OCTET_STRING, as_dlms(context.values["start"])),
            Data(Tag.OCTET_STRING, as_dlms(context.values["end"])),
        ),
    )
    clock = "8/0000010000ff"
    return _request(
        context,
        (_specification(f"{_SET}:{clock}/9"), Data(Tag.ENUM, _TIMEZONE_SERVER)),
        (_specification(f"{_ACTION}:{clock}/5"), interval),
        (_specification(f"{_ACTION}:{clock}/4"), Data(Tag.INT8, 0)),
        (_specification(f"{_GET}:{clock}/2"), _NULL),
        (_specification(f"{_GET}:{clock}/4"), _NULL),
    )


def _set_price(context: Context) -> bytes:
    """A price for the secondary element and when it starts: ``due`` in seconds, None for now, ``cancel`` for never."""
    due = context.values.get("due")
    when = CANCEL_DLMS if context.values.get("cancel") else _NOW if due is None else as_dlms(due)
    scale = Data(Tag.STRUCTURE, (Data(Tag.INT8, 3), Data(Tag.INT8, -5)))
    commodity = Data(
        Tag.STRUCTURE,
        (Data(Tag.UINT16, 3), Data(Tag.OCTET_STRING, bytes.fromhex("0114010800ff")), Data(Tag.INT8, 2)),
    )
    prices = Data(
        Tag.ARRAY,
        tuple(
            Data(Tag.STRUCTURE, (Data(Tag.OCTET_STRING, bytes([band])), Data(Tag.INT16, price)))
            for band, price in enumerate(context.values.get("prices", (1500, 1600)), start=1)
        ),
    )
    charge = "113/0000131405ff"
    return _request(
        context,
        (_specification(f"{_SET}:{charge}/6"), Data(Tag.STRUCTURE, (scale, commodity, prices))),
        (_specification(f"{_SET}:{charge}/7"), Data(Tag.OCTET_STRING, when)),
    )


def _protected_read(context: Context) -> bytes:
    parameters = ProtectionParameters(
        protection_type=2,
        transaction_id=bytes([KeyUse.ATTRIBUTES]) + context.counter.to_bytes(8, "big"),
        originator=context.originator,
        recipient=context.device,
    )
    data = Data(
        Tag.STRUCTURE,
        (Data(Tag.ARRAY, (_CONSUMPTION,)), Data(Tag.ARRAY, (protection_parameters_data(parameters),))),
    )
    return _request(context, (_specification(f"{_ACTION}:30/00002b0208ff/1"), data))


def _top_up(context: Context) -> bytes:
    token = Data(Tag.OCTET_STRING, context.values["token"].encode("ascii"))
    return _request(context, (_specification(f"{_ACTION}:115/0000132800ff/1"), token))


RECIPES: dict[str, Recipe] = {
    "CS01a": Recipe(message_code=0x0007, build=_top_up),
    "ECS01d": Recipe(message_code=0x00C7, build=_set_price),
    "ECS17a": _reads(0x0026, "3/0100020800ff/2", "3/0100020800ff/3", "3/0100040800ff/2", "3/0100040800ff/3"),
    "ECS17b": Recipe(message_code=0x0027, build=_protected_read),
    "ECS26m": _reads(0x00F9, "1/0000600102ff/2", "1/0000600104ff/2", "1/0000600106ff/2", "1/00005e2c0004/2"),
    "ECS35a": _log(0x0048, "7/0000636200ff/2"),
    "ECS35b": _log(0x0049, "7/0000636201ff/2"),
    "ECS52": _reads(0x0059, "1/0000000201ff/2"),
    "ECS70": Recipe(message_code=0x0062, build=_set_clock),
}

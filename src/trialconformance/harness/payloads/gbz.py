"""GBZ payloads of commands: ZCL frames in components (GBCS 7.2.9)."""

from __future__ import annotations

from typing import Any

from trialconformance.gbcs.gbz import Component, GbzPayload
from trialconformance.harness.payloads.context import Context, Recipe
from trialconformance.harness.times import CANCEL_ZCL

__all__ = ["BASIC", "EVENTS", "METERING", "PREPAYMENT", "PRICE", "RECIPES", "components"]

BASIC, PRICE, METERING, PREPAYMENT, EVENTS = 0x0000, 0x0700, 0x0702, 0x0705, 0x0709

_LAST = 0x01
_PROFILE_WIDE, _CLUSTER_SPECIFIC = 0x00, 0x01
_READ_ATTRIBUTES = 0x00
_CHANGE_PAYMENT_MODE = 0x06
_CONSUMER_TOP_UP = 0x04
_GET_EVENT_LOG = 0x00
_CREDIT_MODE, _PREPAYMENT_MODE = 0x0094, 0x0097


def components(*frames: Component) -> bytes:
    """Write frames as the components of a payload; the last one is marked.

    Args:
        frames: the frames; their control octets need not say which is last.
    """
    marked = [
        frame._replace(control=frame.control | (_LAST if number == len(frames) - 1 else 0))
        for number, frame in enumerate(frames)
    ]
    return GbzPayload(components=tuple(marked)).encode()


def _reads(message_code: int, *reads: tuple[int, tuple[int, ...]]) -> Recipe:
    frames = [
        Component(
            control=0,
            cluster=cluster,
            frame_control=_PROFILE_WIDE,
            sequence=number,
            command=_READ_ATTRIBUTES,
            values={"attributes": [{"attribute_id": each} for each in attributes]},
        )
        for number, (cluster, attributes) in enumerate(reads)
    ]
    return Recipe(message_code=message_code, build=lambda _: components(*frames))


def _one(cluster: int, command: int, values: dict[str, Any]) -> bytes:
    frame = Component(
        control=0, cluster=cluster, frame_control=_CLUSTER_SPECIFIC, sequence=0, command=command, values=values
    )
    return components(frame)


def _top_up(context: Context) -> bytes:
    token = context.values["token"].encode("ascii")
    return _one(PREPAYMENT, _CONSUMER_TOP_UP, {"originating_device": 0, "top_up_code": token})


def _payment_mode(mode: int, message_code: int) -> Recipe:
    """``due`` in seconds since 2000-01-01, None for at once; ``cancel`` to cancel."""

    def build(context: Context) -> bytes:
        due = CANCEL_ZCL if context.values.get("cancel") else (context.values.get("due") or 0)
        values = {
            "provider_id": 0,
            "issuer_event_id": context.counter & 0xFFFFFFFF,
            "implementation_time": due,
            "proposed_payment_control_configuration": mode,
            "cut_off_value": 0,
        }
        return _one(PREPAYMENT, _CHANGE_PAYMENT_MODE, values)

    return Recipe(message_code=message_code, build=build)


def _event_log(context: Context) -> bytes:
    values = {
        "event_control_and_log_id": 0,
        "event_id": 0,
        "start_time": context.values["start"],
        "end_time": context.values["end"],
        "number_of_events": 0,
        "event_offset": 0,
    }
    return _one(EVENTS, _GET_EVENT_LOG, values)


RECIPES: dict[str, Recipe] = {
    "CS01b": Recipe(message_code=0x0097, build=_top_up),
    "CS10a": Recipe(message_code=0x0014, build=_event_log),
    "GCS02": _payment_mode(_CREDIT_MODE, 0x006C),
    "GCS03": _payment_mode(_PREPAYMENT_MODE, 0x006D),
    "GCS13a": _reads(0x0074, (METERING, (0x0302, 0x0301, 0x0300, 0x0000))),
    "GCS14": _reads(0x0075, (PRICE, (0x0000,)), (PREPAYMENT, (0x0000,))),
    "GCS21m": _reads(0x00FB, (BASIC, (0x0004, 0x0005)), (METERING, (0x0100, 0x0608, 0x0607))),
    "GCS38": _reads(0x0084, (METERING, (0x0206,))),
}

"""When a Command asks to be executed, and whether it cancels what was asked for, GBCS 9.2.2."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from trialconformance.gbcs.asn1 import Asn1Payload
from trialconformance.gbcs.dlms import NEVER, AccessRequest, Data, read_date_time
from trialconformance.gbcs.gbz import GbzPayload
from trialconformance.gbcs.payload import Content

__all__ = ["DATE_TIME_ATTRIBUTES", "cancels", "earliest_time"]

# Attributes that hold one date-time, by class and attribute (Green Book; class 9000: GBCS annex 1).
DATE_TIME_ATTRIBUTES = frozenset({(4, 5), (8, 2), (20, 10), (111, 13), (111, 14), (113, 7), (9000, 6)})
_CANCELLING_TIME = 0xFFFFFFFE  # seconds of a ZigBee time that stands for never
_NEVER = "99991231235959Z"
_SET = 2


def earliest_time(content: Content | None) -> datetime | None:
    """The earliest moment at which a Command asks for something to be done.

    Args:
        content: the payload of the Command, None where it cannot be read.

    Returns:
        The moment; None where it asks for nothing at a time, or cancels.
    """
    if isinstance(content, Asn1Payload):
        text = _execution_time(content)
        try:
            return None if text in ("", _NEVER) else datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
        except ValueError:
            return None
    moments = [read_date_time(data.value) for data in _activations(content) if isinstance(data.value, bytes)]
    return min((moment for moment in moments if moment is not None), default=None)


def cancels(content: Content | None) -> bool:
    """Whether a Command cancels: the time it asks for is never.

    Args:
        content: the payload of the Command, None where it cannot be read.
    """
    if isinstance(content, Asn1Payload):
        return _execution_time(content) == _NEVER
    if isinstance(content, GbzPayload):
        return any(_CANCELLING_TIME in (component.values or {}).values() for component in content.components)
    return any(data.value == NEVER for data in _activations(content))


def _execution_time(content: Asn1Payload) -> str:
    value = content.value
    return str(value.get("executionDateTime") or "") if isinstance(value, dict) else ""


def _activations(content: Content | None) -> Iterator[Data]:
    """The values of a DLMS request that say when something else it sets becomes active."""
    if isinstance(content, AccessRequest):
        for specification, data in zip(content.specifications, content.data, strict=False):
            attribute = specification.class_id, specification.attribute
            if specification.choice == _SET and attribute in DATE_TIME_ATTRIBUTES:
                yield data

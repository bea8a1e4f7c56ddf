"""When a Command asks to be executed, and whether it cancels what was asked for, GBCS 9.2.2."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from trialconformance.gbcs.asn1 import Asn1Payload
from trialconformance.gbcs.dlms import NEVER, AccessRequest, Data, read_date_time
from trialconformance.gbcs.gbz import GbzPayload

__all__ = ["DATE_TIME_ATTRIBUTES", "cancels", "earliest_time"]

# Attributes that hold one date-time, by class and attribute (Green Book; class 9000: GBCS annex 1).
DATE_TIME_ATTRIBUTES = frozenset({(4, 5), (8, 2), (20, 10), (111, 13), (111, 14), (113, 7), (9000, 6)})
_CANCELLING_TIME = 0xFFFFFFFE  # seconds of a ZigBee time that stands for never
_NEVER = "99991231235959Z"
_SET = 2


def earliest_time(subject: Any) -> datetime | None:
    """The earliest moment at which a Command asks for something to be done.

    Args:
        subject: a message in its context.

    Returns:
        The moment; None where it asks for nothing at a time, or cancels.
    """
    content = subject.content
    if isinstance(content, Asn1Payload):
        text = _execution_time(content)
        try:
            return None if text in ("", _NEVER) else datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
        except ValueError:
            return None
    moments = [read_date_time(data.value) for data in _activations(content) if isinstance(data.value, bytes)]
    return min((moment for moment in moments if moment is not None), default=None)


def cancels(subject: Any) -> bool:
    """Whether a Command cancels: the time it asks for is never.

    Args:
        subject: a message in its context.
    """
    content = subject.content
    if isinstance(content, Asn1Payload):
        return _execution_time(content) == _NEVER
    if isinstance(content, GbzPayload):
        return any(_CANCELLING_TIME in (component.values or {}).values() for component in content.components)
    return any(data.value == NEVER for data in _activations(content))


def _execution_time(content: Asn1Payload) -> str:
    value = content.value
    return str(value.get("executionDateTime") or "") if isinstance(value, dict) else ""


def _activations(content: Any) -> Iterator[Data]:
    """The values of a DLMS request that say when something else it sets becomes active."""
    if isinstance(content, AccessRequest):
        for specification, data in zip(content.specifications, content.data, strict=False):
            attribute = specification.class_id, specification.attribute
            if specification.choice == _SET and attribute in DATE_TIME_ATTRIBUTES:
                yield data

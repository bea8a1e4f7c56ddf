"""COSEM attributes of the emulator: from their data file to A-XDR values."""

from __future__ import annotations

from collections.abc import Iterable

from trialconformance.core import UsageError
from trialconformance.gbcs.dlms.data import Data, Tag
from trialconformance.harness.emulator.personality import Attribute

__all__ = ["first_values"]

_TAGS = {tag.title: tag for tag in Tag}
_OCTETS = {Tag.OCTET_STRING}
_TEXT = {Tag.VISIBLE_STRING, Tag.UTF8_STRING}


def first_values(attributes: Iterable[Attribute]) -> dict[str, Data]:
    """Make the values that attributes have at first.

    Args:
        attributes: rows of the personality.

    Returns:
        Value by ``class/obis/attribute``.

    Raises:
        UsageError: a type that A-XDR does not have, or a value that is none of it.
    """
    return {each.name: _value(each) for each in attributes}


def _value(attribute: Attribute) -> Data:
    tag = _TAGS.get(attribute.type)
    if tag is None:
        raise UsageError(f"no A-XDR type {attribute.type!r}", where=attribute.name, accepted=", ".join(_TAGS))
    if tag in _OCTETS:
        return Data(tag, bytes.fromhex(str(attribute.value)))
    if tag in _TEXT:
        return Data(tag, str(attribute.value))
    if not isinstance(attribute.value, int):
        raise UsageError("a number is wanted", where=attribute.name, accepted=f"a value of {attribute.type}")
    return Data(tag, attribute.value)

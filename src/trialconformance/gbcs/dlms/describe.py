"""DLMS payloads as a field tree: names, units, dates and enumerations for a person, made only when asked for."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence

from trialconformance.gbcs.dlms import moment
from trialconformance.gbcs.dlms.access import (
    AccessRequest,
    AccessResponse,
    Apdu,
    DataNotification,
    Specification,
)
from trialconformance.gbcs.dlms.data import CompactArray, Data, Tag, TypeDescription
from trialconformance.gbcs.dlms.data_protection import protection_parameters
from trialconformance.gbcs.dlms.names import CosemNames, Shape, obis_text
from trialconformance.gbcs.node import Node, Value

__all__ = ["describe", "describe_data"]

_TITLES: dict[type[Apdu], str] = {
    AccessRequest: "access-request",
    AccessResponse: "access-response",
    DataNotification: "data-notification",
}
_HEAD_OCTETS = 5  # tag and long-invoke-id
_SHORTEST_TEXT = 4  # octets from which printable octets are shown as text
_ACTION = 3
_RANGE = 1  # access selector
_SCALER_UNIT = (Tag.INT8, Tag.ENUM)
_CAPTURE_OBJECT = (Tag.UINT16, Tag.OCTET_STRING, Tag.INT8, Tag.UINT16)


def describe(apdu: Apdu, length: int, *, asked: Sequence[Specification | None] = ()) -> Node:
    """Make the field tree of an APDU that was read from octets.

    Args:
        apdu: as read.
        length: octets of the payload.
        asked: of a response that does not repeat its request list: what each entry was asked for, None where that is
            not known.

    Returns:
        The tree; the octets of a field that are in none of its children are its own header.
    """
    date_time = Node(
        name="date_time",
        path="date_time",
        start=_HEAD_OCTETS,
        length=1 + len(apdu.date_time),
        value=apdu.date_time.hex(),
        text=moment.date_time_text(apdu.date_time) or ("" if apdu.date_time else "absent"),
        kind="octet-string",
    )
    invoke_id = Node(
        name="long_invoke_id",
        path="long_invoke_id",
        start=1,
        length=4,
        value=apdu.long_invoke_id,
        text=f"low octets of the Originator Counter {apdu.long_invoke_id & 0xFFFFFF}",
        kind="uint32",
    )
    children = [invoke_id, date_time]
    if isinstance(apdu, DataNotification):
        children.append(describe_data(apdu.body, name="body", path="body"))
    else:
        children.extend(_lists(apdu, asked))
    return Node(name=_TITLES[type(apdu)], path="", start=0, length=length, children=tuple(children))


def describe_data(data: Data, *, name: str, path: str, text: str = "", shape: Shape | None = None) -> Node:
    """Make the field tree of one value.

    Args:
        data: the value, as read.
        name: its name.
        path: its path.
        text: what is known of it from elsewhere; told from the value where empty.
        shape: names of its parts; positions where there are none.

    Returns:
        The tree.
    """
    kind = Tag(data.tag).title
    items = data.items
    if shape is None and protection_parameters(data) is not None:
        shape = CosemNames.shipped().protection
    if isinstance(data.value, CompactArray):
        kind = f"compact-array of {_type_text(data.value.description)}"
    return Node(
        name=name,
        path=path,
        start=data.start,
        length=data.end - data.start,
        value=None if items or data.tag in (Tag.ARRAY, Tag.STRUCTURE) else _plain(data),
        text=text or _text(data, name),
        kind=kind,
        children=tuple(
            describe_data(item, name=part, path=f"{path}[{at}]", shape=inside)
            for at, (item, (part, inside)) in enumerate(zip(items, _parts(data, shape), strict=True))
        ),
        note="length not in its shortest form" if data.width else "",
    )


def _parts(data: Data, shape: Shape | None) -> Iterator[tuple[str, Shape | None]]:
    """Name and shape of every value inside a value."""
    size = len(data.items)
    if shape is not None and data.tag == Tag.STRUCTURE and len(shape.names) == size:
        yield from ((name, shape.inside.get(name)) for name in shape.names)
    else:
        each = shape.each if shape is not None and data.tag != Tag.STRUCTURE else None
        yield from ((f"[{at}]", each) for at in range(size))


def _lists(apdu: AccessRequest | AccessResponse, asked: Sequence[Specification | None]) -> list[Node]:
    names = CosemNames.shipped()
    specifications = apdu.specifications or ()
    found = [_specification(each, f"request[{at}]") for at, each in enumerate(specifications)]
    about = [*(specifications or asked), *[None] * max(len(apdu.data), _results(apdu))]
    for at, (data, each) in enumerate(zip(apdu.data, about, strict=False)):
        text = _joined(_about(each) if each else "", _text(data))
        # A Response carries what a method gives, not what it takes.
        shaped = each is not None and (each.choice != _ACTION or isinstance(apdu, AccessRequest))
        shape = names.shape(each.choice, each.class_id, each.attribute) if each and shaped else None
        found.append(describe_data(data, name=f"data[{at}]", path=f"data[{at}]", text=text, shape=shape))
    if isinstance(apdu, AccessResponse):
        for at, result in enumerate(apdu.results):
            path = f"result[{at}]"
            choice = _number(path, "choice", result.choice, names.choices, start=result.start)
            outcome = _number(path, "result", result.result, names.results, start=result.start + 1)
            text = _about(each) if (each := about[at]) else ""
            children = (choice, outcome)
            found.append(Node(name=path, path=path, start=result.start, length=2, text=text, children=children))
    return found


def _results(apdu: AccessRequest | AccessResponse) -> int:
    return len(apdu.results) if isinstance(apdu, AccessResponse) else 0


def _specification(specification: Specification, path: str) -> Node:
    names = CosemNames.shipped()
    start = specification.start
    class_id, obis = specification.class_id, specification.obis
    member = names.member_name(specification.choice, class_id, specification.attribute)
    class_names = {class_id: names.class_name(class_id)}
    children = [
        _number(path, "choice", specification.choice, names.choices, start=start),
        _number(path, "class_id", class_id, class_names, start=start + 1, length=2),
        Node(
            name="obis",
            path=f"{path}.obis",
            start=start + 3,
            length=6,
            value=obis.hex(),
            text=_joined(obis_text(obis), names.objects.get(obis.hex(), "")),
            kind="octets",
        ),
        _number(path, "attribute", specification.attribute, {specification.attribute: member}, start=start + 9),
    ]
    if specification.selector is not None and specification.selection is not None:
        children.append(_number(path, "selector", specification.selector, {_RANGE: "range"}, start=start + 10))
        shape = names.range_selection if specification.selector == _RANGE else None
        selection = describe_data(specification.selection, name="selection", path=f"{path}.selection", shape=shape)
        children.append(selection)
    return Node(
        name=path,
        path=path,
        start=start,
        length=specification.end - start,
        text=_about(specification),
        children=tuple(children),
    )


def _about(specification: Specification) -> str:
    """For example ``get Clock 0-0:1.0.0.255 time``."""
    names = CosemNames.shipped()
    choice, class_id, attribute = specification.choice, specification.class_id, specification.attribute
    return " ".join(
        (
            names.choices.get(choice, str(choice)),
            names.class_name(class_id) or f"class {class_id}",
            obis_text(specification.obis),
            names.member_name(choice, class_id, attribute) or f"member {attribute}",
        )
    )


def _number(parent: str, name: str, value: int, meanings: dict[int, str], *, start: int, length: int = 1) -> Node:
    """A whole number with a meaning, at a place; the type name follows from its octets."""
    return Node(
        name=name,
        path=f"{parent}.{name}",
        start=start,
        length=length,
        value=value,
        text=meanings.get(value, "unknown"),
        kind=f"uint{8 * length}",
    )


def _plain(data: Data) -> Value:
    """The value of a scalar for JSON."""
    value = data.value
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, str):
        # Octets that are no UTF-8 were read as surrogates, which JSON cannot carry.
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, tuple):
        return str(value)
    if data.tag == Tag.BOOLEAN and value in (0, 1):
        return bool(value)
    plain: int | None = value
    return plain


def _text(data: Data, name: str = "") -> str:
    """What a value means, told from the name of the part it is, or from itself."""
    reader = _TEXTS_BY_NAME.get((data.tag, name)) or _TEXTS.get(data.tag)
    return reader(data) if reader else ""


def _octets_text(data: Data) -> str:
    value: bytes = data.value
    if len(value) == moment.DATE_TIME_OCTETS:
        return moment.date_time_text(value)
    if len(value) == moment.DATE_OCTETS and (text := moment.date_text(value)):
        return text
    if len(value) >= _SHORTEST_TEXT and value.isascii() and value.decode("ascii").isprintable():
        return f'"{value.decode("ascii")}"'
    return ""


def _structure_text(data: Data) -> str:
    items = data.items
    tags = tuple(item.tag for item in items)
    if tags == _SCALER_UNIT:
        unit = CosemNames.shipped().units.get(items[1].value, f"unit {items[1].value}")
        return f"x 10^{items[0].value} {unit}" if items[0].value else unit
    if tags[:4] == _CAPTURE_OBJECT and len(items[1].value) == 6:
        return _about(Specification(1, items[0].value, items[1].value, items[2].value))
    return ""


_TEXTS: dict[int, Callable[[Data], str]] = {
    Tag.OCTET_STRING: _octets_text,
    Tag.STRUCTURE: _structure_text,
    Tag.DATE_TIME: lambda data: moment.date_time_text(data.value),
    Tag.DATE: lambda data: moment.date_text(data.value),
    Tag.TIME: lambda data: moment.time_text(data.value),
    Tag.FLOAT32: lambda data: repr(struct.unpack(">f", data.value)[0]),
    Tag.FLOAT64: lambda data: repr(struct.unpack(">d", data.value)[0]),
}


def _obis_octets_text(data: Data) -> str:
    return obis_text(data.value) or _octets_text(data)


def _time_octets_text(data: Data) -> str:
    return moment.time_text(data.value) or _octets_text(data)


# Octets and numbers that only the name of the part explains.
_TEXTS_BY_NAME: dict[tuple[int, str], Callable[[Data], str]] = {
    **{
        (Tag.OCTET_STRING, name): _obis_octets_text
        for name in ("logical_name", "script_logical_name", "credit_reference", "charge_reference")
    },
    **{(Tag.OCTET_STRING, name): _time_octets_text for name in ("start_time", "switch_time", "time")},
    (Tag.ENUM, "unit"): lambda data: CosemNames.shipped().units.get(data.value, "unknown"),
}


def _type_text(description: TypeDescription) -> str:
    title = Tag(description.tag).title
    if description.tag == Tag.ARRAY:
        return f"array of {description.size} {_type_text(description.items[0])}"
    if description.tag == Tag.STRUCTURE:
        return f"structure of {{{', '.join(map(_type_text, description.items))}}}"
    return title


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)

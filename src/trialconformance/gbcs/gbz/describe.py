"""GBZ payloads as a field tree: command, field and attribute names, times and enumerations for a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from trialconformance.gbcs.alert_codes import AlertTable
from trialconformance.gbcs.gbz.commands import Command, CommandTable, FieldRow
from trialconformance.gbcs.gbz.component import Component, GbzAlert, GbzPayload
from trialconformance.gbcs.gbz.values import (
    ATTRIBUTE_TYPES,
    FIXED,
    NO_VALUE,
    STRING_LENGTH_OCTETS,
    TypedValue,
    utc_text,
    zcl_date_text,
)
from trialconformance.gbcs.node import Node, Value

__all__ = ["describe", "describe_alert", "describe_component", "describe_surplus", "describe_zcl"]

_CONTROL_BITS = {0x01: "last component", 0x02: "encrypted", 0x10: "from-date-time"}
_FRAME_BITS = {
    0x01: "cluster command",
    0x04: "manufacturer specific",
    0x08: "server to client",
    0x10: "no default response",
}
_NOTE_UNKNOWN = "unknown command: octets kept"
_NOTE_UNFIT = "fields are not those of the table, which no official vector confirms: octets kept"
_NOTE_SURPLUS = "octets beyond the fields of the command: kept"


def describe(payload: GbzPayload) -> Node:
    """Make the field tree of a payload that was read from octets.

    Args:
        payload: as read.

    Returns:
        The tree; the octets of a field that are in none of its children are its own header.
    """
    components = payload.components
    children = [
        _leaf("profile", "profile", 0, 2, payload.profile, kind="uint16"),
        _leaf("count", "count", 2, 1, len(components), kind="uint8"),
        *(describe_component(each, f"component[{at}]") for at, each in enumerate(components)),
    ]
    end = components[-1].end if components else 3
    return Node(name="GBZ payload", path="", start=0, length=end, children=tuple(children))


def describe_component(component: Component, path: str) -> Node:
    """Make the field tree of one component.

    Args:
        component: as read.
        path: its path.

    Returns:
        The tree.
    """
    table = CommandTable.shipped()
    known = component.codec
    title = known.command.name if known else f"unknown command {component.command:02X}"
    cluster = table.cluster_name(component.cluster) or f"unknown cluster {component.cluster:04X}"
    at = component.start
    children: list[Node] = []

    def add(name: str, length: int, value: Value, text: str = "", kind: str = "") -> None:
        nonlocal at
        children.append(_leaf(name, f"{path}.{name}", at, length, value, text=text, kind=kind or f"uint{8 * length}"))
        at += length

    add("control", 1, component.control, _flags(component.control, _CONTROL_BITS))
    add("cluster", 2, component.cluster, cluster)
    add("length", 2, component.length)
    if component.additional_header is not None:
        add("additional_header", 1, component.additional_header)
        add("frame_counter", 1, component.frame_counter)
    if component.from_date_time is not None:
        add("from_date_time", 4, component.from_date_time, utc_text(component.from_date_time), "utc-time")
    add("frame_control", 1, component.frame_control, _flags(component.frame_control, _FRAME_BITS))
    if component.manufacturer is not None:
        add("manufacturer", 2, component.manufacturer)
    add("sequence", 1, component.sequence)
    add("command", 1, component.command, title)
    if component.additional_header is not None:
        add("ciphered_length", 2, component.ciphered_length)
        add("ciphered", len(component.ciphered), component.ciphered.hex(), "encrypted", "octets")
    elif known and component.values is not None:
        children.append(_zcl_node(known.command, component, at, f"{path}.zcl"))
    elif component.surplus:
        surplus = describe_surplus(component.surplus, f"{path}.surplus", at, known=bool(known), read=False)
        children.append(surplus)
    return Node(
        name=path,
        path=path,
        start=component.start,
        length=component.end - component.start,
        text=f"{cluster}: {title}",
        children=tuple(children),
        note="" if known else _NOTE_UNKNOWN,
    )


def describe_zcl(
    command: Command, values: Mapping[str, Any], *, cluster: int, path: str, start: int = 0
) -> tuple[Node, ...]:
    """Make the field trees of a ZCL payload.

    Args:
        command: its row in the command table.
        values: its fields, as read.
        cluster: cluster id, which names attributes.
        path: path of the payload.
        start: offset of its first octet.

    Returns:
        One tree for each field that is there.
    """
    return _Fields(cluster).rows(command.fields, values, path, start)[0]


def _zcl_node(command: Command, component: Component, at: int, path: str) -> Node:
    fields = describe_zcl(command, component.values or {}, cluster=component.cluster, path=path, start=at)
    if component.surplus:
        start = component.end - len(component.surplus)
        fields = (*fields, describe_surplus(component.surplus, f"{path}.surplus", start, known=True, read=True))
    return Node(name="zcl", path=path, start=at, length=component.end - at, text=command.name, children=fields)


class _Fields:
    """Turns the fields of one payload into nodes, front to back: only sizes tell where a field lies."""

    __slots__ = ("cluster", "table")

    def __init__(self, cluster: int) -> None:
        self.cluster = cluster
        self.table = CommandTable.shipped()

    def rows(
        self, rows: Iterable[FieldRow], values: Mapping[str, Any], path: str, at: int
    ) -> tuple[tuple[Node, ...], int]:
        """Nodes of some fields and the offset after them."""
        found: list[Node] = []
        for row in rows:
            value = values.get(row.name)
            if value is None:
                continue
            node = self.field(row, value, f"{path}.{row.name}", at)
            found.append(node)
            at = node.end
        return tuple(found), at

    def field(self, row: FieldRow, value: Any, path: str, at: int) -> Node:
        """Node of one field."""
        if row.type == "group":
            return self.group(row, value, path, at)
        if row.type == "switch":
            return self.switch(row, value, path, at)
        if row.type == "typed-value":
            return self.typed(row, value, path, at)
        if row.type in STRING_LENGTH_OCTETS:
            length = STRING_LENGTH_OCTETS[row.type] + (0 if value == NO_VALUE else len(value))
            return _leaf(row.name, path, at, length, _shown(value), text=_string_text(value), kind=row.type)
        length = FIXED[row.type].octets
        return _leaf(row.name, path, at, length, _shown(value), text=self.text(row, value), kind=row.type)

    def group(self, row: FieldRow, value: list[Mapping[str, Any]], path: str, at: int) -> Node:
        """Node of fields that repeat."""
        start = at
        children: list[Node] = []
        for position, element in enumerate(value):
            inner_path = f"{path}[{position}]"
            inner, end = self.rows(row.fields, element, inner_path, at)
            name = f"[{position}]"
            children.append(Node(name=name, path=inner_path, start=at, length=end - at, children=inner))
            at = end
        return Node(name=row.name, path=path, start=start, length=at - start, children=tuple(children))

    def switch(self, row: FieldRow, value: Mapping[str, Any], path: str, at: int) -> Node:
        """Node of fields that an earlier one picked: the case is the one whose names the value has."""
        rows = next(fields for fields in row.cases.values() if [each.name for each in fields] == list(value))
        inner, end = self.rows(rows, value, path, at)
        return Node(name=row.name, path=path, start=at, length=end - at, children=inner)

    def typed(self, row: FieldRow, value: TypedValue, path: str, at: int) -> Node:
        """Node of a value with a type octet."""
        kind = ATTRIBUTE_TYPES.get(value.type)
        content = value.value
        if kind is None:
            length = len(content) if isinstance(content, bytes) else 0
        else:
            octets = len(content) if isinstance(content, bytes) else 0
            length = kind.octets + octets if kind.counted else kind.octets
        text = utc_text(content) if kind and kind.name == "utc-time" and isinstance(content, int) else ""
        return Node(
            name=row.name,
            path=path,
            start=at,
            length=1 + length,
            value=_shown(content),
            text=text or ("" if isinstance(content, int) else _string_text(content)),
            kind=kind.name if kind else f"type {value.type:02X}",
            note="" if kind else "unknown type: octets kept",
        )

    def text(self, row: FieldRow, value: Any) -> str:
        """What a number means."""
        if row.values:
            return self.table.values[row.values].get(value, "unknown")
        if row.type == "utc-time":
            return utc_text(value)
        if row.type == "date":
            return zcl_date_text(value)
        if row.type == "attribute":
            return self.table.attribute_name(self.cluster, value) or f"attribute {value:04X}"
        if row.type == "event":
            alert = AlertTable.shipped().code(value)
            return f"{value:04X} {alert.name if alert else 'unknown event'}"
        return f"{value:0{2 * FIXED[row.type].octets}X}" if row.type.startswith("bitmap") else ""


def describe_alert(alert: GbzAlert, title: str) -> tuple[Node, ...]:
    """Make the field trees of an alert that was read from octets.

    Args:
        alert: as read.
        title: alert code and name for a person.

    Returns:
        The fields in the order of the octets.
    """
    head = (
        _leaf("profile", "profile", 0, 2, alert.profile, kind="uint16"),
        _leaf("has_extras", "has_extras", 2, 1, alert.has_extras, kind="uint8"),
        _leaf("alert_code", "alert_code", 3, 2, alert.code, text=title, kind="uint16"),
        _leaf("time", "time", 5, 4, alert.time, text=utc_text(alert.time), kind="utc-time"),
    )
    if alert.component is not None:
        return (*head, describe_component(alert.component, "component"))
    if alert.extras:
        return (*head, _leaf("extras", "extras", 9, len(alert.extras), alert.extras.hex(), kind="octets"))
    return head


def describe_surplus(octets: bytes, path: str, at: int, *, known: bool, read: bool) -> Node:
    """The field for octets that no table explains.

    Args:
        octets: the octets.
        path: path of the field.
        at: offset of the first octet.
        known: whether the command is in the table.
        read: whether they follow its fields; otherwise they are all there is.

    Returns:
        The field, with a note that says so.
    """
    note = _NOTE_SURPLUS if read else _NOTE_UNFIT if known else _NOTE_UNKNOWN
    length, value = len(octets), octets.hex()
    return Node(name="surplus", path=path, start=at, length=length, value=value, kind="octets", note=note)


def _leaf(
    name: str,
    path: str,
    at: int,
    length: int,
    value: Value,
    *,
    text: str = "",
    kind: str = "",
) -> Node:
    return Node(name=name, path=path, start=at, length=length, value=value, text=text, kind=kind)


def _shown(value: Any) -> Value:
    if isinstance(value, bytes):
        return value.hex()
    if value == NO_VALUE:
        return None
    shown: int | None = value
    return shown


def _string_text(octets: bytes | str) -> str:
    if isinstance(octets, str):
        return octets
    text = octets.decode("latin-1")
    return f'"{text}"' if octets and octets.isascii() and text.isprintable() else ""


def _flags(value: int, names: Mapping[int, str]) -> str:
    found = [name for bit, name in names.items() if value & bit]
    unknown = value & ~sum(names)
    return ", ".join([*found, *([f"unknown bits {unknown:02X}"] if unknown else [])])

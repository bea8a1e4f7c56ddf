"""The ZCL commands GBCS uses, as data: clusters, commands, the fields of their payloads, attributes and statuses."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema

from trialconformance.gbcs.data_file import DataFile, Row

__all__ = ["Cluster", "Command", "CommandTable", "FieldRow", "FieldType", "When"]


FieldType = Literal[
    "uint8",
    "uint16",
    "uint24",
    "uint32",
    "uint48",
    "int8",
    "int16",
    "int32",
    "bitmap8",
    "bitmap16",
    "bitmap24",
    "bitmap32",
    "enum8",
    "utc-time",
    "date",
    "attribute",
    "event",
    "octet-string",
    "character-string",
    "typed-value",
    "group",
    "switch",
]


def _from_hex(value: object) -> object:
    return int(value, 16) if isinstance(value, str) else value


# Written in hex, because every specification of ZigBee writes these numbers so.
Number = Annotated[
    int,
    BeforeValidator(_from_hex),
    WithJsonSchema({"type": "string", "pattern": "^0x[0-9A-F]{2}([0-9A-F]{2})?$"}),
]


class When(Row):
    """The condition under which a field is there.

    Args:
        field: an earlier field.
        equals: the value it must have.
    """

    field: str
    equals: int


class FieldRow(Row):
    """One field of a ZCL payload; numbers are little-endian.

    Args:
        name: its name.
        type: its type; ``group`` repeats its fields, ``switch`` picks fields by an earlier one.
        optional: whether a payload may end before it; only at the end.
        values: name of the table that says what its values mean.
        when: the condition under which it is there.
        count: of a group, the earlier field that counts, or ``rest`` for as many as fill the payload.
        mask: bits of that field that count.
        fields: of a group, the fields that repeat.
        on: of a switch, the earlier field that decides.
        cases: of a switch, the fields by value of that field; without a case the octets are kept.
        confirmed: of a switch, the cases official vectors show; where another does not fit the octets are kept.
    """

    name: str
    type: FieldType
    optional: bool = False
    values: str = ""
    when: When | None = None
    count: str = "rest"
    mask: int = 0xFFFF
    fields: tuple[FieldRow, ...] = ()
    on: str = ""
    cases: dict[int, tuple[FieldRow, ...]] = Field(default_factory=dict)
    confirmed: tuple[int, ...] = ()


class Command(Row):
    """One command.

    Args:
        id: command id.
        name: name of the command.
        sender: ``server`` or ``client``; commands of all clusters go both ways.
        fields: its payload.
        confirmed: whether official vectors show it; where the fields of another do not fit, its octets are kept.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    id: Number
    name: str
    sender: Annotated[Literal["server", "client", "either"], Field(alias="from")] = "either"
    fields: tuple[FieldRow, ...]
    confirmed: bool = False


class Cluster(Row):
    """One cluster.

    Args:
        id: cluster id.
        name: name of the cluster.
        attributes: attribute names by id.
        commands: its commands.
    """

    id: Number
    name: str
    attributes: dict[Number, str]
    commands: tuple[Command, ...]


class CommandTable(DataFile):
    """Every command that is known.

    Args:
        schema_id: version of the file format.
        source: where the facts come from.
        values: tables of value meanings by name.
        general_commands: commands of all clusters.
        clusters: the clusters.
    """

    file: ClassVar[str] = "zcl_commands.json"

    schema_id: Literal["gbcs-zcl-commands/1"]
    source: str
    values: dict[str, dict[Number, str]]
    general_commands: tuple[Command, ...]
    clusters: tuple[Cluster, ...]

    @cached_property
    def _clusters(self) -> dict[int, Cluster]:
        return {each.id: each for each in self.clusters}

    def cluster_name(self, cluster: int) -> str:
        """Name of a cluster, empty when not known."""
        found = self._clusters.get(cluster)
        return found.name if found else ""

    def attribute_name(self, cluster: int, attribute: int) -> str:
        """Name of an attribute, empty when not known."""
        found = self._clusters.get(cluster)
        return found.attributes.get(attribute, "") if found else ""

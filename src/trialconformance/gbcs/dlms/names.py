"""Names of COSEM classes, attributes, objects, results and units, as data."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from trialconformance.gbcs.data_file import DataFile, Row

__all__ = ["CosemNames", "Shape", "obis_text"]

_METHOD_CHOICE = 3


class CosemClass(Row):
    """One interface class.

    Args:
        name: name of the class.
        attributes: names by attribute index.
        methods: names by method index.
    """

    name: str
    attributes: dict[int, str]
    methods: dict[int, str]


class Shape(Row):
    """Names of the parts of a value.

    Args:
        names: names of the members of a structure, in their order.
        inside: what is inside a member, by its name.
        each: what every element of an array is.
    """

    names: tuple[str, ...] = ()
    inside: dict[str, Shape] = Field(default_factory=dict)
    each: Shape | None = None


class CosemNames(DataFile):
    """Everything DLMS names for a person; an unknown number is shown as it is.

    Args:
        schema_id: version of the file format.
        source: where the names come from.
        classes: interface classes by class id.
        objects: names by OBIS code, 12 lower-case hex digits.
        choices: kinds of access by choice tag.
        results: data-access-result and action-result.
        units: physical units of a scaler_unit.
        shapes: parts of attribute values, by ``class/attribute``, and of what methods take, by ``class/method-n``.
        protection: parts of the protection parameters of GBCS 8.3.
        range_selection: parts of the access parameters of selector 1.
    """

    file: ClassVar[str] = "cosem.json"

    schema_id: Literal["gbcs-cosem-names/1"]
    source: str
    classes: dict[int, CosemClass]
    objects: dict[Annotated[str, Field(pattern="^[0-9a-f]{12}$")], str]
    choices: dict[int, str]
    results: dict[int, str]
    units: dict[int, str]
    shapes: dict[Annotated[str, Field(pattern=r"^\d+/(method-)?\d+$")], Shape]
    protection: Shape
    range_selection: Shape

    def shape(self, choice: int, class_id: int, index: int) -> Shape | None:
        """Parts of an attribute's value, or of what a method takes; None where they are not known."""
        return self.shapes.get(f"{class_id}/{'method-' if choice == _METHOD_CHOICE else ''}{index}")

    def class_name(self, class_id: int) -> str:
        """Name of a class, empty when not known."""
        found = self.classes.get(class_id)
        return found.name if found else ""

    def member_name(self, choice: int, class_id: int, index: int) -> str:
        """Name of the attribute, or of the method when the choice is action; empty when not known."""
        found = self.classes.get(class_id)
        if found is None:
            return ""
        return (found.methods if choice == _METHOD_CHOICE else found.attributes).get(index, "")


def obis_text(obis: bytes) -> str:
    """An OBIS code as people write it, for example ``0-0:94.44.100.255``; empty when not 6 octets."""
    if len(obis) != 6:
        return ""
    a, b, c, d, e, f = obis
    return f"{a}-{b}:{c}.{d}.{e}.{f}"

"""Names of COSEM classes, attributes, objects, results and units, as data."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from trialconformance.core import load_json, read_data

__all__ = ["CosemNames", "cosem_names", "obis_text"]

_METHOD_CHOICE = 3
_DATA_FILE = "data/cosem.json"


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CosemClass(_Row):
    """One interface class.

    Args:
        name: name of the class.
        attributes: names by attribute index.
        methods: names by method index.
    """

    name: str
    attributes: dict[int, str]
    methods: dict[int, str]


class CosemNames(_Row):
    """Everything DLMS names for a person; an unknown number is shown as it is.

    Args:
        schema_id: version of the file format.
        source: where the names come from.
        classes: interface classes by class id.
        objects: names by OBIS code, 12 lower-case hex digits.
        choices: kinds of access by choice tag.
        results: data-access-result and action-result.
        units: physical units of a scaler_unit.
    """

    schema_id: Literal["gbcs-cosem-names/1"]
    source: str
    classes: dict[int, CosemClass]
    objects: dict[Annotated[str, Field(pattern="^[0-9a-f]{12}$")], str]
    choices: dict[int, str]
    results: dict[int, str]
    units: dict[int, str]

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


@cache
def cosem_names() -> CosemNames:
    """The names that come with the package."""
    octets = read_data("trialconformance.gbcs", _DATA_FILE)
    return load_json(CosemNames, octets, where=_DATA_FILE)


def obis_text(obis: bytes) -> str:
    """An OBIS code as people write it, for example ``0-0:94.44.100.255``; empty when not 6 octets."""
    if len(obis) != 6:
        return ""
    a, b, c, d, e, f = obis
    return f"{a}-{b}:{c}.{d}.{e}.{f}"

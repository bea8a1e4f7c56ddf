"""Distinguished names as SMKI certificates carry them: compared by octets, shown to people as text.

Clause: RFC 5280 4.1.2.4.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from trialconformance.core import Span
from trialconformance.smki import der, oids

__all__ = ["Attribute", "Name"]

_LONGEST_TEXT = 64  # characters of one value shown to a person
_ROLE = re.compile(rb"[0-9A-Fa-f]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One attribute of a name.

    Args:
        oid: type, dotted.
        node: value as encoded.
    """

    oid: str
    node: der.Node

    @property
    def span(self) -> Span:
        """Where the value stands."""
        return self.node.span(oids.ATTRIBUTES.get(self.oid, self.oid))

    @property
    def text(self) -> str:
        """The value for a person: text of a string type, hex of anything else."""
        value = self.node.value
        if self.node.identifier in {der.UTF8_STRING, der.PRINTABLE_STRING, der.IA5_STRING}:
            return value[:_LONGEST_TEXT].decode(errors="replace")
        if self.node.identifier == der.BIT_STRING:
            value = value[1:]
        return value[:_LONGEST_TEXT].hex().upper()


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A distinguished name.

    Args:
        node: the name as encoded.
        relative: its relative names in order, each with its attributes.
    """

    node: der.Node
    relative: tuple[tuple[Attribute, ...], ...]

    @classmethod
    def of(cls, node: der.Node) -> Name:
        """Read a name; whatever is not of the form of an attribute is left out."""
        return cls(
            node=node,
            relative=tuple(
                tuple(
                    Attribute(oid=der.oid_text(pair.children[0].value), node=pair.children[1])
                    for pair in relative.children
                    if len(pair.children) == 2
                )
                for relative in node.children
            ),
        )

    @property
    def octets(self) -> bytes:
        """The DER of the name: two names are the same when these octets are."""
        return self.node.encoding

    @property
    def empty(self) -> bool:
        """Whether it is the empty SEQUENCE."""
        return not self.node.length

    def all(self, oid: str) -> tuple[Attribute, ...]:
        """Every attribute of this type."""
        return tuple(each for relative in self.relative for each in relative if each.oid == oid)

    @property
    def role(self) -> int | None:
        """The remote party role that the first OU carries as two hex digits, None where there is none."""
        units = self.all(oids.ORGANISATIONAL_UNIT)
        return int(units[0].node.value, 16) if units and _ROLE.fullmatch(units[0].node.value) else None

    @property
    def unit(self) -> str | None:
        """The first OU as text, None where there is none."""
        units = self.all(oids.ORGANISATIONAL_UNIT)
        return units[0].text if units else None

    @property
    def unique_identifier(self) -> bytes | None:
        """The 8 octets of the first x500UniqueIdentifier, None where it is no 64-bit BIT STRING."""
        found = self.all(oids.UNIQUE_IDENTIFIER)
        if found and found[0].node.identifier == der.BIT_STRING and found[0].node.length == 9:
            value = found[0].node.value
            return value[1:] if not value[0] else None
        return None

    def __str__(self) -> str:
        return ", ".join(
            "+".join(f"{oids.ATTRIBUTES.get(each.oid, each.oid)}={each.text}" for each in relative)
            for relative in self.relative
        )

"""The field tree of a payload: every field with its place, its value, and what the value means to a person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from trialconformance.core import Span

__all__ = ["Node", "Value"]

Value = int | str | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One field.

    Args:
        name: name of the field inside its parent.
        path: path from the payload, for example ``data[3][0]``.
        start: octets from the start of the payload; of a decrypted field, from the start of its plaintext.
        length: octets the field takes, header octets included.
        value: the value as a number or text, octets as lower-case hex; None for a field that only holds others.
        text: the value for a person: enumeration, date, unit; empty where the value says it all.
        kind: type of the value, for example ``uint32``; empty for a group of fields.
        children: the fields inside.
        note: what was tolerated or could not be told.
        decrypted: whether the field stands in a plaintext and not in the payload.
    """

    name: str
    path: str
    start: int
    length: int
    value: Value = None
    text: str = ""
    kind: str = ""
    children: tuple[Node, ...] = ()
    note: str = ""
    decrypted: bool = False

    @property
    def end(self) -> int:
        """Offset after the field."""
        return self.start + self.length

    @property
    def span(self) -> Span:
        """Where the field lies."""
        return Span(start=self.start, length=self.length, path=self.path)

    def walk(self) -> Iterator[Node]:
        """This field and all fields inside it, in the order of the octets."""
        yield self
        for child in self.children:
            yield from child.walk()

    def find(self, path: str) -> Node | None:
        """The field with this path, None where there is none."""
        return next((each for each in self.walk() if each.path == path), None)

    def holding(self, *children: Node) -> Node:
        """The same field with more fields inside it."""
        return replace(self, children=(*self.children, *children))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON: name, path, offset, length, then only what is there."""
        found: dict[str, Any] = {"name": self.name, "path": self.path, "offset": self.start, "length": self.length}
        if self.kind:
            found["type"] = self.kind
        if self.value is not None or (self.kind and not self.children):
            found["value"] = self.value
        remarks = {"text": self.text, "note": self.note, "decrypted": self.decrypted}
        found |= {key: content for key, content in remarks.items() if content}
        if self.children:
            found["children"] = [child.to_json() for child in self.children]
        return found

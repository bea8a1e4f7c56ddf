"""One ASN.1 value of a payload: what it is by its declaration, where it lies, and how its length was written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from trialconformance.gbcs.asn1.rule import Form, Rule
from trialconformance.gbcs.length import write_length

__all__ = ["Element"]


class Element(NamedTuple):
    """One tag-length-value.

    A tuple and not a dataclass: a payload holds up to a hundred of them.

    Args:
        name: field name in its structure, ``[n]`` inside a SEQUENCE OF.
        rule: what the declaration says of it.
        tag: identifier octet.
        content: content octets of a value that holds no values, or of a certificate; empty otherwise.
        children: the values inside.
        start: offset of the identifier octet from the start of the payload.
        content_start: offset of the content.
        end: offset after the value.
        width: octets of the length field where it is not the shortest form, otherwise 0.
    """

    name: str
    rule: Rule
    tag: int
    content: bytes = b""
    children: tuple[Element, ...] = ()
    start: int = 0
    content_start: int = 0
    end: int = 0
    width: int = 0

    @property
    def value(self) -> Any:
        """The value in Python.

        Returns:
            dict by field name for a SEQUENCE, list for a SEQUENCE OF, int for INTEGER and ENUMERATED, bytes for
            OCTET STRING, for a BIT STRING (first octet: unused bits) and for a certificate (the whole DER), str for
            GeneralizedTime, None for NULL.
        """
        form = self.rule.form
        if form is Form.SEQUENCE:
            return {child.name: child.value for child in self.children}
        if form is Form.SEQUENCE_OF:
            return [child.value for child in self.children]
        if form is Form.INTEGER:
            return int.from_bytes(self.content, signed=True)
        if form is Form.TIME:
            return self.content.decode("latin-1")
        if form is Form.NULL:
            return None
        return self.encode() if form is Form.OPAQUE else self.content

    def child(self, name: str) -> Element | None:
        """The field with this name, None where it is absent."""
        return next((each for each in self.children if each.name == name), None)

    def walk(self) -> Iterator[Element]:
        """This value and all values inside it."""
        yield self
        for child in self.children:
            yield from child.walk()

    def encode(self, *, strict: bool = False) -> bytes:
        """The octets, written from the values.

        Args:
            strict: whether every length is in its shortest form, as DER asks; otherwise each keeps the form it had.

        Returns:
            Tag, length and content.
        """
        content = b"".join(child.encode(strict=strict) for child in self.children) if self.children else self.content
        return bytes((self.tag,)) + write_length(len(content), 0 if strict else self.width) + content

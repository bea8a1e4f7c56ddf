"""Strict DER with octet offsets: walks everything it can and writes down every breach it meets.

No library polices DER, so this walker does. It never gives up on a breach: it notes it and takes the reading that lets
it go on, so that a certificate which libraries refuse to load still gets a complete report.

Clause: ITU-T X.690 clauses 8, 10 and 11.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

from trialconformance.core import Span

__all__ = ["DerFault", "DerRule", "DerTree", "Node", "integer_value", "named_bits_fault", "oid_text", "walk"]

_DEEPEST = 32  # levels; an SMKI certificate needs 8
_LONGEST_TAG = 4  # octets after the identifier octet of a high tag number
_LONGEST_READABLE_OID = 40  # octets; a longer one is shown as hex
_SEEN = 16  # octets of a value shown in a fault
_PRINTABLE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 '()+,-./:=?")

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OID = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06
UTF8_STRING, PRINTABLE_STRING, IA5_STRING, UTC_TIME, GENERALIZED_TIME = 0x0C, 0x13, 0x16, 0x17, 0x18
SEQUENCE, SET = 0x30, 0x31
_CONSTRUCTED_UNIVERSAL = frozenset({8, 11, 16, 17})  # EXTERNAL, EMBEDDED PDV, SEQUENCE, SET


class DerRule(StrEnum):
    """What a DER breach is about."""

    TRUNCATED = "truncated"
    TRAILING = "trailing octets"
    SYNTAX = "not the ASN.1 type that belongs here"
    TAG = "tag form"
    FORM = "primitive or constructed"
    DEPTH = "nesting"
    INDEFINITE_LENGTH = "indefinite length"
    LENGTH = "length not minimal"
    BOOLEAN = "BOOLEAN value"
    DEFAULT = "DEFAULT value encoded"
    INTEGER = "INTEGER not minimal"
    BIT_STRING = "BIT STRING unused bits"
    NAMED_BITS = "named-bit list not trimmed"
    NULL = "NULL with content"
    OID = "OBJECT IDENTIFIER not minimal"
    CHARACTERS = "character string"
    SET_ORDER = "SET OF order"


@dataclass(frozen=True, slots=True, kw_only=True)
class DerFault:
    """One breach of DER.

    Args:
        rule: what it is about.
        offset: octets from the start of the artefact.
        length: octets at fault, 0 when something is missing.
        path: field path, or positions of children from the root such as ``0.3.1``.
        expected: what DER accepts there.
        seen: what stands there.
    """

    rule: DerRule
    offset: int
    length: int
    path: str
    expected: str
    seen: str

    @property
    def span(self) -> Span:
        """The octets at fault."""
        return Span(start=self.offset, length=self.length, path=self.path)


@dataclass(slots=True, kw_only=True, eq=False)
class Node:
    """One tag-length-value. Never changed; not declared frozen because 60 are made for each certificate.

    Args:
        identifier: leading identifier octet, for example ``0x30``.
        number: tag number.
        start: offset of the identifier octet.
        content: offset of the first content octet.
        length: content octets.
        end: offset after the value, end-of-contents octets included.
        children: values inside a constructed one.
        octets: the artefact the offsets count in.
    """

    identifier: int
    number: int
    start: int
    content: int
    length: int
    end: int
    children: tuple[Node, ...]
    octets: bytes = field(repr=False)

    @property
    def tag_class(self) -> int:
        """0 universal, 1 application, 2 context-specific, 3 private."""
        return self.identifier >> 6

    @property
    def constructed(self) -> bool:
        """Whether the value holds values."""
        return bool(self.identifier & 0x20)

    @property
    def value(self) -> bytes:
        """The content octets."""
        return self.octets[self.content : self.content + self.length]

    @property
    def encoding(self) -> bytes:
        """Header and content octets."""
        return self.octets[self.start : self.end]

    def span(self, path: str = "") -> Span:
        """Header and content octets as a span."""
        return Span(start=self.start, length=self.end - self.start, path=path)

    def content_span(self, path: str = "") -> Span:
        """The content octets as a span."""
        return Span(start=self.content, length=self.length, path=path)


@dataclass(frozen=True, slots=True, kw_only=True)
class DerTree:
    """What a walk found.

    Args:
        root: the outermost value, None where not even a header stands.
        faults: breaches in the order of the walk.
    """

    root: Node | None
    faults: tuple[DerFault, ...]


def walk(octets: bytes, *, start: int = 0, end: int | None = None, path: str = "") -> DerTree:
    """Walk one DER value and everything inside it, in time linear in its size.

    Args:
        octets: the artefact.
        start: offset at which the value starts.
        end: offset at which it must end, the end of the artefact by default.
        path: field path of the value, put before the positions of its children.

    Returns:
        The tree and every breach; never raises.
    """
    limit = len(octets) if end is None else end
    walker = _Walker(octets, path)
    root, after = walker.value(start, limit, 0)
    if root is not None and after < limit:
        walker.note(
            DerRule.TRAILING, after, limit - after, expected="nothing after the value", seen=_hex(octets[after:limit])
        )
    return DerTree(root=root, faults=tuple(walker.faults))


class _Walker:
    """State of one walk: the positions that lead to the present value, and the breaches so far."""

    __slots__ = ("faults", "octets", "path", "positions")

    def __init__(self, octets: bytes, path: str) -> None:
        self.octets = octets
        self.path = path
        self.positions: list[int] = []
        self.faults: list[DerFault] = []

    def note(self, rule: DerRule, offset: int, length: int, *, expected: str, seen: str) -> None:
        """Write down a breach at the present place."""
        parts = [self.path] if self.path else []
        path = ".".join((*parts, *map(str, self.positions)))
        self.faults.append(DerFault(rule=rule, offset=offset, length=length, path=path, expected=expected, seen=seen))

    def value(self, start: int, limit: int, depth: int) -> tuple[Node | None, int]:
        """Read the value at an offset; returns it and the offset after it."""
        header = self._header(start, limit)
        if header is None:
            return None, limit
        identifier, number, content, length = header
        constructed = bool(identifier & 0x20)
        after = limit if length is None else content + length
        if after > limit:
            self.note(
                DerRule.TRUNCATED, start, limit - start, expected=f"{length} content octets", seen=f"{limit - content}"
            )
            after = limit
        children: tuple[Node, ...] = ()
        content_end = after
        if constructed:
            if depth >= _DEEPEST:
                self.note(DerRule.DEPTH, start, after - start, expected=f"at most {_DEEPEST} levels", seen="more")
            else:
                children, content_end, after = self._children(content, after, depth, definite=length is not None)
        node = Node(
            identifier=identifier,
            number=number,
            start=start,
            content=content,
            length=content_end - content,
            end=after,
            children=children,
            octets=self.octets,
        )
        if identifier < 0x40 and identifier != SEQUENCE:
            self._universal(node)
        return node, after

    def _header(self, start: int, limit: int) -> tuple[int, int, int, int | None] | None:
        """Identifier octet, tag number, content offset and length (None when indefinite); None when cut short."""
        octets = self.octets
        if limit - start < 2:
            self.note(DerRule.TRUNCATED, start, limit - start, expected="a tag and a length", seen="the end")
            return None
        identifier = octets[start]
        number = identifier & 0x1F
        at = start + 1
        if number == 0x1F:
            high = self._high_tag(start, limit)
            if high is None:
                return None
            number, at = high
        first = octets[at]
        at += 1
        if first < 0x80:
            return identifier, number, at, first
        if first == 0x80:
            self.note(DerRule.INDEFINITE_LENGTH, at - 1, 1, expected="a definite length", seen="80")
            return identifier, number, at, None
        count = first & 0x7F
        if at + count > limit or count == 0x7F:
            self.note(
                DerRule.TRUNCATED, at - 1, limit - at + 1, expected=f"{count} length octets", seen=f"{limit - at}"
            )
            return None
        length = int.from_bytes(octets[at : at + count])
        if length < 0x80 or not octets[at]:
            self.note(
                DerRule.LENGTH,
                at - 1,
                count + 1,
                expected="the shortest form of the length",
                seen=_hex(octets[at - 1 : at + count]),
            )
        return identifier, number, at + count, length

    def _high_tag(self, start: int, limit: int) -> tuple[int, int] | None:
        """Tag number of the multi-octet form and the offset of the length; None when it cannot be read."""
        octets = self.octets
        number = 0
        for at in range(start + 1, min(limit - 1, start + 1 + _LONGEST_TAG)):
            number = number << 7 | octets[at] & 0x7F
            if octets[at] < 0x80:
                if number < 0x1F or octets[start + 1] == 0x80:
                    self.note(
                        DerRule.TAG,
                        start,
                        at + 1 - start,
                        expected="the shortest form of the tag number",
                        seen=_hex(octets[start : at + 1]),
                    )
                return number, at + 1
        self.note(
            DerRule.TAG,
            start,
            limit - start,
            expected=f"a tag number of at most {_LONGEST_TAG} octets",
            seen=_hex(octets[start:limit]),
        )
        return None

    def _children(self, content: int, limit: int, depth: int, *, definite: bool) -> tuple[tuple[Node, ...], int, int]:
        """Values inside a constructed one, offset of the end of the content and offset after the value."""
        children: list[Node] = []
        at = content
        self.positions.append(0)
        while at < limit:
            if not definite and self.octets[at : at + 2] == b"\0\0" and at + 2 <= limit:
                self.positions.pop()
                return tuple(children), at, at + 2
            child, at = self.value(at, limit, depth + 1)
            if child is not None:
                children.append(child)
            self.positions[-1] += 1
        self.positions.pop()
        if not definite:
            self.note(DerRule.TRUNCATED, limit, 0, expected="end-of-contents octets", seen="the end")
        return tuple(children), limit, limit

    def _universal(self, node: Node) -> None:
        """Note breaches in the form and content of a value of a universal type."""
        identifier = node.identifier
        if rule := _CONTENT_RULES.get(identifier):
            about, expected, holds = rule
            value = node.value
            if not holds(value):
                self.note(about, node.content, node.length, expected=expected, seen=_hex(value) or "no content")
        elif identifier == SET:
            encodings = [child.encoding for child in node.children]
            if any(left > right for left, right in pairwise(encodings)):
                self.note(
                    DerRule.SET_ORDER,
                    node.start,
                    node.end - node.start,
                    expected="elements in ascending order of their encodings",
                    seen=_hex(node.value),
                )
        elif node.constructed is not (node.number in _CONSTRUCTED_UNIVERSAL):
            self.note(
                DerRule.FORM,
                node.start,
                node.end - node.start,
                expected=f"the {'primitive' if node.constructed else 'constructed'} form",
                seen=f"identifier octet {identifier:02X}",
            )


def named_bits_fault(node: Node, *, path: str) -> DerFault | None:
    """Judge a BIT STRING that is a named-bit list: X.690 11.2.2 removes trailing zero bits.

    Args:
        node: the BIT STRING.
        path: its field path.

    Returns:
        The breach, or None where the list is trimmed or the BIT STRING itself is already at fault.
    """
    value = node.value
    if not _bit_string_holds(value) or len(value) == 1 or value[-1] >> value[0] & 1:
        return None
    return DerFault(
        rule=DerRule.NAMED_BITS,
        offset=node.content,
        length=node.length,
        path=path,
        expected="a last bit that is one",
        seen=_hex(value),
    )


def integer_value(node: Node) -> int:
    """Value of an INTEGER, minimal or not; 0 for one without content."""
    return int.from_bytes(node.value, signed=True)


def oid_text(octets: bytes) -> str:
    """Write the content octets of an OBJECT IDENTIFIER as dotted numbers; one that cannot be read as ``#`` and hex."""
    return f"#{_hex(octets)}" if len(octets) > _LONGEST_READABLE_OID else _short_oid_text(octets)


@lru_cache(maxsize=1024)  # the same dozen stand in every certificate
def _short_oid_text(octets: bytes) -> str:
    if not _oid_holds(octets):
        return f"#{_hex(octets)}"
    arcs: list[int] = []
    arc = 0
    for octet in octets:
        arc = arc << 7 | octet & 0x7F
        if octet < 0x80:
            arcs.append(arc)
            arc = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))


def _hex(octets: bytes) -> str:
    shown = octets[:_SEEN].hex().upper()
    return f"{shown}... ({len(octets)} octets)" if len(octets) > _SEEN else shown


def _integer_holds(value: bytes) -> bool:
    if len(value) < 2:
        return bool(value)
    return not (value[0] == 0x00 and value[1] < 0x80) and not (value[0] == 0xFF and value[1] >= 0x80)


def _bit_string_holds(value: bytes) -> bool:
    if not value or value[0] > 7 or (value[0] and len(value) == 1):
        return False
    return not value[-1] & ((1 << value[0]) - 1) if len(value) > 1 else True


def _oid_holds(value: bytes) -> bool:
    # A subidentifier is minimal when it does not start with 80, and whole when the last octet ends it.
    if not value or value[-1] >= 0x80 or value[0] == 0x80:
        return False
    return b"\x80" not in value or not any(octet == 0x80 and before < 0x80 for before, octet in pairwise(value))


def _utf8_holds(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


_CONTENT_RULES: dict[int, tuple[DerRule, str, Callable[[bytes], bool]]] = {
    BOOLEAN: (DerRule.BOOLEAN, "00 or FF", lambda value: value in {b"\x00", b"\xff"}),
    INTEGER: (DerRule.INTEGER, "the shortest two's complement form", _integer_holds),
    BIT_STRING: (DerRule.BIT_STRING, "0 to 7 unused bits, each of them zero", _bit_string_holds),
    NULL: (DerRule.NULL, "no content", lambda value: not value),
    OID: (DerRule.OID, "whole subidentifiers in their shortest form", _oid_holds),
    UTF8_STRING: (DerRule.CHARACTERS, "UTF-8", _utf8_holds),
    PRINTABLE_STRING: (DerRule.CHARACTERS, "characters of PrintableString", _PRINTABLE.issuperset),
    IA5_STRING: (DerRule.CHARACTERS, "characters of IA5String", bytes.isascii),
}

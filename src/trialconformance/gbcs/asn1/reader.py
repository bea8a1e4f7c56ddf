"""Reading DER payloads by their declaration: with offsets, and lenient about the form of lengths only.

asn1crypto gives no offsets and reads some ten times slower; a property test proves that both read the same values.
"""

from __future__ import annotations

from trialconformance.core import ArtefactError
from trialconformance.gbcs.asn1.element import Element
from trialconformance.gbcs.asn1.rule import ANY, Field, Form, Rule
from trialconformance.gbcs.length import read_length

__all__ = ["DEEPEST", "read_element"]

DEEPEST = 32  # levels; GBCS structures need 7, an unknown one may be anything
_CLAUSE = "GBCS 4.3.1, X.690"
_CONSTRUCTED = 0x20
_HIGH_TAG = 0x1F
_LONGEST_INTEGER = 9  # content octets: GBCS numbers have at most 64 bits, and a leading zero octet
_CONTAINERS = frozenset({Form.SEQUENCE, Form.SEQUENCE_OF})


def read_element(rule: Rule, octets: bytes) -> Element:
    """Read a payload that is one DER value, to its last octet.

    Args:
        rule: what it should be, ``ANY`` where nothing is known of it.
        octets: the payload.

    Returns:
        The value.

    Raises:
        ArtefactError: it is no such value, or octets are missing or left over.
    """
    element = _read(Field("", rule, rule.tag), octets, 0, len(octets), 0)
    if element.end != len(octets):
        raise _refused("octets are left over after the value", element.end, octets, "the end of the payload")
    return element


def _read(field: Field, octets: bytes, at: int, limit: int, depth: int) -> Element:
    rule = field.rule
    tag = octets[at] if at < limit else -1
    if rule.form is Form.CHOICE:
        chosen = next((each for each in rule.fields if each.tag == tag), None)
        if chosen is None:
            expected = " or ".join(f"{each.name} ({each.tag:02X})" for each in rule.fields)
            raise _refused("none of the alternatives stands here", at, octets, expected)
        return _read(chosen, octets, at, limit, depth)
    if tag != field.tag and not (rule.form is Form.ANY and tag >= 0):
        raise _refused("another value is expected here", at, octets, f"{rule.title} ({field.tag:02X})")
    if depth > DEEPEST:
        raise _refused("values are nested too deep", at, octets, f"at most {DEEPEST} levels")
    length, content, width = read_length(octets, at + 1)
    end = content + length
    if end > limit:
        raise _refused("a value ends after what holds it", at, octets, f"{length} octets of content")
    if rule.form is Form.ANY:
        return _read_any(field.name, octets, Element("", rule, tag, b"", (), at, content, end, width), depth)
    children: tuple[Element, ...] = ()
    if rule.form in _CONTAINERS:
        children = (_read_fields if rule.form is Form.SEQUENCE else _read_items)(rule, octets, content, end, depth)
        held = b""
    else:
        held = octets[content:end]
        if rule.form is Form.INTEGER and not 0 < length <= _LONGEST_INTEGER:
            raise _refused("a number cannot have this size", at, octets, f"1 to {_LONGEST_INTEGER} octets")
        if rule.form is Form.NULL and held:
            raise _refused("NULL holds nothing", at, octets, "05 00")
    return Element(field.name, rule, tag, held, children, at, content, end, width)


def _read_fields(rule: Rule, octets: bytes, at: int, end: int, depth: int) -> tuple[Element, ...]:
    found: list[Element] = []
    for field in rule.fields:
        tag = octets[at] if at < end else -1
        if field.optional and tag != field.tag:
            continue
        try:
            child = _read(field, octets, at, end, depth + 1)
        except ArtefactError as error:
            error.path = _joined(field.name, error.path)
            raise
        found.append(child)
        at = child.end
    if at != end:
        raise _refused(f"{rule.title} holds more than its fields", at, octets, "the end of the sequence")
    return tuple(found)


def _read_items(rule: Rule, octets: bytes, at: int, end: int, depth: int) -> tuple[Element, ...]:
    found: list[Element] = []
    element = rule.fields[0]
    while at < end:
        name = f"[{len(found)}]"
        try:
            child = _read(element._replace(name=name), octets, at, end, depth + 1)
        except ArtefactError as error:
            error.path = _joined(name, error.path)
            raise
        found.append(child)
        at = child.end
    return tuple(found)


def _read_any(name: str, octets: bytes, element: Element, depth: int) -> Element:
    """Read a value of which only the tag tells what it is."""
    if element.tag & _HIGH_TAG == _HIGH_TAG:
        raise _refused("a tag of several octets", element.start, octets, "a tag of one octet")
    if not element.tag & _CONSTRUCTED:
        return element._replace(name=name, content=octets[element.content_start : element.end])
    found: list[Element] = []
    at = element.content_start
    while at < element.end:
        child = _read(Field(f"[{len(found)}]", ANY, 0), octets, at, element.end, depth + 1)
        found.append(child)
        at = child.end
    return element._replace(name=name, children=tuple(found))


def _joined(name: str, path: str) -> str:
    return name + path if not path or path.startswith("[") else f"{name}.{path}"


def _refused(message: str, at: int, octets: bytes, expected: str) -> ArtefactError:
    return ArtefactError(
        message,
        offset=min(at, len(octets)),
        length=1 if at < len(octets) else 0,
        clause=_CLAUSE,
        expected=expected,
        seen=octets[at : at + 8].hex().upper() or "the end",
    )

"""What the reader needs to know of an asn1crypto declaration, taken from it once."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import Any, NamedTuple

from asn1crypto import core, csr, x509

__all__ = ["ANY", "Field", "Form", "Rule", "rule_of"]

_CONSTRUCTED = 0x20
_CONTEXT = 0x80
_CLASS_SHIFT = 6


class Form(Enum):
    """How a value is read."""

    SEQUENCE = auto()
    SEQUENCE_OF = auto()
    CHOICE = auto()
    INTEGER = auto()
    OCTETS = auto()
    BITS = auto()
    TIME = auto()
    NULL = auto()
    OPAQUE = auto()
    ANY = auto()


class Field(NamedTuple):
    """One field of a SEQUENCE, one alternative of a CHOICE, or the element of a SEQUENCE OF.

    Args:
        name: its name.
        rule: what it is.
        tag: the identifier octet it has here.
        optional: whether it may be absent.
    """

    name: str
    rule: Rule
    tag: int
    optional: bool = False


class Rule(NamedTuple):
    """What a declaration says of one value.

    Args:
        title: name of the type, for a person.
        form: how it is read.
        tag: identifier octet, 0 for a CHOICE.
        fields: fields, alternatives, or the one element field.
        meanings: what numbers mean, or the names of bits.
    """

    title: str
    form: Form
    tag: int
    fields: tuple[Field, ...] = ()
    meanings: Mapping[int, str] = {}


ANY = Rule("value", Form.ANY, 0)
_OPAQUE = (x509.Certificate, csr.CertificationRequest)
_FORMS: tuple[tuple[type[core.Asn1Value], Form], ...] = (
    (core.SequenceOf, Form.SEQUENCE_OF),
    (core.Sequence, Form.SEQUENCE),
    (core.Choice, Form.CHOICE),
    (core.Enumerated, Form.INTEGER),
    (core.Integer, Form.INTEGER),
    (core.BitString, Form.BITS),
    (core.OctetString, Form.OCTETS),
    (core.GeneralizedTime, Form.TIME),
    (core.Null, Form.NULL),
)


def rule_of(declaration: type[core.Asn1Value]) -> Rule:
    """Take from a declaration what the reader needs.

    Args:
        declaration: an asn1crypto type of this package.

    Returns:
        The rule.
    """
    title = declaration.__name__.removeprefix("_")
    if issubclass(declaration, _OPAQUE):
        return Rule(title, Form.OPAQUE, 0x30)
    form = next(form for base, form in _FORMS if issubclass(declaration, base))
    # asn1crypto declares a structure in class attributes with a leading underscore; there is no other way to them.
    rows = _declared(declaration, "_alternatives" if form is Form.CHOICE else "_fields")
    if form is Form.CHOICE:
        return Rule(title, form, 0, tuple(_field(*row) for row in rows))
    fields: tuple[Field, ...] = ()
    if form is Form.SEQUENCE:
        fields = tuple(_field(*row) for row in rows)
    elif form is Form.SEQUENCE_OF:
        fields = (_field("", _declared(declaration, "_child_spec")),)
    constructed = _CONSTRUCTED if form in (Form.SEQUENCE, Form.SEQUENCE_OF) else 0
    tag = declaration.class_ << _CLASS_SHIFT | constructed | declaration.tag
    return Rule(title, form, tag, fields, _declared(declaration, "_map") or {})


def _declared(declaration: type[core.Asn1Value], attribute: str) -> Any:
    return getattr(declaration, attribute, None)


def _field(name: str, declaration: type[core.Asn1Value], options: Mapping[str, Any] | None = None) -> Field:
    rule = rule_of(declaration)
    options = options or {}
    tag = rule.tag
    if "implicit" in options:
        tag = _CONTEXT | rule.tag & _CONSTRUCTED | options["implicit"]
    return Field(name, rule, tag, bool(options.get("optional")))

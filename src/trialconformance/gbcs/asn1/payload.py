"""An ASN.1 payload, both ways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from asn1crypto import core, csr, x509

from trialconformance.core import ArtefactError, InternalError
from trialconformance.gbcs.asn1.element import Element
from trialconformance.gbcs.asn1.reader import read_element
from trialconformance.gbcs.asn1.rule import ANY, Form
from trialconformance.gbcs.asn1.structures import structure_of

__all__ = ["Asn1Payload", "build_payload", "read_payload"]

_UNKNOWN = "unknown structure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asn1Payload:
    """One DER value of a known structure, or of any.

    Args:
        structure: its name, for example ``CS06 command``, or ``unknown structure``.
        root: the value.
    """

    structure: str
    root: Element

    @property
    def value(self) -> Any:
        """The value in Python, see ``Element.value``."""
        return self.root.value

    @property
    def known(self) -> bool:
        """Whether the structure is declared for this Message Code."""
        return self.root.rule.form is not Form.ANY

    @property
    def certificates(self) -> tuple[Element, ...]:
        """Every certificate or certification request inside; their octets are ``encode()``."""
        return tuple(each for each in self.root.walk() if each.rule.form is Form.OPAQUE)

    @property
    def longer_lengths(self) -> tuple[Element, ...]:
        """The values whose length is not in its shortest form, which DER asks for and RTDS does not keep."""
        return tuple(each for each in self.root.walk() if each.width)

    def encode(self, *, strict: bool = False) -> bytes:
        """The octets, written from the values.

        Args:
            strict: whether to write DER lengths; otherwise each length keeps the form it was read in.

        Returns:
            The payload.
        """
        return self.root.encode(strict=strict)


def read_payload(octets: bytes, *, message_code: int, kind: str) -> Asn1Payload:
    """Read an ASN.1 payload to its last octet.

    Args:
        octets: the payload.
        message_code: Message Code of the message.
        kind: ``command``, ``response`` or ``alert``.

    Returns:
        The payload; where no structure is known, any DER value.

    Raises:
        ArtefactError: it is not that structure, or octets are missing or left over.
    """
    structure = structure_of(message_code, kind)
    if structure is None:
        return Asn1Payload(structure=_UNKNOWN, root=read_element(ANY, octets))
    return Asn1Payload(structure=structure.name, root=read_element(structure.rule, octets))


def build_payload(value: Any, *, message_code: int, kind: str) -> Asn1Payload:
    """Build an ASN.1 payload in strict DER.

    Args:
        value: what asn1crypto takes for the structure: dict, list, int or meaning, bytes, datetime, set of bit names,
            (alternative, value) for a CHOICE; a certificate or request as the octets of its DER.
        message_code: Message Code of the message.
        kind: ``command``, ``response`` or ``alert``.

    Returns:
        The payload.

    Raises:
        InternalError: no structure is known for this message.
        ArtefactError: the value does not fit the structure.
    """
    structure = structure_of(message_code, kind)
    if structure is None:
        raise InternalError(f"no ASN.1 structure is known for a {kind} of Message Code {message_code:04X}")
    try:
        octets: bytes = _asn1_value(structure.declaration, value).dump()
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        # asn1crypto raises any of these for a value of another shape.
        raise ArtefactError(
            f"a value does not fit {structure.name}", clause="GBCS 4.3.1", seen=(str(error).splitlines() or [""])[0]
        ) from error
    return read_payload(octets, message_code=message_code, kind=kind)


def _asn1_value(declaration: type[core.Asn1Value], value: Any) -> core.Asn1Value:
    """Make the asn1crypto value, loading certificates and requests from their octets wherever they stand."""
    if issubclass(declaration, x509.Certificate | csr.CertificationRequest):
        return declaration.load(value, strict=True)
    if issubclass(declaration, core.Choice):
        name, inner = value
        alternatives = {row[0]: row[1] for row in declaration._alternatives}  # noqa: SLF001  # asn1crypto declares so
        return declaration((name, _asn1_value(alternatives[name], inner)))
    if issubclass(declaration, core.Sequence) and isinstance(value, dict):
        fields = {row[0]: row[1] for row in declaration._fields}
        return declaration({name: _asn1_field(fields[name], inner) for name, inner in value.items()})
    if issubclass(declaration, core.SequenceOf):
        return declaration([_asn1_field(declaration._child_spec, inner) for inner in value])  # noqa: SLF001
    return declaration(value)


def _asn1_field(declaration: type[core.Asn1Value], value: Any) -> Any:
    """What stands inside a structure: a scalar as it is, so that asn1crypto gives it the tag it has there."""
    if issubclass(declaration, core.BitString) and not set(value) <= set(declaration._map.values()):  # noqa: SLF001
        raise ValueError(f"{sorted(value)} are no bits of {declaration.__name__}")  # asn1crypto passes over them
    holds_values = (core.Sequence, core.SequenceOf, core.Choice)
    return _asn1_value(declaration, value) if issubclass(declaration, holds_values) else value

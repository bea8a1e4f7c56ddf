"""An ASN.1 payload, both ways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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
        value: what asn1crypto takes for the structure: dict, list, int or meaning, bytes, datetime, set of bit names.
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
        octets: bytes = structure.declaration(value).dump()
    except (ValueError, TypeError, KeyError) as error:
        raise ArtefactError(
            f"a value does not fit {structure.name}", clause="GBCS 4.3.1", seen=str(error).splitlines()[0]
        ) from error
    return read_payload(octets, message_code=message_code, kind=kind)

"""Certificate extensions: each one as it stands, and what the known ones say, read leniently.

Clause: RFC 5280 4.2 and RFC 4108 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag

from trialconformance.smki import der, oids

__all__ = ["Extension", "GeneralName", "HardwareModuleName", "KeyUsage"]

_OTHER_NAME = 0xA0


class KeyUsage(IntFlag):
    """Bits of the keyUsage extension; bit 0 of the BIT STRING has the value 1."""

    DIGITAL_SIGNATURE = 1 << 0
    NON_REPUDIATION = 1 << 1
    KEY_ENCIPHERMENT = 1 << 2
    DATA_ENCIPHERMENT = 1 << 3
    KEY_AGREEMENT = 1 << 4
    KEY_CERT_SIGN = 1 << 5
    CRL_SIGN = 1 << 6
    ENCIPHER_ONLY = 1 << 7
    DECIPHER_ONLY = 1 << 8

    @property
    def words(self) -> str:
        """The bits under their names of RFC 5280, for a person."""
        return " + ".join(_USAGE_WORDS[bit] for bit in KeyUsage if bit in self) or "no bit"

    @classmethod
    def of(cls, content: bytes) -> KeyUsage:
        """Read the content octets of a BIT STRING; bits without a name are left out."""
        bits = int.from_bytes(content[1:3].ljust(2, b"\0"))
        return cls(sum(flag for position, flag in enumerate(cls) if bits >> (15 - position) & 1))


_USAGE_WORDS = {
    KeyUsage.DIGITAL_SIGNATURE: "digitalSignature",
    KeyUsage.NON_REPUDIATION: "nonRepudiation",
    KeyUsage.KEY_ENCIPHERMENT: "keyEncipherment",
    KeyUsage.DATA_ENCIPHERMENT: "dataEncipherment",
    KeyUsage.KEY_AGREEMENT: "keyAgreement",
    KeyUsage.KEY_CERT_SIGN: "keyCertSign",
    KeyUsage.CRL_SIGN: "cRLSign",
    KeyUsage.ENCIPHER_ONLY: "encipherOnly",
    KeyUsage.DECIPHER_ONLY: "decipherOnly",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """One extension.

    Args:
        oid: type, dotted.
        critical: whether it is marked critical.
        node: the whole extension.
        critical_node: the BOOLEAN, None where it is left out.
        value_node: the OCTET STRING.
        inner: the value inside the OCTET STRING, None where nothing can be read.
    """

    oid: str
    critical: bool
    node: der.Node
    critical_node: der.Node | None
    value_node: der.Node
    inner: der.Node | None

    @property
    def name(self) -> str:
        """Its name in RFC 5280, the dotted type where it has none."""
        return oids.EXTENSIONS.get(self.oid, self.oid)

    @property
    def value(self) -> bytes:
        """Content octets of the OCTET STRING."""
        return self.value_node.value

    def inner_is(self, identifier: int) -> bool:
        """Whether the value is of this type and fills the OCTET STRING."""
        return self.inner is not None and self.inner.identifier == identifier


@dataclass(frozen=True, slots=True, kw_only=True)
class HardwareModuleName:
    """The value of an otherName of type id-on-hardwareModuleName.

    Args:
        wrapped: whether it stands in the ``[0]`` that EXPLICIT tagging asks for.
        elements: what the SEQUENCE holds.
        node: the octets that hold all of it.
    """

    wrapped: bool
    elements: tuple[der.Node, ...]
    node: der.Node

    @property
    def well_formed(self) -> bool:
        """Whether it is ``[0] EXPLICIT SEQUENCE { hwType, hwSerialNum }`` and nothing more."""
        return self.wrapped and [each.identifier for each in self.elements] == [der.OID, der.OCTET_STRING]

    @property
    def serial(self) -> der.Node | None:
        """hwSerialNum: the first OCTET STRING."""
        return next((each for each in self.elements if each.identifier == der.OCTET_STRING), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneralName:
    """One GeneralName of a subjectAltName.

    Args:
        node: as encoded.
        other_name: type of an otherName, dotted; empty for every other choice.
    """

    node: der.Node
    other_name: str

    @classmethod
    def of(cls, node: der.Node) -> GeneralName:
        """Read a GeneralName."""
        named = node.identifier == _OTHER_NAME and node.children and node.children[0].identifier == der.OID
        return cls(node=node, other_name=der.oid_text(node.children[0].value) if named else "")

    @property
    def hardware_module_name(self) -> HardwareModuleName | None:
        """The hardwareModuleName it is, well formed or not; None where its type is another."""
        if self.other_name != oids.HARDWARE_MODULE_NAME:
            return None
        values = self.node.children[1:]
        wrapped = len(values) == 1 and values[0].identifier == 0xA0 and len(values[0].children) == 1
        # A missing [0] leaves the SEQUENCE where the wrapper should be; read it all the same.
        inner = values[0].children[0] if wrapped else (values[0] if values else self.node)
        wrapped = wrapped and inner.identifier == der.SEQUENCE
        return HardwareModuleName(
            wrapped=wrapped, elements=inner.children if values else (), node=values[0] if values else self.node
        )

"""The ASN.1 types that GBCS structures share, declared in asn1crypto."""

from __future__ import annotations

from typing import ClassVar

from asn1crypto import core, csr, x509

__all__ = [
    "AlertCode",
    "Cell",
    "Certificate",
    "CertificationRequest",
    "Counter",
    "DeviceId",
    "DeviceType",
    "KeyUsage",
    "Role",
    "Roles",
    "Status",
    "Time",
    "code",
]


class Counter(core.Integer):  # type: ignore[misc]  # asn1crypto ships no types
    """An unsigned number of up to 63 bits: a sequence number or a counter."""


class AlertCode(core.Integer):  # type: ignore[misc]
    """An alert code; RTDS writes 8F66 as 02 03 00 8F 66."""


class Time(core.GeneralizedTime):  # type: ignore[misc]
    """GeneralizedTime of the form YYYYMMDDhhmmssZ; 99991231235959Z cancels."""


class Role(core.Integer):  # type: ignore[misc]
    """Remote party role."""

    _map: ClassVar = {
        0: "root",
        1: "recovery",
        2: "supplier",
        3: "network operator",
        4: "access control broker",
        5: "transitional change of supplier",
        6: "WAN provider",
        7: "issuing authority",
        8: "load controller",
        127: "other",
    }


class Roles(core.SequenceOf):  # type: ignore[misc]
    """Roles, in the order asked for."""

    _child_spec = Role


class KeyUsage(core.BitString):  # type: ignore[misc]
    """Key usage bits of RFC 5280."""

    _map: ClassVar = {
        0: "digitalSignature",
        1: "nonRepudiation",
        2: "keyEncipherment",
        3: "dataEncipherment",
        4: "keyAgreement",
        5: "keyCertSign",
        6: "cRLSign",
        7: "encipherOnly",
        8: "decipherOnly",
    }


class CellUsage(core.Integer):  # type: ignore[misc]
    """What a Trust Anchor Cell is for; absent for management."""

    _map: ClassVar = {0: "management", 1: "prepayment top-up"}


class Cell(core.Sequence):  # type: ignore[misc]
    """A Trust Anchor Cell."""

    _fields: ClassVar = [("role", Role), ("keyUsage", KeyUsage), ("cellUsage", CellUsage, {"optional": True})]


class Status(core.Enumerated):  # type: ignore[misc]
    """What became of a Trust Anchor Cell."""

    _map: ClassVar = {
        0: "success",
        5: "bad certificate",
        10: "no trust anchor",
        17: "insufficient memory",
        25: "trust anchor not found",
        30: "resources busy",
        127: "other",
    }


class DeviceId(core.OctetString):  # type: ignore[misc]
    """An EUI-64, 8 octets."""


class DeviceType(core.Integer):  # type: ignore[misc]
    """Device type."""

    _map: ClassVar = {
        0: "GSME",
        1: "ESME",
        2: "communications hub function",
        3: "communications hub gas proxy function",
        4: "type 1 HAN connected auxiliary load control switch",
        5: "type 1 prepayment interface device",
        6: "type 2",
    }


class Certificate(x509.Certificate):  # type: ignore[misc]
    """A certificate; its octets are handed to smki as they are."""


class CertificationRequest(csr.CertificationRequest):  # type: ignore[misc]
    """A PKCS#10 request; its octets are handed to smki as they are."""


def code(name: str, *meanings: str) -> type[core.Integer]:
    """Declare an INTEGER whose values 0, 1, 2, ... have meanings.

    Args:
        name: name of the type.
        meanings: the meanings in their order, empty for a value that is not used.

    Returns:
        The asn1crypto type.
    """
    found: type[core.Integer] = type(
        name, (core.Integer,), {"_map": {at: meaning for at, meaning in enumerate(meanings) if meaning}}
    )
    return found

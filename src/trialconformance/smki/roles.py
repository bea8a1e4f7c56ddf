"""Remote party roles: the code that an OU carries as two hex digits and messages as an integer.

Clause: GBCS, remotePartyRole; codes above 8 from the public test PKI. The codes 80 to 86 and 88 are in use, for what is
not public: they are known, and nothing is asserted about them.
"""

from __future__ import annotations

from dataclasses import dataclass

from trialconformance.smki.certificate import CertificateKind

__all__ = ["ACCESS_CONTROL_BROKER", "ISSUING_AUTHORITY", "LOAD_CONTROLLER", "ROLES", "ROOT", "Role"]

ROOT = 0x00
ACCESS_CONTROL_BROKER = 0x04
ISSUING_AUTHORITY = 0x07
LOAD_CONTROLLER = 0x08


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """One remote party role.

    Args:
        code: the integer.
        name: name in GBCS.
        title: name for a person.
        kinds: kinds of certificate that may carry it.
    """

    code: int
    name: str
    title: str
    kinds: frozenset[CertificateKind]


_ORGANISATION = frozenset({CertificateKind.ORGANISATION})
_XML_SIGN = frozenset({CertificateKind.XML_SIGN})
_UNSTATED = frozenset(CertificateKind)

ROLES = {
    code: Role(code=code, name=name, title=title, kinds=kinds)
    for code, name, title, kinds in (
        (ROOT, "root", "root", frozenset({CertificateKind.ROOT})),
        (0x01, "recovery", "recovery", _ORGANISATION),
        (0x02, "supplier", "supplier", _ORGANISATION),
        (0x03, "networkOperator", "network operator", _ORGANISATION),
        (ACCESS_CONTROL_BROKER, "accessControlBroker", "Access Control Broker", _ORGANISATION),
        (0x05, "transitionalCoS", "transitional CoS", _ORGANISATION),
        (0x06, "wanProvider", "WAN provider", _ORGANISATION),
        (ISSUING_AUTHORITY, "issuingAuthority", "issuing authority", frozenset({CertificateKind.ISSUING_CA})),
        (LOAD_CONTROLLER, "loadController", "load controller", _ORGANISATION),
        (0x7F, "other", "other user", _ORGANISATION),
        (0x87, "xmlSign", "XML signing", _XML_SIGN),
        (0x89, "dSPXmlSign", "DSP XML signing", _XML_SIGN),
        *((code, f"role{code}", f"role {code:02X}, not public", _UNSTATED) for code in (*range(0x80, 0x87), 0x88)),
    )
}

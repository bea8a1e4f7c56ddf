"""What the message cases look at: which certificate a message relies on or carries, for whom and for what.

Clause: GBCS, CS02b to CS02g, as the public test data shows them.
"""

from __future__ import annotations

from dataclasses import dataclass

from trialconformance.core import Span
from trialconformance.smki.certificate import Certificate
from trialconformance.smki.credentials import CarriedMessage, Cell, CellOutcome
from trialconformance.smki.der import DerFault
from trialconformance.smki.extension import KeyUsage

__all__ = [
    "CERTIFICATE_USE",
    "CREDENTIAL_MESSAGE",
    "DEVICE_CERTIFICATE",
    "REPLACEMENT",
    "ROLE_USE",
    "CertificateUse",
    "CredentialMessage",
    "DeviceCertificate",
    "Prediction",
    "ReplacedCell",
    "RoleUse",
]

CERTIFICATE_USE = "certificate-use"
CREDENTIAL_MESSAGE = "credential-message"
DEVICE_CERTIFICATE = "device-certificate-exchange"
REPLACEMENT = "replaced-cell"
ROLE_USE = "role-in-message"


@dataclass(frozen=True, slots=True, kw_only=True)
class _InMessage:
    message: CarriedMessage

    @property
    def name(self) -> str:
        """Name of the message."""
        return self.message.name

    @property
    def octets(self) -> bytes:
        """Octets of the message."""
        return self.message.octets


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateUse(_InMessage):
    """A certificate that a message is protected with, or that it carries for somebody.

    Args:
        message: the message.
        certificate: the certificate.
        entity: EUI-64 of the party that it must be of.
        purpose: what its key is used for.
        place: where it stands in the message, None where it came from a key store.
    """

    certificate: Certificate
    entity: bytes
    purpose: KeyUsage
    place: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleUse(_InMessage):
    """A certificate in a place that is for certain remote party roles.

    Args:
        message: the message.
        certificate: the certificate.
        permitted: the roles that may stand there.
        role: role of the Trust Anchor Cell that is filled, None for the originator of a Command.
        place: where it stands in the message, None where it came from a key store.
    """

    certificate: Certificate
    permitted: frozenset[int]
    role: int | None = None
    place: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialMessage(_InMessage):
    """A message that manages credentials.

    Args:
        message: the message.
        lengths: lengths of its payload that are not minimal.
        disapplied: where it says that time is not judged, None where it does not.
    """

    lengths: tuple[DerFault, ...] = ()
    disapplied: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """The status code that a device should answer with.

    Args:
        status: status code, 0 for success.
        reason: the case that decides, empty for success.
        certain: whether official messages show this code for this reason; otherwise any refusal is as good.
    """

    status: int
    reason: str = ""
    certain: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplacedCell(_InMessage):
    """A Trust Anchor Cell that a CS02b or CS02g Command fills, with what the device said of it.

    Args:
        message: the Command.
        certificate: the certificate for the cell, None where it is no certificate at all.
        cell: the cell.
        place: where certificate and cell stand in the Command.
        response: the Response with an outcome, None where there is none.
        outcome: what the device said in it, None where there is none.
        predicted: what it should have said, None where no root is configured.
    """

    certificate: Certificate | None
    cell: Cell
    place: Span
    response: CarriedMessage | None = None
    outcome: CellOutcome | None = None
    predicted: Prediction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceCertificate(_InMessage):
    """A Device Certificate that is put on a device (CS02d) or read from it (CS02e).

    Args:
        message: the message that carries it.
        certificate: the certificate.
        device: EUI-64 of the device.
        place: where it stands there.
        asked: the usage that CS02e asked for, None for CS02d.
        pending: public keys of the device's requests for this usage, none where no request is at hand.
        installs: whether it is put on the device.
        response: the Response to CS02d, None where there is none.
        code: the code in it, None where there is none.
    """

    certificate: Certificate
    device: bytes
    place: Span
    asked: KeyUsage | None = None
    pending: frozenset[bytes] = frozenset()
    installs: bool = True
    response: CarriedMessage | None = None
    code: int | None = None

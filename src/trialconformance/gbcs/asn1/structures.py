"""Which ASN.1 structure a Message Code carries in each kind of message."""

from __future__ import annotations

from typing import NamedTuple

from asn1crypto import core

from trialconformance.gbcs.asn1 import credentials, devices
from trialconformance.gbcs.asn1.rule import Rule, rule_of
from trialconformance.gbcs.asn1.types import Certificate, DeviceId

__all__ = ["STRUCTURES", "Structure", "structure_of"]


class Structure(NamedTuple):
    """One structure.

    Args:
        name: use case and kind of message, for example ``CS06 command``.
        declaration: its asn1crypto type, for building.
        rule: the same for the reader.
    """

    name: str
    declaration: type[core.Asn1Value]
    rule: Rule


class _UseCase(NamedTuple):
    name: str
    codes: tuple[int, ...]
    command: type[core.Asn1Value] | None
    response: type[core.Asn1Value] | None
    alert: type[core.Asn1Value] | None = None


_UPDATE_CODES = (*range(0x0100, 0x010A), 0x0125, 0x0126)
_USE_CASES = (
    _UseCase("CS02a", (0x0008,), credentials.ProvideCredentialsCommand, credentials.ProvideCredentialsResponse),
    _UseCase("CS02f", (0x011B,), credentials.ProvideCredentialsCommand, credentials.ProvideCredentialsResponse),
    _UseCase("CS02b", _UPDATE_CODES, credentials.UpdateCredentialsCommand, credentials.UpdateCredentialsResponse),
    _UseCase("CS02b", (0x00CB, 0x0124), None, None, credentials.UpdateCredentialsAlert),
    _UseCase("CS02c", (0x000A,), credentials.KeyUsageCommand, credentials.IssueCredentialsResponse),
    _UseCase("CS02d", (0x000B,), Certificate, credentials.UpdateDeviceCertificateResponse),
    _UseCase("CS02e", (0x000C,), credentials.KeyUsageCommand, credentials.ProvideDeviceCertificateResponse),
    _UseCase("CS03", (0x000D, 0x00AB, 0x000E, 0x00AF), devices.JoinCommand, devices.JoinResponse),
    _UseCase("CS04", (0x000F, 0x0010), DeviceId, devices.UnjoinResponse),
    _UseCase("CS06", (0x0012,), devices.ActivateFirmwareCommand, devices.ActivateFirmwareResponse),
    _UseCase("CS06", (0x00CA,), None, None, devices.ActivateFirmwareAlert),
    _UseCase("CS07", (0x0013,), core.Null, devices.JoinDetailsResponse),
    _UseCase("CS08", (0x0129,), core.Null, devices.FirmwareVersionResponse),
    _UseCase("CS09", (0x012B,), None, None, devices.FirmwareVersionAlert),
    _UseCase("CCS08", (0x0128,), None, None, devices.FirmwareTransferAlert),
    _UseCase("GCS28", (0x007F,), devices.SetClockCommand, devices.SetClockResponse),
    _UseCase("GCS59", (0x008C,), devices.RestoreDeviceLogCommand, devices.RestoreDeviceLogResponse),
    _UseCase("GCS62", (0x00B2,), None, None, devices.BackupDeviceLogAlert),
)

STRUCTURES: dict[tuple[int, str], Structure] = {
    (message_code, kind): Structure(f"{row.name} {kind}", declaration, rule_of(declaration))
    for row in _USE_CASES
    for message_code in row.codes
    for kind, declaration in (("command", row.command), ("response", row.response), ("alert", row.alert))
    if declaration is not None
}


def structure_of(message_code: int, kind: str) -> Structure | None:
    """The structure of a payload, None where none is known.

    Args:
        message_code: Message Code of the message.
        kind: ``command``, ``response`` or ``alert``.
    """
    return STRUCTURES.get((message_code, kind))

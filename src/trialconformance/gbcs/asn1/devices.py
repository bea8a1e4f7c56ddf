"""Structures of joining, firmware, device logs and the gas clock: CS03 to CS09, CCS08, GCS28, GCS59, GCS62."""

from __future__ import annotations

from typing import ClassVar

from asn1crypto import core

from trialconformance.gbcs.asn1.types import AlertCode, Certificate, Counter, DeviceId, DeviceType, Time, code

__all__ = [
    "ActivateFirmwareAlert",
    "ActivateFirmwareCommand",
    "ActivateFirmwareResponse",
    "BackupDeviceLogAlert",
    "FirmwareTransferAlert",
    "FirmwareVersionAlert",
    "FirmwareVersionResponse",
    "JoinCommand",
    "JoinDetailsResponse",
    "JoinResponse",
    "RestoreDeviceLogCommand",
    "RestoreDeviceLogResponse",
    "SetClockCommand",
    "SetClockResponse",
    "UnjoinResponse",
]

_JOIN_MEANINGS = (
    "success",
    "method or role does not match the message code",
    "invalid role for the Device",
    "incompatible with an existing entry",
    "device log full",
    "write failure",
    "key agreement: no resources",
    "key agreement: unknown issuer",
    "key agreement: unsupported suite",
    "key agreement: bad message",
    "key agreement: bad key confirmation",
    "invalid or missing certificate",
    "no partner link key",
    "no response to key establishment",
)
_MethodAndRole = code("_MethodAndRole", "method A initiator", "method A responder", "method B", "method C")
JoinResponse = code("JoinResponse", *_JOIN_MEANINGS)
UnjoinResponse = code("UnjoinResponse", "success", "not in the device log", "other failure")
_FirmwareCode = code("_FirmwareCode", "success", "no image held", "image hash mismatch", "activation failure")
_ClockStatus = code("_ClockStatus", "reliable", "invalid", "unreliable")
_LogCode = code("_LogCode", "success", "failure")
_TransferCode = code("_TransferCode", "success", "image discarded", "hardware version mismatch", "transfer failure")


class JoinCommand(core.Sequence):  # type: ignore[misc]  # asn1crypto ships no types
    """CS03A1, CS03A2, CS03B, CS03C; a certificate only between a meter and a prepayment interface device."""

    _fields: ClassVar = [
        ("methodAndRole", _MethodAndRole),
        ("otherDeviceEntityId", DeviceId),
        ("otherDeviceType", DeviceType),
        ("otherDeviceCertificate", Certificate, {"optional": True}),
    ]


class ActivateFirmwareCommand(core.Sequence):  # type: ignore[misc]
    """CS06: immediate where executionDateTime is absent."""

    _fields: ClassVar = [
        ("manufacturerImageHash", core.OctetString),
        ("originatorCounter", Counter),
        ("executionDateTime", Time, {"optional": True}),
    ]


class _ActivationOutcome(core.Sequence):  # type: ignore[misc]
    _fields: ClassVar = [("code", _FirmwareCode), ("firmwareVersion", core.OctetString)]


class ActivateFirmwareResponse(core.Choice):  # type: ignore[misc]
    """CS06: nothing where the activation is for later or is cancelled."""

    _alternatives: ClassVar = [("accepted", core.Null), ("outcome", _ActivationOutcome)]


class ActivateFirmwareAlert(core.Sequence):  # type: ignore[misc]
    """Alert of a future dated CS06."""

    _fields: ClassVar = [
        ("alertCode", AlertCode),
        ("executionTime", Time),
        ("originatorCounter", Counter),
        ("outcome", _ActivationOutcome),
    ]


class _LogEntry(core.Sequence):  # type: ignore[misc]
    _fields: ClassVar = [("deviceId", DeviceId), ("deviceType", DeviceType)]


class _LogEntries(core.SequenceOf):  # type: ignore[misc]
    _child_spec = _LogEntry


class JoinDetailsResponse(core.Sequence):  # type: ignore[misc]
    """CS07."""

    _fields: ClassVar = [("code", _LogCode), ("entries", _LogEntries, {"optional": True})]


class FirmwareVersionResponse(core.Sequence):  # type: ignore[misc]
    """CS08."""

    _fields: ClassVar = [("firmwareVersion", core.OctetString), ("code", _FirmwareCode)]


class FirmwareVersionAlert(core.Sequence):  # type: ignore[misc]
    """CS09."""

    _fields: ClassVar = [
        ("alertCode", AlertCode),
        ("time", Time),
        ("firmwareVersion", core.OctetString),
        ("code", _FirmwareCode),
    ]


class FirmwareTransferAlert(core.Sequence):  # type: ignore[misc]
    """CCS08."""

    _fields: ClassVar = [
        ("alertCode", AlertCode),
        ("time", Time),
        ("entityId", DeviceId),
        ("firmwareVersion", core.OctetString),
        ("code", _TransferCode),
    ]


class SetClockCommand(core.Sequence):  # type: ignore[misc]
    """GCS28: the time must lie between both."""

    _fields: ClassVar = [("validityIntervalStart", Time), ("validityIntervalEnd", Time)]


class SetClockResponse(core.Sequence):  # type: ignore[misc]
    """GCS28."""

    _fields: ClassVar = [("deviceTime", Time), ("deviceTimeStatus", _ClockStatus)]


class RestoreDeviceLogCommand(core.Sequence):  # type: ignore[misc]
    """GCS59."""

    _fields: ClassVar = [("entries", _LogEntries)]


class _RestoreOutcome(core.Sequence):  # type: ignore[misc]
    _fields: ClassVar = [("entry", _LogEntry), ("joinCode", JoinResponse)]


class _RestoreOutcomes(core.SequenceOf):  # type: ignore[misc]
    _child_spec = _RestoreOutcome


class RestoreDeviceLogResponse(core.Sequence):  # type: ignore[misc]
    """GCS59."""

    _fields: ClassVar = [("outcomes", _RestoreOutcomes)]


class BackupDeviceLogAlert(core.Sequence):  # type: ignore[misc]
    """GCS62."""

    _fields: ClassVar = [("alertCode", AlertCode), ("time", Time), ("entries", _LogEntries)]

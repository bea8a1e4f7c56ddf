"""Structures of the credential use cases CS02a to CS02g, GBCS 13."""

from __future__ import annotations

from typing import ClassVar

from asn1crypto import core

from trialconformance.gbcs.asn1.types import (
    AlertCode,
    Cell,
    CellUsage,
    Certificate,
    CertificationRequest,
    Counter,
    DeviceId,
    KeyUsage,
    Role,
    Roles,
    Status,
    Time,
    code,
)

__all__ = [
    "IssueCredentialsResponse",
    "KeyUsageCommand",
    "ProvideCredentialsCommand",
    "ProvideCredentialsResponse",
    "ProvideDeviceCertificateResponse",
    "UpdateCredentialsAlert",
    "UpdateCredentialsCommand",
    "UpdateCredentialsResponse",
    "UpdateDeviceCertificateResponse",
]


class ProvideCredentialsCommand(core.Sequence):  # type: ignore[misc]  # asn1crypto ships no types
    """CS02a, CS02f: the cell of who asks, then the roles wanted."""

    _fields: ClassVar = [("authorisingCell", Cell), ("roles", Roles)]


class _CellDetail(core.Sequence):  # type: ignore[misc]
    _fields: ClassVar = [
        ("keyUsage", KeyUsage),
        ("cellUsage", CellUsage, {"optional": True}),
        ("subjectUniqueId", DeviceId),
        ("subjectKeyId", core.OctetString),
    ]


class _CellDetails(core.SequenceOf):  # type: ignore[misc]
    _child_spec = _CellDetail


class _RoleDetail(core.Sequence):  # type: ignore[misc]
    _fields: ClassVar = [
        ("role", Role),
        ("status", Status),
        ("currentSeqNo", Counter, {"optional": True}),
        ("cells", _CellDetails, {"optional": True}),
    ]


class ProvideCredentialsResponse(core.SequenceOf):  # type: ignore[misc]
    """CS02a, CS02f: one entry for each role asked for, in that order."""

    _child_spec = _RoleDetail


class _SpecialistFloor(core.Sequence):  # type: ignore[misc]
    _fields: ClassVar = [("usage", CellUsage), ("seqNo", Counter)]


class _SpecialistFloors(core.SequenceOf):  # type: ignore[misc]
    _child_spec = _SpecialistFloor


class _SeqNoChange(core.Sequence):  # type: ignore[misc]
    _fields: ClassVar = [
        ("role", Role),
        ("floorSeqNo", Counter),
        ("specialistFloorSeqNos", _SpecialistFloors, {"optional": True}),
    ]


class _SeqNoChanges(core.SequenceOf):  # type: ignore[misc]
    _child_spec = _SeqNoChange


_CredentialsReplacementMode = code(
    "_CredentialsReplacementMode",
    "root by supplier",
    "root by WAN provider",
    "supplier by supplier",
    "network operator by network operator",
    "access control broker by access control broker",
    "WAN provider by WAN provider",
    "transitional CoS by transitional CoS",
    "supplier by transitional CoS",
    "any except abnormal root by recovery",
    "any by contingency",
    "load controller by load controller",
    "load controller by supplier",
)
_TimeBasedPathValidation = code("_TimeBasedPathValidation", "apply", "disapply")


class _Authorisation(core.Sequence):  # type: ignore[misc]
    _fields: ClassVar = [
        ("mode", _CredentialsReplacementMode),
        ("plaintextSymmetricKey", core.OctetString, {"optional": True, "implicit": 0}),
        ("applyTimeBasedCPV", _TimeBasedPathValidation, {"optional": True, "implicit": 1}),
        ("authorisingCell", Cell, {"optional": True, "implicit": 2}),
        ("authSeqNo", Counter, {"implicit": 3}),
        ("newRemotePartyFloorSeqNo", Counter, {"optional": True, "implicit": 4}),
        ("newSpecialistFloorSeqNos", _SpecialistFloors, {"optional": True, "implicit": 5}),
        ("otherSeqNoChanges", _SeqNoChanges, {"optional": True, "implicit": 6}),
    ]


class _Replacement(core.Sequence):  # type: ignore[misc]
    _fields: ClassVar = [("certificate", Certificate), ("cell", Cell)]


class _Replacements(core.SequenceOf):  # type: ignore[misc]
    _child_spec = _Replacement


class _CertificatePath(core.SequenceOf):  # type: ignore[misc]
    _child_spec = Certificate


class UpdateCredentialsCommand(core.Sequence):  # type: ignore[misc]
    """CS02b, CS02g: immediate where executionDateTime is absent."""

    _fields: ClassVar = [
        ("authorisation", _Authorisation),
        ("replacements", _Replacements),
        ("certificationPath", _CertificatePath),
        ("executionDateTime", Time, {"optional": True}),
    ]


class _ReplacementOutcome(core.Sequence):  # type: ignore[misc]
    _fields: ClassVar = [
        ("cell", Cell),
        ("status", Status),
        ("existingSubjectUniqueId", DeviceId),
        ("existingSubjectKeyId", core.OctetString),
        ("replacingSubjectUniqueId", DeviceId),
        ("replacingSubjectKeyId", core.OctetString),
    ]


class _ReplacementOutcomes(core.SequenceOf):  # type: ignore[misc]
    _child_spec = _ReplacementOutcome


class _UpdateOutcome(core.Sequence):  # type: ignore[misc]
    _fields: ClassVar = [
        ("seqNo", Counter),
        ("mode", _CredentialsReplacementMode),
        ("seqNoChanges", _SeqNoChanges),
        ("replacements", _ReplacementOutcomes),
    ]


class UpdateCredentialsResponse(core.Sequence):  # type: ignore[misc]
    """CS02b, CS02g: without an outcome where the update is for later or is cancelled."""

    _fields: ClassVar = [("accepted", core.Null), ("outcome", _UpdateOutcome, {"optional": True})]


class UpdateCredentialsAlert(core.Sequence):  # type: ignore[misc]
    """Alert of a future dated CS02b or CS02g."""

    _fields: ClassVar = [("alertCode", AlertCode), ("executionTime", Time), ("outcome", _UpdateOutcome)]


class KeyUsageCommand(core.Sequence):  # type: ignore[misc]
    """CS02c, CS02e: which of the two key pairs is meant."""

    _fields: ClassVar = [("keyUsage", KeyUsage)]


class IssueCredentialsResponse(core.Choice):  # type: ignore[misc]
    """CS02c: a certification request, or why there is none."""

    _alternatives: ClassVar = [
        ("certificationRequest", CertificationRequest),
        (
            "code",
            code("_IssueCode", "", "invalid key usage", "key pair generation failed", "certification request failed"),
        ),
    ]


UpdateDeviceCertificateResponse = code(
    "UpdateDeviceCertificateResponse",
    "success",
    "invalid certificate",
    "wrong Device identity",
    "invalid key usage",
    "no corresponding key pair generated",
    "wrong public key",
    "certificate storage failed",
    "private key change failed",
)


class ProvideDeviceCertificateResponse(core.Choice):  # type: ignore[misc]
    """CS02e: the certificate, or why there is none."""

    _alternatives: ClassVar = [
        ("certificate", Certificate),
        (
            "code",
            code("_ProvideCode", "", "invalid key usage", "no certificate held", "certificate retrieval failure"),
        ),
    ]

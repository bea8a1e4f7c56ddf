"""Structured documents of a submission: risk assessment, self-certification, laboratory report and so on."""

from __future__ import annotations

import json
import tomllib
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from trialconformance.core import ArtefactError

__all__ = [
    "Commissioning",
    "CommissioningRow",
    "LaboratoryAssessment",
    "Mitigation",
    "MitigationStatus",
    "Residual",
    "Risk",
    "RiskAssessment",
    "SecurityCharacteristic",
    "SelfCertification",
    "SelfCertificationResult",
    "read_structured",
]

Text = Annotated[str, Field(min_length=1)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{64}$")]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MitigationStatus(StrEnum):
    """How far a mitigation of a Security Characteristic is met."""

    MET = "met"
    PARTLY = "partly"
    UNMET = "unmet"
    NOT_APPLICABLE = "not-applicable"


class Residual(StrEnum):
    """Risk that is left."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class SecurityCharacteristic(_Table):
    """The CPA Security Characteristic that the device was held against.

    Args:
        name: for example ``HCALCS``.
        version: for example ``1.2``.
    """

    name: Text
    version: Text


class Mitigation(_Table):
    """One mitigation of the Security Characteristic.

    Args:
        id: as the Security Characteristic numbers it.
        status: how far it is met.
        evidence: what shows it.
    """

    id: Text
    status: MitigationStatus
    evidence: str = ""


class Risk(_Table):
    """One row of the risk register.

    Args:
        id: number within the assessment.
        risk: what may happen.
        threat: who or what brings it about.
        mitigation: id of the mitigation of the Security Characteristic that it stands for.
        status: how far that mitigation is met.
        compensating_control: what is done instead.
        residual: risk that is left.
        owner: who carries it.
    """

    id: Text
    risk: Text
    threat: Text
    mitigation: Text
    status: MitigationStatus
    compensating_control: Text
    residual: Residual
    owner: Text


class RiskAssessment(_Table):
    """Structured risk assessment (TR-24).

    Args:
        schema_id: form of the file, key ``schema``.
        assessed: day of the assessment.
        security_characteristic: what the device was held against.
        mitigations: every mitigation, met or not.
        risks: the risk register.
    """

    schema_id: Literal["trialconformance-risk-assessment/1"] = Field(alias="schema")
    assessed: date
    security_characteristic: SecurityCharacteristic
    mitigations: tuple[Mitigation, ...] = Field(min_length=1)
    risks: tuple[Risk, ...]


class SelfCertificationResult(_Table):
    """Result for one item.

    Args:
        item: use case or requirement.
        result: how it went.
        evidence: what shows it.
    """

    item: Text
    result: Literal["pass", "fail", "not-applicable"]
    evidence: str = ""


class SelfCertification(_Table):
    """Declaration of self-certification with its results (TR-20, TR-21).

    Args:
        schema_id: form of the file, key ``schema``.
        specification: ``GBCS``, or the technical specification, for example ``SMETS``.
        version: version that it was certified against.
        declared: day of the declaration.
        declared_by: office that declares it.
        firmware: firmware version it is about, 8 hex digits.
        results: results by use case or requirement.
    """

    schema_id: Literal["trialconformance-self-certification/1"] = Field(alias="schema")
    specification: Text
    version: Text
    declared: date
    declared_by: Text
    firmware: Annotated[str, Field(pattern=r"^[0-9A-F]{8}$")]
    results: tuple[SelfCertificationResult, ...] = Field(min_length=1)


class LaboratoryAssessment(_Table):
    """Report of a CPA test laboratory, fields after ISO/IEC 17025:2017 clause 7.8.2.1 (TR-11).

    Args:
        schema_id: form of the file, key ``schema``.
        report: unique id; amendments name the old one in ``amends``.
        title: title.
        laboratory: name and address.
        accreditation: schedule number.
        customer: who ordered it.
        place_of_work: where the work was done.
        received: day on which the samples came in.
        tested_from: first day of tests.
        tested_to: last day of tests.
        issued: day of issue.
        method: method and its version.
        security_characteristic: what the device was held against.
        samples: serial numbers or EUI-64 of the devices that were assessed.
        firmware_hash: SHA-256 of the Manufacturer Image on the samples.
        mitigations: what was found for every mitigation.
        within_scope: whether every result is within the accreditation.
        relates_only_to_the_samples: the statement that results relate to the samples alone.
        deviations: additions to, deviations and exclusions from the method.
        authorised_by: who authorised it.
        amends: id of the report that it amends.
    """

    schema_id: Literal["trialconformance-laboratory-assessment/1"] = Field(alias="schema")
    report: Text
    title: Text
    laboratory: Text
    accreditation: Text
    customer: Text
    place_of_work: Text
    received: date
    tested_from: date
    tested_to: date
    issued: date
    method: Text
    security_characteristic: SecurityCharacteristic
    samples: tuple[Text, ...] = Field(min_length=1)
    firmware_hash: Sha256
    mitigations: tuple[Mitigation, ...] = Field(min_length=1)
    within_scope: bool
    relates_only_to_the_samples: Literal[True]
    deviations: str = "none"
    authorised_by: Text
    amends: str = ""


class CommissioningRow(_Table):
    """Duties after commissioning of one device (TR-29).

    Args:
        device: EUI-64 or pseudonym.
        commissioned: day of commissioning.
        credentials_replaced: day on which the installer's credentials were replaced.
        certificates_checked: day on which keys and certificates were read back.
    """

    device: Text
    commissioned: date
    credentials_replaced: date | None = None
    certificates_checked: date | None = None


class Commissioning(_Table):
    """Checklist of duties after commissioning.

    Args:
        schema_id: form of the file, key ``schema``.
        devices: one row for every device.
    """

    schema_id: Literal["trialconformance-commissioning/1"] = Field(alias="schema")
    devices: tuple[CommissioningRow, ...] = Field(min_length=1)


Model = TypeVar("Model", bound=BaseModel)


def read_structured(model: type[Model], octets: bytes, *, name: str) -> Model:
    """Read a structured document.

    Args:
        model: its form.
        octets: TOML, or JSON where the name ends in ``.json``.
        name: name of the document.

    Returns:
        The document.

    Raises:
        ArtefactError: neither TOML nor JSON, or of another form; names the first key at fault.
    """
    try:
        value: Any = json.loads(octets) if name.endswith(".json") else tomllib.loads(octets.decode())
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise ArtefactError(
            f"{key} is not as declared", artefact=name, path=key, expected=first["msg"], seen=_shown(first["input"])
        ) from error
    except (ValueError, RecursionError) as error:
        raise ArtefactError(
            "cannot be read", artefact=name, expected="UTF-8 TOML, or JSON in a file .json", seen=str(error)
        ) from error


def _shown(value: object) -> str:
    return repr(value) if isinstance(value, str | int | float) else f"a {type(value).__name__}"

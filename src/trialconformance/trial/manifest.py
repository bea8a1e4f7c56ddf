"""The tables of ``submission.toml`` as models: what a manufacturer tells the SSC and where its files lie."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from trialconformance.core import UsageError, parse_eui64
from trialconformance.trial.facts import DEVICE_TYPES, ScenarioKind
from trialconformance.trial.policy import PRESETS, Preset

__all__ = [
    "Applicant",
    "ArtefactPaths",
    "AssuranceCertificate",
    "Credentials",
    "DccReferences",
    "Device",
    "DeviceModel",
    "DnoNotice",
    "EligibilityClaim",
    "EndOfTrial",
    "Ics",
    "Manufacturer",
    "Place",
    "PolicyChoice",
    "Scenario",
    "Sponsor",
    "Table",
    "TestSession",
    "TrialRequest",
    "Trust",
    "Verification",
]


def _below_the_submission(path: Path, info: ValidationInfo) -> Path:
    folder: Path | None = (info.context or {}).get("folder")
    return path if folder is None else folder / path


def _one_or_many(value: object) -> object:
    return [value] if isinstance(value, str | Path) else value


def _eui64(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return parse_eui64(value)
    except UsageError as error:
        raise PydanticCustomError("eui64", "{text}", {"text": f"{error.message}, wanted: {error.accepted}"}) from error


def _device_type(value: str) -> str:
    if value not in DEVICE_TYPES:
        raise PydanticCustomError("device_type", "is none of {types}", {"types": ", ".join(DEVICE_TYPES)})
    return value


Place = Annotated[Path, AfterValidator(_below_the_submission)]
"""A path as written, relative to the folder of the submission; joined with that folder once read."""

_PLACE = {"type": "string", "format": "path"}
Places = Annotated[
    tuple[Place, ...],
    BeforeValidator(_one_or_many),
    WithJsonSchema({"anyOf": [_PLACE, {"type": "array", "items": _PLACE}]}),
]
Eui64 = Annotated[
    bytes, BeforeValidator(_eui64), WithJsonSchema({"type": "string", "pattern": "^([0-9A-Fa-f]{2}[-:]?){8}$"})
]
DeviceType = Annotated[
    str, AfterValidator(_device_type), WithJsonSchema({"type": "string", "enum": list(DEVICE_TYPES)})
]
TwoOctets = Annotated[str, Field(pattern=r"^[0-9A-F]{4}$")]
FourOctets = Annotated[str, Field(pattern=r"^[0-9A-F]{8}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{64}$")]
Text = Annotated[str, Field(min_length=1)]


class Table(BaseModel):
    """One table of the submission: read-only, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Applicant(Table):
    """Who asks the SSC (TR-01).

    Args:
        name: company.
        contact: whom to ask, an office rather than a person.
    """

    name: Text
    contact: str = ""


class Manufacturer(Table):
    """Who makes the device.

    Args:
        name: as on the CPL.
        zigbee_id: manufacturer code, 4 hex digits.
    """

    name: Text
    zigbee_id: TwoOctets


class DeviceModel(Table):
    """The Device Model of the trial.

    Args:
        type: physical device type, as on the CPL.
        model_id: OTA image type, 4 hex digits.
        hardware: OTA hardware version, 4 hex digits.
        firmware: OTA file version, 8 hex digits.
        esme_variant: DUIS variant letters where the type is ESME.
    """

    type: DeviceType
    model_id: TwoOctets
    hardware: TwoOctets
    firmware: FourOctets
    esme_variant: str = ""

    @property
    def words(self) -> str:
        """The model as a person writes it: ``0302 0001 00000B01``."""
        return f"{self.model_id} {self.hardware} {self.firmware}"


class Device(Table):
    """A device that took part in the captures.

    Args:
        eui64: its identity, 8 octets.
        type: its type on the inventory, for example ``ESME``.
        role: whether it is the device under test or one of the same home that talks with it.
    """

    eui64: Eui64
    type: Text
    role: Literal["under-test", "companion"]


class Ics(Table):
    """Implementation Conformance Statement.

    Args:
        use_cases: GBCS use cases that the device claims, at least one.
    """

    use_cases: frozenset[Text] = Field(min_length=1)


class Sponsor(Table):
    """The supplier that sponsors the trial (TR-26).

    Args:
        party: id of the SEC Party.
        role: user role in which it sends commands, for example ``ImportSupplier``.
        name: company.
    """

    party: Text
    role: Text = "ImportSupplier"
    name: str = ""


class TrialRequest(Table):
    """What is asked for.

    Args:
        reference: Trial CPA certificate reference, empty before the SSC has issued one.
        quantity: devices in the field at a time.
        start: first day.
        months: duration in calendar months.
        submitted: day on which the application went to the SSC.
        sponsor: the supplier that sponsors it.
        waived: assurance that the SSC is asked to waive (TR-30).
        justification: why this quantity and this duration (TR-05).
        volume_date: day on which devices in volume are planned, once certified (TR-45).
        more_assurance: whether the SSC asked for an assessment by a CPA test laboratory (TR-11).
    """

    reference: str = ""
    quantity: StrictInt
    start: date
    months: StrictInt
    submitted: date | None = None
    sponsor: Sponsor | None = None
    waived: tuple[str, ...] = ()
    justification: str = ""
    volume_date: date | None = None
    more_assurance: StrictBool = False


class ArtefactPaths(Table):
    """Where the inputs under test lie; each one that is named must exist.

    Args:
        captures: files or folders of captured messages.
        keystore: folder of certificates and, where there are any, private keys.
        test_keys: ``synthetic`` when the certificates are those of the synthetic PKI, whose keys are published.
        acb: EUI-64 of the Access Control Broker, 8 octets.
        smki_profile: certificate profile: the name of a shipped one, or a file.
        cpl_before: the list before the change.
        cpl_after: the list with the trial on it.
        cpl_changes: declared changes between the two.
        cpl_profile: format profile other than the shipped one.
        trial_register: the trial register, key ``register``.
        inventory: inventory extract or ReadInventory responses.
        image: OTA image of the firmware.
        waivers: waivers for single cases.
    """

    captures: Places = ()
    keystore: Place | None = None
    test_keys: Literal["none", "synthetic"] = "none"
    acb: Eui64 | None = None
    smki_profile: Literal["production", "test-pki"] | Place | None = None
    cpl_before: Place | None = None
    cpl_after: Place | None = None
    cpl_changes: Place | None = None
    cpl_profile: Place | None = None
    trial_register: Place | None = Field(default=None, alias="register")
    inventory: Place | None = None
    image: Place | None = None
    waivers: Place | None = None


class PolicyChoice(Table):
    """Which limits hold.

    Args:
        preset: name of a shipped policy.
        file: a policy of one's own, which then replaces the preset.
    """

    preset: Preset = PRESETS[0]
    file: Place | None = None


class AssuranceCertificate(Table):
    """A Zigbee or DLMS certificate (TR-19).

    Args:
        kind: which body issued it.
        reference: its id, as on the CPL.
        file: the certificate.
        issued: day of issue.
        model_id: model on the certificate, 4 hex digits.
        hardware: hardware version on the certificate, 4 hex digits.
        firmware: firmware version on the certificate, 8 hex digits.
        mapping: the manufacturer's statement why it covers the trial firmware where the versions differ.
    """

    kind: Literal["zigbee", "dlms"]
    reference: Text
    file: Place
    issued: date
    model_id: TwoOctets
    hardware: TwoOctets
    firmware: FourOctets
    mapping: Place | None = None


class TestSession(Table):
    """A session of tests with DCC systems (TR-25).

    Args:
        environment: name of the environment.
        kind: ``integration`` or ``production-proving``; neither is use in the field (TR-44).
        first: first day.
        last: last day.
        firmware_hash: SHA-256 of the Manufacturer Image that was tested, 64 hex digits.
        results: the results.
        claimed_as_field_evidence: whether the application counts it as use in the field.
    """

    environment: Text
    kind: Literal["integration", "production-proving"]
    first: date
    last: date
    firmware_hash: Sha256
    results: Place
    claimed_as_field_evidence: StrictBool = False


class DnoNotice(Table):
    """A notice to a network operator (TR-28).

    Args:
        party: the operator.
        region: the part of its network that it covers.
        sent: day of the notice.
        file: the notice.
    """

    party: Text
    region: Text
    sent: date
    file: Place


class Scenario(Table):
    """A rehearsal with its result.

    Args:
        kind: what was rehearsed.
        held: when.
        result: how it went.
        file: the record of it.
    """

    kind: ScenarioKind
    held: date
    result: Literal["pass", "fail"]
    file: Place


class Credentials(Table):
    """Organisation certificates read from a device's slots (TR-28).

    Args:
        supplier: certificates in the supplier's slots.
        network_operator: certificates in the network operator's slots.
    """

    supplier: Places = ()
    network_operator: Places = ()


class Verification(Table):
    """The independent verification that stands in for CPA (TR-47).

    Args:
        body: who verifies.
        kind: in what capacity.
        reference: under what reference.
    """

    body: Text
    kind: Literal["ssc", "cpa-laboratory", "other"]
    reference: Text


class EndOfTrial(Table):
    """What happens when the trial ends (TR-37, TR-38).

    Args:
        owner: who sees to it.
        routes: ways out that are prepared.
        complete_by: day by which every device is dealt with.
    """

    owner: Text
    routes: tuple[Literal["ota", "exchange", "removal"], ...] = ()
    complete_by: date


class DccReferences(Table):
    """References of the DCC's assessments.

    Args:
        preliminary_assessment: reference of the request (TR-43).
        assessment: reference of the result (TR-42).
    """

    preliminary_assessment: str = ""
    assessment: str = ""


class EligibilityClaim(Table):
    """CPA certificates that the manufacturer already holds (TR-16 to TR-18).

    Args:
        certificates: their references, as on the CPL.
    """

    certificates: tuple[Text, ...] = ()


class Trust(Table):
    """Public keys with which signatures are verified; the reader of a report compares their ids with what they know.

    Args:
        ssc: keys of the SSC, for decisions.
        keeper: keys of the body that keeps the register, key ``register``.
        laboratory: keys of the CPA test laboratory.
    """

    ssc: Places = ()
    keeper: Places = Field(default=(), alias="register")
    laboratory: Places = ()

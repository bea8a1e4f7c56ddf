"""The facts of the trial regime that live in data files: requirements, documents, device types."""

from __future__ import annotations

from difflib import get_close_matches
from enum import StrEnum
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from trialconformance.core import Severity, load_json, read_data

__all__ = [
    "DEVICE_TYPES",
    "DOCUMENTS",
    "HUMAN_REQUIREMENTS",
    "REQUIREMENTS",
    "DeviceTypeFacts",
    "DocumentFacts",
    "DocumentForm",
    "Force",
    "Heading",
    "Kind",
    "Requirement",
    "RequirementTable",
    "ScenarioKind",
    "nearest",
]

_PACKAGE = "trialconformance.trial"
_SEVERITIES = {"R": Severity.MUST, "V": Severity.SHOULD, "N": Severity.INFO}


class Force(StrEnum):
    """What a requirement rests on."""

    RULE = "R"
    """The proposed solution or the SSC's formal position."""

    VIEW = "V"
    """The view of a person or a group."""

    NOTE = "N"
    """A note, or history."""

    @property
    def severity(self) -> Severity:
        """How much a requirement of this force weighs."""
        return _SEVERITIES[self.value]


class Kind(StrEnum):
    """Who can say whether a requirement is met."""

    MACHINE = "machine"
    """Software, from the files."""

    DOCUMENTARY = "documentary"
    """Software sees that a document is there and holds what it must; people judge what it says."""

    HUMAN = "human"
    """People; software only holds their signed decision."""


class DocumentForm(StrEnum):
    """What software can see in a document."""

    HEADINGS = "headings"
    """Markdown or text with the required headings, each with text below it."""

    LETTER = "letter"
    """Markdown, text or PDF; only that it is there, and its digest."""

    STRUCTURED = "structured"
    """TOML or JSON of a declared form."""


class ScenarioKind(StrEnum):
    """What was rehearsed before the trial."""

    OTA_UPGRADE = "ota-upgrade"
    EXCHANGE = "exchange"
    CHANGE_OF_SUPPLIER = "change-of-supplier"
    SUPPLIER_OF_LAST_RESORT = "supplier-of-last-resort"
    OTA_AFTER_POWER_LOSS = "ota-after-power-loss"
    OTA_AFTER_RESTART = "ota-after-restart"
    OTA_AFTER_INTERRUPTED_TRANSFER = "ota-after-interrupted-transfer"


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Requirement(_Row):
    """One requirement of the modification report.

    Args:
        id: for example ``TR-02``.
        case: id of the case that judges it.
        force: what it rests on.
        kind: who can say whether it is met.
        title: the requirement in a few words.
        clause: section of the modification report that states it.
    """

    id: str = Field(pattern=r"^TR-[0-9]{2}$")
    case: str
    force: Force
    kind: Kind
    title: str
    clause: str


class Heading(_Row):
    """A heading that a document must have.

    Args:
        title: as the template words it.
        guidance: what belongs below it.
        accepts: phrases in lower case; a heading that holds one of them counts.
    """

    title: str
    guidance: str
    accepts: tuple[str, ...] = Field(min_length=1)


class DocumentFacts(_Row):
    """A document of a submission.

    Args:
        key: key in the table ``documents``.
        requirement: the one requirement that it serves.
        title: what it is.
        file: the name that the scaffold gives it.
        form: what software can see in it.
        headings: headings it must have.
        guidance: what belongs into a document without headings.
        optional: whether it is only wanted under conditions that its case knows.
    """

    key: str
    requirement: str
    title: str
    file: str
    form: DocumentForm
    headings: tuple[Heading, ...]
    guidance: str = ""
    optional: bool


class DeviceTypeFacts(_Row):
    """A physical device type.

    Args:
        type: as the CPL words it.
        needs_cpa: whether it needs a CPA certificate.
        needs_zigbee: whether it needs a Zigbee certificate.
        needs_dlms: whether it needs a DLMS certificate.
        sponsor_roles: user roles that can send it the commands a trial needs.
    """

    type: str
    needs_cpa: bool
    needs_zigbee: bool
    needs_dlms: bool
    sponsor_roles: tuple[str, ...] = Field(min_length=1)


class RequirementTable(_Row):
    """The table of requirements.

    Args:
        schema_id: form of the file.
        requirements: every requirement, by id.
    """

    schema_id: Literal["trialconformance-requirements/1"]
    requirements: tuple[Requirement, ...]


class _Documents(_Row):
    schema_id: Literal["trialconformance-documents/1"]
    documents: tuple[DocumentFacts, ...]


class _DeviceTypes(_Row):
    schema_id: Literal["trialconformance-device-types/1"]
    device_types: tuple[DeviceTypeFacts, ...]


Table = TypeVar("Table", bound=BaseModel)


def _load(model: type[Table], name: str) -> Table:
    return load_json(model, read_data(_PACKAGE, f"data/{name}"), where=name)


REQUIREMENTS: tuple[Requirement, ...] = _load(RequirementTable, "requirements.json").requirements
"""Every requirement, by id."""

HUMAN_REQUIREMENTS: tuple[str, ...] = tuple(each.id for each in REQUIREMENTS if each.kind is Kind.HUMAN)
"""Ids of the requirements that people decide."""

DOCUMENTS: dict[str, DocumentFacts] = {each.key: each for each in _load(_Documents, "documents.json").documents}
"""Every document, by its key."""

DEVICE_TYPES: dict[str, DeviceTypeFacts] = {
    each.type: each for each in _load(_DeviceTypes, "device_types.json").device_types
}
"""Every physical device type, by its name."""


def nearest(key: str, known: list[str]) -> str:
    """Word what is accepted instead of an unknown key: the nearest known one, then all of them.

    Args:
        key: what was written.
        known: the keys there are.

    Returns:
        A phrase for ``UsageError.accepted``.
    """
    close = get_close_matches(key, known, n=1, cutoff=0.5)
    return f"did you mean {close[0]!r}? keys here: {', '.join(known)}" if close else f"keys here: {', '.join(known)}"

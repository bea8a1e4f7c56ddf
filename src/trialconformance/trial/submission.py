"""``submission.toml``: the one file that names everything a trial application consists of."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, Field, PrivateAttr, ValidationError, WithJsonSchema
from pydantic_core import ErrorDetails, PydanticCustomError

from trialconformance.core import Claims, Subject, UsageError
from trialconformance.trial.facts import DOCUMENTS, HUMAN_REQUIREMENTS, nearest
from trialconformance.trial.manifest import (
    Applicant,
    ArtefactPaths,
    AssuranceCertificate,
    Credentials,
    DccReferences,
    Device,
    DeviceModel,
    DnoNotice,
    EligibilityClaim,
    EndOfTrial,
    Ics,
    Manufacturer,
    Place,
    PolicyChoice,
    Scenario,
    Table,
    TestSession,
    TrialRequest,
    Trust,
    Verification,
)
from trialconformance.trial.months import end_of_trial
from trialconformance.trial.policy import Override, Policy, load_policy

__all__ = ["Input", "Submission"]

_GBCS = "GBCS"
_VERSION = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A file or folder that the submission names.

    Args:
        role: what it is, for example ``cpl-after`` or ``document``.
        key: where the submission names it, for example ``documents.mvp``.
        name: its name in records: relative to the submission, with ``/``.
        path: where it lies.
    """

    role: str
    key: str
    name: str
    path: Path


def _known_keys(known: list[str]) -> AfterValidator:
    def validate(value: dict[str, Path]) -> dict[str, Path]:
        for key in value:
            if key not in known:
                raise PydanticCustomError(
                    "unknown_key", "{key}|{accepted}", {"key": key, "accepted": nearest(key, known)}
                )
        return value

    return AfterValidator(validate)


def _paths_schema(known: list[str]) -> WithJsonSchema:
    path = {"type": "string", "format": "path"}
    return WithJsonSchema({"type": "object", "properties": dict.fromkeys(known, path), "additionalProperties": False})


def _names_gbcs(value: dict[str, str]) -> dict[str, str]:
    if not _VERSION.fullmatch(value.get(_GBCS, "")):
        raise PydanticCustomError("gbcs", 'needs the GBCS version, for example GBCS = "4.2"')
    return value


DocumentPaths = Annotated[dict[str, Place], _known_keys(list(DOCUMENTS)), _paths_schema(list(DOCUMENTS))]
DecisionPaths = Annotated[
    dict[str, Place], _known_keys(list(HUMAN_REQUIREMENTS)), _paths_schema(list(HUMAN_REQUIREMENTS))
]
Specifications = Annotated[dict[str, str], AfterValidator(_names_gbcs)]


class Submission(Table):
    """A trial application as the manufacturer words it.

    Args:
        schema_id: form of the file, key ``schema``.
        as_of: the day at which limits and validity are judged.
        applicant: who asks.
        manufacturer: who makes the device.
        device: the Device Model.
        devices: devices that took part in the captures.
        ics: what the device claims to implement.
        specifications: versions by name; ``GBCS`` is needed.
        trial: what is asked for.
        artefacts: inputs under test.
        policy: which limits hold.
        overrides: limits that the SSC set by decision.
        eligibility: CPA certificates already held.
        documents: documents by key; a missing one is a finding of the requirement it serves.
        decisions: signed decisions by requirement.
        certificates: Zigbee and DLMS certificates.
        test_sessions: sessions with DCC systems.
        dno_notices: notices to network operators.
        scenarios: rehearsals.
        credentials: certificates read from a device's slots.
        verification: what stands in for CPA.
        end_of_trial: what happens at the end.
        dcc: references of the DCC's assessments.
        trust: keys that signatures are verified with.
    """

    schema_id: Literal["trialconformance-submission/1"] = Field(alias="schema")
    as_of: date
    applicant: Applicant
    manufacturer: Manufacturer
    device: DeviceModel
    devices: tuple[Device, ...] = ()
    ics: Ics
    specifications: Specifications
    trial: TrialRequest
    artefacts: ArtefactPaths = ArtefactPaths()
    policy: PolicyChoice = PolicyChoice()
    overrides: tuple[Override, ...] = ()
    eligibility: EligibilityClaim = EligibilityClaim()
    documents: DocumentPaths = Field(default_factory=dict)
    decisions: DecisionPaths = Field(default_factory=dict)
    certificates: tuple[AssuranceCertificate, ...] = ()
    test_sessions: tuple[TestSession, ...] = ()
    dno_notices: tuple[DnoNotice, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    credentials: Credentials = Credentials()
    verification: Verification | None = None
    end_of_trial: EndOfTrial | None = None
    dcc: DccReferences = DccReferences()
    trust: Trust = Trust()

    _path: Path = PrivateAttr(default=Path("submission.toml"))
    _octets: bytes = PrivateAttr(default=b"")

    @classmethod
    def read(cls, path: Path) -> Submission:
        """Read a submission and see that every artefact it names is there.

        Args:
            path: the file ``submission.toml``; every path in it is relative to its folder.

        Returns:
            The submission.

        Raises:
            UsageError: unreadable, not TOML, an unknown key (with the nearest known one), a value that is not
                accepted, or an artefact that does not exist (with its key). A missing document is no error: the
                requirement it serves says so.
        """
        where = str(path)
        try:
            octets = path.read_bytes()
            value = tomllib.loads(octets.decode())
        except OSError as error:
            raise UsageError(
                f"cannot be read: {error.strerror}", where=where, accepted="the path of a submission.toml"
            ) from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
            raise UsageError(f"is not usable TOML: {error}", where=where, accepted="UTF-8 TOML 1.0") from error
        try:
            context = {"folder": path.parent.absolute(), "path": path.absolute(), "octets": octets}
            submission = cls.model_validate(value, context=context)
        except ValidationError as error:
            raise _usage_error(error, where=where) from error
        _check_artefacts(submission, where=where)
        return submission

    def model_post_init(self, context: dict[str, Any] | None, /) -> None:
        """Keep where the file lies and its octets, which no key of it can say."""
        if context is not None:
            self._path = context["path"]
            self._octets = context["octets"]

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return self._path

    @property
    def folder(self) -> Path:
        """The folder to which its paths are relative."""
        return self._path.parent

    @property
    def octets(self) -> bytes:
        """The file as it was read."""
        return self._octets

    @property
    def claims(self) -> Claims:
        """What the ICS says."""
        return Claims(device_type=self.device.type, use_cases=self.ics.use_cases)

    @property
    def subject(self) -> Subject:
        """What is judged, for the record."""
        return Subject(
            manufacturer=self.manufacturer.name,
            model=self.device.words,
            device_type=self.device.type,
            trial_reference=self.trial.reference,
            applicant=self.applicant.name,
        )

    @property
    def gbcs_version(self) -> tuple[int, int]:
        """GBCS version as ``(major, minor)``."""
        major, _, minor = self.specifications[_GBCS].partition(".")
        return int(major), int(minor)

    @property
    def end(self) -> date:
        """Last day of the trial asked for; the start where no whole month was asked for."""
        months = self.trial.months
        return end_of_trial(self.trial.start, months) if months > 0 else self.trial.start

    def read_policy(self) -> Policy:
        """Read the policy that the submission chooses; raises UsageError where it is none."""
        return load_policy(self.policy.file or self.policy.preset)

    def name_of(self, path: Path) -> str:
        """Name of a file in records: its path relative to the submission, with ``/``."""
        return Path(os.path.relpath(path, self.folder)).as_posix()

    @property
    def inputs(self) -> tuple[Input, ...]:
        """Every file and folder that the submission names, in the order of its tables, and the submission itself."""
        found = [Input(role="submission", key="", name=self.name_of(self.path), path=self.path)]
        found += [
            Input(role=_role(key), key=key, name=self.name_of(path), path=path) for key, path in self._named(self, "")
        ]
        return tuple(found)

    def _named(self, table: BaseModel, prefix: str) -> Iterator[tuple[str, Path]]:
        for name, field in type(table).model_fields.items():
            yield from self._paths(getattr(table, name), f"{prefix}{field.alias or name}")

    def _paths(self, value: object, key: str) -> Iterator[tuple[str, Path]]:
        if isinstance(value, Path):
            yield key, value
        elif isinstance(value, BaseModel):
            yield from self._named(value, f"{key}.")
        elif isinstance(value, dict):
            for name, item in value.items():
                yield from self._paths(item, f"{key}.{name}")
        elif isinstance(value, tuple):
            for index, item in enumerate(value):
                yield from self._paths(item, f"{key}.{index}")


def _check_artefacts(submission: Submission, *, where: str) -> None:
    for each in submission.inputs:
        if each.role not in _ROLES_OF_EVIDENCE and not each.path.exists():
            raise UsageError(
                f"{each.name} does not exist",
                where=f"{where}: {each.key}",
                accepted="a path relative to the submission",
            )


_ROLES = {"artefacts.captures": "capture", "artefacts.keystore": "certificate", "policy.file": "policy"}
_ROLES_OF_EVIDENCE = frozenset({"document", "decision"})


def _role(key: str) -> str:
    """The role words of a record: artefacts by their key, everything a person wrote or signed as document."""
    table, _, name = key.partition(".")
    if table == "artefacts":
        return _ROLES.get(key.rpartition(".")[0]) or _ROLES.get(key) or name.replace("_", "-")
    if table == "decisions":
        return "decision"
    if table == "trust":
        return "trusted-key"
    return _ROLES.get(key, "document")


def _usage_error(error: ValidationError, *, where: str) -> UsageError:
    details = sorted(error.errors(), key=lambda each: each["type"] not in {"extra_forbidden", "unknown_key"})
    first = details[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        *parents, last = first["loc"]
        accepted = nearest(str(last), _keys_at(parents))
        return UsageError(f"unknown key {str(last)!r}", where=f"{where}: {key}", accepted=accepted)
    if first["type"] == "unknown_key":
        name, _, accepted = first["msg"].partition("|")
        return UsageError(f"unknown key {name!r}", where=f"{where}: {key}", accepted=accepted)
    return UsageError(_message(first), where=f"{where}: {key}", accepted=_accepted(first))


def _message(details: ErrorDetails) -> str:
    if details["type"] == "missing":
        return "is missing"
    seen = details["input"]
    return f"{details['msg']}; seen {str(seen)!r}" if isinstance(seen, str | int) else details["msg"]


def _accepted(details: ErrorDetails) -> str:
    context = details.get("ctx", {})
    return str(context.get("expected") or context.get("pattern") or "see docs/schemas/submission.schema.json")


def _keys_at(parents: list[int | str]) -> list[str]:
    model: type[BaseModel] = Submission
    for part in parents:
        if isinstance(part, str):
            fields = {field.alias or name: field for name, field in model.model_fields.items()}
            model = _model_in(fields[part].annotation) or model
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for each in get_args(annotation) if (found := _model_in(each))), None)

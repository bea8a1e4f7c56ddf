"""A skeleton for the report of a test laboratory: what a bundle knows is filled in, what it cannot know is listed.

The fields are those of ISO/IEC 17025:2017, 7.8.2.1 and 7.8.6. The skeleton is an input to such a report and never is
one: only an accredited laboratory issues it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict

from trialconformance.core import CaseRow, Record, Verdict, load_json, read_data
from trialconformance.evidence.bundle.opened import Bundle
from trialconformance.evidence.timing import Timing

__all__ = ["LabField", "LabReport", "Scope", "lab_report"]

NOTICE = (
    "This is the output of a tool and an input to a laboratory's report. It is not an ISO/IEC 17025 report: only the "
    "laboratory issues one, and only for work within its accreditation."
)

_DECISION_RULE = (
    "A case fails if any artefact breaks its requirement. Only cases of severity must decide. A finding on an assumed "
    "basis is inconclusive. No measurement uncertainty applies: octets are compared."
)


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _FieldFacts(_Row):
    id: str
    clause: str
    title: str
    filled_by: str


class _FieldTable(_Row):
    schema_id: Literal["trialconformance-lab-fields/1"]
    fields: tuple[_FieldFacts, ...]


class Scope(_Row):
    """What a laboratory is accredited for.

    Args:
        schedule: number of its accreditation schedule.
        cases: patterns of case ids that the schedule covers.
    """

    schedule: str
    cases: tuple[str, ...]

    def covers(self, case: str) -> bool:
        """Whether a case is within the scope."""
        return any(fnmatchcase(case, pattern) for pattern in self.cases)


class LabField(_Row):
    """One field.

    Args:
        id: name of the field.
        clause: clause of ISO/IEC 17025:2017.
        title: what it holds.
        value: lines of its content; none where only the laboratory can fill it.
    """

    id: str
    clause: str
    title: str
    value: tuple[str, ...]


class LabReport(_Row):
    """The skeleton.

    Args:
        notice: what this is not.
        fields: every field, filled or empty.
        missing: ids of the fields that the laboratory must fill.
        outside_scope: ids of judged cases outside the accreditation; all of them where no scope was given.
        schedule: number of the accreditation schedule, empty where none was given.
    """

    schema_id: Literal["trialconformance-lab-report/1"] = "trialconformance-lab-report/1"
    notice: str = NOTICE
    fields: tuple[LabField, ...]
    missing: tuple[str, ...]
    outside_scope: tuple[str, ...]
    schedule: str


def lab_report(bundle: Bundle, *, scope: Scope | None = None) -> LabReport:
    """Fill the skeleton from a bundle.

    Args:
        bundle: the opened bundle, verified before.
        scope: what the laboratory is accredited for.

    Returns:
        The skeleton; a result outside the scope is flagged.
    """
    known = _known(bundle)
    fields = tuple(
        LabField(id=each.id, clause=each.clause, title=each.title, value=tuple(known.get(each.filled_by, ())))
        for each in _facts().fields
    )
    judged = [row.id for row in bundle.record.cases if row.verdict.judged]
    return LabReport(
        fields=fields,
        missing=tuple(each.id for each in fields if not each.value),
        outside_scope=tuple(case for case in judged if scope is None or not scope.covers(case)),
        schedule=scope.schedule if scope else "",
    )


@cache
def _facts() -> _FieldTable:
    name = "data/lab_fields.json"
    return load_json(_FieldTable, read_data("trialconformance.evidence", name), where=name)


def _known(bundle: Bundle) -> Mapping[str, Sequence[str]]:
    record, subject = bundle.record, bundle.record.subject
    return {
        "title": ["Conformance tests of a trial device"],
        "identification": [f"record {bundle.digest}"],
        "customer": [subject.applicant] if subject.applicant else [],
        "method": [
            f"{record.tool.name} {record.tool.version}, catalogue {record.tool.catalogue}",
            *(f"{name} {version}" for name, version in sorted(record.specifications.items())),
        ],
        "item": [line for line in (subject.manufacturer, subject.device_type, subject.model) if line]
        + [f"image {each.name}: SHA-256 {each.sha256}" for each in record.artefacts if each.role == "image"],
        "performed": _performed(bundle),
        "only_these_items": ["The results relate to the items named here and to no others."],
        "results": [f"{row.id} {row.verdict.value}: {row.reason}" for row in record.cases if row.verdict.judged],
        "deviations": _deviations(record),
        "external": [f"{each.role}: {each.name}" for each in record.artefacts if each.role in {"document", "decision"}],
        "decision_rule": [_DECISION_RULE],
    }


def _performed(bundle: Bundle) -> list[str]:
    octets = bundle.files.get("timing.json")
    if octets is None:
        return []
    timing = load_json(Timing, octets, where="timing.json")
    return [f"{timing.started} to {timing.finished}, as the maker of the bundle says"]


def _deviations(record: Record) -> list[str]:
    return [_deviation(row) for row in record.cases if row.verdict in {Verdict.WAIVED, Verdict.NOT_RUN}] or ["none"]


def _deviation(row: CaseRow) -> str:
    return f"{row.id} {row.verdict.value}: {row.reason}"

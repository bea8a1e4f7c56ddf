"""The record of a run: every case of the catalogue in exactly one bucket, the same bytes for the same inputs."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from trialconformance.core.case import Basis, Case
from trialconformance.core.errors import InternalError
from trialconformance.core.finding import Finding, Severity
from trialconformance.core.verdict import ExitCode, Verdict, overall

__all__ = ["ArtefactRow", "Assumption", "CaseRow", "Record", "Subject", "Tool", "canonical_json", "sha256_hex"]


def canonical_json(value: Any) -> bytes:
    """Write JSON in the one form we sign and compare: sorted keys, no spaces, UTF-8, one final line feed.

    Args:
        value: anything ``json`` takes; floats are refused because they have no canonical form here.

    Returns:
        The octets.

    Raises:
        InternalError: the value holds a float.
    """
    _refuse_floats(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise InternalError("a record holds no floating-point numbers: they have no canonical form")
    if isinstance(value, dict):
        for item in value.values():
            _refuse_floats(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _refuse_floats(item)


def sha256_hex(octets: bytes) -> str:
    """SHA-256 of some octets as 64 lower-case hex digits."""
    return hashlib.sha256(octets).hexdigest()


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Tool(_Row):
    """The tool that judged.

    Args:
        name: always ``trialconformance``.
        version: version of the package.
        catalogue: SHA-256 of the catalogue that the run accounts for.
    """

    name: str
    version: str
    catalogue: str


class Subject(_Row):
    """What was judged, as the submission words it; empty strings where nothing was said.

    Args:
        manufacturer: name of the manufacturer.
        model: Device Model as a person writes it.
        device_type: physical device type.
        trial_reference: trial reference, as on the CPL.
        applicant: who asks.
    """

    manufacturer: str = ""
    model: str = ""
    device_type: str = ""
    trial_reference: str = ""
    applicant: str = ""


class ArtefactRow(_Row):
    """One input, by digest.

    Args:
        name: name of the artefact, a path relative to the submission with ``/``.
        role: what it is, for example ``capture``, ``certificate``, ``cpl-after``.
        octets: size.
        sha256: digest of the octets, lower-case hex.
    """

    name: str
    role: str
    octets: int
    sha256: str


class Assumption(_Row):
    """Something the verdict rests on that nobody has confirmed.

    Args:
        id: short name, for example ``cpl-assumed-1``.
        label: how it qualifies a pass, for example ``assumed format``.
        text: what is assumed and who could confirm it.
    """

    id: str
    label: str
    text: str


class CaseRow(_Row):
    """What became of one case.

    Args:
        id: case id.
        title: the requirement in a few words.
        requirement: the requirement in full.
        clause: source clause.
        severity: how much it weighed in this run (a profile may have lowered it).
        basis: where the requirement comes from.
        applies_to: what the case looks at.
        verdict: the bucket.
        reason: why it is in that bucket.
        judged: number of artefacts that were looked at.
        findings: the breaches.
        selected: False when a person left the case out of the run.
    """

    id: str
    title: str
    requirement: str
    clause: str
    severity: Severity
    basis: Basis
    applies_to: str
    verdict: Verdict
    reason: str
    judged: int = 0
    findings: tuple[Finding, ...] = ()
    selected: bool = True

    @classmethod
    def of(
        cls,
        case: Case,
        verdict: Verdict,
        reason: str,
        *,
        severity: Severity | None = None,
        judged: int = 0,
        findings: Iterable[Finding] = (),
        selected: bool = True,
    ) -> CaseRow:
        """Make the row of a case from its catalogue entry and what became of it."""
        return cls(
            id=case.id,
            title=case.title,
            requirement=case.requirement,
            clause=case.clause,
            severity=severity or case.severity,
            basis=case.basis,
            applies_to=case.scope.title,
            verdict=verdict,
            reason=reason,
            judged=judged,
            findings=tuple(findings),
            selected=selected,
        )


class Record(_Row):
    """The canonical result of a run.

    Args:
        tool: the tool that judged.
        subject: what was judged.
        as_of: the date at which limits and validity were judged, ``YYYY-MM-DD``.
        specifications: versions of the specifications judged against, by name.
        settings: digests of the data files that steer a verdict (policy, CPL profile, SMKI profile), by name.
        assumptions: what the verdict rests on without confirmation.
        artefacts: the inputs by digest.
        cases: one row for every case of the catalogue.
    """

    schema_id: Literal["trialconformance-record/1"] = "trialconformance-record/1"
    tool: Tool
    subject: Subject = Subject()
    as_of: str
    specifications: dict[str, str] = {}
    settings: dict[str, str] = {}
    assumptions: tuple[Assumption, ...] = ()
    artefacts: tuple[ArtefactRow, ...] = ()
    cases: tuple[CaseRow, ...]
    verdict: Verdict
    accounting: dict[str, int]

    @classmethod
    def account(
        cls,
        *,
        tool: Tool,
        catalogue: Iterable[Case],
        rows: Iterable[CaseRow],
        as_of: str,
        subject: Subject | None = None,
        specifications: dict[str, str] | None = None,
        settings: dict[str, str] | None = None,
        assumptions: Iterable[Assumption] = (),
        artefacts: Iterable[ArtefactRow] = (),
    ) -> Record:
        """Account for every case of the catalogue and add up the verdict.

        Args:
            tool: the tool that judged.
            catalogue: every case there is.
            rows: what became of the cases; a case without a row counts as lost.
            as_of: the date of judgement, ``YYYY-MM-DD``.
            subject: what was judged.
            specifications: versions judged against, by name.
            settings: digests of steering data, by name.
            assumptions: what is taken for granted.
            artefacts: the inputs by digest.

        Returns:
            The record, sorted, the same for the same inputs in any order.

        Raises:
            InternalError: a row is of no known case, or a case has two rows.
        """
        by_id: dict[str, CaseRow] = {}
        for row in rows:
            if row.id in by_id:
                raise InternalError(f"{row.id} has two rows in one record")
            by_id[row.id] = row
        known = {case.id: case for case in catalogue}
        if strangers := sorted(set(by_id) - set(known)):
            raise InternalError(f"rows of cases that are not in the catalogue: {', '.join(strangers)}")
        cases = tuple(
            by_id.get(case_id) or CaseRow.of(known[case_id], Verdict.NOT_RUN, "no result reached the record")
            for case_id in sorted(known)
        )
        counts = Counter(row.verdict for row in cases)
        return cls(
            tool=tool,
            subject=subject or Subject(),
            as_of=as_of,
            specifications=specifications or {},
            settings=settings or {},
            assumptions=tuple(sorted(assumptions, key=lambda each: each.id)),
            artefacts=tuple(sorted(artefacts, key=lambda each: (each.name, each.role, each.sha256))),
            cases=cases,
            verdict=overall(
                [(row.verdict, row.severity) for row in cases if row.selected],
                partial=not all(row.selected for row in cases),
            ),
            accounting={verdict.value: counts[verdict] for verdict in Verdict} | {"total": len(cases)},
        )

    @property
    def statement(self) -> str:
        """The verdict in words, never more than what it rests on: ``pass (assumed format)``."""
        labels = sorted({each.label for each in self.assumptions})
        if self.verdict is Verdict.PASS and labels:
            return f"{self.verdict.value} ({', '.join(labels)})"
        return self.verdict.value

    @property
    def remarks(self) -> tuple[CaseRow, ...]:
        """Rows with findings that do not decide the verdict (severity should or info)."""
        return tuple(row for row in self.cases if row.findings and row.severity is not Severity.MUST)

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of a command that ends with this record."""
        if self.verdict is Verdict.PASS:
            return ExitCode.PASS
        return ExitCode.INCONCLUSIVE if self.verdict is Verdict.INCONCLUSIVE else ExitCode.FAIL

    def to_json(self) -> bytes:
        """The canonical octets of the record."""
        return canonical_json(self.model_dump(mode="json"))

    @classmethod
    def from_json(cls, octets: bytes) -> Record:
        """Read a record back; raises pydantic's ValidationError where it is not one."""
        return cls.model_validate_json(octets)

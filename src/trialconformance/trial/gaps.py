"""What an application still lacks, requirement by requirement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from trialconformance.core import CaseRow, ExitCode, Severity, Verdict, canonical_json
from trialconformance.trial.facts import REQUIREMENTS, Force, Kind, Requirement

__all__ = ["Gap", "Gaps", "Wanted"]

_OPEN = frozenset({Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.ERROR, Verdict.NOT_RUN})


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Wanted(_Value):
    """One thing that is wanted.

    Args:
        artefact: the file it is wanted in, or that is wanted.
        key: the entry of that file, empty where it is the file itself.
        expected: what is accepted.
        seen: what is there.
    """

    artefact: str
    key: str
    expected: str
    seen: str


class Gap(_Value):
    """A requirement that is not met, or not decided.

    Args:
        requirement: its id.
        force: what it rests on.
        kind: who can say whether it is met.
        title: the requirement in a few words.
        verdict: the verdict of its case.
        severity: how much it weighs.
        wanted: what would close the gap.
    """

    requirement: str
    force: Force
    kind: Kind
    title: str
    verdict: Verdict
    severity: Severity
    wanted: tuple[Wanted, ...]


class Gaps(_Value):
    """Every gap of an application.

    Args:
        schema_id: form of the file, key ``schema``.
        met: requirements that are met.
        aside: requirements that do not apply, or that people decided.
        gaps: the others, by id.
    """

    schema_id: Literal["trialconformance-gaps/1"] = Field(default="trialconformance-gaps/1", alias="schema")
    met: int
    aside: int
    gaps: tuple[Gap, ...]

    @classmethod
    def of(cls, rows: Mapping[str, CaseRow]) -> Gaps:
        """List the gaps from the rows of the trial cases, by case id."""
        verdicts = [rows[each.case].verdict for each in REQUIREMENTS]
        return cls(
            met=verdicts.count(Verdict.PASS),
            aside=sum(not verdict.judged and verdict not in _OPEN for verdict in verdicts),
            gaps=tuple(_gap(rows[each.case], each) for each in REQUIREMENTS if rows[each.case].verdict in _OPEN),
        )

    @property
    def exit_code(self) -> ExitCode:
        """Fail where a deciding requirement is not met, inconclusive where one is undecided, else pass."""
        deciding = {each.verdict for each in self.gaps if each.severity is Severity.MUST}
        if deciding - {Verdict.INCONCLUSIVE}:
            return ExitCode.FAIL
        return ExitCode.INCONCLUSIVE if deciding else ExitCode.PASS

    def to_json(self) -> bytes:
        """The gaps as canonical JSON."""
        return canonical_json(self.model_dump(mode="json", by_alias=True))


def _gap(row: CaseRow, requirement: Requirement) -> Gap:
    return Gap(
        requirement=requirement.id,
        force=requirement.force,
        kind=requirement.kind,
        title=requirement.title,
        verdict=row.verdict,
        severity=row.severity,
        wanted=tuple(
            Wanted(artefact=each.artefact, key=each.path, expected=each.expected, seen=each.seen)
            for each in row.findings
        ),
    )

"""What verification found: eleven steps, each with its outcome, and what they add up to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from trialconformance.core import ExitCode
from trialconformance.evidence.plain import printable

__all__ = ["CONCLUSIONS", "STEPS", "Outcome", "Step", "Verification", "VerificationReport", "step"]

STEPS: dict[int, str] = {
    1: "the archive unpacks safely",
    2: "a trusted key vouches for the manifest",
    3: "every file is the one that the manifest lists",
    4: "every attestation is sound and every role has signed",
    5: "image, CPL row, test result and bills of materials are one chain",
    6: "the CPL is judged the same again",
    7: "the image is the one on the CPL",
    8: "the recorded messages and certificates are judged the same again",
    9: "the dates follow each other",
    10: "every requirement is accounted for",
    11: "conclusion",
}


class Outcome(StrEnum):
    """How a step ended."""

    PASSED = "passed"
    GAP = "gap"
    FAILED = "failed"
    NOT_REACHED = "not reached"


CONCLUSIONS: dict[Outcome, Literal["verified", "verified with gaps", "rejected"]] = {
    Outcome.PASSED: "verified",
    Outcome.GAP: "verified with gaps",
    Outcome.FAILED: "rejected",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step.

    Args:
        number: 1 to 11.
        outcome: how it ended.
        notes: what was found, a sentence each.
    """

    number: int
    outcome: Outcome
    notes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What the step is about."""
        return STEPS[self.number]


def step(number: int, *, faults: Iterable[str] = (), gaps: Iterable[str] = (), notes: Iterable[str] = ()) -> Step:
    """Close a step: faults fail it, gaps leave it open, notes only inform; all are made safe for a terminal."""
    faults, gaps, notes = tuple(faults), tuple(gaps), tuple(notes)
    outcome = Outcome.FAILED if faults else Outcome.GAP if gaps else Outcome.PASSED
    return Step(number=number, outcome=outcome, notes=tuple(map(printable, (*faults, *gaps, *notes))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """All steps and the conclusion, which never exceeds the weakest step.

    Args:
        steps: steps 1 to 10.
        statement: the verdict that the bundle records, empty when it could not be read.
        signed_by: roles whose signatures count.
    """

    steps: tuple[Step, ...]
    statement: str = ""
    signed_by: tuple[str, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """The weakest outcome of all steps."""
        outcomes = {each.outcome for each in self.steps}
        if Outcome.FAILED in outcomes or Outcome.NOT_REACHED in outcomes:
            return Outcome.FAILED
        return Outcome.GAP if Outcome.GAP in outcomes else Outcome.PASSED

    @property
    def conclusion(self) -> Literal["verified", "verified with gaps", "rejected"]:
        """``verified``, ``verified with gaps`` or ``rejected``."""
        return CONCLUSIONS[self.outcome]

    @property
    def exit_code(self) -> ExitCode:
        """Exit code of ``bundle verify``: it says whether the bundle holds, not whether the device passed."""
        return {Outcome.PASSED: ExitCode.PASS, Outcome.GAP: ExitCode.INCONCLUSIVE}.get(self.outcome, ExitCode.FAIL)

    @property
    def report(self) -> VerificationReport:
        """The verification as it is written."""
        return VerificationReport(
            conclusion=self.conclusion,
            statement=self.statement,
            signed_by=self.signed_by,
            steps=tuple(
                StepRow(number=each.number, title=each.title, outcome=each.outcome, notes=each.notes)
                for each in self.steps
            ),
        )


class StepRow(BaseModel):
    """One step as it is written.

    Args:
        number: 1 to 10; the conclusion is the eleventh.
        title: what it is about.
        outcome: how it ended.
        notes: what was found.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int
    title: str
    outcome: Outcome
    notes: tuple[str, ...]


class VerificationReport(BaseModel):
    """What ``bundle verify --json`` prints.

    Args:
        conclusion: ``verified``, ``verified with gaps`` or ``rejected``.
        statement: the verdict of the device that the bundle records.
        signed_by: roles whose signatures count.
        steps: the steps in order.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_id: Literal["trialconformance-verification/1"] = "trialconformance-verification/1"
    conclusion: Literal["verified", "verified with gaps", "rejected"]
    statement: str
    signed_by: tuple[str, ...]
    steps: tuple[StepRow, ...]

"""Verdicts of a case, and how they add up to the verdict of a run."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from trialconformance.core.case import Basis
from trialconformance.core.finding import Severity

__all__ = ["ExitCode", "Verdict", "overall", "verdict_of"]


class Verdict(StrEnum):
    """The eight buckets of an accounting."""

    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    ERROR = "error"
    WAIVED = "waived"
    NOT_APPLICABLE = "not-applicable"
    NOT_EFFECTIVE = "not-effective"
    NOT_RUN = "not-run"

    @property
    def judged(self) -> bool:
        """Whether an artefact was looked at to reach this verdict."""
        return self in {Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.WAIVED}


class ExitCode(IntEnum):
    """Exit codes of every command."""

    PASS = 0
    FAIL = 1
    INCONCLUSIVE = 2
    BAD_INPUT = 3
    INTERNAL = 4


def verdict_of(*, findings: int, basis: Basis, promoted: bool = False) -> Verdict:
    """Verdict of a case whose artefacts were all judged.

    Args:
        findings: number of findings.
        basis: basis of the case.
        promoted: whether the policy makes a finding of this case a failure although its basis is assumed.

    Returns:
        ``pass`` without findings; ``inconclusive`` where only an assumption is broken; ``fail`` otherwise.
    """
    if not findings:
        return Verdict.PASS
    if basis is Basis.ASSUMED and not promoted:
        return Verdict.INCONCLUSIVE
    return Verdict.FAIL


def overall(rows: list[tuple[Verdict, Severity]], *, partial: bool = False) -> Verdict:
    """Verdict of a run from the verdicts of its cases; only cases of severity must decide.

    Args:
        rows: verdict and severity of every case that was selected.
        partial: whether a person selected less than the whole catalogue.

    Returns:
        ``fail`` if a case failed, broke or was lost, or if nothing was judged; ``inconclusive`` if a case is
        undecided or the selection is partial; ``pass`` otherwise.
    """
    if not any(verdict.judged for verdict, _ in rows):
        return Verdict.FAIL
    deciding = {verdict for verdict, severity in rows if severity is Severity.MUST}
    # A tool that breaks or a worker that dies must never look like a pass, whatever the case weighs.
    anywhere = {verdict for verdict, _ in rows}
    if Verdict.FAIL in deciding or anywhere & {Verdict.ERROR, Verdict.NOT_RUN}:
        return Verdict.FAIL
    if partial or Verdict.INCONCLUSIVE in deciding:
        return Verdict.INCONCLUSIVE
    return Verdict.PASS

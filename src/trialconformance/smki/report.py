"""What the certificate commands print for machines: one JSON object a line.

The shape of a line is an interface: keys are never renamed or taken away.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict

from trialconformance.core import Severity, canonical_json
from trialconformance.smki.lint import Judged
from trialconformance.smki.loading import Loaded
from trialconformance.smki.prediction import JudgedChain

__all__ = ["ChainReport", "IssuedFiles", "LintReport", "ReportedFinding", "ReportedWaiver"]

Verdict = Literal["accept", "undecided", "refuse"]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    def line(self) -> bytes:
        """The canonical octets of the object, with a line feed."""
        return canonical_json(self.model_dump(mode="json"))


class ReportedFinding(_Row):
    """A finding.

    Args:
        case: case that reports it.
        severity: how much it weighs under the profile.
        offset: octets from the start of the artefact, None where it has no place.
        length: octets at fault, 0 where something is missing.
        expected: what the requirement accepts.
        seen: what stands there.
    """

    case: str
    severity: Severity
    offset: int | None
    length: int | None
    expected: str
    seen: str


class ReportedWaiver(_Row):
    """A case that was found broken and is set aside.

    Args:
        case: the case.
        waiver: id of the waiver.
    """

    case: str
    waiver: str


class LintReport(_Row):
    """A certificate, signing request or revocation list, judged.

    Args:
        path: the file.
        index: position in the file, from 0.
        sha256: digest of the octets, lower-case hex.
        subject: its subject, of a list its issuer; empty where it names none.
        findings: what is wrong and weighs.
        waived: what is wrong and set aside by the profile.
    """

    path: str
    index: int
    sha256: str
    subject: str
    findings: tuple[ReportedFinding, ...]
    waived: tuple[ReportedWaiver, ...]

    @classmethod
    def of(cls, loaded: Loaded, found: Iterable[Judged]) -> LintReport:
        """Report on one artefact; a waived case is named once."""
        judged = tuple(found)
        waived = dict.fromkeys((each.case.id, each.waiver) for each in judged if each.waiver)
        return cls(
            path=loaded.path.as_posix(),
            index=loaded.index,
            sha256=loaded.sha256,
            subject=loaded.subject,
            findings=tuple(_reported(each) for each in judged if not each.waiver),
            waived=tuple(ReportedWaiver(case=case, waiver=waiver) for case, waiver in waived),
        )


def _reported(judged: Judged) -> ReportedFinding:
    span = judged.finding.span
    return ReportedFinding(
        case=judged.case.id,
        severity=judged.severity,
        offset=None if span is None else span.start,
        length=None if span is None else span.length,
        expected=judged.finding.expected,
        seen=judged.finding.seen,
    )


class PredictedStatus(_Row):
    """What a device should answer with.

    Args:
        status: status code, 0 for success.
        case: the case that decides, None for success.
    """

    status: int
    case: str | None


class ChainReport(_Row):
    """A chain, judged.

    Args:
        path: file of the leaf.
        sha256: digest of the leaf, lower-case hex.
        verdict: ``accept``, ``refuse``, or ``undecided`` where only an assumption is broken.
        anchor: name of the anchor, None where none was reached.
        recovered: whether the key of the anchor was computed from signatures.
        predicted: what a device should answer with.
        certificates: the leaf and the path certificates.
    """

    path: str
    sha256: str
    verdict: Verdict
    anchor: str | None
    recovered: bool
    predicted: PredictedStatus
    certificates: tuple[LintReport, ...]

    @classmethod
    def of(cls, result: JudgedChain, certificates: Iterable[LintReport], *, verdict: Verdict) -> ChainReport:
        """Report on a chain whose leaf could be read.

        Args:
            result: the judged chain.
            certificates: the leaf first, then the path.
            verdict: the verdict.
        """
        listed = tuple(certificates)
        anchor, predicted = result.chain.anchor, result.predicted
        return cls(
            path=listed[0].path,
            sha256=listed[0].sha256,
            verdict=verdict,
            anchor=None if anchor is None else anchor.name,
            recovered=anchor is not None and anchor.recovered,
            predicted=PredictedStatus(status=predicted.status, case=predicted.reason or None),
            certificates=listed,
        )

    @classmethod
    def unreadable(cls, leaf: LintReport, *, status: int) -> ChainReport:
        """Report on a leaf that is no certificate.

        Args:
            leaf: the leaf.
            status: the status code for what cannot be read.
        """
        return cls(
            path=leaf.path,
            sha256=leaf.sha256,
            verdict="refuse",
            anchor=None,
            recovered=False,
            predicted=PredictedStatus(status=status, case=leaf.findings[0].case),
            certificates=(leaf,),
        )


class IssuedFiles(_Row):
    """What ``pki make`` wrote.

    Args:
        folder: where.
        files: names below the folder, sorted.
        private_keys: whether private keys are among them.
    """

    folder: str
    files: tuple[str, ...]
    private_keys: bool

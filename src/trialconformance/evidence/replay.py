"""Judging again from the bundle alone: the same record, octet for octet, or a difference with its explanation."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from trialconformance import __version__
from trialconformance.catalogue import PROCEDURES
from trialconformance.core import Record, UsageError, sha256_hex
from trialconformance.engine import CATALOGUE, judge_submission
from trialconformance.engine.files import InputFile
from trialconformance.evidence.bundle.archive import input_path
from trialconformance.evidence.bundle.making import commitment
from trialconformance.evidence.bundle.opened import Bundle
from trialconformance.evidence.compare import Comparison, ComparisonReport, compare
from trialconformance.trial import Submission

__all__ = ["Replay", "ReplayReport", "replay", "what_if"]

_SUBMISSION = "submission"
_CARRIED = frozenset({"sensitivity"})  # roles of files that a record lists although nothing judges them
_OF_THE_DEVICE = frozenset({"emulated-device"})  # assumptions that only the run with the device could state


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A bundle judged again.

    Args:
        record: the new record.
        comparison: the recorded run against the new one.
        explanations: why they can differ without anybody's fault; empty when nothing explains a difference.
    """

    record: Record
    comparison: Comparison
    explanations: tuple[str, ...]

    @property
    def identical(self) -> bool:
        """Whether the new record is the old one, octet for octet."""
        return self.comparison.identical

    @property
    def report(self) -> ReplayReport:
        """The replay as it is written."""
        return ReplayReport(
            identical=self.identical,
            record_sha256=sha256_hex(self.record.to_json()),
            explanations=self.explanations,
            comparison=self.comparison.report,
        )


class ReplayReport(BaseModel):
    """What ``bundle replay --json`` and ``bundle what-if --json`` print.

    Args:
        identical: whether the new record is the old one, octet for octet.
        record_sha256: digest of the new record.
        explanations: why they can differ without anybody's fault.
        comparison: the recorded run against the new one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_id: Literal["trialconformance-replay/1"] = "trialconformance-replay/1"
    identical: bool
    record_sha256: str
    explanations: tuple[str, ...]
    comparison: ComparisonReport


def replay(bundle: Bundle, *, supplied: Mapping[str, bytes] | None = None) -> Replay:
    """Judge the inputs of a bundle again.

    Args:
        bundle: the bundle.
        supplied: withheld inputs that the reader got from their owner, by name.

    Returns:
        The new record beside the old one.

    Raises:
        UsageError: the bundle holds no submission, or an input without which nothing can be judged is withheld.
    """
    return _judged_again(bundle, supplied or {}, as_of=None, specifications=None)


def what_if(
    bundle: Bundle,
    *,
    as_of: date | None = None,
    specifications: Mapping[str, str] | None = None,
    supplied: Mapping[str, bytes] | None = None,
) -> Replay:
    """Judge the inputs of a bundle under another date or other specification versions.

    Args:
        bundle: the bundle.
        as_of: the day of judgement, the recorded one by default.
        specifications: versions by name that replace the recorded ones.
        supplied: withheld inputs, by name.

    Returns:
        What would have come of it, beside what came of it.

    Raises:
        UsageError: as ``replay``.
    """
    return _judged_again(bundle, supplied or {}, as_of=as_of, specifications=specifications)


def _judged_again(
    bundle: Bundle,
    supplied: Mapping[str, bytes],
    *,
    as_of: date | None,
    specifications: Mapping[str, str] | None,
) -> Replay:
    inputs = bundle.inputs | _accepted(bundle, supplied)
    submission = next((each.name for each in bundle.record.artefacts if each.role == _SUBMISSION), None)
    if submission is None or submission not in inputs:
        raise UsageError(
            "cannot be judged again: it holds no submission", where="bundle", accepted="a bundle with its submission"
        )
    checks = {check.case.id for check in CATALOGUE}
    recorded = {row.id: row for row in bundle.record.cases}
    procedures = [case for case in PROCEDURES if case.id in recorded]
    with tempfile.TemporaryDirectory(prefix="trialconformance-") as name:
        folder = Path(name)
        _lay_out(inputs, folder)
        _stays_inside(Submission.read(folder / submission), folder.resolve())
        judged = judge_submission(
            folder / submission,
            as_of=as_of or date.fromisoformat(bundle.record.as_of),
            specifications={**bundle.record.specifications, **(specifications or {})},
            procedures=procedures,
            rows=[recorded[case.id] for case in procedures],
            carried=[
                InputFile(role=each.role, name=each.name, path=folder / each.name)
                for each in bundle.record.artefacts
                if each.role in _CARRIED and each.name in inputs
            ],
        )
    record = _with_the_device(bundle.record, judged.record)
    known = checks | {case.id for case in procedures}
    return Replay(
        record=record,
        comparison=compare(bundle.record, record),
        explanations=tuple(_explanations(bundle, set(inputs), sorted(set(recorded) - known))),
    )


def _with_the_device(recorded: Record, judged: Record) -> Record:
    """Rows of a live device are taken over from the record, so what was said of that device is taken over too."""
    known = {each.id for each in judged.assumptions}
    kept = [each for each in recorded.assumptions if each.id in _OF_THE_DEVICE and each.id not in known]
    assumptions = tuple(sorted((*judged.assumptions, *kept), key=lambda each: each.id))
    return judged.model_copy(update={"assumptions": assumptions})


def _explanations(bundle: Bundle, present: set[str], unknown: list[str]) -> list[str]:
    found = []
    if bundle.record.tool.version != __version__:
        found.append(f"judged by version {bundle.record.tool.version}, again by {__version__}")
    away = [each for each in bundle.manifest.withheld if each.name not in present]
    if away:
        found.append(f"withheld and not supplied: {', '.join(each.name for each in away)}")
    if unknown:
        found.append(f"cases of a plugin that is not installed here: {', '.join(unknown)}")
    return found


def _accepted(bundle: Bundle, supplied: Mapping[str, bytes]) -> dict[str, bytes]:
    withheld = {each.name: each for each in bundle.manifest.withheld}
    for name, octets in supplied.items():
        entry = withheld.get(name)
        if entry is None:
            raise UsageError("is not withheld from this bundle", where=name, accepted=", ".join(withheld) or "nothing")
        if entry.digest != (commitment(octets) if entry.commitment else sha256_hex(octets)):
            raise UsageError("is not the file that was judged", where=name, accepted=f"the file with {entry.digest}")
    return dict(supplied)


def _stays_inside(submission: Submission, folder: Path) -> None:
    """Refuse a submission that points at files of the reader's own machine: a bundle may come from anybody."""
    for each in submission.inputs:
        if not each.path.resolve().is_relative_to(folder):
            raise UsageError(
                "names a path outside the bundle",
                where=f"submission: {each.key}",
                accepted="inputs that are in the bundle",
            )


def _lay_out(inputs: Mapping[str, bytes], folder: Path) -> None:
    for name, octets in inputs.items():
        input_path(name)  # refuses a name that would lead out of the folder
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(octets)

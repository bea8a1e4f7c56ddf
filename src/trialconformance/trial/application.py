"""A trial application with everything its requirements are judged by: the one subject of the trial cases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from trialconformance.core import ArtefactError, Finding, UsageError, finding
from trialconformance.core.dsse import PublicKey, read_public_key
from trialconformance.cpl import Comparison, Document
from trialconformance.trial.listing import ListedModel, Listing
from trialconformance.trial.locate import locate
from trialconformance.trial.policy import Limits, Policy
from trialconformance.trial.register import Register
from trialconformance.trial.register_entry import Entry
from trialconformance.trial.register_folder import load_register
from trialconformance.trial.submission import Submission

__all__ = ["TRIAL_APPLICATION", "Application", "read_register_of", "subjects"]

TRIAL_APPLICATION = "trial-application"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Application:
    """A submission, read.

    Args:
        submission: what the manufacturer says.
        as_of: the day at which it is judged.
        policy: the thresholds.
        files: octets of every document and decision that is there, by name.
        ssc_keys: keys of the SSC.
        laboratory_keys: keys of the CPA test laboratory.
        register: the trial register, None where there is none or it cannot be used.
        register_fault: why it cannot be used.
        before: the list before the change.
        after: the list with the trial on it.
        comparison: both lists side by side, for the cases of format invariance.
    """

    submission: Submission
    as_of: date
    policy: Policy
    files: Mapping[str, bytes]
    ssc_keys: tuple[PublicKey, ...] = ()
    laboratory_keys: tuple[PublicKey, ...] = ()
    register: Register | None = None
    register_fault: ArtefactError | None = None
    before: Listing | None = None
    after: Listing | None = None
    comparison: Comparison | None = None

    @property
    def name(self) -> str:
        """Name of the submission."""
        return self.submission.path.name

    @property
    def octets(self) -> bytes:
        """The submission as it was read."""
        return self.submission.octets

    @property
    def limits(self) -> Limits:
        """The limits that hold for this trial."""
        return self.policy.limits(self.submission.overrides)

    @property
    def reference(self) -> str:
        """The trial reference, empty before the SSC has issued one."""
        return self.submission.trial.reference

    @property
    def entry(self) -> Entry | None:
        """The trial's entry of the register."""
        return self.register.entry(self.reference) if self.register and self.reference else None

    @property
    def trial_rows(self) -> tuple[ListedModel, ...]:
        """Rows of the list that carry the trial reference."""
        return self.after.on_trial(self.reference) if self.after and self.reference else ()

    @property
    def own_rows(self) -> tuple[ListedModel, ...]:
        """Rows of the list for the Device Model and firmware of the submission."""
        device, maker = self.submission.device, self.submission.manufacturer
        wanted = (device.type, maker.zigbee_id, device.model_id, device.hardware, device.firmware)
        if self.after is None:
            return ()
        return tuple(
            each
            for each in self.after.models
            if (each.type, each.manufacturer, each.model_id, each.hardware, each.firmware) == wanted
        )

    def file(self, path: Path) -> bytes | None:
        """Octets of a document, None where it is not there."""
        return self.files.get(self.submission.name_of(path))

    def breach(self, key: str, *, expected: str, seen: str) -> Finding:
        """State that an entry of the submission breaks a rule, pointing at its line.

        Args:
            key: dotted path, for example ``trial.quantity``.
            expected: what the rule accepts.
            seen: what stands there.

        Returns:
            The finding.
        """
        return finding(at=locate(self.octets, key), expected=expected, seen=seen)

    def at(self, path: Path, *, expected: str, seen: str) -> Finding:
        """State that a document breaks a rule."""
        return finding(artefact=self.submission.name_of(path), expected=expected, seen=seen)


def subjects(
    submission: Submission,
    *,
    policy: Policy,
    before: Document | None = None,
    after: Document | None = None,
    comparison: Comparison | None = None,
    as_of: date | None = None,
) -> dict[str, list[Any]]:
    """Read what a submission names beside the artefacts of the other domains, and list what there is to judge.

    Args:
        submission: the submission.
        policy: the thresholds.
        before: the list before the change.
        after: the list with the trial on it.
        comparison: both side by side, with the declared change.
        as_of: the day at which to judge; the submission's by default.

    Returns:
        One subject: the application.

    Raises:
        UsageError: a trusted key that is none, or a file that is there but cannot be read.
    """
    try:
        register, fault = read_register_of(submission), None
    except ArtefactError as error:
        register, fault = None, error
    application = Application(
        submission=submission,
        as_of=as_of or submission.as_of,
        policy=policy,
        files=dict(_files(submission)),
        ssc_keys=_keys(submission, submission.trust.ssc),
        laboratory_keys=_keys(submission, submission.trust.laboratory),
        register=register,
        register_fault=fault,
        before=Listing.of(before) if before else None,
        after=Listing.of(after) if after else None,
        comparison=comparison,
    )
    return {TRIAL_APPLICATION: [application]}


def read_register_of(submission: Submission) -> Register | None:
    """Read the register that a submission names.

    Args:
        submission: the submission.

    Returns:
        The register, None where the submission names none.

    Raises:
        ArtefactError: the register's chain is broken, or a state of it is no register document.
        UsageError: it cannot be read.
    """
    folder = submission.artefacts.trial_register
    return load_register(folder, keys=_keys(submission, submission.trust.keeper)) if folder else None


def _files(submission: Submission) -> Iterable[tuple[str, bytes]]:
    for each in submission.inputs:
        if each.role in {"document", "decision"} and each.path.is_file():
            yield each.name, _read(each.path, each.key)


def _keys(submission: Submission, paths: tuple[Path, ...]) -> tuple[PublicKey, ...]:
    return tuple(read_public_key(_read(path, "trust"), where=submission.name_of(path)) for path in paths)


def _read(path: Path, key: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=f"{key}: {path}", accepted="a file") from error

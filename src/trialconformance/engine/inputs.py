"""What a run is given: a whole submission, or bare folders; and what plugins add to either."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from trialconformance.core import Check, Claims, Subject
from trialconformance.engine.files import InputFile, files_below
from trialconformance.smki import KeyStore
from trialconformance.trial import Submission

__all__ = ["Extensions", "Inputs", "SubjectLoader"]

_MAY_BE_MISSING = frozenset({"document", "decision"})  # the requirement that they serve reports it

SubjectLoader = Callable[["Inputs"], Mapping[str, Sequence[Any]]]
"""Loads subjects that the package does not know: kind -> subjects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extensions:
    """What plugins add to a run.

    Args:
        checks: further cases with their checks.
        keystore: a key store to use instead of the one that the submission names.
        cpl_profile: a format profile of the CPL to use instead.
        loaders: loaders of further subjects.
    """

    checks: tuple[Check, ...] = ()
    keystore: KeyStore | None = None
    cpl_profile: Path | None = None
    loaders: tuple[SubjectLoader, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Where the artefacts are, and what steers the judgement.

    Args:
        as_of: day of judgement.
        root: folder to which the names of artefacts are relative.
        captures: files and folders of captured messages.
        keystore: folder of certificates and test keys.
        synthetic_keys: whether the private keys of the synthetic PKI are derived for its certificates.
        acb: EUI-64 of the Access Control Broker, 8 octets.
        smki_profile: name of a shipped certificate profile, or the path of one's own; ``production`` by default.
        cpl_before: the list before the change.
        cpl_after: the list after it.
        cpl_changes: declared changes.
        cpl_profile: a format profile of one's own.
        register: the trial register.
        image: firmware image.
        waivers: ``waivers.toml``.
        claims: the ICS; None where nothing is claimed.
        specifications: versions of specifications by name.
        subject: what is judged.
        submission: the submission, None where bare folders are judged.
        carried: files that belong to the evidence although no case looks at them, for example a sensitivity score.
    """

    as_of: date
    root: Path
    captures: tuple[Path, ...] = ()
    keystore: Path | None = None
    synthetic_keys: bool = False
    acb: bytes | None = None
    smki_profile: str | Path | None = None
    cpl_before: Path | None = None
    cpl_after: Path | None = None
    cpl_changes: Path | None = None
    cpl_profile: Path | None = None
    register: Path | None = None
    image: Path | None = None
    waivers: Path | None = None
    claims: Claims | None = None
    specifications: Mapping[str, str]
    subject: Subject = field(default_factory=Subject)
    submission: Submission | None = None
    carried: tuple[InputFile, ...] = ()

    @classmethod
    def of(cls, submission: Submission, *, as_of: date | None = None) -> Inputs:
        """Take everything from a submission.

        Args:
            submission: the submission.
            as_of: another day of judgement than the submission's.
        """
        named = submission.artefacts
        return cls(
            as_of=as_of or submission.as_of,
            root=submission.folder,
            captures=named.captures,
            keystore=named.keystore,
            synthetic_keys=named.test_keys == "synthetic",
            acb=named.acb,
            smki_profile=named.smki_profile,
            cpl_before=named.cpl_before,
            cpl_after=named.cpl_after,
            cpl_changes=named.cpl_changes,
            cpl_profile=named.cpl_profile,
            register=named.trial_register,
            image=named.image,
            waivers=named.waivers,
            claims=submission.claims,
            specifications=submission.specifications,
            subject=submission.subject,
            submission=submission,
        )

    def name_of(self, path: Path, *, role: str, given: Path) -> str:
        """Name of an input in the record; it says nothing of the machine.

        Args:
            path: where it lies.
            role: what it is.
            given: the file or folder that the caller named, which holds it.

        Returns:
            Its path below the root; for what lies elsewhere the role, the name of what was given and the path below
            that.
        """
        absolute, root = path.absolute(), self.root.absolute()
        if absolute.is_relative_to(root):
            return absolute.relative_to(root).as_posix()
        below = path.relative_to(given) if path.is_relative_to(given) else Path()
        return (Path(role, given.absolute().name) / below).as_posix()

    @property
    def files(self) -> list[InputFile]:
        """Every file that is read, with its role; documents that are not there are left out."""
        judged = [
            InputFile(role=role, name=self.name_of(file, role=role, given=given), path=file)
            for role, given in self._named()
            if given.exists() or role not in _MAY_BE_MISSING
            for file in files_below(given)
        ]
        return [*judged, *self.carried]

    def _named(self) -> list[tuple[str, Path]]:
        if self.submission is not None:
            return [(each.role, each.path) for each in self.submission.inputs]
        single = (
            ("certificate", self.keystore),
            ("cpl-before", self.cpl_before),
            ("cpl-after", self.cpl_after),
            ("cpl-changes", self.cpl_changes),
            ("cpl-profile", self.cpl_profile),
            ("smki-profile", self.smki_profile if isinstance(self.smki_profile, Path) else None),
            ("register", self.register),
            ("image", self.image),
            ("waivers", self.waivers),
        )
        return [("capture", path) for path in self.captures] + [(role, path) for role, path in single if path]

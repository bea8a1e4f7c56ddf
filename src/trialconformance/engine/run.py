"""A run: artefacts, judge and record brought together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

from trialconformance import __version__
from trialconformance.core import (
    Assumption,
    Case,
    CaseRow,
    Check,
    Record,
    Tool,
    UsageError,
    sha256_hex,
)
from trialconformance.cpl.checks import CHECKS as CPL
from trialconformance.engine.applicability import Applicability, version_of
from trialconformance.engine.artefacts import Artefacts
from trialconformance.engine.certificates import CertificateWeights
from trialconformance.engine.files import InputFile, InputFiles
from trialconformance.engine.governance import GOVERNED
from trialconformance.engine.inputs import Extensions, Inputs
from trialconformance.engine.judge import Judge
from trialconformance.engine.listing import catalogue_json
from trialconformance.engine.waivers import read_waivable
from trialconformance.gbcs.checks import CHECKS as GBCS
from trialconformance.smki.checks import CHECKS as SMKI
from trialconformance.trial import Submission
from trialconformance.trial.checks import CHECKS as TRIAL

__all__ = ["CATALOGUE", "Judged", "Run", "judge_submission"]

CATALOGUE: tuple[Check, ...] = (*CPL, *GBCS, *GOVERNED, *SMKI, *TRIAL)
"""Every check of the four domains and of the governance of waivers; procedures are cases of the harness."""

_PRODUCTION = "production"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What came of a run, and what it was made from.

    Args:
        record: the record.
        inputs: octets of every input by name.
        settings: octets of the data that steered the verdict, by name.
        catalogue: the catalogue that the record accounts for, canonical JSON.
    """

    record: Record
    inputs: InputFiles
    settings: Mapping[str, bytes]
    catalogue: bytes

    @property
    def secrets(self) -> Mapping[str, bytes]:
        """Private key files that were used, by name: for a commitment only."""
        return self.inputs.secrets


class Run:
    """A run over some inputs.

    Args:
        inputs: where everything is.
        procedures: the cases that need a live device.
        extensions: what plugins add.
        specifications: versions to judge against instead of those of the submission.
        assumptions: what the verdict rests on beside what the inputs say.

    Raises:
        UsageError: a setting cannot be used.
    """

    def __init__(
        self,
        inputs: Inputs,
        *,
        procedures: Iterable[Case] = (),
        extensions: Extensions | None = None,
        specifications: Mapping[str, str] | None = None,
        assumptions: Iterable[Assumption] = (),
    ) -> None:
        self.inputs = inputs
        self.artefacts = Artefacts(inputs, extensions)
        self.specifications = {**inputs.specifications, **(specifications or {})}
        self._procedures = {case.id: case for case in procedures}
        self._given_assumptions = tuple(assumptions)

    @cached_property
    def judge(self) -> Judge:
        """The judge of the run."""
        version = self.specifications.get("GBCS")
        known = {check.case.id for check in CATALOGUE}
        for check in self.artefacts.extensions.checks:
            if check.case.id in known:
                raise UsageError(f"{check.case.id} is a case of the catalogue", where="extra case", accepted="a new id")
        # A profile that names a case that does not exist holds a slip of the pen that would go unseen.
        self.artefacts.smki_profile.refuse_unknown(frozenset(check.case.id for check in SMKI))
        return Judge(
            self.artefacts,
            checks=(*(check for check in CATALOGUE if check not in GOVERNED), *self.artefacts.extensions.checks),
            procedures=self._procedures.values(),
            applicability=Applicability(
                claims=self.inputs.claims,
                gbcs_version=None if version is None else version_of(version, where="specifications.GBCS"),
                profiles={"smki": CertificateWeights(profile=self.artefacts.smki_profile)},
            ),
            promoted=self.artefacts.policy.promoted,
            waivers=self.artefacts.waivers,
            waivable=read_waivable(),
            waivers_name=self.artefacts.waivers_name,
            as_of=self.inputs.as_of,
        )

    @cached_property
    def catalogue(self) -> bytes:
        """The catalogue that the run accounts for, canonical JSON."""
        return catalogue_json(self.judge.cases)

    def record(self, rows: Iterable[CaseRow]) -> Record:
        """Account for every case.

        Args:
            rows: what became of the cases, in any order; a case without a row counts as lost.

        Returns:
            The record.
        """
        by_id = {row.id: row for row in rows}
        procedures = {case_id: by_id[case_id] for case_id in self._procedures if case_id in by_id}
        if self.artefacts.waivers and procedures:
            by_id |= {row.id: row for row in self.judge.governance(procedures) if by_id.get(row.id, row).selected}
        return Record.account(
            tool=Tool(name="trialconformance", version=__version__, catalogue=sha256_hex(self.catalogue)),
            catalogue=self.judge.cases,
            rows=by_id.values(),
            as_of=self.inputs.as_of.isoformat(),
            subject=self.inputs.subject,
            specifications=self.specifications,
            settings=self.artefacts.setting_digests,
            assumptions=self._assumptions(procedures),
            artefacts=self.artefacts.files.rows,
        )

    def judged(self, record: Record) -> Judged:
        """A record together with what it was made from."""
        return Judged(
            record=record, inputs=self.artefacts.files, settings=self.artefacts.settings, catalogue=self.catalogue
        )

    def _assumptions(self, procedures: Mapping[str, CaseRow]) -> list[Assumption]:
        found = list(self._given_assumptions)
        if self.inputs.cpl_after is not None and (assumed := self.artefacts.cpl_profile.assumption) is not None:
            found.append(assumed)
        if self.inputs.keystore is not None and self.artefacts.smki_profile.name != _PRODUCTION:
            name = self.artefacts.smki_profile.name
            found.append(
                Assumption(
                    id=f"smki-profile-{name}",
                    label="test certificates",
                    text=f"Certificates were judged under the profile {name}, not under the production profile.",
                )
            )
        if self.inputs.synthetic_keys:
            found.append(
                Assumption(
                    id="synthetic-test-keys",
                    label="synthetic test keys",
                    text="Private keys were derived from the published seeds of the synthetic PKI: anybody can make "
                    "these messages. This is no evidence about a real device.",
                )
            )
        if self._procedures and not any(row.verdict.judged for row in procedures.values()):
            found.append(
                Assumption(
                    id="no-live-device",
                    label="static evidence",
                    text="No live device took part: cases that need one were not judged. A CPA Test Laboratory or a "
                    "run with --device could judge them.",
                )
            )
        return found


def judge_submission(
    path: Path,
    *,
    as_of: date | None = None,
    specifications: Mapping[str, str] | None = None,
    procedures: Iterable[Case] = (),
    rows: Iterable[CaseRow] = (),
    carried: Iterable[InputFile] = (),
) -> Judged:
    """Judge a submission without pytest.

    Args:
        path: its ``submission.toml``.
        as_of: another day of judgement than the submission's.
        specifications: versions to judge against instead of the submission's, by name.
        procedures: the cases that need a live device.
        rows: rows of cases that are not judged again, those of procedures in an earlier record for example.
        carried: files that belong to the evidence although no case looks at them.

    Returns:
        The record and what it was made from.

    Raises:
        UsageError: the submission or one of its artefacts cannot be used.
    """
    inputs = replace(Inputs.of(Submission.read(path), as_of=as_of), carried=tuple(carried))
    run = Run(inputs, procedures=procedures, specifications=specifications)
    run.artefacts.load()
    kept = {row.id: row for row in rows}
    judged = [kept.get(case.id) or run.judge.row(case.id) for case in run.judge.cases]
    return run.judged(run.record(judged))

"""The judge: one row for every case, the same row in any order and in any process."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from typing import Any, Protocol

from trialconformance.core import (
    ArtefactError,
    Case,
    CaseRow,
    Check,
    Finding,
    InternalError,
    Severity,
    Span,
    UsageError,
    Verdict,
    stamp,
    verdict_of,
)
from trialconformance.engine.applicability import Applicability
from trialconformance.engine.governance import GOVERNED, GOVERNED_WAIVER, GovernedWaiver, in_order
from trialconformance.engine.waivers import Waivable, Waiver, split

__all__ = ["Judge", "Source"]

_ADDRESS = re.compile(r" at 0x[0-9a-f]+")  # of an object in memory: differs in every process
_NO_DEVICE = "needs a live device; this run was given none"


class Source(Protocol):
    """What there is to judge."""

    def subjects(self, domain: str, kind: str) -> Sequence[Any]:
        """List the subjects of a kind.

        Args:
            domain: domain of the case that asks, for example ``gbcs``.
            kind: kind of subject.

        Returns:
            The subjects; each has ``name`` and ``octets``.
        """

    def missing(self, kind: str) -> str | None:
        """Why a kind that ought to be judged cannot be, None where nothing is wanted."""

    @property
    def digests(self) -> Mapping[str, str]:
        """SHA-256 of every input by its name."""

    def octets(self, name: str) -> bytes | None:
        """Content of an input, None where there is none of that name."""


class Judge:
    """Judges cases one at a time.

    Args:
        source: what there is to judge.
        checks: the checks of the run.
        procedures: the cases that need a live device.
        applicability: what decides whether a case is judged.
        promoted: cases with an assumed basis that fail all the same.
        waivers: the waivers of the submission.
        waivable: what may be waived at all.
        waivers_name: name of the file that holds the waivers.
        as_of: day of judgement.

    Raises:
        InternalError: a check and a procedure decide one case.
    """

    def __init__(
        self,
        source: Source,
        *,
        checks: Iterable[Check],
        applicability: Applicability,
        procedures: Iterable[Case] = (),
        promoted: frozenset[str] = frozenset(),
        waivers: Sequence[Waiver] = (),
        waivable: Waivable,
        waivers_name: str = "",
        as_of: date,
    ) -> None:
        self._source = source
        self._checks = {check.case.id: check for check in (*checks, *GOVERNED)}
        self._procedures = {case.id: case for case in procedures}
        if twice := sorted(set(self._checks) & set(self._procedures)):
            raise InternalError(f"cases that both a check and a procedure decide: {', '.join(twice)}")
        self._applicability = applicability
        self._promoted = promoted
        self._waivers = tuple(waivers)
        self._waivers_name = waivers_name
        self._waivable = waivable
        self._as_of = as_of
        self._in_order = tuple(
            waiver
            for waiver in self._waivers
            if in_order(waiver, self._case(waiver.case), waivable=waivable, as_of=as_of)
        )
        self._cases = tuple(
            sorted(
                (*(check.case for check in self._checks.values()), *self._procedures.values()), key=lambda case: case.id
            )
        )

    @property
    def cases(self) -> tuple[Case, ...]:
        """Every case there is, by id."""
        return self._cases

    def case(self, case_id: str) -> Case:
        """Find a case.

        Args:
            case_id: for example ``GBCS-SEC-004``.

        Raises:
            UsageError: there is none of that id; names the nearest.
        """
        found = self._case(case_id)
        if found is None:
            known = [case.id for case in self._cases]
            nearest = ", ".join(get_close_matches(case_id, known, n=3)) or "see: trialconformance catalogue"
            raise UsageError(f"there is no case {case_id!r}", where="case", accepted=nearest)
        return found

    def _case(self, case_id: str) -> Case | None:
        check = self._checks.get(case_id)
        return self._procedures.get(case_id) if check is None else check.case

    def row(self, case_id: str) -> CaseRow:
        """Judge one case.

        Args:
            case_id: for example ``GBCS-SEC-004``.

        Returns:
            What became of it. A check that breaks makes an ``error`` row; nothing but bad input is raised.

        Raises:
            UsageError: there is no such case, or an input cannot be used.
        """
        case = self.case(case_id)
        if (ruled_out := self.ruled_out(case)) is not None:
            return ruled_out
        if case_id in self._procedures:
            return CaseRow.of(case, Verdict.NOT_APPLICABLE, _NO_DEVICE)
        check = self._checks[case_id]
        return self._judged(check, self._subjects(case))

    def ruled_out(self, case: Case) -> CaseRow | None:
        """The row of a case that is not to be judged, None where it is to be judged."""
        ruling = self._applicability.ruling(case)
        return None if ruling is None else CaseRow.of(case, ruling.verdict, ruling.reason)

    def concluded(
        self,
        case: Case,
        findings: Iterable[Finding],
        *,
        judged: int,
        severity: Severity | None = None,
        aside: Mapping[str, str] | None = None,
    ) -> CaseRow:
        """Conclude a case whose artefacts were all looked at.

        Args:
            case: the case.
            findings: the breaches, complete.
            judged: number of artefacts that were looked at.
            severity: how much the breaches weigh, where that differs from the weight of the case.
            aside: artefacts whose breaches a profile sets aside, with the entry that does so.

        Returns:
            Its row: waivers applied, assumed cases undecided unless the policy promotes them.
        """
        ordered = sorted(findings, key=lambda each: each.order)
        by_profile = {each.artefact: aside[each.artefact] for each in ordered if aside and each.artefact in aside}
        open_findings = [each for each in ordered if each.artefact not in by_profile]
        left, used = split(open_findings, self._in_order, self._source.digests)
        weight = severity or self._applicability.severity(case)
        if ordered and not left:
            reasons = [*sorted(set(by_profile.values())), *(waiver.statement for waiver in used)]
            return CaseRow.of(
                case, Verdict.WAIVED, "; ".join(reasons), severity=weight, judged=judged, findings=ordered
            )
        verdict = verdict_of(findings=len(left), basis=case.basis, promoted=case.id in self._promoted)
        reason = _reason(verdict, findings=left, judged=judged, waived=len(ordered) - len(left))
        return CaseRow.of(case, verdict, reason, severity=weight, judged=judged, findings=ordered)

    def broken(self, case: Case, error: Exception, *, at: str = "") -> CaseRow:
        """The row of a case whose check or procedure broke.

        Args:
            case: the case.
            error: what escaped.
            at: what was being looked at.
        """
        place = f" while {at} was judged" if at else ""
        text = _ADDRESS.sub("", f"{type(error).__name__}: {error}")
        return CaseRow.of(case, Verdict.ERROR, f"the check broke{place}: {text}")

    def _judged(self, check: Check, offered: Sequence[Any]) -> CaseRow:
        case = check.case
        admitted = [subject for subject in offered if case.scope.admits(subject)]
        unjudged = Counter(filter(None, map(case.scope.wants, offered)))
        if not admitted and (wanted := self._source.missing(case.scope.kind) or _lacking(unjudged)):
            return CaseRow.of(case, Verdict.INCONCLUSIVE, wanted, severity=self._applicability.severity(case))
        if not admitted:
            reason = next(filter(None, (case.scope.why_not(subject) for subject in offered)), "")
            return CaseRow.of(
                case, Verdict.NOT_APPLICABLE, reason or f"this run was given nothing of the kind: {case.scope.title}"
            )
        findings: list[Finding] = []
        weights: list[Severity] = []
        aside: dict[str, str] = {}
        for subject in admitted:
            try:
                found = self._stamped(_found(check, subject), case=case, subject=subject)
                weight = self._applicability.weigh(case, subject) if found else None
            except Exception as error:  # noqa: BLE001 -- a broken check must cost its own case only
                return self.broken(case, error, at=subject.name)
            if weight is None or weight.severity is None:
                continue
            findings.extend(found)
            if weight.set_aside:
                aside.update(dict.fromkeys((each.artefact for each in found), weight.set_aside))
            else:
                weights.append(weight.severity)
        heaviest = min(weights, key=list(Severity).index, default=None)
        row = self.concluded(case, findings, judged=len(admitted), severity=heaviest, aside=aside)
        return row.model_copy(update={"reason": f"{row.reason}; {_lacking(unjudged)}"}) if unjudged else row

    def _stamped(self, findings: list[Finding], *, case: Case, subject: Any) -> list[Finding]:
        if not findings:
            return []
        octets = {subject.name: subject.octets}
        for name in {each.artefact for each in findings} - {"", subject.name}:
            if (content := self._source.octets(name)) is not None:
                octets[name] = content
        return stamp(findings, case=case.id, artefact=subject.name, octets=octets)

    def governance(self, procedures: Mapping[str, CaseRow]) -> list[CaseRow]:
        """Judge the waivers once it is known what the procedures found.

        Args:
            procedures: rows of procedures by case id.

        Returns:
            The rows of the ``WAIVER-GOV`` cases.
        """
        subjects = [self._governed(waiver, procedures) for waiver in self._waivers]
        return [self._judged(check, subjects) for check in GOVERNED]

    def _subjects(self, case: Case) -> Sequence[Any]:
        if case.scope.kind == GOVERNED_WAIVER:
            return [self._governed(waiver, {}) for waiver in self._waivers]
        return self._source.subjects(case.domain, case.scope.kind)

    def _governed(self, waiver: Waiver, procedures: Mapping[str, CaseRow]) -> GovernedWaiver:
        """A waiver beside what its case says; judging it again here keeps every row independent of the others."""
        case = self._case(waiver.case)
        row = procedures.get(waiver.case)
        if row is None and case is not None and case.scope.kind != GOVERNED_WAIVER:
            row = self.row(waiver.case)
        # A procedure that was given no device says nothing about its waiver.
        open_question = waiver.case in self._procedures and (row is None or row.reason == _NO_DEVICE)
        digests = self._source.digests
        return GovernedWaiver(
            name=self._waivers_name,
            octets=self._source.octets(self._waivers_name) or b"",
            waiver=waiver,
            case=case,
            known=waiver.artefact_digest in set(digests.values()),
            covers=open_question or any(waiver.covers(each, digests) for each in (row.findings if row else ())),
            judged=open_question or (row is not None and row.verdict.judged),
            waivable=self._waivable,
            as_of=self._as_of,
        )


def _found(check: Check, subject: Any) -> list[Finding]:
    """The findings of a check; an artefact that breaks a rule of its format inside a check is a finding too."""
    findings: list[Finding] = []
    try:
        findings.extend(check(subject))
    except ArtefactError as error:
        span = Span(start=error.offset, length=error.length, path=error.path) if error.offset is not None else None
        findings.append(
            Finding(
                expected=error.expected or "an artefact that can be read",
                seen=error.seen or error.message,
                span=span,
                artefact=error.artefact,
            )
        )
    return findings


def _lacking(unjudged: Counter[str]) -> str:
    """What could not be judged and why, empty where everything could be."""
    return "; ".join(f"{_count(number, 'artefact')} not judged: {text}" for text, number in sorted(unjudged.items()))


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _reason(verdict: Verdict, *, findings: Sequence[Finding], judged: int, waived: int) -> str:
    looked_at = f"{_count(judged, 'artefact')} looked at"
    if verdict is Verdict.PASS:
        return f"{looked_at}, nothing found"
    places = len({each.artefact for each in findings})
    found = f"{looked_at}, {_count(len(findings), 'finding')} in {_count(places, 'artefact')}"
    if waived:
        found += f" besides {_count(waived, 'finding')} set aside"
    return f"{found}; the requirement itself is assumed" if verdict is Verdict.INCONCLUSIVE else found

"""Judging under a profile: every case on every subject, findings that weigh and findings that are waived.

The engine fills records; this is the same judgement for one folder of certificates, without a submission.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from trialconformance.core import ArtefactError, Basis, Case, Check, Finding, Severity, Span, finding, stamp
from trialconformance.smki.certificate import Certificate
from trialconformance.smki.checks import CHECKS
from trialconformance.smki.profile import Profile

__all__ = ["Judge", "Judged"]

_WHOLE = "SMKI-ENC-01"
_KNOWN = frozenset(check.case.id for check in CHECKS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A finding with its weight.

    Args:
        case: the case.
        severity: how much it weighs under the profile.
        finding: what was found, complete.
        waiver: id of the waiver that sets it aside, empty where none does.
    """

    case: Case
    severity: Severity
    finding: Finding
    waiver: str = ""

    @property
    def fatal(self) -> bool:
        """Whether it decides: a finding of severity must that nothing sets aside."""
        return self.severity is Severity.MUST and not self.waiver

    @property
    def assumed(self) -> bool:
        """Whether only an assumption is broken, which never fails a device."""
        return self.case.basis is Basis.ASSUMED


class Judge:
    """Judges subjects under one profile.

    Args:
        profile: the profile.
        checks: the cases to judge, all of this package by default.

    Raises:
        UsageError: the profile names a case that does not exist.
    """

    __slots__ = ("_checks", "profile")

    def __init__(self, profile: Profile, *, checks: Iterable[Check] = CHECKS) -> None:
        profile.refuse_unknown(_KNOWN)
        self.profile = profile
        # Scope, judge and case of each check, taken apart once: this loop runs for every certificate.
        self._checks: dict[str, list[tuple[Callable[[Any], bool], Callable[[Any], Iterable[Finding]], Case]]] = {}
        for check in checks:
            # A case that is off for some kinds only is sorted out when its findings are weighed.
            if profile.severities.get(check.case.id) != "off":
                scope = check.case.scope
                self._checks.setdefault(scope.kind, []).append((scope.admits, check.judge, check.case))

    def judge(self, kind: str, subject: Any) -> tuple[Judged, ...]:
        """Judge one subject.

        Args:
            kind: its kind, for example ``certificate``.
            subject: the subject.

        Returns:
            Findings in the order of their cases.
        """
        judged: list[Judged] = []
        for admits, judge, case in self._checks.get(kind, ()):
            if admits(subject) and (findings := [*judge(subject)]):
                judged.extend(self._weighed(case, subject, findings))
        return tuple(judged)

    def all(self, subjects: Mapping[str, Iterable[Any]]) -> Iterator[tuple[Any, tuple[Judged, ...]]]:
        """Judge every subject of every kind, and give each with its findings."""
        for kind, group in subjects.items():
            for subject in group:
                yield subject, self.judge(kind, subject)

    def unreadable(self, error: ArtefactError, *, name: str, octets: bytes) -> tuple[Judged, ...]:
        """What is to be said of something that is no certificate at all: it breaks SMKI-ENC-01.

        Args:
            error: why it cannot be read.
            name: name of the artefact.
            octets: its octets.
        """
        check = next(each for each in CHECKS if each.case.id == _WHOLE)
        place = Span(start=error.offset or 0, length=error.length, path=error.path)
        found = finding(at=place, expected=error.expected or "one certificate", seen=error.seen or error.message)
        severity = self.profile.severity(check.case) or check.case.severity
        stamped = stamp([found], case=_WHOLE, artefact=name, octets={name: octets})
        return (Judged(case=check.case, severity=severity, finding=stamped[0]),)

    def _weighed(self, case: Case, subject: Any, findings: list[Finding]) -> Iterator[Judged]:
        certificate = subject if isinstance(subject, Certificate) else getattr(subject, "certificate", None)
        severity = self.profile.severity(case, certificate.kind if certificate is not None else None)
        if severity is None:
            return
        waiver = self.profile.waiver(
            case.id, name=subject.name, certificate=certificate, role=getattr(subject, "role", None)
        )
        for each in stamp(findings, case=case.id, artefact=subject.name, octets={subject.name: subject.octets}):
            yield Judged(case=case, severity=severity, finding=each, waiver=waiver.id if waiver is not None else "")

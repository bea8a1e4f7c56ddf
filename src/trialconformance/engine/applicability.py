"""Which cases apply: the specification version, the ICS and the certificate profile decide, and each says why."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from trialconformance.core import Case, Claims, Severity, UsageError, Verdict

__all__ = ["Applicability", "Ruling", "Weight", "Weights", "version_of"]

_VERSION = re.compile(r"[vV]?([0-9]{1,3})\.([0-9]{1,3})(?:\.[0-9]{1,3})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """How a breach in one artefact counts.

    Args:
        severity: how much it weighs, None where the profile turns the case off for this artefact.
        set_aside: which entry of the profile sets it aside, empty where none does.
    """

    severity: Severity | None
    set_aside: str = ""


class Weights(Protocol):
    """A profile that says how much the cases of a domain weigh."""

    @property
    def name(self) -> str:
        """Name of the profile."""

    def severity(self, case: Case) -> Severity | None:
        """How much a case weighs on most artefacts, None where the profile turns it off."""

    def weigh(self, case: Case, subject: Any) -> Weight:
        """How a breach of a case in one artefact counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """Why a case is not judged.

    Args:
        verdict: ``not-applicable`` or ``not-effective``.
        reason: who ruled it out.
    """

    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicability:
    """What decides whether a case is judged.

    Args:
        claims: the ICS of the submission; None where bare folders are judged and nothing is claimed.
        gbcs_version: version judged against, as ``(major, minor)``; None judges every version's cases.
        profiles: profile that weighs the cases, by domain.
    """

    claims: Claims | None = None
    gbcs_version: tuple[int, int] | None = None
    profiles: Mapping[str, Weights]

    def ruling(self, case: Case) -> Ruling | None:
        """Whether something rules a case out.

        Args:
            case: the case.

        Returns:
            What rules it out, None where it is to be judged.
        """
        if self.gbcs_version is not None and not case.effective.covers(self.gbcs_version):
            judged = _written(self.gbcs_version)
            return Ruling(
                verdict=Verdict.NOT_EFFECTIVE,
                reason=f"holds {_period(case)}; this run judges against GBCS {judged}",
            )
        if self.claims is not None and (item := case.scope.ruled_out_by(self.claims)) is not None:
            return Ruling(verdict=Verdict.NOT_APPLICABLE, reason=f"ruled out by the ICS: {item}")
        if self.severity(case) is None:
            profile = self.profiles[case.domain].name
            return Ruling(verdict=Verdict.NOT_APPLICABLE, reason=f"turned off by the profile {profile}")
        return None

    def severity(self, case: Case) -> Severity | None:
        """How much a case weighs in this run.

        Args:
            case: the case.

        Returns:
            The severity of the profile of its domain, else its own; None where the profile turns it off.
        """
        profile = self.profiles.get(case.domain)
        return case.severity if profile is None else profile.severity(case)

    def weigh(self, case: Case, subject: Any) -> Weight:
        """How a breach of a case in one artefact counts.

        Args:
            case: the case.
            subject: the artefact.
        """
        profile = self.profiles.get(case.domain)
        return Weight(severity=case.severity) if profile is None else profile.weigh(case, subject)


def version_of(text: str, *, where: str) -> tuple[int, int]:
    """Read a version of a specification as people write it: ``4.2``, ``V4.2``, ``4.2.1``.

    Args:
        text: the text.
        where: the key or argument that held it, for the error.

    Returns:
        Major and minor version.

    Raises:
        UsageError: it has another form.
    """
    match = _VERSION.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"{text!r} is not a version", where=where, accepted="major.minor, for example 4.2")
    return int(match[1]), int(match[2])


def _written(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"


def _period(case: Case) -> str:
    since, until = case.effective.since, case.effective.until
    parts = [f"from GBCS {_written(since)}" if since else "", f"until GBCS {_written(until)}" if until else ""]
    return " ".join(part for part in parts if part)

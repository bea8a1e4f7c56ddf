"""How a certificate profile weighs breaches, and which known deviations it sets aside by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from trialconformance.core import Case, Severity
from trialconformance.engine.applicability import Weight
from trialconformance.smki import Certificate, Profile

__all__ = ["CertificateWeights"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateWeights:
    """The weights of a certificate profile.

    Args:
        profile: the profile.
    """

    profile: Profile

    @property
    def name(self) -> str:
        """Name of the profile."""
        return self.profile.name

    def severity(self, case: Case) -> Severity | None:
        """How much a case weighs on most certificates, None where the profile turns it off."""
        return self.profile.severity(case)

    def weigh(self, case: Case, subject: Any) -> Weight:
        """How a breach counts in one certificate, or in what was judged with it.

        Args:
            case: the case.
            subject: a certificate, or a subject that holds one as ``certificate``.
        """
        certificate = subject if isinstance(subject, Certificate) else getattr(subject, "certificate", None)
        waiver = self.profile.waiver(
            case.id, name=subject.name, certificate=certificate, role=getattr(subject, "role", None)
        )
        return Weight(
            severity=self.profile.severity(case, None if certificate is None else certificate.kind),
            set_aside="" if waiver is None else f"set aside by the profile {self.name}: {waiver.id} {waiver.title}",
        )

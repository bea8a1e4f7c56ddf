"""Certificate profiles as data: how much each case weighs, which policies are known, which clock holds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints

from trialconformance.core import Severity, UsageError, load_json, read_data
from trialconformance.smki.certificate import CertificateKind

__all__ = ["PROFILES", "Profile", "load_profile"]

PROFILES = ("production", "test-pki")

_Oid = Annotated[str, StringConstraints(pattern=r"^[0-2](\.(0|[1-9][0-9]*))+$")]


class Profile(BaseModel):
    """A certificate profile.

    Args:
        name: name, for example ``production``.
        description: what it is for.
        clock: the moment at which validity is judged, None where the caller gives it.
        policies: known policy identifiers by certificate kind; none for a kind that is not configured.
        severities: how much each case weighs; ``off`` leaves it out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    description: str
    clock: AwareDatetime | None
    policies: dict[CertificateKind, frozenset[_Oid]]
    severities: dict[str, Severity | Literal["off"]]

    def severity(self, case_id: str) -> Severity | None:
        """How much a case weighs.

        Args:
            case_id: for example ``SMKI-ENC-06``.

        Returns:
            The severity, None where the profile turns the case off.

        Raises:
            UsageError: the profile does not know the case.
        """
        severity = self.severities.get(case_id)
        if severity is None:
            raise UsageError(
                f"profile {self.name} gives no severity for {case_id}", accepted=", ".join(sorted(self.severities))
            )
        return None if severity == "off" else severity


def load_profile(name: str = "production", *, file: Path | None = None) -> Profile:
    """Load a profile.

    Args:
        name: ``production`` or ``test-pki``.
        file: a user's own profile instead.

    Returns:
        The profile.

    Raises:
        UsageError: no such profile, or the file is not one.
    """
    if file is None and name not in PROFILES:
        raise UsageError(f"{name!r} is no certificate profile", where="profile", accepted=", ".join(PROFILES))
    source = f"data/profiles/{name}.json"
    octets = read_data("trialconformance.smki", source, override=file)
    return load_json(Profile, octets, where=source if file is None else str(file))

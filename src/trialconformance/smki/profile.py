"""Certificate profiles as data: weights of cases, known policies, anchors, waivers, the clock."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PrivateAttr, StringConstraints

from trialconformance.core import Case, Severity, UsageError, load_json, read_data
from trialconformance.smki.certificate import Certificate, CertificateKind
from trialconformance.smki.path import Anchor, Hierarchy

__all__ = ["PRODUCTION", "PROFILES", "TEST_PKI", "AnchorRow", "Profile", "Waiver", "When", "load_profile"]

PRODUCTION = "production"
TEST_PKI = "test-pki"
PROFILES = (PRODUCTION, TEST_PKI)

_Oid = Annotated[str, StringConstraints(pattern=r"^[0-2](\.(0|[1-9][0-9]*))+$")]
_CaseId = Annotated[str, StringConstraints(pattern=r"^SMKI-[A-Z]{3}-[0-9]{2}$")]
_Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
_Point = Annotated[str, StringConstraints(pattern=r"^04[0-9a-f]{128}$")]
_Hex = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{2})+$")]
_Weight = Severity | Literal["off"]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AnchorRow(_Row):
    """An anchor: a bare key with a name.

    Args:
        name: its name for a person.
        point: public key, 65 octets as lower-case hex.
        subject: DER of its name as lower-case hex, None where any issuer name goes.
        root: whether it is a root; otherwise an issuing CA that is trusted directly.
        hierarchy: ``organisation`` or ``device``, None for either.
        recovered: whether the key was computed from signatures.
    """

    name: str
    point: _Point
    subject: _Hex | None = None
    root: bool
    hierarchy: Hierarchy | None
    recovered: bool = False

    def anchor(self) -> Anchor:
        """The anchor itself."""
        return Anchor(
            name=self.name,
            point=bytes.fromhex(self.point),
            subject=None if self.subject is None else bytes.fromhex(self.subject),
            is_root=self.root,
            hierarchy=self.hierarchy,
            recovered=self.recovered,
        )


class When(_Row):
    """Which artefacts a waiver is for: all that is stated must hold.

    Args:
        sha256: digests of the certificates.
        issuer: the issuer as text, for example ``OU=07, CN=Z1``.
        unit: text of the first OU of the subject.
        signed_by_own_key: whether the certificate is signed with its own key.
        files: names of the files.
        role: role of the Trust Anchor Cell that was filled.
    """

    sha256: frozenset[_Sha256] | None = None
    issuer: str | None = None
    unit: str | None = None
    signed_by_own_key: bool | None = None
    files: frozenset[str] | None = None
    role: int | None = None

    def holds(self, *, name: str, certificate: Certificate | None, role: int | None = None) -> bool:
        """Whether a waiver is for an artefact.

        Args:
            name: name of the artefact.
            certificate: the certificate that was judged, None where there is none.
            role: role of the Trust Anchor Cell that was judged.
        """
        if self.files is not None and name.rpartition("/")[2].lower() not in self.files:
            return False
        if self.role is not None and role != self.role:
            return False
        about_certificate = (self.sha256, self.issuer, self.unit, self.signed_by_own_key)
        return about_certificate == (None,) * 4 or (certificate is not None and self._describes(certificate))

    def _describes(self, certificate: Certificate) -> bool:
        if self.sha256 is not None and certificate.sha256 not in self.sha256:
            return False
        if self.issuer is not None and str(certificate.issuer) != self.issuer:
            return False
        if self.unit is not None and certificate.subject.unit != self.unit:
            return False
        return self.signed_by_own_key in {None, certificate.issued_by(certificate.point)}


class Waiver(_Row):
    """A known deviation that is set aside, and still named wherever it stands.

    Args:
        id: ``W1`` to ``W17``, or an id of the user's own.
        title: what deviates.
        cases: cases whose findings are waived; none where no case is concerned and the entry only explains.
        when: for which artefacts.
    """

    id: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9-]*$")]
    title: str
    cases: frozenset[_CaseId]
    when: When = When()


class Profile(_Row):
    """A certificate profile.

    Args:
        name: name, for example ``production``.
        description: what it is for.
        clock: the moment at which validity is judged, None where the caller gives it.
        policies: known policy identifiers by certificate kind; none for a kind that is not configured.
        severities: weights that differ from the catalogue, for all kinds or by kind; ``off`` leaves a case out.
        anchors: trusted keys.
        waivers: known deviations.
    """

    name: str
    description: str
    clock: AwareDatetime | None = None
    policies: dict[CertificateKind, frozenset[_Oid]] = Field(default_factory=dict)
    severities: dict[_CaseId, _Weight | dict[CertificateKind, _Weight]] = Field(default_factory=dict)
    anchors: tuple[AnchorRow, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    _octets: bytes = PrivateAttr(default=b"")

    @property
    def octets(self) -> bytes:
        """The file it was loaded from, no octets for one made in memory."""
        return self._octets

    def severity(self, case: Case, kind: CertificateKind | None = None) -> Severity | None:
        """How much a case weighs.

        Args:
            case: the catalogue row.
            kind: kind of the certificate in question, None for the weight on most kinds.

        Returns:
            The severity, None where the profile turns the case off.
        """
        weight = self.severities.get(case.id, case.severity)
        if isinstance(weight, dict):
            weight = case.severity if kind is None else weight.get(kind, case.severity)
        return None if weight == "off" else weight

    def waiver(
        self, case_id: str, *, name: str, certificate: Certificate | None, role: int | None = None
    ) -> Waiver | None:
        """The waiver that sets a finding aside.

        Args:
            case_id: case of the finding.
            name: name of the artefact.
            certificate: the certificate that was judged, None where there is none.
            role: role of the Trust Anchor Cell that was judged.

        Returns:
            The first waiver that fits, None where none does.
        """
        return next(
            (
                each
                for each in self.waivers
                if case_id in each.cases and each.when.holds(name=name, certificate=certificate, role=role)
            ),
            None,
        )

    def trusted(self) -> tuple[Anchor, ...]:
        """The anchors, ready for use."""
        return tuple(each.anchor() for each in self.anchors)

    def refuse_unknown(self, known: frozenset[str]) -> None:
        """Refuse a profile that weighs or waives a case that does not exist.

        Raises:
            UsageError: it does.
        """
        named = set(self.severities).union(*(each.cases for each in self.waivers))
        if strangers := sorted(named - known):
            raise UsageError(
                f"profile {self.name} names cases that do not exist: {', '.join(strangers)}",
                accepted=f"{min(known)} to {max(known)} as the catalogue lists them",
            )


def load_profile(name: str = PRODUCTION, *, file: Path | None = None) -> Profile:
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
    profile = load_json(Profile, octets, where=source if file is None else str(file))
    profile._octets = octets  # noqa: SLF001  (kept beside the values, never one of them)
    return profile

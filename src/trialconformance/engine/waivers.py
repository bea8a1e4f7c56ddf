"""Governed waivers: who set aside a breach, why, for which octets and until when.

A waiver that is out of order waives nothing: the breach counts, and a ``WAIVER-GOV`` case says what is wrong with it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from trialconformance.core import Finding, UsageError, load_json, read_data

__all__ = ["Waivable", "Waiver", "WaiverFile", "read_waivable", "read_waivers", "split"]

_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Waiver(BaseModel):
    """One waiver of ``waivers.toml``.

    Args:
        case: id of the case whose breach is set aside.
        clause: source clause of that case, so that nobody waives what he did not read.
        reason: why, for a person.
        owner_role: the role that answers for the risk.
        approver_role: the role that agreed.
        expiry: last day on which it holds.
        artefact_digest: SHA-256 of the artefact whose breach is set aside, 64 lower-case hex digits.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    case: _Text
    clause: _Text
    reason: _Text
    owner_role: _Text
    approver_role: _Text
    expiry: date
    artefact_digest: _Digest

    def covers(self, finding: Finding, digests: Mapping[str, str]) -> bool:
        """Whether it is this breach that is set aside.

        Args:
            finding: a breach as the judge completed it.
            digests: SHA-256 of every input by its name. A breach of a live device is of no input: there the waiver
                is bound to whichever input has its digest, the firmware image in the first place.
        """
        if finding.case != self.case:
            return False
        digest = digests.get(finding.artefact)
        return self.artefact_digest in digests.values() if digest is None else digest == self.artefact_digest

    def in_force(self, as_of: date) -> bool:
        """Whether it still holds on a day."""
        return as_of <= self.expiry

    @property
    def statement(self) -> str:
        """Who set the breach aside and until when, for the record."""
        return (
            f"waived until {self.expiry.isoformat()}, owner {self.owner_role}, approver {self.approver_role}: "
            f"{self.reason}"
        )


class Waivable(BaseModel):
    """What a trial may waive at all.

    Args:
        clause: who says so.
        cases: patterns of case ids.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    clause: str
    cases: tuple[str, ...]

    def allows(self, case_id: str) -> bool:
        """Whether a breach of this case may be waived."""
        return any(fnmatchcase(case_id, pattern) for pattern in self.cases)


class WaiverFile(BaseModel):
    """``waivers.toml``.

    Args:
        waiver: the waivers, each a table ``[[waiver]]``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    waiver: tuple[Waiver, ...] = ()


def read_waivable() -> Waivable:
    """Load what a trial may waive (TR-30: nothing but CPA)."""
    name = "data/waivable.json"
    return load_json(Waivable, read_data("trialconformance.engine", name), where=name)


def read_waivers(octets: bytes, *, where: str) -> tuple[Waiver, ...]:
    """Read ``waivers.toml``.

    Args:
        octets: the file.
        where: its name, for errors.

    Returns:
        The waivers in the order of the file.

    Raises:
        UsageError: no TOML, an unknown key (the nearest known one is named), a key missing or unusable.
    """
    try:
        value = tomllib.loads(octets.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"is not usable TOML: {error}", where=where, accepted="UTF-8 TOML") from error
    try:
        return WaiverFile.model_validate(value).waiver
    except ValidationError as error:
        raise _refusal(error.errors()[0], where) from error


def _refusal(first: Any, where: str) -> UsageError:
    *place, key = first["loc"]
    path = ".".join(str(part) for part in first["loc"])
    if first["type"] != "extra_forbidden":
        return UsageError(f"{path}: {first['msg']}", where=where, accepted="a waiver with " + ", ".join(_known(place)))
    nearest = get_close_matches(str(key), _known(place), n=1)
    hint = f", did you mean {nearest[0]!r}?" if nearest else ""
    return UsageError(f"{path}: unknown key{hint}", where=where, accepted=", ".join(_known(place)))


def _known(place: list[Any]) -> list[str]:
    return list(Waiver.model_fields if place else WaiverFile.model_fields)


def split(
    findings: Iterable[Finding], waivers: Iterable[Waiver], digests: Mapping[str, str]
) -> tuple[list[Finding], list[Waiver]]:
    """Take the waived breaches out.

    Args:
        findings: the breaches of one case.
        waivers: waivers that are in order.
        digests: SHA-256 by artefact name.

    Returns:
        The breaches that nobody set aside, and the waivers that set the others aside.
    """
    candidates = list(waivers)
    left, used = [], set[int]()
    for finding in findings:
        covering = [index for index, waiver in enumerate(candidates) if waiver.covers(finding, digests)]
        if covering:
            used.update(covering)
        else:
            left.append(finding)
    return left, [candidates[index] for index in sorted(used)]

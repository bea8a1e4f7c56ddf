"""The catalogue as a file: one row for every case, canonical JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict

from trialconformance.core import Basis, Case, Severity, canonical_json

__all__ = ["ListedCase", "Listing", "catalogue_json"]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ListedCase(_Row):
    """One case.

    Args:
        id: fixed for ever, for example ``GBCS-SEC-004``.
        domain: first part of the id in lower case.
        title: the requirement in a few words.
        requirement: the requirement in full.
        clause: source clause.
        severity: how much it weighs.
        basis: where it comes from.
        kind: kind of subject that it looks at.
        applies_to: the same for a person.
        since: first GBCS version in which it holds, major and minor; None is open.
        until: last GBCS version in which it holds.
    """

    id: str
    domain: str
    title: str
    requirement: str
    clause: str
    severity: Severity
    basis: Basis
    kind: str
    applies_to: str
    since: tuple[int, int] | None
    until: tuple[int, int] | None

    @classmethod
    def of(cls, case: Case) -> ListedCase:
        """List a case."""
        return cls(
            id=case.id,
            domain=case.domain,
            title=case.title,
            requirement=case.requirement,
            clause=case.clause,
            severity=case.severity,
            basis=case.basis,
            kind=case.scope.kind,
            applies_to=case.scope.title,
            since=case.effective.since,
            until=case.effective.until,
        )


class Listing(_Row):
    """The catalogue.

    Args:
        schema_id: form of the file.
        cases: the cases by id.
    """

    schema_id: Literal["trialconformance-catalogue/1"] = "trialconformance-catalogue/1"
    cases: tuple[ListedCase, ...]


def catalogue_json(cases: Iterable[Case]) -> bytes:
    """Write a catalogue.

    Args:
        cases: the cases, in any order.

    Returns:
        Canonical JSON, sorted by case id.
    """
    listed = tuple(ListedCase.of(case) for case in sorted(cases, key=lambda case: case.id))
    return canonical_json(Listing(cases=listed).model_dump(mode="json"))

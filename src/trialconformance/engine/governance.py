"""WAIVER-GOV: what a waiver must meet before it sets a breach aside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from trialconformance.core import Case, Check, Finding, Scope, check, finding
from trialconformance.engine.waivers import Waivable, Waiver

__all__ = ["GOVERNED", "GOVERNED_WAIVER", "GovernedWaiver", "in_order"]

GOVERNED_WAIVER = "waiver"
_CLAUSE = "house rule: governed waivers"


@dataclass(frozen=True, slots=True, kw_only=True)
class GovernedWaiver:
    """A waiver beside what its case says.

    Args:
        name: name of the file that holds it.
        octets: that file.
        waiver: the waiver.
        case: the case that it names, None where there is none of that id.
        known: whether an input of the run has the digest it names.
        covers: whether there is a breach that it is about.
        judged: whether the case that it names was judged.
        waivable: what may be waived at all.
        as_of: day of judgement.
    """

    name: str
    octets: bytes
    waiver: Waiver
    case: Case | None
    known: bool
    covers: bool
    judged: bool
    waivable: Waivable
    as_of: date


def in_order(waiver: Waiver, case: Case | None, *, waivable: Waivable, as_of: date) -> bool:
    """Whether a waiver may set anything aside.

    Args:
        waiver: the waiver.
        case: the case that it names, None where there is none of that id.
        waivable: what may be waived at all.
        as_of: day of judgement.
    """
    return case is not None and waiver.clause == case.clause and waiver.in_force(as_of) and waivable.allows(waiver.case)


EVERY_WAIVER = Scope(kind=GOVERNED_WAIVER, title="every waiver")
WAIVERS_OF_KNOWN_CASES = Scope(
    kind=GOVERNED_WAIVER, title="every waiver of a known case", admits=lambda each: each.case is not None
)
WAIVERS_OF_KNOWN_ARTEFACTS = Scope(
    kind=GOVERNED_WAIVER, title="every waiver whose case was judged", admits=lambda each: each.judged and each.known
)


@check("WAIVER-GOV-01", clause=_CLAUSE, applies_to=EVERY_WAIVER)
def waiver_names_a_known_case(subject: GovernedWaiver) -> Iterator[Finding]:
    """A waiver names a case of the catalogue."""
    if subject.case is None:
        yield finding(expected="the id of a case in the catalogue", seen=subject.waiver.case)


@check("WAIVER-GOV-02", clause=_CLAUSE, applies_to=WAIVERS_OF_KNOWN_CASES)
def waiver_quotes_the_clause(subject: GovernedWaiver) -> Iterator[Finding]:
    """A waiver quotes the clause of the case that it sets aside."""
    if subject.case is not None and subject.waiver.clause != subject.case.clause:
        yield finding(expected=subject.case.clause, seen=f"{subject.waiver.case}: {subject.waiver.clause}")


@check("WAIVER-GOV-03", clause=_CLAUSE, applies_to=EVERY_WAIVER)
def waiver_is_in_force(subject: GovernedWaiver) -> Iterator[Finding]:
    """A waiver has not expired on the day of judgement."""
    if not subject.waiver.in_force(subject.as_of):
        yield finding(
            expected=f"an expiry no earlier than {subject.as_of.isoformat()}",
            seen=f"{subject.waiver.case}: {subject.waiver.expiry.isoformat()}",
        )


@check("WAIVER-GOV-04", clause=_CLAUSE, applies_to=EVERY_WAIVER)
def waiver_is_used(subject: GovernedWaiver) -> Iterator[Finding]:
    """A waiver is about an artefact of this submission and a case that was judged in this run."""
    if not subject.known:
        yield finding(
            expected="the SHA-256 of an artefact of this submission",
            seen=f"{subject.waiver.case}: {subject.waiver.artefact_digest}",
        )
    elif subject.case is not None and not subject.judged:
        yield finding(expected="a case that was judged", seen=f"{subject.waiver.case} was not judged")


@check("WAIVER-GOV-05", clause=_CLAUSE, applies_to=WAIVERS_OF_KNOWN_ARTEFACTS)
def waived_case_does_not_pass(subject: GovernedWaiver) -> Iterator[Finding]:
    """A waiver sets a breach aside that is really there: once the artefact passes, the waiver goes."""
    if not subject.covers:
        yield finding(expected="a breach to set aside", seen=f"{subject.waiver.case} finds none in this artefact")


@check("WAIVER-GOV-06", clause="SEC modification report, TR-30", applies_to=EVERY_WAIVER)
def trial_waives_cpa_only(subject: GovernedWaiver) -> Iterator[Finding]:
    """A trial sets nothing aside but CPA."""
    if not subject.waivable.allows(subject.waiver.case):
        yield finding(
            expected=f"a case about CPA ({', '.join(subject.waivable.cases)})", seen=f"{subject.waiver.case} is waived"
        )


GOVERNED: tuple[Check, ...] = (
    waiver_names_a_known_case,
    waiver_quotes_the_clause,
    waiver_is_in_force,
    waiver_is_used,
    waived_case_does_not_pass,
    trial_waives_cpa_only,
)

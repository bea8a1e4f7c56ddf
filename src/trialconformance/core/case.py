"""A case is one row of the catalogue; a check is the pure function that judges it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from types import ModuleType
from typing import Any

from trialconformance.core.errors import InternalError
from trialconformance.core.finding import Finding, Severity

__all__ = ["Basis", "Case", "Check", "Claims", "Effective", "Scope", "check", "checks_in"]

_CASE_ID = re.compile(r"[A-Z]+(-[A-Z0-9]+)+-[0-9]{2,3}")


class Basis(StrEnum):
    """Where a requirement comes from; an assumed one never fails a device."""

    SOURCE = "source"
    VECTORS = "vectors"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What the Implementation Conformance Statement (ICS) says of the device.

    Args:
        device_type: physical device type, for example ``HCALCS``.
        use_cases: GBCS use cases claimed, for example ``ECS17b``.
    """

    device_type: str
    use_cases: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effective:
    """The GBCS versions in which a case holds, both ends included; None is open.

    Args:
        since: first version, as ``(major, minor)``.
        until: last version, as ``(major, minor)``.
    """

    since: tuple[int, int] | None = None
    until: tuple[int, int] | None = None

    def covers(self, version: tuple[int, int]) -> bool:
        """Whether the case holds in this GBCS version."""
        return (self.since is None or self.since <= version) and (self.until is None or version <= self.until)


def _every(_: Any) -> bool:
    return True


def _unsaid(_: Any) -> str:
    return ""


def _never(_: Claims) -> str | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a case looks at.

    Args:
        kind: the kind of subject the engine hands over, for example ``gbcs-message``.
        title: the same for a person, for example ``every Response``.
        admits: whether the case concerns this subject of that kind.
        why_not: why the case does not concern a subject that is not admitted, empty where the title says it.
        wants: what is lacking to judge a subject that ought to be admitted, for example a key; empty for any other.
        ruled_out_by: the ICS item that rules the whole case out, or None.
    """

    kind: str
    title: str
    admits: Callable[[Any], bool] = _every
    why_not: Callable[[Any], str] = _unsaid
    wants: Callable[[Any], str] = _unsaid
    ruled_out_by: Callable[[Claims], str | None] = _never


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One row of the catalogue.

    Args:
        id: fixed for ever, for example ``GBCS-SEC-004``.
        title: the requirement in a few words.
        requirement: the requirement in full, as shown to users.
        clause: source clause.
        severity: how much it weighs.
        basis: where it comes from.
        scope: what it looks at.
        effective: GBCS versions in which it holds.
    """

    id: str
    title: str
    requirement: str
    clause: str
    severity: Severity
    basis: Basis
    scope: Scope
    effective: Effective = Effective()

    @property
    def domain(self) -> str:
        """First part of the id in lower case: ``gbcs``, ``smki``, ``cpl`` or ``trial``."""
        return self.id.partition("-")[0].lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A case together with the pure function that judges one subject.

    Args:
        case: the catalogue row.
        judge: ``subject -> findings``; looks at nothing but its subject.
    """

    case: Case
    judge: Callable[[Any], Iterable[Finding]]

    def __call__(self, subject: Any) -> Iterator[Finding]:
        """Judge one subject that the scope admits."""
        yield from self.judge(subject)


def check(
    case_id: str,
    *,
    clause: str,
    applies_to: Scope,
    severity: Severity = Severity.MUST,
    basis: Basis = Basis.SOURCE,
    effective: Effective = Effective(),
) -> Callable[[Callable[[Any], Iterable[Finding]]], Check]:
    """Declare that a function judges a case; its name is the title, its docstring the requirement.

    Args:
        case_id: id of the case, for example ``SMKI-EXT-12``.
        clause: source clause.
        applies_to: what the case looks at.
        severity: how much it weighs.
        basis: where it comes from.
        effective: GBCS versions in which it holds.

    Returns:
        A decorator that turns the function into a ``Check``.

    Raises:
        InternalError: the id has another form, or the function has no docstring.
    """
    if not _CASE_ID.fullmatch(case_id):
        raise InternalError(f"{case_id!r} is not a case id such as GBCS-SEC-004")

    def declare(judge: Callable[[Any], Iterable[Finding]]) -> Check:
        requirement = inspect.cleandoc(judge.__doc__ or "")
        if not requirement:
            raise InternalError(f"{case_id}: the docstring is the requirement text and must not be empty")
        return Check(
            case=Case(
                id=case_id,
                title=judge.__name__.replace("_", " "),
                requirement=" ".join(requirement.split()),
                clause=clause,
                severity=severity,
                basis=basis,
                scope=applies_to,
                effective=effective,
            ),
            judge=judge,
        )

    return declare


def checks_in(*modules: ModuleType) -> tuple[Check, ...]:
    """Collect the checks that modules declare.

    Args:
        modules: modules whose top-level names are looked at.

    Returns:
        The checks, sorted by case id.

    Raises:
        InternalError: an id is declared twice.
    """
    found: dict[str, Check] = {}
    for module in modules:
        for value in vars(module).values():
            if not isinstance(value, Check):
                continue
            if found.setdefault(value.case.id, value) is not value:
                raise InternalError(f"{value.case.id} is declared twice")
    return tuple(found[case_id] for case_id in sorted(found))

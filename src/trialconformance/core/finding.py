"""A finding: where something is, what was expected there and what was seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

__all__ = ["Excerpt", "Finding", "Severity", "Span", "finding"]

_EXCERPT_ROW = 16  # octets a row of a hex dump holds
_EXCERPT_ROWS_AROUND = 1  # rows of context before and after the span
_EXCERPT_LIMIT = 128  # octets of one excerpt, so that a finding on a 4,000 octet payload stays readable


class Severity(StrEnum):
    """How much a case weighs: only ``must`` decides the verdict of a run."""

    MUST = "must"
    SHOULD = "should"
    INFO = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A run of octets in an artefact, with the path of the field that lies there.

    Args:
        start: octets from the start of the artefact.
        length: octets, 0 for "something is missing here".
        path: field path, for example ``grouping_header.cra`` or ``line 6 / FirmwareVersion``.
    """

    start: int
    length: int
    path: str = ""

    @property
    def end(self) -> int:
        """Offset of the first octet after the span."""
        return self.start + self.length


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """The octets around a span, so that a record can be read without its artefacts.

    Args:
        start: octets from the start of the artefact to the first octet shown.
        octets: the octets shown, lower-case hex.
    """

    start: int
    octets: str

    @classmethod
    def around(cls, span: Span, octets: bytes) -> Excerpt:
        """Cut whole 16-octet rows around a span.

        Args:
            span: the octets at fault.
            octets: the whole artefact.

        Returns:
            The rows that hold the span and one row on either side, at most 128 octets.
        """
        first = max(0, span.start // _EXCERPT_ROW - _EXCERPT_ROWS_AROUND) * _EXCERPT_ROW
        last = (max(span.end - 1, span.start) // _EXCERPT_ROW + 1 + _EXCERPT_ROWS_AROUND) * _EXCERPT_ROW
        return cls(start=first, octets=octets[first : min(last, first + _EXCERPT_LIMIT)].hex())


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One breach of one case.

    Args:
        expected: what the requirement accepts, for a person to read.
        seen: what the artefact holds.
        span: the octets at fault, None when the fault has no place in an octet string.
        artefact: name of the artefact; the judge fills it in where a check leaves it empty.
        case: id of the case; filled in by the judge.
        excerpt: octets around the span; filled in by the judge.
    """

    expected: str
    seen: str
    span: Span | None = None
    artefact: str = ""
    case: str = ""
    excerpt: Excerpt | None = None

    @property
    def path(self) -> str:
        """Field path of the span, empty when there is none."""
        return self.span.path if self.span else ""

    @property
    def order(self) -> tuple[str, str, int, str, str, str]:
        """Key that sorts findings the same way in every run."""
        return (self.case, self.artefact, self.span.start if self.span else -1, self.path, self.expected, self.seen)


def finding(*, expected: str, seen: str, at: Span | None = None, artefact: str = "") -> Finding:
    """State a breach inside a check.

    Args:
        expected: what the requirement accepts.
        seen: what the artefact holds.
        at: the octets at fault.
        artefact: name of the artefact where it is not the one the check was given (before/after pairs).

    Returns:
        The finding, without case and excerpt: the judge adds both.
    """
    return Finding(expected=expected, seen=seen, span=at, artefact=artefact)


def stamp(findings: Iterable[Finding], *, case: str, artefact: str, octets: dict[str, bytes]) -> list[Finding]:
    """Complete the findings of one check with what only the judge knows.

    Args:
        findings: findings as a check yields them.
        case: id of the case that was judged.
        artefact: name of the artefact that was judged.
        octets: content by artefact name, for the excerpts.

    Returns:
        The findings in their fixed order.
    """
    stamped = []
    for each in findings:
        name = each.artefact or artefact
        content = octets.get(name)
        excerpt = Excerpt.around(each.span, content) if each.span is not None and content is not None else None
        stamped.append(replace(each, case=case, artefact=name, excerpt=excerpt))
    return sorted(stamped, key=lambda each: each.order)

"""A breach of the structure of a message: the case it breaks, where it is, and whether it can be read over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from trialconformance.core import ArtefactError, Span

__all__ = ["CLAUSES", "Fault"]

CLAUSES: Final = {
    "GBCS-STR-001": "GBCS 7.2",
    "GBCS-STR-002": "GBCS 7.2.5",
    "GBCS-STR-003": "GBCS 7.2.5",
    "GBCS-STR-004": "GBCS 7.2.5",
    "GBCS-STR-005": "GBCS 7.2.5",
    "GBCS-STR-006": "GBCS 4.3.3",
    "GBCS-STR-007": "GBCS 7.2.7",
    "GBCS-STR-008": "GBCS 7.2.7",
    "GBCS-STR-009": "GBCS 7.2.7",
    "GBCS-STR-010": "GBCS 7.2.7",
    "GBCS-STR-011": "GBCS 7.2.7",
    "GBCS-STR-012": "GBCS 7.2.7",
    "GBCS-STR-013": "GBCS 7.2",
    "GBCS-STR-014": "GBCS 7.2.7",
    "GBCS-STR-015": "GBCS 7.2.7",
    "GBCS-STR-016": "GBCS 7.2",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One breach of the structure.

    Args:
        rule: id of the case that it breaks.
        span: the octets at fault.
        expected: what the rule accepts.
        seen: what stands there.
        fatal: whether the message cannot be read with certainty because of it.
    """

    rule: str
    span: Span
    expected: str
    seen: str
    fatal: bool

    def as_error(self, name: str) -> ArtefactError:
        """The same as an error about an artefact."""
        return ArtefactError(
            "the octets are not a GBCS message",
            artefact=name,
            offset=self.span.start,
            length=self.span.length,
            path=self.span.path,
            clause=CLAUSES[self.rule],
            expected=self.expected,
            seen=self.seen,
        )

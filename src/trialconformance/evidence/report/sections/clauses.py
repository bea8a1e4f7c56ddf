"""Coverage by clause: which source clauses were judged, and how that ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from markupsafe import Markup

from trialconformance.core import Record, Verdict
from trialconformance.evidence.report.templating import fill

__all__ = ["build"]


def build(record: Record, inputs: Mapping[str, bytes]) -> Markup | None:  # noqa: ARG001 - from the record alone
    """Show the coverage by clause.

    Args:
        record: the record.
        inputs: octets by artefact name.

    Returns:
        The section, None where the record holds no case.
    """
    clauses: dict[str, list[tuple[str, Verdict]]] = {}
    for row in record.cases:
        clauses.setdefault(row.clause, []).append((row.id, row.verdict))
    if not clauses:
        return None
    rows = [(clause, cases, Counter(verdict for _, verdict in cases)) for clause, cases in sorted(clauses.items())]
    return fill("clauses.html", rows=rows)

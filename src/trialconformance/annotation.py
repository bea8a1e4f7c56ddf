"""Cases and findings as text for people: where, what was expected, what was seen, the octets with the span marked."""

from __future__ import annotations

from collections.abc import Iterator

from trialconformance.core import CaseRow, Finding, HexRow, hex_rows

__all__ = ["finding_lines", "row_text"]

_SHOWN = 5  # findings shown of one case; the record holds them all


def row_text(row: CaseRow) -> str:
    """Write what became of a case, with its first findings.

    Args:
        row: the row of the case.

    Returns:
        Several lines without colour.
    """
    lines = [
        row.requirement,
        f"{row.clause} | severity {row.severity.value} | basis {row.basis.value} | {row.applies_to}",
        f"{row.verdict.value}: {row.reason}",
    ]
    for each in row.findings[:_SHOWN]:
        lines += ["", *finding_lines(each)]
    if (left := len(row.findings) - _SHOWN) > 0:
        lines += ["", f"and {left:,} more in the record"]
    return "\n".join(lines)


def finding_lines(finding: Finding) -> Iterator[str]:
    """Write a finding with the octets around it; those at fault stand in brackets.

    Args:
        finding: the finding as the judge completed it.

    Yields:
        Lines without colour.
    """
    yield f"{finding.artefact}{_place(finding)}"
    yield f"  expected  {finding.expected}"
    yield f"  seen      {finding.seen}"
    for row in hex_rows(finding.excerpt, finding.span):
        yield f"  {row.offset} {_cells(row)} {row.padding} {''.join(octet.text for octet in row.octets)}"


def _place(finding: Finding) -> str:
    if finding.span is None:
        return ""
    start, end, path = finding.span.start, finding.span.end, finding.path
    if finding.span.length == 0:
        octets = f"missing at octet {start}"
    elif finding.span.length == 1:
        octets = f"octet {start}"
    else:
        octets = f"octets {start} to {end - 1}"
    return f", {octets}{f' ({path})' if path else ''}"


def _cells(row: HexRow) -> str:
    """The octets of a row: ``[`` before the first one at fault, ``]`` after the last."""
    text, marked = "", False
    for octet in row.octets:
        opening = octet.marked and not marked
        closing = marked and not octet.marked
        text += "[" if opening else "]" if closing else " "
        text += octet.hex
        marked = octet.marked
    return f"{text}{']' if marked else ' '}"

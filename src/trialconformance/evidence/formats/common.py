"""What every format is written from, and what each of them loses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from trialconformance.core import CaseRow, Finding, Record, hex_rows, place
from trialconformance.evidence.timing import Timing

__all__ = ["DOMAIN_ORDER", "Format", "by_domain", "domain_of", "finding_lines", "moments"]

DOMAIN_ORDER = ("GBCS", "SMKI", "CPL", "TRIAL", "WAIVER")


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One way to write a record.

    Args:
        name: the word for it on the command line.
        file_name: the file it usually goes into.
        media_type: its media type.
        loses: what of the record it cannot carry; the output says so too.
        write: makes the octets; without timing it uses the day of judgement.
    """

    name: str
    file_name: str
    media_type: str
    loses: tuple[str, ...]
    write: Callable[[Record, Timing | None], bytes]


def domain_of(row: CaseRow) -> str:
    """First part of a case id, for example ``GBCS``."""
    return row.id.partition("-")[0]


def by_domain(record: Record) -> dict[str, list[CaseRow]]:
    """Rows of a record by domain, the known domains first."""
    groups: dict[str, list[CaseRow]] = {}
    for row in record.cases:
        groups.setdefault(domain_of(row), []).append(row)
    order = [*(name for name in DOMAIN_ORDER if name in groups), *sorted(set(groups) - set(DOMAIN_ORDER))]
    return {name: groups[name] for name in order}


def finding_lines(row: CaseRow, finding: Finding) -> list[str]:
    """A finding as plain lines: where, expected, seen, and the octets with those at fault in brackets."""
    where = ", ".join(part for part in (finding.artefact or "submission", finding.path, place(finding.span)) if part)
    lines = [f"{where} ({row.clause})", f"  expected: {finding.expected}", f"  seen:     {finding.seen}"]
    for each in hex_rows(finding.excerpt, finding.span):
        cells = " ".join(f"[{octet.hex}]" if octet.marked else f" {octet.hex} " for octet in each.octets)
        lines.append(f"  {each.offset} {cells}")
    return lines


def moments(record: Record, timing: Timing | None) -> tuple[datetime, datetime]:
    """Start and end of a run; midnight (UTC) of the day of judgement where no timing is known."""
    if timing is None:
        day = datetime.fromisoformat(record.as_of).replace(tzinfo=UTC)
        return day, day
    return datetime.fromisoformat(timing.started), datetime.fromisoformat(timing.finished)

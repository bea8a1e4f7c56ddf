"""What page one of the report says, worked out from the record alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from trialconformance.core import Basis, CaseRow, Record, Severity, Verdict
from trialconformance.evidence.report.wording import headline

__all__ = ["DOMAINS", "Bucket", "Domain", "Ground", "Overview", "overview"]

# First part of a case id -> what a reader calls it.
DOMAINS: dict[str, str] = {
    "GBCS": "GBCS messages",
    "SMKI": "SMKI certificates and keys",
    "CPL": "Central Products List",
    "TRIAL": "Trial regime",
    "WAIVER": "Governance of waivers",
    "DEV": "Live device procedures",
    "RISK": "Security risk procedures",
}

_BAR = 1000  # width of the accounting bar in its own units
_LEAST = 6  # a bucket with one case in ten thousand must still be seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """One bucket of the accounting.

    Args:
        verdict: the bucket.
        count: cases in it.
        left: where its part of the bar begins, in thousandths.
        width: width of its part of the bar, in thousandths.
    """

    verdict: Verdict
    count: int
    left: int
    width: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """One line of the coverage table.

    Args:
        title: name of the domain.
        counts: cases by verdict.
        total: cases of the domain.
    """

    title: str
    counts: dict[Verdict, int]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """How many cases rest on one kind of basis, and what became of them.

    Args:
        rows: the cases that were judged.
        counts: the same by verdict.
    """

    rows: tuple[CaseRow, ...]
    counts: dict[Verdict, int]

    @property
    def settled(self) -> int:
        """Cases that passed."""
        return self.counts.get(Verdict.PASS, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Page one.

    Args:
        headline: the verdict explained in one sentence.
        digest: SHA-256 of the canonical record.
        qualifiers: on what the verdict rests besides the cases, in words.
        partial: whether a person left cases out.
        buckets: the accounting, in the fixed order of the verdicts.
        domains: the accounting by domain.
        deciding: rows that keep the run from passing.
        remarks: rows with findings that decide nothing.
        waived: rows covered by a waiver.
        machine: cases proven by machine from the artefacts.
        documentary: cases that show a document is there and complete, not that it is true.
        human: cases that only people can judge, whatever bucket they are in.
        assumed: cases whose requirement is our own reading.
        silent: cases of severity must that were not judged, with the reason.
    """

    headline: str
    digest: str
    qualifiers: tuple[str, ...]
    partial: bool
    buckets: tuple[Bucket, ...]
    domains: tuple[Domain, ...]
    deciding: tuple[CaseRow, ...]
    remarks: tuple[CaseRow, ...]
    waived: tuple[CaseRow, ...]
    machine: Ground
    documentary: Ground
    human: tuple[CaseRow, ...]
    assumed: Ground
    silent: tuple[CaseRow, ...]


def overview(record: Record, *, digest: str, kinds: Mapping[str, str]) -> Overview:
    """Work out page one.

    Args:
        record: the record.
        digest: its SHA-256.
        kinds: how a case is shown, by case id: ``documentary`` for a document that is there and complete, ``human``
            for a judgement that people make; every other case is proven by machine.

    Returns:
        The view; the same for the same record.
    """
    rows = record.cases
    judged = [row for row in rows if row.verdict.judged]
    partial = not all(row.selected for row in rows)
    return Overview(
        headline=headline(record.verdict, partial=partial),
        digest=digest,
        qualifiers=tuple(sorted({each.label for each in record.assumptions})),
        partial=partial,
        buckets=_buckets(record),
        domains=_domains(rows),
        deciding=tuple(row for row in rows if row.selected and _decides(row)),
        remarks=record.remarks,
        waived=tuple(row for row in rows if row.verdict is Verdict.WAIVED),
        machine=_ground(row for row in judged if _ground_of(row, kinds) == "machine"),
        documentary=_ground(row for row in judged if _ground_of(row, kinds) == "documentary"),
        human=tuple(row for row in rows if kinds.get(row.id) == "human"),
        assumed=_ground(row for row in judged if _ground_of(row, kinds) == "assumed"),
        silent=tuple(
            row
            for row in rows
            if not row.verdict.judged and row.severity is Severity.MUST and kinds.get(row.id) != "human"
        ),
    )


def _ground_of(row: CaseRow, kinds: Mapping[str, str]) -> str:
    kind = kinds.get(row.id, "machine")
    return "assumed" if kind == "machine" and row.basis is Basis.ASSUMED else kind


def _decides(row: CaseRow) -> bool:
    if row.verdict in {Verdict.ERROR, Verdict.NOT_RUN}:
        return True
    return row.severity is Severity.MUST and row.verdict in {Verdict.FAIL, Verdict.INCONCLUSIVE}


def _buckets(record: Record) -> tuple[Bucket, ...]:
    total = max(record.accounting["total"], 1)
    present = [(verdict, record.accounting[verdict.value]) for verdict in Verdict]
    widths = [max(_LEAST, count * _BAR // total) if count else 0 for _, count in present]
    # The widest part gives what the rounding and the least widths took.
    widths[widths.index(max(widths))] += _BAR - sum(widths) if any(widths) else 0
    buckets, left = [], 0
    for (verdict, count), width in zip(present, widths, strict=True):
        buckets.append(Bucket(verdict=verdict, count=count, left=left, width=width))
        left += width
    return tuple(buckets)


def _domains(rows: Iterable[CaseRow]) -> tuple[Domain, ...]:
    by_domain: dict[str, Counter[Verdict]] = {}
    for row in rows:
        by_domain.setdefault(row.id.partition("-")[0], Counter())[row.verdict] += 1
    known = [prefix for prefix in DOMAINS if prefix in by_domain]
    others = sorted(set(by_domain) - set(DOMAINS))
    return tuple(
        Domain(title=DOMAINS.get(prefix, prefix), counts=dict(by_domain[prefix]), total=by_domain[prefix].total())
        for prefix in (*known, *others)
    )


def _ground(rows: Iterable[CaseRow]) -> Ground:
    kept = tuple(rows)
    return Ground(rows=kept, counts=dict(Counter(row.verdict for row in kept)))

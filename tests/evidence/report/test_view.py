"""Page one is worked out from the record alone."""

from __future__ import annotations

import pytest

from trialconformance.core import Record, Verdict
from trialconformance.evidence.report.view import overview
from trialconformance.evidence.report.wording import headline

KINDS = {"TRIAL-TR-22": "documentary", "TRIAL-TR-28": "human"}


def test_buckets_add_up(record: Record) -> None:
    """The bar is filled exactly and the counts are those of the accounting."""
    view = overview(record, digest="", kinds=KINDS)
    assert sum(bucket.count for bucket in view.buckets) == record.accounting["total"]
    assert sum(bucket.width for bucket in view.buckets) == 1000
    assert view.buckets[0].left == 0
    assert sum(domain.total for domain in view.domains) == record.accounting["total"]


def test_grounds_do_not_overlap(record: Record) -> None:
    """A judged case is proven by machine, asserted in a document or assumed: one of the three."""
    view = overview(record, digest="", kinds=KINDS)
    grounds = [row.id for ground in (view.machine, view.documentary, view.assumed) for row in ground.rows]
    assert sorted(grounds) == sorted(row.id for row in record.cases if row.verdict.judged)
    assert [row.id for row in view.documentary.rows] == ["TRIAL-TR-22"]
    assert [row.id for row in view.human] == ["TRIAL-TR-28"]
    assert "TRIAL-TR-28" not in [row.id for row in view.silent]


def test_remark_does_not_decide(record: Record) -> None:
    """A failed case of severity should is a remark, not a reason for the verdict."""
    view = overview(record, digest="", kinds=KINDS)
    assert [row.id for row in view.deciding] == ["CPL-FI-003", "GBCS-SEC-004"]
    assert "SMKI-EXT-12" in [row.id for row in view.remarks]


def test_lost_case_decides_whatever_it_weighs(record: Record) -> None:
    """A case that was not run stands among the reasons."""
    lost = tuple(row.model_copy(update={"verdict": Verdict.NOT_RUN}) for row in record.cases)
    assert len(overview(record.model_copy(update={"cases": lost}), digest="", kinds=KINDS).deciding) == len(
        record.cases
    )


@pytest.mark.parametrize(
    ("verdict", "partial", "words"),
    [
        (Verdict.PASS, False, "No case that decides"),
        (Verdict.FAIL, True, "At least one"),
        (Verdict.INCONCLUSIVE, True, "left cases out"),
        (Verdict.INCONCLUSIVE, False, "not settled"),
    ],
)
def test_headline(verdict: Verdict, partial: bool, words: str) -> None:
    """The sentence fits the verdict, and a partial run says that it is partial."""
    assert words in headline(verdict, partial=partial)

"""A row that is judged differently is a fault unless something explains it."""

from __future__ import annotations

from typing import Any

from trialconformance.core import Verdict
from trialconformance.evidence import open_bundle
from trialconformance.evidence.bundle import Bundle
from trialconformance.evidence.compare import compare
from trialconformance.evidence.replay import Replay
from trialconformance.evidence.verify.again import check_again
from trialconformance.evidence.verify.outcome import Outcome


def differing(bundle: Bundle, *, explanations: tuple[str, ...], domain: str) -> Replay:
    """A replay in which every case of a domain ends otherwise."""
    rows = tuple(
        row.model_copy(update={"verdict": Verdict.ERROR}) if row.id.startswith(domain) else row
        for row in bundle.record.cases
    )
    record = bundle.record.model_copy(update={"cases": rows, "as_of": "2022-10-04"})
    return Replay(record=record, comparison=compare(bundle.record, record), explanations=explanations)


def test_unexplained_difference_is_a_fault(workshop: Any) -> None:
    """The CPL's rows belong to step 6, the others and the record itself to step 8."""
    bundle = open_bundle(workshop.bundle(rows=workshop.rows).read_bytes())
    sixth, eighth = check_again(bundle, lambda it: differing(it, explanations=(), domain="CPL-"))
    assert (sixth.outcome, eighth.outcome) == (Outcome.FAILED, Outcome.FAILED)
    assert sixth.notes == ("judged differently: CPL-FI-003, CPL-FI-012",)
    assert eighth.notes == ("the record differs: judged as of 2022-10-03 -> 2022-10-04",)


def test_explained_difference_is_a_gap(workshop: Any) -> None:
    """Withheld inputs or another version of the tool leave the step open."""
    bundle = open_bundle(workshop.bundle(rows=workshop.rows).read_bytes())
    _, eighth = check_again(bundle, lambda it: differing(it, explanations=("withheld: keys",), domain=""))
    assert eighth.outcome is Outcome.GAP
    assert eighth.notes[-1] == "can be explained: withheld: keys"


def test_long_list_of_differences_is_cut(workshop: Any) -> None:
    """Ten cases are named and the others counted."""
    first = workshop.rows[3]
    rows = [(f"GBCS-SEC-{number:03d}", *first[1:]) for number in range(1, 14)]
    bundle = open_bundle(workshop.bundle(rows=rows).read_bytes())
    _, eighth = check_again(bundle, lambda it: differing(it, explanations=(), domain="GBCS-"))
    assert "GBCS-SEC-010 and 3 more" in eighth.notes[0]

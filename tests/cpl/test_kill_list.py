"""Known-bad lists: each is rejected by the check that is meant for it, and a good one by none."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from trialconformance.core import Finding, InternalError, Severity, UsageError
from trialconformance.cpl.checks import CHECKS
from trialconformance.cpl.comparison import Comparison, Delivery
from trialconformance.cpl.draft import InapplicableMutantError, specimen
from trialconformance.cpl.mutant import Edit, Mutant, load_mutants
from trialconformance.cpl.mutation import mutate, rejects, survivors
from trialconformance.cpl.trial_reference import Certified

_FLAG = json.loads((Path(__file__).parent / "data" / "trial-flag.json").read_bytes())
_REJECTED = [Mutant.model_validate(each) for each in _FLAG["rejected"]]
_BY_ID = {check.case.id: check for check in CHECKS}
_IDS = [f"{each.kills}: {each.title}" for each in load_mutants()]


@pytest.mark.parametrize("mutant", load_mutants(), ids=_IDS)
def test_each_mutant_is_killed_by_its_check(compare: Callable[..., Comparison], mutant: Mutant) -> None:
    """The named check has a finding for the mutant, and none for the list it was made of."""
    base = specimen(compare())
    assert rejects(_BY_ID[mutant.kills], mutate(base, mutant))
    if mutant.kills != "CPL-FIW-031":  # the reference itself is longer than any before, which is a warning
        assert not rejects(_BY_ID[mutant.kills], base.comparison())


def test_there_are_67_checks_and_each_has_a_mutant() -> None:
    """The catalogue has the 67 format-invariance checks, and the kill list covers each of them."""
    invariance = {check.case.id for check in CHECKS if check.case.id.startswith("CPL-FI-")}
    assert len(invariance) == 67
    assert invariance <= {mutant.kills for mutant in load_mutants()}


def test_each_finding_on_text_says_where(compare: Callable[..., Comparison], judge: Callable[..., Any]) -> None:
    """Findings of mutants lie inside the file they name."""
    base = specimen(compare())
    for mutant in load_mutants():
        bad = mutate(base, mutant)
        for findings in judge(bad).values():
            for finding in findings:
                document = bad.before if finding.artefact == bad.before.name else bad.after
                if finding.span is not None:
                    assert 0 <= finding.span.start <= finding.span.end <= len(document.octets)
                    assert finding.span.path


@pytest.mark.parametrize("mutant", _REJECTED, ids=[f"{each.kills}: {each.title}" for each in _REJECTED])
def test_each_bad_flag_is_rejected_by_its_rule(compare: Callable[..., Comparison], mutant: Mutant) -> None:
    """The named rule rejects the flag, and not the good one."""
    base = specimen(compare())
    assert rejects(_BY_ID[mutant.kills], mutate(base, mutant))
    assert not rejects(_BY_ID[mutant.kills], base.comparison())


@pytest.mark.parametrize("case", _FLAG["certified"], ids=[each["title"] for each in _FLAG["certified"]])
def test_genuine_references_are_let_through(
    compare: Callable[..., Comparison], judge: Callable[[Comparison], dict[str, list[Finding]]], case: dict[str, Any]
) -> None:
    """What only looks like a trial reads as certified, and no blocking check objects."""
    mutant = Mutant(kills="CPL-TD-03", title=case["title"], edits=tuple(Edit.model_validate(e) for e in case["edits"]))
    comparison = replace(mutate(specimen(compare()), mutant), delivery=Delivery())
    assert isinstance(comparison.decoded(comparison.after, comparison.after.records[-1]), Certified)
    blocking = {check.case.id for check in CHECKS if check.case.severity is Severity.MUST}
    assert not blocking & set(judge(comparison))


def test_a_good_list_has_one_remark(
    compare: Callable[..., Comparison], judge: Callable[[Comparison], dict[str, list[Finding]]]
) -> None:
    """The vector passes every check but one warning: its reference is longer than any before."""
    assert list(judge(compare())) == ["CPL-FIW-031"]


def test_a_list_without_a_trial_makes_no_mutants(compare: Callable[..., Comparison], before_octets: bytes) -> None:
    """Nothing can be made of a list without a declared trial, so FI-079 does not apply and says so."""
    comparison = compare(before_octets)
    with pytest.raises(InapplicableMutantError):
        specimen(comparison)
    assert not _BY_ID["CPL-FI-079"].case.scope.admits(comparison)
    assert "no mutant can be made" in _BY_ID["CPL-FI-079"].case.scope.why_not(comparison)


def test_mutants_of_another_layout_are_left_out(compare: Callable[..., Comparison], profile: Any) -> None:
    """A mutant that the layout cannot have is left out, and the others still die."""
    container = profile.container.model_copy(update={"quote": "'"})
    assert not list(survivors(compare(under=profile.model_copy(update={"container": container})), _BY_ID))
    columns = tuple(column.model_copy(update={"max": None}) for column in profile.columns)
    assert not list(survivors(compare(under=profile.model_copy(update={"columns": columns})), _BY_ID))


def test_mutants_need_the_columns_they_change(compare: Callable[..., Comparison], profile: Any) -> None:
    """A mutant of a column that the list does not have is inapplicable, and so is one of a record."""
    base = specimen(compare())
    for edit in (
        Edit(do="cell", role="nowhere"),
        Edit(do="cell", row="nowhere"),
        Edit(do="cell", role="sc_version", options={"needs": "pattern"}),
    ):
        with pytest.raises(InapplicableMutantError):
            mutate(base, Mutant(kills="CPL-FI-001", title="nothing", edits=(edit,)))


def test_an_unknown_operation_is_our_own_fault(compare: Callable[..., Comparison]) -> None:
    """A kill list that asks for an operation that does not exist is no fault of the list."""
    with pytest.raises(InternalError, match="no operation"):
        mutate(specimen(compare()), Mutant(kills="CPL-FI-001", title="x", edits=(Edit(do="shred"),)))


def test_a_kill_list_of_ones_own(tmp_path: Path) -> None:
    """A user's own kill list is read, and one that is none is refused."""
    file = tmp_path / "mine.json"
    file.write_text(
        json.dumps({"note": "mine", "mutants": [{"kills": "CPL-FI-001", "title": "x", "edits": [{"do": "nothing"}]}]})
    )
    assert [mutant.kills for mutant in load_mutants(file)] == ["CPL-FI-001"]
    file.write_text("{}")
    with pytest.raises(UsageError):
        load_mutants(file)

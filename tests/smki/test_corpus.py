"""The negative corpus: each chain is refused, and by exactly the cases that are named for it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from trialconformance.core import ArtefactError, Basis, Severity, UsageError
from trialconformance.smki.certificate import Certificate
from trialconformance.smki.checks import CHECKS
from trialconformance.smki.corpus import ChainCase, Corpus, load_corpus, make_chain
from trialconformance.smki.issue import SyntheticPki
from trialconformance.smki.lint import Judge, Judged
from trialconformance.smki.prediction import ChainJudge, predict

CASES = load_corpus().cases
_CHAIN_FAMILIES = ("ENC", "TBS", "KEY", "NAM", "EXT", "CHN", "REP")
# Cases that no certificate can break alone, and the case that reports the same certificate too.
_NEVER_ALONE = {
    "SMKI-TBS-03": {"SMKI-TBS-04"},  # 21 octets are not 16
    "SMKI-EXT-02": {"SMKI-EXT-03"},  # an unknown extension is not of the usual set
    "SMKI-EXT-04": {"SMKI-EXT-03"},
    "SMKI-EXT-05": {"SMKI-EXT-03"},  # nor is a set that lacks one
    "SMKI-EXT-10": {"SMKI-EXT-03"},
    "SMKI-EXT-13": {"SMKI-EXT-03"},
    "SMKI-EXT-16": {"SMKI-EXT-03"},
    "SMKI-EXT-26": {"SMKI-EXT-03"},
    "SMKI-EXT-27": {"SMKI-EXT-03"},
    "SMKI-EXT-28": {"SMKI-EXT-03", "SMKI-EXT-27"},
}


def _judged(pki: SyntheticPki, judge: Judge, case: ChainCase) -> tuple[tuple[Judged, ...], int]:
    """What is found in a case, and the predicted status code."""
    made = make_chain(pki, case)
    path = tuple(Certificate.parse(octets, name=f"path-{at}") for at, octets in enumerate(made.path))
    chains = ChainJudge(
        path,
        anchors=made.anchors,
        judge=judge,
        clock=case.clock,
        statuses={hashlib.sha256(made.leaf).hexdigest(): case.status} if case.status else None,
    )
    try:
        leaf = Certificate.parse(made.leaf, name="leaf")
    except ArtefactError as error:
        return judge.unreadable(error, name="leaf", octets=made.leaf), predict(None, chains).status
    siblings = tuple(Certificate.parse(octets, name=f"sibling-{at}") for at, octets in enumerate(made.siblings))
    result = chains.judge(leaf, beside=siblings)
    return tuple(each for _, group in result.findings for each in group), result.predicted.status


def _verdict(found: tuple[Judged, ...]) -> str:
    deciding = [each for each in found if each.fatal]
    if any(not each.assumed for each in deciding):
        return "refuse"
    return "undecided" if deciding else "accept"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_chain_is_judged_by_the_named_cases(pki: SyntheticPki, strict: Judge, case: ChainCase) -> None:
    """A chain of the corpus is refused or accepted as stated, by exactly the cases named, with the status predicted."""
    found, predicted = _judged(pki, strict, case)
    assert {each.case.id for each in found} == case.cases
    assert (_verdict(found), predicted) == (case.verdict, case.predicted)


def test_every_finding_lies_in_the_certificate_it_is_about(pki: SyntheticPki, strict: Judge) -> None:
    """Every finding of the corpus has a place inside the octets of its certificate and says what was expected there."""
    for case in CASES:
        made = make_chain(pki, case)
        sizes = {"leaf": len(made.leaf)} | {f"path-{at}": len(octets) for at, octets in enumerate(made.path)}
        for each in _judged(pki, strict, case)[0]:
            span = each.finding.span
            assert span is not None
            assert 0 <= span.start <= span.end <= sizes[each.finding.artefact]
            assert each.finding.expected
            assert each.finding.seen


def test_corpus_is_as_large_as_promised(data: Callable[[str], Any]) -> None:
    """Chains, messages and lists together hold the 90 cases of the reference, and there are at least 60 more chains."""
    rows = [*data("messages.json"), *data("lists.json")]
    ids = [case.id for case in CASES] + [row["id"] for row in rows if "id" in row]
    assert {int(each[1:4]) for each in ids if each.startswith("N")} == set(range(1, 91))
    assert len(set(ids)) == len(ids)
    assert Counter(each[0] for each in ids)["S"] >= 60


def test_every_case_has_a_chain_that_only_it_reports() -> None:
    """Each certificate and chain case stands alone in some chain; the few that cannot are listed with the reason."""
    families = [check for check in CHECKS if check.case.id.split("-")[1] in _CHAIN_FAMILIES]
    alone = {next(iter(case.cases)) for case in CASES if len(case.cases) == 1}
    for check in families:
        partners = _NEVER_ALONE.get(check.case.id)
        if partners is None:
            assert check.case.id in alone
        else:
            assert any(case.cases == {check.case.id, *partners} for case in CASES), check.case.id


def test_every_must_case_refuses_something_alone() -> None:
    """Without any one case of severity must, some chain of the corpus would be accepted."""
    weights = {check.case.id: check.case.severity for check in CHECKS}
    for check in CHECKS:
        case_id = check.case.id
        if case_id.split("-")[1] not in _CHAIN_FAMILIES or check.case.severity is not Severity.MUST:
            continue
        only = [
            case.id
            for case in CASES
            if {each for each in case.cases if weights[each] is Severity.MUST and each != case_id} == set()
            and case_id in case.cases
        ]
        assert only, case_id


def test_what_is_assumed_refuses_nothing(corpus: Corpus) -> None:
    """A chain that breaks assumed cases only is undecided, never refused and never quietly accepted."""
    assumed = {check.case.id for check in CHECKS if check.case.basis is Basis.ASSUMED}
    must = {check.case.id for check in CHECKS if check.case.severity is Severity.MUST}
    for case in corpus.cases:
        deciding = case.cases & must
        if deciding and deciding <= assumed:
            assert case.verdict == "undecided"


def test_corpus_is_made_the_same_in_every_run(corpus: Corpus) -> None:
    """Two PKIs of the same plan make the same octets for every case."""
    for case in corpus.cases:
        one, other = make_chain(SyntheticPki(), case), make_chain(SyntheticPki(), case)
        assert (one.leaf, one.path, one.siblings) == (other.leaf, other.path, other.siblings)


def test_an_edit_of_what_is_not_there_is_refused(pki: SyntheticPki, corpus: Corpus) -> None:
    """An edit that names an extension or key that does not exist is the caller's fault."""
    step = corpus.cases[0].leaf
    for edit in ({"op": "remove", "name": "basicConstraints"}, {"op": "sign", "key": "nobody"}):
        case = ChainCase.model_validate(
            {"id": "S999", "title": "", "cases": [], "predicted": 0, "leaf": step.model_dump() | {"edits": [edit]}}
        )
        with pytest.raises(UsageError, match=r"there is no extension|no key is called"):
            make_chain(pki, case)

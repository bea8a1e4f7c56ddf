"""Records: full accounting in the same bytes every time."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from trialconformance.core import (
    ArtefactRow,
    Assumption,
    Basis,
    Case,
    CaseRow,
    ExitCode,
    InternalError,
    Record,
    Scope,
    Severity,
    Tool,
    Verdict,
    canonical_json,
    finding,
    overall,
    sha256_hex,
    verdict_of,
)

TOOL = Tool(name="trialconformance", version="0", catalogue="00")
ASSUMED = Assumption(id="cpl-assumed-1", label="assumed format", text="nobody confirmed it")


def case(number: int, severity: Severity = Severity.MUST) -> Case:
    return Case(
        id=f"GBCS-TST-{number:03}",
        title="t",
        requirement="r",
        clause="c",
        severity=severity,
        basis=Basis.SOURCE,
        scope=Scope(kind="thing", title="every thing"),
    )


CATALOGUE = tuple(case(number) for number in range(6))


def account(
    *rows: CaseRow, catalogue: tuple[Case, ...] = CATALOGUE, assumptions: tuple[Assumption, ...] = ()
) -> Record:
    return Record.account(tool=TOOL, catalogue=catalogue, rows=rows, as_of="2026-01-01", assumptions=assumptions)


@given(st.lists(st.sampled_from(list(Verdict)), min_size=6, max_size=6), st.randoms())
def test_every_case_is_in_one_bucket_whatever_the_order(verdicts: list[Verdict], shuffler: random.Random) -> None:
    """The buckets add up to the catalogue, and the order of rows changes no byte."""
    rows = [CaseRow.of(each, verdict, "x") for each, verdict in zip(CATALOGUE, verdicts, strict=True)]
    shuffled = rows[:]
    shuffler.shuffle(shuffled)
    record = account(*rows)
    assert record.to_json() == account(*shuffled).to_json()
    counts = dict(record.accounting)
    assert counts.pop("total") == len(CATALOGUE) == sum(counts.values())
    assert Record.from_json(record.to_json()) == record


def test_a_lost_row_is_not_run_and_fails_the_run() -> None:
    """A case without a result is said to be lost and never looks like a pass."""
    record = account(*(CaseRow.of(each, Verdict.PASS, "x") for each in CATALOGUE[1:]))
    assert record.cases[0].verdict is Verdict.NOT_RUN
    assert record.cases[0].reason == "no result reached the record"
    assert record.exit_code is ExitCode.FAIL


def test_strange_and_double_rows_are_faults_of_the_tool() -> None:
    """A row must be of a case of the catalogue and the only one of it."""
    row = CaseRow.of(CATALOGUE[0], Verdict.PASS, "x")
    with pytest.raises(InternalError, match="two rows"):
        account(row, row)
    with pytest.raises(InternalError, match="not in the catalogue: GBCS-TST-009"):
        account(CaseRow.of(case(9), Verdict.PASS, "x"))


def test_a_pass_never_says_more_than_what_it_rests_on() -> None:
    """Assumptions qualify a pass in words; other verdicts need no such words."""
    rows = [CaseRow.of(each, Verdict.PASS, "x") for each in CATALOGUE]
    assert account(*rows, assumptions=(ASSUMED,)).statement == "pass (assumed format)"
    assert account(*rows).statement == "pass"
    rows[0] = CaseRow.of(CATALOGUE[0], Verdict.FAIL, "x")
    assert account(*rows, assumptions=(ASSUMED,)).statement == "fail"


@pytest.mark.parametrize(
    ("verdict", "code"),
    [
        (Verdict.PASS, ExitCode.PASS),
        (Verdict.WAIVED, ExitCode.PASS),
        (Verdict.INCONCLUSIVE, ExitCode.INCONCLUSIVE),
        (Verdict.FAIL, ExitCode.FAIL),
        (Verdict.ERROR, ExitCode.FAIL),
        (Verdict.NOT_APPLICABLE, ExitCode.FAIL),
    ],
)
def test_the_exit_code_follows_from_the_verdict(verdict: Verdict, code: ExitCode) -> None:
    """A run in which nothing was judged is a failure."""
    only = (CATALOGUE[0],)
    assert account(CaseRow.of(only[0], verdict, "x"), catalogue=only).exit_code is code


def test_lesser_findings_are_remarks() -> None:
    """A finding of severity should does not decide the verdict but is not lost either."""
    lesser = case(0, Severity.SHOULD)
    row = CaseRow.of(lesser, Verdict.FAIL, "x", findings=[finding(expected="a", seen="b")])
    kept = CaseRow.of(CATALOGUE[1], Verdict.PASS, "x")
    record = account(row, kept, catalogue=(lesser, CATALOGUE[1]))
    assert record.verdict is Verdict.PASS
    assert [each.id for each in record.remarks] == [lesser.id]


def test_a_partial_selection_is_never_a_pass() -> None:
    """A case that a person left out makes the run inconclusive at best."""
    rows = [CaseRow.of(each, Verdict.PASS, "x") for each in CATALOGUE[1:]]
    left_out = CaseRow.of(CATALOGUE[0], Verdict.NOT_RUN, "left out", selected=False)
    assert account(left_out, *rows).verdict is Verdict.INCONCLUSIVE


def test_artefacts_are_sorted() -> None:
    """Artefact rows stand in one order whatever order they came in."""
    rows = [ArtefactRow(name=name, role="capture", octets=1, sha256="00") for name in ("b", "a")]
    record = Record.account(tool=TOOL, catalogue=(), rows=(), as_of="2026-01-01", artefacts=rows)
    assert [each.name for each in record.artefacts] == ["a", "b"]


@pytest.mark.parametrize("value", [1.0, [1.0], {"a": (1, 2.0)}])
def test_floats_have_no_canonical_form(value: object) -> None:
    """A record that holds a float is a fault of the tool."""
    with pytest.raises(InternalError, match="floating-point"):
        canonical_json(value)


def test_canonical_json_is_sorted_and_tight() -> None:
    """One form: sorted keys, no spaces, UTF-8, a final line feed."""
    assert canonical_json({"b": [1, {"c": None}], "a": "é"}) == '{"a":"é","b":[1,{"c":null}]}\n'.encode()


def test_what_is_not_a_record_is_refused() -> None:
    """An unknown key makes a file something else."""
    with pytest.raises(ValidationError):
        Record.from_json(b'{"extra": 1}')


def test_the_digest_is_lower_case_hex() -> None:
    """SHA-256 of nothing is a known value."""
    assert sha256_hex(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize(
    ("findings", "basis", "promoted", "verdict"),
    [
        (0, Basis.ASSUMED, True, Verdict.PASS),
        (1, Basis.SOURCE, False, Verdict.FAIL),
        (1, Basis.VECTORS, False, Verdict.FAIL),
        (1, Basis.ASSUMED, False, Verdict.INCONCLUSIVE),
        (1, Basis.ASSUMED, True, Verdict.FAIL),
    ],
)
def test_an_assumption_fails_nobody_unless_the_policy_says_so(
    findings: int, basis: Basis, promoted: bool, verdict: Verdict
) -> None:
    """A finding against an assumption is inconclusive."""
    assert verdict_of(findings=findings, basis=basis, promoted=promoted) is verdict


def test_only_must_cases_decide_but_a_broken_tool_always_does() -> None:
    """A should case that fails is a remark, one that breaks fails the run."""
    passed = (Verdict.PASS, Severity.MUST)
    assert overall([passed, (Verdict.FAIL, Severity.SHOULD)]) is Verdict.PASS
    assert overall([passed, (Verdict.ERROR, Severity.INFO)]) is Verdict.FAIL
    assert overall([passed, (Verdict.NOT_RUN, Severity.INFO)]) is Verdict.FAIL

"""The judge: one row for every case, whatever happens."""

from __future__ import annotations

from typing import Any

import pytest

from trialconformance.core import Case, Claims, InternalError, Severity, UsageError, Verdict
from trialconformance.engine.applicability import Applicability, Weight


def test_good_artefacts_pass(toy: Any) -> None:
    """A case without findings passes and says how much was looked at."""
    row = toy.judge(toy.GOOD, toy.SMALL).row("TOY-FF-01")
    assert (row.verdict, row.judged, row.reason) == (Verdict.PASS, 2, "2 artefacts looked at, nothing found")


def test_a_breach_fails_with_its_octets(toy: Any) -> None:
    """A finding comes back complete: case, artefact, span and the octets around it."""
    row = toy.judge(toy.GOOD, toy.BAD).row("TOY-FF-01")
    (found,) = row.findings
    assert row.verdict is Verdict.FAIL
    assert row.reason == "2 artefacts looked at, 1 finding in 1 artefact"
    assert (found.case, found.artefact, found.span.start) == ("TOY-FF-01", "bad", 1)
    assert found.excerpt.octets == "01ff03"


def test_an_assumed_case_is_undecided(toy: Any) -> None:
    """A breach of an assumption is never a failure."""
    row = toy.judge(toy.BAD).row("TOY-FF-02")
    assert row.verdict is Verdict.INCONCLUSIVE
    assert row.reason.endswith("the requirement itself is assumed")


def test_the_policy_promotes_an_assumed_case(toy: Any) -> None:
    """A policy that promotes an assumed case makes its breach a failure."""
    assert toy.judge(toy.BAD, promoted=frozenset({"TOY-FF-02"})).row("TOY-FF-02").verdict is Verdict.FAIL


def test_a_broken_check_costs_its_own_case_only(toy: Any) -> None:
    """A check that raises makes an error row that names the artefact and holds no address of this process."""
    judge = toy.judge(toy.GOOD, toy.BAD)
    row = judge.row("TOY-FF-03")
    assert row.verdict is Verdict.ERROR
    assert row.reason == "the check broke while bad was judged: RuntimeError: cannot <object>"
    assert judge.row("TOY-FF-01").verdict is Verdict.FAIL


def test_an_unreadable_artefact_is_a_finding(toy: Any) -> None:
    """An artefact that breaks its format inside a check is a finding with its offset; the others are still judged."""
    row = toy.judge(toy.GOOD, toy.BAD).row("TOY-FF-04")
    (found,) = row.findings
    assert (row.verdict, row.judged) == (Verdict.FAIL, 2)
    assert (found.artefact, found.span.start, found.path, found.seen) == ("bad", 1, "body", "FF")


def test_nothing_admitted_is_not_applicable(toy: Any) -> None:
    """A case that admits none of the artefacts says what it would look at."""
    row = toy.judge(toy.GOOD).row("TOY-FF-05")
    assert row.verdict is Verdict.NOT_APPLICABLE
    assert row.reason == "this run was given nothing of the kind: every big thing"


def test_what_was_not_given_leaves_a_case_undecided(toy: Any) -> None:
    """A case that ought to be judged but lacks an input is undecided and says what is wanted."""
    row = toy.judge(toy.GOOD).row("TOY-FF-06")
    assert (row.verdict, row.reason) == (Verdict.INCONCLUSIVE, "no digest was given")


def test_artefacts_that_cannot_be_judged_are_told(toy: Any) -> None:
    """Where a key is lacking for all artefacts the case is undecided; where for some, the row says for how many."""
    keyless = [type(toy.GOOD)(name=f"keyless-{number}", octets=b"") for number in (1, 2)]
    none = toy.judge(*keyless).row("TOY-FF-07")
    assert (none.verdict, none.reason) == (
        Verdict.INCONCLUSIVE,
        "2 artefacts not judged: its key is not at hand",
    )
    some = toy.judge(*keyless, toy.GOOD).row("TOY-FF-07")
    assert (some.verdict, some.reason) == (
        Verdict.PASS,
        "1 artefact looked at, nothing found; 2 artefacts not judged: its key is not at hand",
    )


def test_the_scope_says_why_not(toy: Any) -> None:
    """Where the scope knows why an artefact is none of its business, the row says that."""
    assert toy.judge(toy.GOOD, toy.SMALL).row("TOY-FF-05").reason == "small by decision 7"


def test_the_ics_rules_a_case_out_by_item(toy: Any) -> None:
    """A case ruled out by the ICS says which item did it."""
    claims = Claims(device_type="HCALCS", use_cases=frozenset())
    row = toy.judge(toy.BIG, applicability=Applicability(claims=claims, profiles={})).row("TOY-FF-05")
    assert (row.verdict, row.reason) == (Verdict.NOT_APPLICABLE, "ruled out by the ICS: ECS17b is not claimed")


def test_another_version_is_not_effective(toy: Any) -> None:
    """A case of a later version is not effective, and says from when it holds."""
    row = toy.judge(toy.BAD, applicability=Applicability(gbcs_version=(3, 2), profiles={})).row("TOY-FF-03")
    assert (row.verdict, row.reason) == (
        Verdict.NOT_EFFECTIVE,
        "holds from GBCS 4.0; this run judges against GBCS 3.2",
    )


def test_a_profile_weighs_the_cases_of_its_domain(toy: Any) -> None:
    """A profile lowers a case or turns it off, and its name is said."""

    class Lenient:
        name = "lenient"

        def severity(self, case: Case) -> Severity | None:
            return Severity.INFO if case.id == "TOY-FF-01" else None

        def weigh(self, case: Case, _: Any) -> Weight:
            return Weight(severity=self.severity(case))

    judge = toy.judge(toy.BAD, applicability=Applicability(profiles={"toy": Lenient()}))
    assert judge.row("TOY-FF-01").severity is Severity.INFO
    assert judge.row("TOY-FF-02").reason == "turned off by the profile lenient"


def test_a_profile_weighs_and_sets_aside_by_artefact(toy: Any) -> None:
    """A breach counts as its artefact's weight says: turned off, set aside by name, or with another severity."""
    rotten = type(toy.BAD)(name="rotten", octets=b"\xff")
    spare = type(toy.BAD)(name="spare", octets=b"\xff")

    class ByName:
        name = "by-name"

        def severity(self, _: Case) -> Severity | None:
            return Severity.MUST

        def weigh(self, _: Case, subject: Any) -> Weight:
            return {
                "bad": Weight(severity=Severity.MUST, set_aside="set aside by the profile by-name: W1 known"),
                "rotten": Weight(severity=Severity.SHOULD),
            }.get(subject.name, Weight(severity=None))

    applicability = Applicability(profiles={"toy": ByName()})
    assert toy.judge(spare, applicability=applicability).row("TOY-FF-01").verdict is Verdict.PASS
    waived = toy.judge(toy.BAD, spare, applicability=applicability).row("TOY-FF-01")
    assert (waived.verdict, waived.reason) == (Verdict.WAIVED, "set aside by the profile by-name: W1 known")
    failed = toy.judge(toy.BAD, rotten, applicability=applicability).row("TOY-FF-01")
    assert (failed.verdict, failed.severity, len(failed.findings)) == (Verdict.FAIL, Severity.SHOULD, 2)


def test_a_finding_may_name_another_artefact(toy: Any) -> None:
    """A finding about another input carries the octets of that input."""
    (found,) = toy.judge(toy.BIG, toy.GOOD).row("TOY-FF-05").findings
    assert (found.artefact, found.excerpt.octets) == ("good", "0102")


def test_a_procedure_without_a_device_is_not_applicable(toy: Any) -> None:
    """A case that needs a live device is not passed by a run that has none."""
    row = toy.judge(toy.GOOD).row("RISK-TOY-01")
    assert (row.verdict, row.reason) == (
        Verdict.NOT_APPLICABLE,
        "needs a live device; this run was given none",
    )


def test_an_unknown_case_names_the_nearest(toy: Any) -> None:
    """Asking for a case that does not exist is bad usage."""
    with pytest.raises(UsageError, match="TOY-FF-01"):
        toy.judge().row("TOY-FF-11")
    with pytest.raises(UsageError, match="trialconformance catalogue"):
        toy.judge().row("nothing like it")


def test_cases_are_sorted_and_whole(toy: Any) -> None:
    """The cases of a run are those of the checks, the procedures and the governance of waivers, by id."""
    ids = [case.id for case in toy.judge().cases]
    assert ids == sorted(ids)
    assert {"TOY-FF-01", "RISK-TOY-01", "WAIVER-GOV-06"} <= set(ids)


def test_one_case_has_one_judge(toy: Any) -> None:
    """A case that both a check and a procedure would decide is a fault of this tool."""
    with pytest.raises(InternalError, match="TOY-FF-01"):
        toy.judge(procedures=(toy.CHECKS[2].case,))


def test_rows_do_not_depend_on_the_order(toy: Any) -> None:
    """Judged in any order, by one judge or by many, a case has the same row."""
    one = toy.judge(toy.GOOD, toy.BAD, toy.BIG, waivers=(toy.waiver(),))
    ids = [case.id for case in one.cases]
    expected = {case_id: toy.judge(toy.GOOD, toy.BAD, toy.BIG, waivers=(toy.waiver(),)).row(case_id) for case_id in ids}
    for order in (ids[::-1], ids[3:] + ids[:3], ids):
        assert {case_id: one.row(case_id) for case_id in order} == expected

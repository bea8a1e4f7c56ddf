"""Governed waivers: what they set aside, and what fails a run because of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from trialconformance.core import CaseRow, Finding, UsageError, Verdict
from trialconformance.engine.waivers import Waivable, read_waivable, read_waivers

_GOVERNANCE = tuple(f"WAIVER-GOV-{number:02}" for number in range(1, 7))
_FILE = """
[[waiver]]
case = "RISK-FUZ-01"
clause = "SC 1"
reason = "compensated by the seal"
owner_role = "manufacturer"
approver_role = "SSC"
expiry = 2026-12-31
artefact_digest = "{digest}"
"""


def broken_rules(judge: Any) -> list[str]:
    """Ids of the governance cases that report something."""
    return [case_id for case_id in _GOVERNANCE if judge.row(case_id).findings]


def test_a_waiver_sets_its_breach_aside(toy: Any) -> None:
    """A breach that a waiver in order covers is waived, and the row says who, until when and why."""
    judge = toy.judge(toy.GOOD, toy.BAD, waivers=(toy.waiver(),))
    row = judge.row("TOY-FF-01")
    assert row.verdict is Verdict.WAIVED
    assert row.reason == "waived until 2026-03-01, owner manufacturer, approver SSC: known"
    assert len(row.findings) == 1
    assert broken_rules(judge) == []


def test_a_breach_elsewhere_still_fails(toy: Any) -> None:
    """A waiver is bound to octets: the same breach in another artefact counts."""
    other = type(toy.BAD)(name="other", octets=b"\xff")
    row = toy.judge(toy.BAD, other, waivers=(toy.waiver(),)).row("TOY-FF-01")
    assert row.verdict is Verdict.FAIL
    assert "1 finding in 1 artefact besides 1 finding set aside" in row.reason
    assert len(row.findings) == 2


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({"case": "TOY-FF-09"}, ["WAIVER-GOV-01"]),
        ({"clause": "Toy 2"}, ["WAIVER-GOV-02"]),
        ({"expiry": date(2026, 2, 28)}, ["WAIVER-GOV-03"]),
        ({"artefact_digest": "0" * 64}, ["WAIVER-GOV-04"]),
        ({"case": "TOY-FF-05", "clause": "Toy 5"}, ["WAIVER-GOV-04"]),
        ({"case": "WAIVER-GOV-01", "clause": "house rule: governed waivers"}, ["WAIVER-GOV-04", "WAIVER-GOV-06"]),
    ],
    ids=["unknown case", "wrong clause", "expired", "other octets", "case not judged", "waives the rules of waivers"],
)
def test_a_waiver_out_of_order_fails_the_run(changes: dict[str, Any], rules: list[str], toy: Any) -> None:
    """Each fault of a waiver is reported by its own case, and the waiver sets nothing aside."""
    judge = toy.judge(toy.BAD, waivers=(toy.waiver(**changes),))
    assert broken_rules(judge) == rules
    assert judge.row("TOY-FF-01").verdict is Verdict.FAIL


def test_a_waiver_whose_case_passes_fails_the_run(toy: Any) -> None:
    """Once the artefact passes, its waiver is reported."""
    judge = toy.judge(toy.GOOD, waivers=(toy.waiver(artefact_digest=toy.judge(toy.GOOD)._source.digests["good"]),))
    assert broken_rules(judge) == ["WAIVER-GOV-05"]
    assert judge.row("TOY-FF-01").verdict is Verdict.PASS


def test_a_trial_waives_cpa_only(toy: Any) -> None:
    """A waiver of anything but CPA is reported and sets nothing aside (TR-30)."""
    judge = toy.judge(toy.BAD, waivers=(toy.waiver(),), waivable=Waivable(clause="TR-30", cases=("RISK-*",)))
    assert broken_rules(judge) == ["WAIVER-GOV-06"]
    assert judge.row("TOY-FF-01").verdict is Verdict.FAIL


def test_no_waivers_are_not_applicable(toy: Any) -> None:
    """Without waivers their rules have nothing to look at."""
    assert toy.judge(toy.GOOD).row("WAIVER-GOV-01").verdict is Verdict.NOT_APPLICABLE


def _live(toy: Any, verdict: Verdict, *, findings: int = 0) -> CaseRow:
    breaches = [Finding(expected="a", seen="b", case="RISK-TOY-01", artefact="transcript")] * findings
    return CaseRow.of(toy.LIVE, verdict, "looked at", judged=1, findings=breaches)


@pytest.mark.parametrize(
    ("verdict", "findings", "rules"),
    [(Verdict.FAIL, 1, []), (Verdict.PASS, 0, ["WAIVER-GOV-05"]), (Verdict.ERROR, 0, ["WAIVER-GOV-04"])],
)
def test_waivers_of_procedures_wait_for_their_rows(verdict: Verdict, findings: int, rules: list[str], toy: Any) -> None:
    """A waiver of a live case is judged by what the procedure found, bound to an input of this submission."""
    judge = toy.judge(toy.BAD, waivers=(toy.waiver(case="RISK-TOY-01", clause="SC toy"),))
    assert broken_rules(judge) == []
    rows = judge.governance({"RISK-TOY-01": _live(toy, verdict, findings=findings)})
    assert [row.id for row in rows if row.findings] == rules
    assert [row.id for row in rows] == list(_GOVERNANCE)


def test_a_finding_of_a_live_device_is_waived_by_the_image(toy: Any) -> None:
    """A finding on a live device is waived by a waiver bound to an input of the submission."""
    judge = toy.judge(toy.BAD, waivers=(toy.waiver(case="RISK-TOY-01", clause="SC toy"),))
    breach = Finding(expected="a", seen="b", case="RISK-TOY-01", artefact="transcript")
    assert judge.concluded(toy.LIVE, [breach], judged=1).verdict is Verdict.WAIVED
    stranger = toy.judge(toy.GOOD, waivers=(toy.waiver(case="RISK-TOY-01", clause="SC toy"),))
    assert stranger.concluded(toy.LIVE, [breach], judged=1).verdict is Verdict.FAIL


def test_the_file_is_read() -> None:
    """``waivers.toml`` gives its waivers in order, each valid through its last day."""
    (read,) = read_waivers(_FILE.format(digest="a" * 64).encode(), where="waivers.toml")
    assert (read.case, read.owner_role, read.expiry) == ("RISK-FUZ-01", "manufacturer", date(2026, 12, 31))
    assert read.in_force(read.expiry)
    assert not read.in_force(read.expiry + timedelta(days=1))
    assert read_waivers(b"", where="waivers.toml") == ()


@pytest.mark.parametrize(
    ("octets", "said"),
    [
        (b"\xff", "is not usable TOML"),
        (b"[[waiver", "is not usable TOML"),
        (b"waivers = []", "waivers: unknown key, did you mean 'waiver'?"),
        (b"zzz = 1", "zzz: unknown key (accepted: waiver)"),
        (_FILE.format(digest="A" * 64).encode(), "artefact_digest"),
        ((_FILE.format(digest="a" * 64) + 'aprover_role = "x"').encode(), "did you mean 'approver_role'?"),
        (b'[[waiver]]\ncase = "X"', "Field required (accepted: a waiver with case, clause, reason"),
    ],
)
def test_an_unusable_file_is_refused(octets: bytes, said: str) -> None:
    """No TOML, an unknown key or a missing one: bad input that names the key and the nearest known one."""
    with pytest.raises(UsageError) as caught:
        read_waivers(octets, where="waivers.toml")
    assert said in str(caught.value)
    assert str(caught.value).startswith("waivers.toml: ")


def test_what_a_trial_may_waive_is_data() -> None:
    """The shipped data lets a trial waive the cases of the CPA laboratory and nothing of GBCS, SMKI or the CPL."""
    waivable = read_waivable()
    assert waivable.allows("RISK-FUZ-01")
    assert not any(waivable.allows(case) for case in ("GBCS-SEC-004", "SMKI-EXT-12", "CPL-FI-001", "TRIAL-TR-02"))

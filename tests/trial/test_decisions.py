"""What people decide: held, verified, bound to what they had before them, never taken by software."""

from __future__ import annotations

from datetime import date

import pytest
from trial_bench import SSC, STRANGER, Bench, example

from trialconformance.core import ArtefactError, Verdict, canonical_json, sha256_hex, verdict_of
from trialconformance.core.dsse import sign
from trialconformance.trial.checks import CHECKS
from trialconformance.trial.decision import PAYLOAD_TYPE, Decision, read_decision, sign_decision
from trialconformance.trial.register_entry import Outcome

PATH = "decisions/TR-07.dsse.json"


def _decision(**change: object) -> Decision:
    digest = f"sha256:{sha256_hex(example()['docs/risk-assessment.toml'])}"
    decision = Decision(
        requirement="TR-07",
        id="SSC-EX-112",
        decided=date(2022, 9, 28),
        decided_by="SSC chair",
        outcome=Outcome.APPROVED,
        statement="low enough",
        binds={"risk_assessment": digest},
    )
    return decision.model_copy(update=change)


def test_a_decision_in_order_takes_the_case_out_of_softwares_hands(bench: Bench) -> None:
    """The case does not concern software any more, and says who decided what under which key."""
    bench.write(PATH, sign_decision(_decision(), SSC))
    why = bench.judge()["TRIAL-TR-07"]
    assert isinstance(why, str)
    assert "SSC chair decided SSC-EX-112 on 2022-09-28 (approved)" in why


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"outcome": Outcome.REFUSED}, "a decision in favour"),
        ({"outcome": Outcome.MORE_ASSURANCE}, "a decision in favour"),
        ({"requirement": "TR-14"}, "a decision on TR-07"),
        ({"decided": date(2022, 10, 16)}, "a decision by 2022-10-15"),
        ({"binds": {}}, "a decision on the risk_assessment of this submission"),
        ({"binds": {"risk_assessment": "sha256:" + "0" * 64}}, "a decision on the risk_assessment of this submission"),
    ],
)
def test_a_decision_out_of_order_leaves_the_case_undecided(
    bench: Bench, change: dict[str, object], expected: str
) -> None:
    """Refused, of another requirement, to come, or on another document: a finding, and the verdict is inconclusive."""
    bench.write(PATH, sign_decision(_decision(**change), SSC))
    (finding,) = bench.findings("TR-07")
    assert finding.expected.startswith(expected)
    (case,) = [check.case for check in CHECKS if check.case.id == "TRIAL-TR-07"]
    assert verdict_of(findings=1, basis=case.basis) is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("octets", "seen"),
    [
        (sign_decision(_decision(), STRANGER), "none that is valid"),
        (b"{}", "an object must have exactly the keys"),
        (sign("text/plain", b"{}", SSC).to_json(), "text/plain"),
        (sign(PAYLOAD_TYPE, b"{}", SSC).to_json(), "requirement"),
        (sign(PAYLOAD_TYPE, canonical_json({"requirement": 7}), SSC).to_json(), "requirement"),
    ],
)
def test_what_is_no_signed_decision_decides_nothing(bench: Bench, octets: bytes, seen: str) -> None:
    """A stranger's signature, another form, or another payload is a finding."""
    bench.write(PATH, octets)
    assert any(seen in each.seen for each in bench.findings("TR-07"))


def test_a_decision_is_read_back_with_its_signers() -> None:
    """Reading a signed decision gives it back with the ids of trusted signers, and refuses other payloads by name."""
    held = read_decision(sign_decision(_decision(), SSC), name="d", keys=[SSC.public_key(), STRANGER.public_key()])
    assert held.decision == _decision()
    assert len(held.signed_by) == 1
    with pytest.raises(ArtefactError, match="something else"):
        read_decision(sign("text/plain", b"{}", SSC).to_json(), name="d", keys=[])

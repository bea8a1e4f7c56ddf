"""The risk register, hostile input made from good input, and the commands of this room."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialconformance.cli import main
from trialconformance.core import Case, CaseRow, Finding, Record, Tool, UsageError, Verdict, read_data
from trialconformance.harness import PROCEDURES, Bench
from trialconformance.harness.emulator import Faults
from trialconformance.harness.exchange import exchange
from trialconformance.harness.mutations import bit_flips, payload_mutants, structural_mutants
from trialconformance.harness.opening import open_session
from trialconformance.harness.report import Collector
from trialconformance.harness.risk import RiskRegister, assess
from trialconformance.harness.sensitivity import Sensitivity
from trialconformance.packaged import packaged

_ATTACKS = [case for case in PROCEDURES if case.id.startswith("RISK-")]


def _row(case: Case, verdict: Verdict = Verdict.PASS, findings: int = 0) -> CaseRow:
    found = [Finding(expected="silence", seen="a response") for _ in range(findings)]
    return CaseRow.of(case, verdict, "tested", judged=1, findings=found)


def test_register_has_a_row_for_every_attack() -> None:
    """Every procedure of the risk suite stands in the register once, and the shipped ids say what they are."""
    register = RiskRegister.load()
    assert sorted(each.case for each in register.attacks) == [case.id for case in _ATTACKS]
    assert not register.supplied_by_laboratory
    assert "placeholder" in register.mitigations_source


def test_residual_risk_follows_the_verdict() -> None:
    """A withstood attack leaves the register's residual; a broken or unshown one leaves the unmitigated risk."""
    first, second, third = _ATTACKS[:3]
    report = assess(RiskRegister.load(), [_row(first), _row(second, Verdict.FAIL, findings=2)])
    rows = {each.case: each for each in report.risks}
    assert (rows[first.id].status, rows[first.id].residual) == ("withstood", "low")
    assert (rows[second.id].status, rows[second.id].findings) == ("broken", 2)
    assert rows[second.id].residual == "high"
    assert rows[third.id].status == "not shown"
    assert json.loads(report.to_json())["schema_id"] == "trialconformance-risk/1"


def test_attack_without_a_row_is_refused(tmp_path: Path) -> None:
    """A laboratory's register that lacks an attack of the suite is refused."""
    register = RiskRegister.load()
    shorter = register.model_copy(update={"attacks": register.attacks[1:]})
    path = tmp_path / "register.json"
    path.write_text(shorter.model_dump_json())
    missing = next(case for case in _ATTACKS if case.id == register.attacks[0].case)
    with pytest.raises(UsageError, match=missing.id):
        assess(RiskRegister.load(path), [_row(missing)])


@given(octets=st.binary(min_size=1, max_size=60), budget=st.integers(1, 600))
def test_bit_flips_keep_to_their_budget(octets: bytes, budget: int) -> None:
    """Each mutant differs from the message in one bit, none comes twice, and there are no more than the budget."""
    mutants = [each.octets for each in bit_flips(octets, seed="x", budget=budget)]
    assert len(mutants) == min(budget, 8 * len(octets)) == len(set(mutants))
    for mutant in mutants:
        difference = int.from_bytes(mutant) ^ int.from_bytes(octets)
        assert difference.bit_count() == 1


def test_mutants_are_the_same_every_time(bench: Callable[..., Bench]) -> None:
    """The same seed gives the same mutants; structural ones never give the message itself."""
    opened = bench()
    command = opened.command_for("read")
    assert list(bit_flips(command.octets, seed="a", budget=20)) == list(bit_flips(command.octets, seed="a", budget=20))
    structural = list(structural_mutants(command.octets, budget=500))
    assert command.octets not in {each.octets for each in structural}
    assert len(structural) > 60
    message = opened.message("CS06", image_hash=bytes(32))
    assert list(payload_mutants(message, seed="a", budget=9)) == list(payload_mutants(message, seed="a", budget=9))


def _record(tmp_path: Path, rows: list[CaseRow]) -> Path:
    tool = Tool(name="trialconformance", version="0", catalogue="0" * 64)
    record = Record.account(tool=tool, catalogue=_ATTACKS, rows=rows, as_of="2026-01-01")
    path = tmp_path / "record.json"
    path.write_bytes(record.to_json())
    return path


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [({}, 0), ({0: Verdict.FAIL}, 1), ({0: Verdict.INCONCLUSIVE}, 2)],
)
def test_risk_command(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], verdicts: dict[int, Verdict], code: int
) -> None:
    """``risk`` fills the register in from a record: 0 all withstood, 1 one broken, 2 one not shown."""
    rows = [
        _row(case, verdicts.get(number, Verdict.PASS), findings=int(verdicts.get(number) is Verdict.FAIL))
        for number, case in enumerate(_ATTACKS)
    ]
    record, output = _record(tmp_path, rows), tmp_path / "risk.json"
    assert main(["risk", str(record), "--json", "-o", str(output)]) == code
    assert capfdbinary.readouterr().out == output.read_bytes()
    assert main(["risk", str(record)]) == code
    assert b"withstood" in capfdbinary.readouterr().out


def test_risk_command_refuses_other_files(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """A file that is no record ends with exit code 3."""
    path = tmp_path / "record.json"
    assert main(["risk", str(path)]) == 3
    path.write_text("{}")
    assert main(["risk", str(path)]) == 3
    assert b"is no record" in capfdbinary.readouterr().err


def test_sensitivity_command(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """``sensitivity`` lists for each fault the case that noticed it, as text and as JSON."""
    output = tmp_path / "score.json"
    words = ["sensitivity", "--fault", "accepts-bad-mac"]
    assert main([*words, "--json", "-o", str(output)]) == 0
    score = Sensitivity.model_validate_json(capfdbinary.readouterr().out)
    assert (score.score, score.killed, score.total) == (100, 1, 1)
    assert "GBCS-NEG-001" in score.faults[0].killed_by
    assert output.read_bytes() == score.to_json()
    assert main(["sensitivity", "--fault", "no-such-fault"]) == 3


def test_shipped_score_is_of_this_release() -> None:
    """The score that is shipped names exactly the faults there are, all of them noticed by the case they are for."""
    score = Sensitivity.model_validate_json(read_data("trialconformance", "sensitivity.json"))
    faults = {(each.name, each.written_for) for each in Faults.shipped().faults}
    assert {(each.name, each.written_for) for each in score.faults} == faults
    assert score.complete


def test_gfi_command(tmp_path: Path, bench: Callable[..., Bench], capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """``gfi`` writes each message of a run folder as a capture; octets that are none give exit code 2."""
    octets = bench().command_for("read").octets
    run = tmp_path / "Run_2016-03-01_120000_ECS39a"
    run.mkdir()
    log = run / "a.log"
    log.write_text(octets.hex())
    output = tmp_path / "captures"
    assert main(["gfi", str(run), "-o", str(output)]) == 0
    assert bytes.fromhex((output / "0001.hex").read_text()) == octets
    log.write_text("ab" * 40)
    assert main(["gfi", str(run), "--json"]) == 2
    assert json.loads(capfdbinary.readouterr().out.splitlines()[-1])["messages"][0]["error"]
    log.write_text("nothing")
    assert main(["gfi", str(run)]) == 3


@pytest.mark.parametrize("options", [[], ["--boxed", "--deliver-to", "http://127.0.0.1:9/x"]])
def test_emulator_command_serves_until_interrupted(options: list[str]) -> None:
    """``emulator`` says in one line where it serves, answers there, and ends when it is interrupted."""
    words = [sys.executable, "-m", "trialconformance", "emulator", *options]
    with subprocess.Popen(words, stdout=subprocess.PIPE, env=os.environ | {"NO_COLOR": "1"}) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        assert told["device"] == "00005eef100000a0"
        if not options:
            with open_session(f"tcp:127.0.0.1:{told['port']}", case="GBCS-LIV-001") as opened:
                bench = Bench(opened, Collector(), deadline_ms=1000)
                assert exchange(opened, bench.command_for("read"), deadline_ms=1000).answers
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0


def test_emulator_command_delivers_to_this_machine_only(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """The stand-in does not deliver to another machine."""
    assert main(["emulator", "--boxed", "--deliver-to", "http://192.0.2.1/x"]) == 3
    assert b"this machine" in capfdbinary.readouterr().err


def test_suites_hold_nothing_but_procedures() -> None:
    """Each function of the device and risk suites carries a case and takes a bench."""
    for suite in ("device", "risk"):
        for path in (packaged("suites") / suite).glob("test_*.py"):
            text = path.read_text("utf-8")
            assert text.count("\ndef test_") == text.count("@pytest.mark.case(") == text.count("(bench: Bench)")

"""Procedures: what a test that works with a live device reports becomes the row of its case."""

from __future__ import annotations

import zipfile
from typing import Any

import pytest

from trialconformance.core import Basis, Case, CaseRow, Claims, Effective, ExitCode, Scope, Severity, Verdict
from trialconformance.pytest_shell import state


def _case(number: int, *, basis: Basis = Basis.SOURCE, **changes: Any) -> Case:
    return Case(
        id=f"LIVE-TOY-{number:02}",
        title=f"live case {number}",
        requirement="The device answers.",
        clause="toy",
        severity=Severity.MUST,
        basis=basis,
        scope=Scope(kind="device", title="a live device", ruled_out_by=changes.get("ruled_out_by", lambda _: None)),
        effective=changes.get("effective", Effective()),
    )


def _not_claimed(claims: Claims) -> str | None:
    return "ECS99 is not claimed" if "ECS99" not in claims.use_cases else None


_CASES = (
    *(_case(number) for number in range(1, 8)),
    _case(8, basis=Basis.ASSUMED),
    _case(9, ruled_out_by=_not_claimed),
    _case(10, effective=Effective(since=(9, 0))),
)
_SUITE = """
import pytest
from trialconformance.core import Span

@pytest.mark.case("LIVE-TOY-01")
def test_good(procedure):
    procedure.examined(3)

@pytest.mark.case("LIVE-TOY-02")
def test_breach(procedure):
    procedure.examined()
    procedure.finding(expected="00", seen="FF", at=Span(start=1, length=1, path="status"), octets=bytes([1, 255]))

@pytest.mark.case("LIVE-TOY-03")
def test_breaks(procedure):
    raise OSError("connection reset")

@pytest.mark.case("LIVE-TOY-04")
def test_not_applicable(procedure):
    procedure.not_applicable("the device has no clock")

@pytest.mark.case("LIVE-TOY-05")
def test_inconclusive(procedure):
    procedure.inconclusive("no alert came within 5 s")

@pytest.mark.case("LIVE-TOY-06")
def test_nothing(procedure):
    pass

@pytest.mark.case("LIVE-TOY-07")
def test_skipped(procedure):
    pytest.skip("bench is busy")

@pytest.mark.case("LIVE-TOY-08")
def test_assumed(procedure):
    procedure.examined()
    procedure.finding(expected="a", seen="b")

@pytest.mark.case("LIVE-TOY-09")
def test_ruled_out(procedure):
    raise AssertionError("must not touch the device")

@pytest.mark.case("LIVE-TOY-10")
def test_not_effective(procedure):
    raise AssertionError("must not touch the device")
"""


@pytest.fixture
def rows(bench: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, CaseRow]:
    """The rows of the toy procedures, run beside one shipped suite with a device."""
    monkeypatch.setattr(state, "PROCEDURES", _CASES)
    bench.pytester.makepyfile(test_live=_SUITE)
    result = bench.run("--trial-suite", "cpl", "--device", "plugin")
    assert result.ret == ExitCode.FAIL
    assert "Traceback" not in result.stdout.str()
    return {row.id: row for row in bench.record.cases if row.id.startswith("LIVE-")}


def test_procedures_become_rows(rows: dict[str, CaseRow]) -> None:
    """Each way for a procedure to end has its verdict, and none of them is a silent pass."""
    assert {case_id[-2:]: (row.verdict, row.reason) for case_id, row in rows.items()} == {
        "01": (Verdict.PASS, "3 artefacts looked at, nothing found"),
        "02": (Verdict.FAIL, "1 artefact looked at, 1 finding in 1 artefact"),
        "03": (Verdict.ERROR, "the check broke: OSError: connection reset"),
        "04": (Verdict.NOT_APPLICABLE, "the device has no clock"),
        "05": (Verdict.INCONCLUSIVE, "no alert came within 5 s"),
        "06": (Verdict.INCONCLUSIVE, "the procedure looked at nothing"),
        "07": (Verdict.INCONCLUSIVE, "skipped: bench is busy"),
        "08": (
            Verdict.INCONCLUSIVE,
            "1 artefact looked at, 1 finding in 1 artefact; the requirement itself is assumed",
        ),
        "09": (Verdict.NOT_APPLICABLE, "ruled out by the ICS: ECS99 is not claimed"),
        "10": (Verdict.NOT_EFFECTIVE, "holds from GBCS 9.0; this run judges against GBCS 3.2"),
    }


def test_a_breach_of_a_device_has_its_octets(rows: dict[str, CaseRow]) -> None:
    """A finding of a procedure carries the octets that the procedure handed over."""
    (found,) = rows["LIVE-TOY-02"].findings
    assert (found.artefact, found.path) == ("transcript", "status")
    assert found.excerpt is not None
    assert found.excerpt.octets == "01ff"


def test_an_emulator_is_called_one(bench: Any) -> None:
    """Whatever passes on the emulator is no statement about a real device, and the verdict says so."""
    result = bench.run("--trial-suite", "device", "--device", "emulator", "-k", "GBCS-CTR")
    assert result.ret == ExitCode.INCONCLUSIVE
    assert "emulated device" in {each.label for each in bench.record.assumptions}
    assert [row.id for row in bench.record.cases if row.verdict is Verdict.FAIL] == []
    assert [row.name for row in bench.record.artefacts if row.role == "sensitivity"] == ["sensitivity.json"]


def test_transcripts_of_this_run_are_in_its_bundle(bench: Any) -> None:
    """What procedures leave travels in the bundle; what an earlier run left does not."""
    stale = bench.evidence / "transcripts" / "STALE-01.json"
    stale.parent.mkdir(parents=True)
    stale.write_text("{}")
    bench.run("--trial-suite", "device", "--device", "emulator", "-k", "GBCS-CTR-002")
    with zipfile.ZipFile(bench.evidence / "bundle.zip") as bundle:
        names = [name for name in bundle.namelist() if "transcripts/" in name]
    assert len(names) == 1
    assert names[0].endswith("transcripts/GBCS-CTR-002.json")
    assert not stale.exists()


def test_without_a_device_no_procedure_is_judged(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run without a device says so for every live case, and its verdict is called static evidence."""
    monkeypatch.setattr(state, "PROCEDURES", _CASES)
    assert bench.run().ret == ExitCode.PASS
    row = next(row for row in bench.record.cases if row.id == "LIVE-TOY-01")
    assert (row.verdict, row.reason) == (Verdict.NOT_APPLICABLE, "needs a live device; this run was given none")
    assert "static evidence" in bench.record.statement

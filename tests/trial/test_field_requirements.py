"""Requirements that look at devices in the field, at the end of the trial, and at service levels."""

from __future__ import annotations

from datetime import date

import pytest
from field_bench import device, registered, report_of
from trial_bench import CERTIFIED_ROW, KEEPER, REFERENCE, Bench

from trialconformance.trial.closure import ClosedDevice, ClosureProof, Route, Target
from trialconformance.trial.field import FieldReport
from trialconformance.trial.performance import Measurement, performance_report
from trialconformance.trial.register import RegisterDocument, sign_state
from trialconformance.trial.register_entry import Closure, ClosureOutcome, Entry, TrialState

DAY = date(2023, 1, 2)


def _register(bench: Bench, day: date, **change: object) -> Entry:
    """Replace the register of the example by one state with the trial, changed."""
    for path in (bench.folder / "register").iterdir():
        path.unlink()
    sponsor = {"party": "EX-SUPPLIER", "role": "ImportSupplier"}
    decision = {"id": "D", "date": "2022-09-28", "outcome": "approved"}
    entry = registered(day, **change).entry(REFERENCE)
    assert entry is not None
    entry = Entry.model_validate(
        entry.model_dump(mode="json") | {"sponsor_supplier": sponsor, "ssc_decision": decision}
    )
    document = RegisterDocument(as_of=day, entries=(entry,))
    bench.write("register/state-000001.dsse.json", sign_state(document, KEEPER))
    return entry


def _name(bench: Bench, key: str, file: str) -> None:
    bench.edit("[documents]", f'[documents]\n{key} = "{file}"')


def _field(bench: Bench, count: int, **change: object) -> FieldReport:
    """Put a field report into the submission."""
    folder = bench.folder / "inventory"
    folder.mkdir(exist_ok=True)
    (folder / "extract.json").unlink(missing_ok=True)
    report = report_of(folder, (device(number) for number in range(count)), **change)
    bench.write("reports/field-report.json", report.to_json())
    return report


def test_an_active_trial_is_reported(bench: Bench) -> None:
    """Once devices may be in the field a report is wanted; one from a whole inventory meets it."""
    _register(bench, DAY)
    assert bench.broken(as_of=DAY) == {"TR-13"}
    _name(bench, "field_report", "reports/field-report.json")
    _field(bench, 100)
    assert bench.broken(as_of=DAY) == set()


@pytest.mark.parametrize(("day", "late"), [(date(2023, 1, 9), 0), (date(2023, 1, 10), 1), (date(2023, 1, 1), 1)])
def test_a_report_has_its_day(bench: Bench, day: date, late: int) -> None:
    """Seven days old is in time, eight is not, and neither is one of tomorrow."""
    _register(bench, date(2023, 1, 1))
    _name(bench, "field_report", "reports/field-report.json")
    _field(bench, 1)
    assert len(bench.findings("TR-13", as_of=day)) == late


def test_too_many_devices_break_the_number_and_nothing_else(bench: Bench) -> None:
    """101 devices in the field are a finding of TR-02; the report itself is in order."""
    _register(bench, DAY)
    _name(bench, "field_report", "reports/field-report.json")
    _field(bench, 101)
    assert bench.broken(as_of=DAY) == {"TR-02"}


def test_devices_after_the_end_break_the_end(bench: Bench) -> None:
    """Overdue devices and late installations are findings of TR-33, beside a row that is still active."""
    day = date(2023, 10, 2)
    _register(bench, day)
    _name(bench, "field_report", "reports/field-report.json")
    _field(bench, 1, as_of=day, drawn=day, register=registered(day))
    assert bench.broken(as_of=day) == {"TR-03", "TR-33"}
    bench.edit("5,Active,HCALCS", "5,Expired,HCALCS", file="cpl/after.csv")
    assert [each.seen for each in bench.findings("TR-33", as_of=day)] == ["overdue"]


def test_other_breaches_faults_and_parts_break_the_report(bench: Bench) -> None:
    """Devices outside the allow-list, a bad row and a partial inventory are findings of TR-13."""
    _register(bench, DAY)
    _name(bench, "field_report", "reports/field-report.json")
    report = _field(bench, 1, allowlist=frozenset())
    assert [each.seen for each in bench.findings("TR-13", as_of=DAY)] == ["outside-allowlist"]
    partial = report.coverage.model_copy(update={"whole": False, "reason": "a part"})
    changed = report.model_copy(update={"coverage": partial, "problem_counts": {"bad-eui": 2}, "trials": ()})
    bench.write("reports/field-report.json", changed.to_json())
    assert [each.seen for each in bench.findings("TR-13", as_of=DAY)] == ["none", "a part", "bad-eui: 2"]
    bench.write("reports/field-report.json", b'{"schema": "other"}')
    assert bench.broken(as_of=DAY) == {"TR-13"}


def _proof(**change: object) -> ClosureProof:
    exchanged = ClosedDevice(pseudonym="", route=Route.EXCHANGE, status="Withdrawn", firmware="", reason="gone")
    upgraded = ClosedDevice(pseudonym="", route=Route.OTA, status="Commissioned", firmware="00000C01", reason="")
    proof = ClosureProof(
        trial_ref=REFERENCE,
        as_of=date(2023, 9, 29),
        whole=True,
        inventory_sha256=(),
        target=Target(entry="6", firmware="00000C01", cpa_reference="EXAMPLE-CPA-0302", image_hash="AA"),
        refusals=(),
        counts={Route.EXCHANGE: 1, Route.OTA: 1},
        devices=(exchanged, upgraded),
    )
    return proof.model_copy(update=change)


def _close(bench: Bench, proof: ClosureProof, registered_proof: ClosureProof) -> None:
    closure = Closure(date=date(2023, 9, 30), outcome=ClosureOutcome.MIXED, proof=registered_proof.digest)
    _register(bench, date(2023, 9, 30), state=TrialState.CLOSED, closure=closure)
    bench.edit("5,Active,HCALCS", "5,Expired,HCALCS", file="cpl/after.csv")
    _name(bench, "closure_proof", "reports/closure.json")
    bench.write("reports/closure.json", proof.to_json())


OPEN_TO_ALL = {"TR-08", "TR-10", "TR-48"}  # a closed trial is not open any more, and its row not active


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ({}, set()),
        ({"trial_ref": "TRIAL-2022-0001-67"}, {"TR-34"}),
        ({"whole": False}, {"TR-34"}),
        ({"counts": {Route.OPEN: 1}}, {"TR-34"}),
        ({"target": None}, {"TR-35"}),
        ({"refusals": ("the hardware is another",)}, {"TR-35"}),
        (
            {
                "devices": (
                    ClosedDevice(pseudonym="", route=Route.EXCHANGE, status="Commissioned", firmware="", reason=""),
                )
            },
            {"TR-36"},
        ),
    ],
)
def test_a_closure_is_proved(bench: Bench, change: dict[str, object], broken: set[str]) -> None:
    """Whole, of this trial, none left, upgrades that count, and exchanged devices that are gone."""
    proof = _proof(**change)
    _close(bench, proof, proof)
    day = date(2023, 9, 30)
    assert bench.broken(as_of=day) - OPEN_TO_ALL == broken


def test_the_proof_is_the_one_that_the_register_names(bench: Bench) -> None:
    """Another proof than the one of the register, one that is gone, or none at all, is a finding of TR-34."""
    _close(bench, _proof(), _proof(whole=False))
    day = date(2023, 9, 30)
    assert "TR-34" in bench.broken(as_of=day)
    for octets in (b"{}", b""):
        bench.write("reports/closure.json", octets)
        assert bench.broken(as_of=day) - OPEN_TO_ALL == {"TR-34"}
    judged = bench.judge(as_of=day)
    assert (judged["TRIAL-TR-35"], judged["TRIAL-TR-36"]) == ("no device left by ota", "no device left by exchange")


@pytest.mark.parametrize(
    ("met", "first", "last", "broken"),
    [
        (100, date(2022, 10, 1), DAY, set()),
        (0, date(2022, 10, 1), DAY, {"TR-41"}),
        (100, date(2022, 9, 30), DAY, {"TR-40"}),
        (100, date(2022, 10, 1), date(2023, 1, 3), {"TR-40"}),
    ],
)
def test_service_levels_are_shown(bench: Bench, met: int, first: date, last: date, broken: set[str]) -> None:
    """A period within the trial, and no service level that trial devices decide."""
    trial, other = bytes(8), bytes([9] * 8)
    measurements = [
        Measurement(metric="on-demand", device=trial, met=met, measured=100),
        Measurement(metric="on-demand", device=other, met=100, measured=100),
    ]
    report = performance_report(
        measurements, excluded=frozenset({trial}), thresholds={"on-demand": 9_900}, first=first, last=last
    )
    _name(bench, "performance_report", "reports/performance.json")
    bench.write("reports/performance.json", report.to_json())
    assert bench.broken(as_of=DAY) == broken


def test_service_levels_need_metrics_and_a_form(bench: Bench) -> None:
    """A report without metrics, or of another form, is a finding of TR-40."""
    _name(bench, "performance_report", "reports/performance.json")
    empty = performance_report([], excluded=frozenset(), thresholds={}, first=date(2022, 10, 1), last=DAY)
    for octets in (empty.to_json(), b"{}"):
        bench.write("reports/performance.json", octets)
        assert bench.broken(as_of=DAY) == {"TR-40"}


def test_an_earlier_trial_of_the_model_is_weighed(bench: Bench) -> None:
    """A second trial of the same model is no short cut only if the decision says that the first was weighed."""
    entry = _register(bench, DAY)
    models = entry.models
    earlier = entry.model_copy(
        update={"application": "OLD", "trial_ref": "TRIAL-2022-0001-67", "start": date(2021, 1, 1), "models": models}
    )
    head = RegisterDocument(as_of=DAY, entries=(earlier, entry.model_copy(update={"state": TrialState.LISTED})))
    bench.write("register/state-000001.dsse.json", sign_state(head, KEEPER))
    assert bench.broken(as_of=DAY) == {"TR-15"}
    assert "TRIAL-2022-0001-67" in bench.findings("TR-15", as_of=DAY)[0].expected


def test_a_certified_row_is_no_trial_row(bench: Bench) -> None:
    """A certified row beside the trial's own disturbs neither reference nor look-up."""
    after = (bench.folder / "cpl/after.csv").read_bytes()
    bench.write("cpl/after.csv", after + CERTIFIED_ROW)
    assert bench.broken() - {"TR-10"} == set()

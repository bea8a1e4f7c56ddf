"""The field report: what counts, what is broken, what is wrong with the inventory, and what nobody gets to see."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from field_bench import (
    AS_OF,
    COLUMNS,
    KEY,
    Row,
    device,
    inputs_of,
    manifest_of,
    read_inventory,
    registered,
    report_of,
    write_csv,
)
from trial_bench import CERTIFIED_ROW, KEEPER, REFERENCE, listing

from trialconformance.core import ExitCode, UsageError
from trialconformance.trial import load_policy
from trialconformance.trial.field import Breach, FieldReport, FieldVerdict
from trialconformance.trial.field.columns import load_inventory_facts
from trialconformance.trial.field.join import field_report
from trialconformance.trial.field.page import field_page
from trialconformance.trial.field.report import ProblemKind
from trialconformance.trial.field.sources import partitions
from trialconformance.trial.register import RegisterDocument, read_register, sign_state
from trialconformance.trial.register_entry import ModelRange, TrialState


@pytest.mark.parametrize(
    ("count", "verdict", "use"),
    [(99, FieldVerdict.PASS, 99), (100, FieldVerdict.PASS, 100), (101, FieldVerdict.FAIL, 101)],
)
def test_the_cap_is_a_limit(tmp_path: Path, count: int, verdict: FieldVerdict, use: int) -> None:
    """99 and 100 devices are within the cap of 100, 101 are not."""
    report = report_of(tmp_path, (device(number) for number in range(count)))
    (trial,) = report.trials
    assert (report.verdict, trial.in_field, trial.cap_use_percent) == (verdict, count, use)
    assert (Breach.CAP in trial.breaches) == (count > 100)


@pytest.mark.parametrize(
    ("as_of", "state", "days_left", "breaches"),
    [
        (date(2023, 9, 30), TrialState.ACTIVE, 0, ()),
        (date(2023, 10, 1), TrialState.ACTIVE, -1, (Breach.OVERDUE,)),
        (date(2023, 10, 1), TrialState.CLOSING, -1, ()),
        (date(2023, 10, 30), TrialState.CLOSING, -30, ()),
        (date(2023, 10, 31), TrialState.CLOSING, -31, (Breach.OVERDUE,)),
    ],
)
def test_the_last_day_is_a_limit(
    tmp_path: Path, as_of: date, state: TrialState, days_left: int, breaches: tuple[Breach, ...]
) -> None:
    """On the last day all is well, the day after devices are overdue, unless the trial is being wound down."""
    report = report_of(tmp_path, [device(1)], as_of=as_of, register=registered(as_of, state=state))
    (trial,) = report.trials
    assert (trial.days_left, trial.breaches, trial.overdue) == (days_left, breaches, int(days_left < 0))


def test_what_counts_follows_the_status(tmp_path: Path) -> None:
    """In the field, pending and closed are told apart; regions, suppliers, firmware and weeks add up."""
    rows = [
        device(1, DeviceStatus="Whitelisted", DateCommissioned=""),
        device(2, DeviceStatus="InstalledNotCommissioned", DateCommissioned=""),
        device(3, CSPRegion="South", DateCommissioned="2022-11-14T10:00:00Z"),
        device(4, DeviceStatus="Suspended", ResponsibleSupplier="EX-OTHER"),
        device(5, DeviceStatus="Recovery"),
        device(6, DeviceStatus="Recovered"),
        device(7, DeviceStatus="Pending"),
        device(8, DeviceStatus="Decommissioned"),
        device(9, DeviceStatus="Withdrawn"),
        device(10, DeviceModel="01010001"),
        device(11, DeviceManufacturer="f0b2", DeviceFirmwareVersion="00000b01"),
    ]
    report = report_of(tmp_path, rows)
    (trial,) = report.trials
    assert (trial.in_field, trial.pending, trial.closed.removal) == (7, 1, 2)
    assert trial.by_region == {"North": 6, "South": 1}
    assert trial.by_supplier == {"EX-OTHER": 1, "EX-SUPPLIER": 6}
    assert sum(trial.by_firmware.values()) == 7
    assert trial.by_week == {"2022-11-07": 4, "2022-11-14": 1}
    assert (trial.first_commissioned, trial.last_commissioned) == (date(2022, 11, 7), date(2022, 11, 14))
    assert report.verdict is FieldVerdict.PASS


def test_replacements_count_where_the_policy_says_so(tmp_path: Path) -> None:
    """Devices that are gone count toward the cap only under a policy that counts replacements."""
    rows = [device(number, DeviceStatus="Withdrawn" if number < 50 else "Commissioned") for number in range(120)]
    assert report_of(tmp_path, rows).trials[0].counted == 70
    counting = load_policy("100-12").model_copy(update={"cap_counts_replacements": True})
    trial = report_of(tmp_path, rows, policy=counting).trials[0]
    assert (trial.counted, trial.breaches) == (120, (Breach.CAP,))


def test_an_exchange_is_told_from_a_removal(tmp_path: Path) -> None:
    """A device that is gone was exchanged when another commissioned device of the type is at its premises."""
    rows = [
        device(1, DeviceStatus="Decommissioned", ImportMPxN="A"),
        device(2, DeviceStatus="Decommissioned", ImportMPxN="B"),
        device(3, DeviceStatus="Decommissioned", ImportMPxN=""),
        device(4, DeviceModel="09090001", DeviceFirmwareVersion="00000009", ImportMPxN="A"),
        device(5, DeviceType="ESME", DeviceModel="09090001", ImportMPxN="B"),
    ]
    closed = report_of(tmp_path, rows).trials[0].closed
    assert (closed.exchange, closed.removal, closed.ota) == (1, 2, 0)


@pytest.mark.parametrize(("allowed", "expected"), [(None, 1), ([1, 2], 2), ([3], 0)])
def test_an_upgrade_leaves_the_trial(tmp_path: Path, allowed: list[int] | None, expected: int) -> None:
    """A device on certified firmware of the same hardware left over the air; who took part the allow-list says."""
    rows = [
        device(1, DeviceFirmwareVersion="00000C01"),
        device(2, DeviceFirmwareVersion="00000C01", DateCommissioned="2021-01-01"),
    ]
    allowlist = None if allowed is None else frozenset(bytes.fromhex(f"00DB1234{each:08X}") for each in allowed)
    trial = report_of(tmp_path, rows, listing=listing(CERTIFIED_ROW), allowlist=allowlist).trials[0]
    # without a list only the one that was commissioned while the trial ran counts
    assert trial.closed.ota == expected
    assert (trial.in_field, trial.firmware_mismatch) == (0, 0)


def test_a_firmware_that_is_not_listed_is_a_mismatch(tmp_path: Path) -> None:
    """The model of the trial with a firmware of no row is in the field and broken."""
    trial = report_of(tmp_path, [device(1), device(2, DeviceFirmwareVersion="00000B09")]).trials[0]
    assert (trial.in_field, trial.firmware_mismatch, trial.breaches) == (2, 1, (Breach.FIRMWARE_MISMATCH,))
    assert [each.breaches for each in trial.devices] == [(Breach.FIRMWARE_MISMATCH,), ()]


def test_devices_outside_the_allow_list_are_counted(tmp_path: Path) -> None:
    """A device in the field that is not on the allow-list is broken; one that is gone is nobody's business."""
    rows = [device(1), device(2), device(3, DeviceStatus="Withdrawn")]
    trial = report_of(tmp_path, rows, allowlist=frozenset({bytes.fromhex("00DB123400000001")})).trials[0]
    assert (trial.outside_allowlist, trial.breaches) == (1, (Breach.OUTSIDE_ALLOWLIST,))


def test_installing_after_the_end_is_broken(tmp_path: Path) -> None:
    """A commissioning day after the last day of the trial is a breach of its own."""
    day = date(2023, 10, 5)
    report = report_of(tmp_path, [device(1, DateCommissioned="2023-10-01")], as_of=day, register=registered(day))
    assert report.trials[0].breaches == (Breach.OVERDUE, Breach.INSTALLED_AFTER_END)


@pytest.mark.parametrize("state", [TrialState.APPROVED, TrialState.LISTED, TrialState.CLOSED, TrialState.REFUSED])
def test_devices_of_a_trial_that_is_not_active_are_broken(tmp_path: Path, state: TrialState) -> None:
    """Devices in the field before activation or after closure are a breach."""
    assert Breach.NOT_ACTIVE in report_of(tmp_path, [device(1)], register=registered(state=state)).trials[0].breaches


def test_a_trial_that_nobody_registered_is_broken(tmp_path: Path) -> None:
    """Live devices under a reference that the register does not know are a breach; without devices it is none."""
    other = ModelRange(type="GSME", model_id="0001", hardware="0001", firmware=("00000001",))
    unknown = registered(trial_ref="TRIAL-2022-0001-67", models=(other,))
    report = report_of(tmp_path, [device(1)], register=unknown)
    trial = report.trial(REFERENCE)
    assert trial is not None
    assert (trial.state, trial.cap, trial.days_left, trial.breaches) == (
        "unregistered",
        None,
        None,
        (Breach.UNREGISTERED,),
    )
    assert report.trial("TRIAL-2022-0001-67") is not None
    assert report.trial("nobody") is None
    without = report_of(tmp_path, [device(1, DeviceModel="01010001")], register=unknown)
    assert without.verdict is FieldVerdict.PASS


def test_a_hub_is_one_device(tmp_path: Path) -> None:
    """CHF and GPF of one Communications Hub count once; a GPF without its CHF is told."""
    row = (
        b"6,Active,CH,,F0B2,Sample Switches plc,0501,0001,00000A01,CHTS V1.4,3.2," + b"CD" * 32
        + b",TRIAL-2022-0007-49,30/09/2023,1.4,ZIG-EX-0009,,03/10/2022,\r\n"
    )  # fmt: skip
    hub = {"DeviceModel": "05010001", "DeviceFirmwareVersion": "00000A01"}
    rows = [device(1, DeviceType="CHF", **hub), device(2, DeviceType="GPF", **hub)]
    report = report_of(tmp_path, rows, listing=listing(row))
    assert (report.trials[0].in_field, report.problem_counts) == (1, {})
    lonely = report_of(tmp_path, [*rows, device(3, DeviceType="GPF", **hub)], listing=listing(row))
    assert lonely.problem_counts == {ProblemKind.GPF_WITHOUT_CHF: 1}


@pytest.mark.parametrize(
    ("row", "kind", "seen"),
    [
        (device(2, DeviceID="nonsense"), ProblemKind.BAD_EUI, "another text"),
        (device(2, DeviceStatus="Trialling"), ProblemKind.UNKNOWN_STATUS, "Trialling"),
        (device(2, DeviceStatus=""), ProblemKind.UNKNOWN_STATUS, "nothing"),
        (device(2, DateCommissioned="2023-02-29"), ProblemKind.IMPOSSIBLE_DATE, "2023-02-29"),
        (device(2, DateCommissioned="2023-01-03"), ProblemKind.IMPOSSIBLE_DATE, "2023-01-03"),
        (device(2, DateCommissioned="2011-12-31"), ProblemKind.IMPOSSIBLE_DATE, "2011-12-31"),
        (device(2, DateCommissioned="yesterday"), ProblemKind.IMPOSSIBLE_DATE, "yesterday"),
        (device(1), ProblemKind.DUPLICATE_EUI, "the device of row 1 of inventory.csv"),
        (device(1, DeviceModel="01010001"), ProblemKind.DUPLICATE_EUI, "the device of row 1 of inventory.csv"),
        (device(2, DeviceModel="01010001", DeviceStatus="x"), ProblemKind.UNKNOWN_STATUS, "x"),
    ],
)
def test_bad_rows_are_told_with_their_number(tmp_path: Path, row: Row, kind: ProblemKind, seen: str) -> None:
    """Whatever cannot be in a row, of the trial or not, is told with file and row, and the report does not pass."""
    report = report_of(tmp_path, [device(1), row, device(3)])
    (problem,) = report.problems
    assert (problem.kind, problem.source, problem.row, problem.seen) == (kind, "inventory.csv", 2, seen)
    assert report.problem_counts == {kind: 1}
    assert (report.verdict, report.exit_code) == (FieldVerdict.FAIL, ExitCode.FAIL)


def test_identities_are_read_in_every_form(tmp_path: Path) -> None:
    """Hyphens, colons and either case are one identity, so that one device in two forms is a duplicate."""
    rows = [device(1), device(0, DeviceID="00-db-12-34-00-00-00-01"), device(0, DeviceID="00:DB:12:34:00:00:00:01")]
    assert report_of(tmp_path, rows).problem_counts == {ProblemKind.DUPLICATE_EUI: 2}


def test_a_register_that_lags_behind_makes_it_inconclusive(tmp_path: Path) -> None:
    """An inventory newer than the register cannot be judged for good."""
    report = report_of(tmp_path, [device(1)], register=registered(date(2023, 1, 1)))
    assert report.problem_counts == {ProblemKind.REGISTER_OLDER: 1}
    assert (report.verdict, report.exit_code) == (FieldVerdict.INCONCLUSIVE, ExitCode.INCONCLUSIVE)


def test_a_register_that_nobody_verified_makes_it_inconclusive(tmp_path: Path) -> None:
    """Without a key that the reader trusts, what the register says is hearsay."""
    unverified = read_register([("s", registered().octets)], keys=[])
    report = report_of(tmp_path, [device(1)], register=unverified)
    assert report.problem_counts == {ProblemKind.REGISTER_UNVERIFIED: 1}
    assert report.verdict is FieldVerdict.INCONCLUSIVE


def test_a_malformed_flag_on_the_list_is_told(tmp_path: Path) -> None:
    """A reference that means to be a trial's and is not is never taken for an ordinary one."""
    bad = CERTIFIED_ROW.replace(b"EXAMPLE-CPA-0302", b"TRIAL-2022-0007-50")
    assert report_of(tmp_path, [device(1)], listing=listing(bad)).problem_counts == {ProblemKind.LIST_FLAG_MALFORMED: 1}


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        (None, "no manifest"),
        (({"inventory.csv": 1}, False), "says that it is a part"),
        (({"inventory.csv": 2}, True), "has 1 rows, its manifest says 2"),
        (({"inventory.csv": 1, "more.csv": 1}, True), "more.csv of the manifest was not read"),
        (({"other.csv": 1}, True), "other.csv of the manifest was not read"),
    ],
)
def test_a_part_is_never_reported_as_the_whole(
    tmp_path: Path, manifest: tuple[dict[str, int], bool] | None, reason: str
) -> None:
    """Only a manifest that says so, with every file and row read, makes an inventory whole."""
    write_csv(tmp_path / "inventory.csv", [device(1)])
    if manifest:
        manifest_of(tmp_path, manifest[0], whole=manifest[1])
    report = field_report(inputs_of(tmp_path))
    assert not report.coverage.whole
    assert reason in report.coverage.reason
    assert report.verdict is FieldVerdict.INCONCLUSIVE


def test_a_manifest_knows_digests_and_every_file(tmp_path: Path) -> None:
    """Another digest than the manifest's, or a file that it does not know, makes it a part."""
    write_csv(tmp_path / "inventory.csv", [device(1)])
    value = {"schema": "gb-inventory-extract/1", "as_of": "2023-01-02", "whole": True}
    files = [{"name": "inventory.csv", "rows": 1, "sha256": "0" * 64}]
    (tmp_path / "extract.json").write_text(json.dumps(value | {"files": files}))
    assert "another digest" in field_report(inputs_of(tmp_path)).coverage.reason
    manifest_of(tmp_path, {"inventory.csv": 1})
    write_csv(tmp_path / "more.csv", [device(2)])
    assert "does not know more.csv" in field_report(inputs_of(tmp_path)).coverage.reason


def test_nobody_is_named(tmp_path: Path) -> None:
    """No identity, premises or key is in any form of the report; pseudonyms differ by key and by trial."""
    rows = [device(number) for number in range(1, 6)]
    report = report_of(tmp_path, rows)
    for octets in (report.to_json(), report.to_csv(), field_page(report)):
        text = octets.decode().upper()
        assert KEY.decode().upper() not in text
        for row in rows:
            assert row["DeviceID"] not in text
            assert row["DeviceID"][-8:] not in text
            assert row["ImportMPxN"] not in text
    pseudonyms = {each.pseudonym for each in report.trials[0].devices}
    assert len(pseudonyms) == 5
    other = report_of(tmp_path, rows, key=b"another secret of pseudonyms")
    assert pseudonyms.isdisjoint(each.pseudonym for each in other.trials[0].devices)
    nameless = report_of(tmp_path, rows, key=None)
    assert (nameless.pseudonyms, {each.pseudonym for each in nameless.trials[0].devices}) == ("none", {""})


def test_every_kind_of_file_says_the_same(tmp_path: Path) -> None:
    """Parquet, CSV and ReadInventory responses of the same devices give the same figures."""
    rows = [device(1), device(2, DeviceStatus="Pending", DateCommissioned=""), device(3, CSPRegion="South")]
    trials = []
    for kind in ("csv", "parquet", "xml"):
        folder = tmp_path / kind
        folder.mkdir()
        if kind == "csv":
            write_csv(folder / "inventory.csv", rows)
        elif kind == "parquet":
            dated = pl.DataFrame(rows).with_columns(pl.col("DateCommissioned").str.to_date(strict=False))
            dated.write_parquet(folder / "inventory.parquet")
        else:
            (folder / "inventory.xml").write_text(read_inventory(rows))
        report = field_report(inputs_of(folder))
        assert report.coverage.rows == 3
        trials.append(report.trials)
    assert trials[0] == trials[1] == trials[2]


def test_a_partition_is_a_run_of_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However a file is cut, the report is the same and rows are counted through."""
    monkeypatch.setattr("trialconformance.trial.field.sources.PARTITION_ROWS", 3)
    rows = [device(number, DeviceStatus="x" if number == 7 else "Commissioned") for number in range(10)]
    pl.DataFrame(rows).write_parquet(tmp_path / "inventory.parquet")
    inputs = inputs_of(tmp_path)
    assert [each.offset for each in inputs.partitions] == [0, 3, 6, 9]
    report = field_report(inputs)
    assert [each.row for each in report.problems] == [8]
    whole = replace(inputs, partitions=[replace(inputs.partitions[0], rows=None)])
    assert field_report(whole).to_json() == report.to_json()


@pytest.mark.parametrize(
    ("name", "octets", "said"),
    [
        ("inventory.csv", b"DeviceID,DeviceType\n1,2\n", "lacks the column DeviceStatus"),
        ("inventory.csv", b"", "cannot be read"),
        ("inventory.parquet", b"PAR1", "cannot be read"),
        ("inventory.xml", b"<a><Device>", "cannot be read"),
        ("inventory.txt", b"x", "holds no file"),
    ],
)
def test_files_that_are_no_inventory_are_refused(tmp_path: Path, name: str, octets: bytes, said: str) -> None:
    """A file that cannot be read, or lacks a column, is bad usage with its name."""
    (tmp_path / name).write_bytes(octets)
    with pytest.raises(UsageError, match=said):
        field_report(inputs_of(tmp_path))


def test_paths_that_are_no_inventory_are_refused(tmp_path: Path) -> None:
    """A file of another kind, a path without a file, and two files of one name are bad usage."""
    (tmp_path / "a.txt").write_text("x")
    for path in (tmp_path / "a.txt", tmp_path / "none.csv"):
        with pytest.raises(UsageError, match="is no inventory file"):
            partitions([path])
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        write_csv(tmp_path / folder / "inventory.csv", [device(1)])
    with pytest.raises(UsageError, match="have one name"):
        partitions([tmp_path / "one", tmp_path / "two"])


def test_columns_may_have_other_names(tmp_path: Path) -> None:
    """A user's file of facts gives the columns of an extract their names."""
    facts = load_inventory_facts()
    renamed = facts.model_dump(mode="json")
    renamed["columns"][0]["source"] = "EUI"
    path = tmp_path / "columns.json"
    path.write_text(json.dumps(renamed))
    inventory = tmp_path / "inventory"
    inventory.mkdir()
    write_csv(inventory / "a.csv", [device(1) | {"EUI": "00DB123400000001"}], ["EUI", *COLUMNS[1:]])
    assert field_report(inputs_of(inventory, facts=load_inventory_facts(path))).trials[0].in_field == 1
    path.write_text("{}")
    with pytest.raises(UsageError, match="Field required"):
        load_inventory_facts(path)


def test_csv_and_page_show_every_trial(tmp_path: Path) -> None:
    """The CSV has a line, and the page a section with both charts, for every trial."""
    report = report_of(tmp_path, [device(1), device(2, DeviceStatus="x")])
    (line,) = csv.DictReader(io.StringIO(report.to_csv().decode()))
    assert (line["trial_ref"], line["in_field"], line["cap"], line["outside_allowlist"]) == (REFERENCE, "1", "100", "")
    page = field_page(report).decode()
    assert page.count("<svg") == 2
    assert REFERENCE in page
    assert "unknown-status" in page
    assert "http" not in page.replace("http-equiv", "")
    assert FieldReport.model_validate_json(report.to_json()) == report


def test_a_page_without_trials_or_devices_still_says_so(tmp_path: Path) -> None:
    """An estate without a trial, and a trial without devices, have pages of their own."""
    empty = read_register([("s", sign_state(RegisterDocument(as_of=AS_OF), KEEPER))], keys=[])
    none = report_of(tmp_path, [device(1)], register=empty, listing=listing(name="before.csv"))
    assert b"No trial stands on the register" in field_page(none)
    write_csv(tmp_path / "inventory.csv", [device(1, DeviceModel="01010001")])
    assert b"<svg" in field_page(field_report(inputs_of(tmp_path)))
    unregistered = report_of(tmp_path, [device(1)], register=empty)
    assert b"unregistered" in field_page(unregistered)

"""The end of a trial: routes, refusals, batches, proof, hand-over."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from field_bench import COLUMNS, Row, device, inputs_of, manifest_of, registered, write_csv
from hypothesis import given
from hypothesis import strategies as st
from trial_bench import CERTIFIED_ROW, REFERENCE, listing

from trialconformance import cpl
from trialconformance.core import ExitCode, UsageError
from trialconformance.trial.closure import BATCH_DEVICES, ClosureProof, Route, batches, ota_refusals
from trialconformance.trial.field.population import closure_proof, trial_devices
from trialconformance.trial.handover import HandoverDevice, HandoverReason, handover_sheet
from trialconformance.trial.listing import ListedModel
from trialconformance.trial.register_entry import ClosureOutcome, Entry, TrialState

LAST = date(2023, 10, 15)
PAYLOAD = b"certified image"


def row(old: bytes = b"", new: bytes = b"") -> ListedModel:
    """The certified row that devices are upgraded to, perhaps changed."""
    return listing(CERTIFIED_ROW.replace(old, new)).models[-1]


def entry() -> Entry:
    """The trial as the register has it."""
    found = registered().entry(REFERENCE)
    assert found is not None
    return found


def image(low: int, high: int) -> cpl.Image:
    """An image for some hardware versions."""
    octets = cpl.build_image(
        manufacturer=0xF0B2,
        image_type=0x0302,
        file_version=0x00000C01,
        minimum_hardware=low,
        maximum_hardware=high,
        payload=PAYLOAD,
    )
    return cpl.decode_image(octets, name="image")


def proof_of(folder: Path, rows: list[Row], *, refusals: tuple[str, ...] = (), **change: object) -> ClosureProof:
    """The proof from some rows, the whole inventory."""
    write_csv(folder / "inventory.csv", rows, COLUMNS)
    manifest_of(folder, {"inventory.csv": len(rows)})
    with_target = listing(CERTIFIED_ROW)
    settings = {"as_of": LAST, "listing": with_target, "register": registered(LAST, state=TrialState.CLOSING)}
    inputs = inputs_of(folder, **(settings | change))
    return closure_proof(inputs, REFERENCE, target=with_target.models[-1], refusals=refusals)


def test_every_route_is_told(tmp_path: Path) -> None:
    """Upgraded, exchanged, removed and open devices are told apart, each with what shows it."""
    rows = [
        device(1, DeviceFirmwareVersion="00000C01"),
        device(2, DeviceStatus="Decommissioned", ImportMPxN="A"),
        device(3, DeviceModel="09090001", DeviceFirmwareVersion="00000009", ImportMPxN="A"),
        device(4, DeviceStatus="Withdrawn"),
        device(5),
        device(6, DeviceStatus="Pending"),
    ]
    proof = proof_of(tmp_path, rows)
    assert proof.counts == {Route.OTA: 1, Route.EXCHANGE: 1, Route.REMOVAL: 1, Route.OPEN: 2}
    assert (proof.left, proof.is_complete, proof.exit_code, proof.outcome) == (
        2,
        False,
        ExitCode.FAIL,
        ClosureOutcome.MIXED,
    )
    assert {each.reason for each in proof.devices if each.route is Route.OPEN} == {
        "announced on trial firmware",
        "it still runs firmware that is not certified",
    }
    assert ClosureProof.model_validate_json(proof.to_json()) == proof


@pytest.mark.parametrize(
    ("rows", "outcome"),
    [
        ([device(1, DeviceFirmwareVersion="00000C01")], ClosureOutcome.CERTIFIED),
        ([device(1, DeviceStatus="Withdrawn")], ClosureOutcome.REMOVED),
        ([device(1, DeviceStatus="Withdrawn"), device(2, DeviceFirmwareVersion="00000C01")], ClosureOutcome.MIXED),
    ],
)
def test_a_closure_has_an_outcome(tmp_path: Path, rows: list[Row], outcome: ClosureOutcome) -> None:
    """All certified, all gone, or both: the register wants to know which."""
    proof = proof_of(tmp_path, rows)
    assert (proof.outcome, proof.is_complete, proof.exit_code) == (outcome, True, ExitCode.PASS)


def test_a_partial_inventory_proves_nothing(tmp_path: Path) -> None:
    """Nothing left in a part of the inventory is inconclusive."""
    write_csv(tmp_path / "inventory.csv", [device(1, DeviceStatus="Withdrawn")])
    inputs = inputs_of(tmp_path, as_of=LAST, register=registered(LAST, state=TrialState.CLOSING))
    proof = closure_proof(inputs, REFERENCE, target=None, refusals=())
    assert (proof.left, proof.is_complete, proof.exit_code) == (0, False, ExitCode.INCONCLUSIVE)


def test_an_upgrade_that_does_not_count_leaves_the_device_open(tmp_path: Path) -> None:
    """Certified firmware on a device whose upgrade is refused is no way out."""
    proof = proof_of(tmp_path, [device(1, DeviceFirmwareVersion="00000C01")], refusals=("the hardware is another",))
    assert (proof.left, proof.refusals) == (1, ("the hardware is another",))
    assert "does not count" in proof.devices[0].reason


def test_a_device_of_the_allow_list_that_nobody_sees_is_open(tmp_path: Path) -> None:
    """A device that took part and has no row is not taken for removed."""
    allowed = frozenset(bytes.fromhex(f"00DB1234{number:08X}") for number in (1, 9))
    proof = proof_of(tmp_path, [device(1, DeviceStatus="Withdrawn")], allowlist=allowed)
    assert proof.counts[Route.OPEN] == 1
    assert [each.status for each in proof.devices if each.route is Route.OPEN] == ["absent"]


def test_without_an_allow_list_certified_devices_of_other_days_are_no_part_of_it(tmp_path: Path) -> None:
    """A device commissioned on certified firmware after the trial never took part."""
    rows = [device(1, DeviceFirmwareVersion="00000C01", DateCommissioned="2023-10-10")]
    proof = proof_of(tmp_path, rows)
    assert proof.devices == ()


def test_an_unknown_trial_is_bad_usage(tmp_path: Path) -> None:
    """The trials there are, are named."""
    write_csv(tmp_path / "inventory.csv", [device(1)])
    with pytest.raises(UsageError, match=REFERENCE):
        trial_devices(inputs_of(tmp_path), "TRIAL-2022-0001-67")


@pytest.mark.parametrize(
    ("target", "low_high", "refusal"),
    [
        (row(), None, None),
        (row(), (1, 2), None),
        (None, None, "no certified row of the list has that firmware"),
        (row(b"EXAMPLE-CPA-0302", b"TRIAL-2022-0001-67"), None, "is not an active row with a CPA certificate"),
        (row(b"EXAMPLE-CPA-0302", b""), None, "is not an active row with a CPA certificate: none"),
        (row(b"6,Active", b"6,Expired"), None, "is not an active row"),
        (row(b"F0B2", b"F0A1"), None, "of manufacturer F0A1, not F0B2"),
        (row(b"0302,0001", b"0302,0002"), None, "hardware variant HCALCS 0302 0002, the trial of HCALCS 0302 0001"),
        (row(), (2, 3), "the image is for hardware 0002 to 0003, not 0001"),
        (row(b"AAAB", b"BBBB"), (1, 2), "the image has hash"),
    ],
)
def test_an_upgrade_counts_only_on_certified_hardware(
    target: ListedModel | None, low_high: tuple[int, int] | None, refusal: str | None
) -> None:
    """The target row is active, certified, of the same maker and hardware variant; the image is it and fits."""
    sent = image(*low_high) if low_high else None
    if target and sent and refusal != "the image has hash":
        target = row(target.image_hash.encode(), sent.hash.encode())
    refusals = ota_refusals(entry(), target, sent)
    assert refusals == () if refusal is None else any(refusal in each for each in refusals)


def test_the_largest_batch_is_that_of_the_schema() -> None:
    """50 000 devices fill the 1 199 999 characters of a device list; one more goes to the next."""
    devices = [number.to_bytes(8) for number in range(BATCH_DEVICES + 1)]
    first, second = batches(devices)
    assert (BATCH_DEVICES, len(first), second) == (50_000, 1_199_999, "00-00-00-00-00-00-C3-50")


@given(devices=st.sets(st.binary(min_size=8, max_size=8), max_size=40), most=st.integers(1, 7))
def test_batches_hold_every_device_once(devices: set[bytes], most: int) -> None:
    """No device is lost or doubled, no list is longer than asked for, and the order is fixed."""
    lists = batches(devices, most=most)
    named = [each for text in lists for each in text.split(",")]
    assert [bytes.fromhex(each.replace("-", "")) for each in named] == sorted(devices)
    assert all(text.count(",") < most for text in lists)


@pytest.mark.parametrize(
    ("reason", "title"),
    [
        (HandoverReason.CHANGE_OF_SUPPLIER, "# Change of supplier"),
        (HandoverReason.LAST_RESORT, "# Supplier of Last Resort"),
    ],
)
def test_a_sheet_says_what_the_next_supplier_must_know(reason: HandoverReason, title: str) -> None:
    """Model, firmware, last day, upgrade target, contact and devices are on the sheet."""
    devices = [HandoverDevice(eui64=bytes(8), firmware="00000B01", status="Commissioned", supplier="")]
    text = handover_sheet(
        entry(), devices, reason=reason, to="EX-NEXT", as_of=LAST, target=row(), contact="Trial desk"
    ).decode()
    assert text.startswith(title)
    for words in (
        "EX-NEXT",
        REFERENCE,
        "2023-09-30",
        "0302",
        "firmware 00000C01",
        "Trial desk",
        "00-00-00-00",
        "unknown",
    ):
        assert words in text
    without = handover_sheet(entry(), devices, reason=reason, to="X", as_of=LAST, target=None, contact="Y").decode()
    assert "exchange or remove the device" in without

"""Small synthetic inventories and what they are joined with, for several test modules."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

from trial_bench import KEEPER, REFERENCE, listing

from trialconformance.trial import load_policy
from trialconformance.trial.field import FieldReport
from trialconformance.trial.field.columns import load_inventory_facts
from trialconformance.trial.field.inputs import FieldInputs
from trialconformance.trial.field.join import field_report
from trialconformance.trial.field.sources import ExtractManifest, partitions
from trialconformance.trial.register import Register, RegisterDocument, read_register, sign_state
from trialconformance.trial.register_entry import Entry, ModelRange, Party, TrialState

AS_OF = date(2023, 1, 2)
KEY = b"0123456789abcdef"
ORDINARY = ["DeviceID", "DeviceType", "DeviceStatus", "DeviceManufacturer", "DeviceModel", "DeviceFirmwareVersion"]
FURTHER = ["DateCommissioned", "CSPRegion", "ResponsibleSupplier", "ImportMPxN"]
COLUMNS = ORDINARY + FURTHER
Row = dict[str, str]


def device(number: int, **change: str) -> Row:
    """A commissioned device of the trial."""
    row = {
        "DeviceID": f"00DB1234{number:08X}",
        "DeviceType": "HCALCS",
        "DeviceStatus": "Commissioned",
        "DeviceManufacturer": "F0B2",
        "DeviceModel": "03020001",
        "DeviceFirmwareVersion": "00000B01",
        "DateCommissioned": "2022-11-07",
        "CSPRegion": "North",
        "ResponsibleSupplier": "EX-SUPPLIER",
        "ImportMPxN": f"MPXN{number:09d}",
    }
    return row | change


def write_csv(path: Path, rows: Iterable[Row], columns: list[str] = COLUMNS) -> Path:
    """Write rows as CSV."""
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def registered(as_of: date = AS_OF, **change: object) -> Register:
    """A register with the trial, active unless something else is asked for."""
    entry = Entry(
        application="APP",
        trial_ref=REFERENCE,
        state=TrialState.ACTIVE,
        manufacturer=Party(name="Sample Switches plc", zigbee_id="F0B2"),
        models=(ModelRange(type="HCALCS", model_id="0302", hardware="0001", firmware=("00000B01",)),),
        quantity_cap=100,
        start=date(2022, 10, 1),
        duration_months=12,
        end=date(2023, 9, 30),
    )
    document = RegisterDocument(as_of=as_of, entries=(entry.model_copy(update=change),))
    return read_register([("state-000001.dsse.json", sign_state(document, KEEPER))], keys=[KEEPER.public_key()])


def manifest_of(folder: Path, rows: dict[str, int], *, whole: bool = True) -> None:
    """Write the manifest of an extract."""
    files = [{"name": name, "rows": count} for name, count in rows.items()]
    value = {"schema": "gb-inventory-extract/1", "as_of": AS_OF.isoformat(), "whole": whole, "files": files}
    (folder / "extract.json").write_text(json.dumps(value))


def inputs_of(folder: Path, **change: object) -> FieldInputs:
    """What a report on the inventory of a folder is made from."""
    made = FieldInputs(
        partitions=partitions([folder]),
        facts=load_inventory_facts(),
        manifest=ExtractManifest.beside([folder]),
        drawn=AS_OF,
        as_of=AS_OF,
        listing=listing(),
        list_sha256="0" * 64,
        list_profile="cpl-assumed-1 (ASSUMED)",
        register=registered(),
        policy=load_policy("100-12"),
        allowlist=None,
        key=KEY,
    )
    return replace(made, **change)  # type: ignore[arg-type]  # a table of changes has no one type


def report_of(folder: Path, rows: Iterable[Row], **change: object) -> FieldReport:
    """The report on some rows, the whole inventory unless the folder says otherwise."""
    listed = list(rows)
    write_csv(folder / "inventory.csv", listed)
    if not (folder / "extract.json").exists():
        manifest_of(folder, {"inventory.csv": len(listed)})
    return field_report(inputs_of(folder, **change))


def read_inventory(rows: Iterable[Row]) -> str:
    """A response to Read Inventory, as much of it as matters."""
    devices = "".join(
        f"<r:Device>{''.join(f'<r:{name}>{row[name]}</r:{name}>' for name in COLUMNS if row[name])}</r:Device>"
        for row in rows
    )
    return f'<r:Response xmlns:r="urn:x"><r:Body><r:DSPInventory>{devices}</r:DSPInventory></r:Body></r:Response>'

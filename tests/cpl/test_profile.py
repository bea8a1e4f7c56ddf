"""Format profiles as data."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from trialconformance import cpl
from trialconformance.core import UsageError, sha256_hex
from trialconformance.cpl.dates import DateFormat
from trialconformance.cpl.duis_schema import duis_device_types
from trialconformance.cpl.profile import profile_of


def _changed(profile: cpl.Profile, **changes: Any) -> bytes:
    return json.dumps(profile.model_dump(mode="json") | changes).encode()


def test_the_shipped_profile_is_assumed_and_says_so(profile: cpl.Profile) -> None:
    """The shipped profile is an assumption that every record must name, with the digest of its file."""
    assert profile.label == "cpl-assumed-1 (ASSUMED)"
    assert profile.assumption is not None
    assert profile.assumption.label == "assumed format"
    assert profile.sha256 == sha256_hex(profile.octets)
    assert profile.sha256 in profile.assumption.text


def test_a_confirmed_profile_rests_on_nothing(profile: cpl.Profile) -> None:
    """A confirmed profile gives no assumption."""
    confirmed = profile_of(_changed(profile, status="CONFIRMED"), where="own.json")
    assert confirmed.assumption is None


def test_a_profile_without_roles_finds_them_by_name(profile: cpl.Profile) -> None:
    """Columns of the usual names have their usual roles."""
    columns = [column | {"role": None} for column in profile.model_dump(mode="json")["columns"]]
    assert profile_of(_changed(profile, columns=columns), where="own.json").by_role.keys() == profile.by_role.keys()


def test_a_role_may_be_a_piece_of_a_column(profile: cpl.Profile) -> None:
    """A list that joins model and hardware in one column gives both roles from its characters."""
    octets = _changed(
        profile,
        columns=[
            {"name": "Device", "type": "hex", "octets": 4, "parts": [["image_type", 0, 4], ["hw", 4, 8]]},
            {"name": "Ref", "type": "text"},
            {"name": "Until", "type": "date"},
        ],
        keys={"entry": ["Device"], "model": ["Device"]},
        ordering={"by": [], "append_only": True},
        trial={"cpa_ref_column": "Ref", "cpa_expiry_column": "Until"},
    )
    joined = profile_of(octets, where="own.json")
    document = cpl.read_document(b"Device,Ref,Until\r\n43310AAC,X,\r\n", profile=joined, name="list.csv")
    (row,) = document.records
    assert (document.value(row, "model"), document.value(row, "hardware")) == ("4331", "0AAC")
    assert document.value(row, "firmware") == ""


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"date_format": "DD/MM/YY"}, "no date format"),
        ({"date_format": "DD/DD/YYYY"}, "no date format"),
        ({"keys": {"entry": ["Nowhere"], "model": []}}, "no such column: Nowhere"),
        ({"extra": 1}, "extra"),
        ({"columns": []}, "columns"),
        ({"columns": [{"name": "A", "type": "hex"}]}, "needs octets"),
        ({"columns": [{"name": "A", "type": "text", "pattern": "("}]}, "does not compile"),
        ({"columns": [{"name": "A", "type": "enum", "values_ref": "duis-9"}]}, "values_ref"),
        ({"columns": [{"name": "A", "type": "text"}, {"name": "A", "type": "text"}]}, "stands twice"),
    ],
)
def test_an_unusable_profile_is_refused(profile: cpl.Profile, changes: dict[str, Any], message: str) -> None:
    """A profile that contradicts itself is the caller's error and names the place."""
    with pytest.raises(UsageError, match=message):
        profile_of(_changed(profile, **changes), where="own.json")


def test_a_profile_is_read_from_a_file(tmp_path: Path, profile: cpl.Profile) -> None:
    """A user's own profile takes the place of the shipped one; what is no file is refused."""
    file = tmp_path / "own.json"
    file.write_bytes(profile.octets)
    assert cpl.load_profile(file).sha256 == profile.sha256
    with pytest.raises(UsageError, match="cannot be read"):
        cpl.load_profile(tmp_path / "none.json")


def test_dates_are_read_and_written_in_their_form() -> None:
    """A date of the calendar goes both ways; another text is none."""
    form = DateFormat.of("YYYY-MM-DD")
    assert form.write(date(2024, 2, 29)) == "2024-02-29"
    assert form.parse("2024-02-29") == date(2024, 2, 29)
    assert form.parse("2023-02-29") is None
    assert form.parse("29/02/2024") is None
    assert form.parse("\u0662024-02-29") is None


def test_a_communications_hub_shows_as_two_devices() -> None:
    """A CH of the list is CHF and GPF in DUIS; an unknown type is nothing."""
    assert duis_device_types("CH") == ("CHF", "GPF")
    assert duis_device_types("TRIAL-ESME") == ()

"""What must hold for any list and any trial record, not only for the vector."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trialconformance import cpl
from trialconformance.core import Finding, Severity, sha256_hex
from trialconformance.cpl import trial_reference
from trialconformance.cpl.change import Addition
from trialconformance.cpl.checks import CHECKS
from trialconformance.cpl.comparison import Comparison
from trialconformance.cpl.duis_schema import duis_schema

_PROFILE = cpl.load_profile()
_BLOCKING = {check.case.id for check in CHECKS if check.case.severity is Severity.MUST}
_SETTINGS = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

_words = st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefgh", min_size=1, max_size=8)
_names = st.lists(_words, min_size=1, max_size=3).map(" ".join)
_days = st.dates(date(2015, 1, 1), date(2022, 9, 1)).map(lambda day: day.strftime("%d/%m/%Y"))
_hashes = st.integers(0, 2**64).map(lambda number: sha256_hex(str(number).encode()).upper())


def _hex(octets: int) -> st.SearchStrategy[str]:
    return st.integers(0, 256**octets - 1).map(lambda number: f"{number:0{2 * octets}X}")


@st.composite
def baselines(draw: st.DrawFn) -> list[dict[str, str]]:
    """A valid list of ESME, HCALCS and PPMID entries, each with its own Device Model and hash."""
    count = draw(st.integers(1, 6))
    hashes = draw(st.lists(_hashes, min_size=count, max_size=count, unique=True))
    makers = draw(st.dictionaries(_hex(2), _names, min_size=1, max_size=3))
    entries = []
    for index in range(count):
        device = draw(st.sampled_from(["ESME", "HCALCS", "PPMID"])) if index else "ESME"
        maker = draw(st.sampled_from(sorted(makers)))
        entries.append(
            {
                "CPLEntryID": str(index + 1),
                "EntryStatus": draw(st.sampled_from(["Active", "Expired"])),
                "PhysicalDeviceType": device,
                "ESMEVariant": draw(st.sampled_from(duis_schema().sets["duis-5.4-esme-variant"]))
                if device == "ESME"
                else "",
                "ManufacturerID": maker,
                "ManufacturerName": makers[maker],
                "ModelID": f"{index:04X}",
                "HardwareVersion": draw(_hex(2)),
                "FirmwareVersion": draw(_hex(4)),
                "TechSpecVersion": "SMETS V4.2",
                "GBCSVersion": "3.2",
                "ManufacturerImageHash": hashes[index],
                "CPACertificateRef": f"EXAMPLE-CPA-{index:04}" if device != "PPMID" else "",
                "CPACertificateExpiry": draw(_days) if index == 0 else draw(st.one_of(st.just(""), _days)),
                "CPASecurityCharacteristicVersion": "1.3",
                "ZigbeeCertificateRef": f"ZIG-EX-{index:04}",
                "DLMSCertificateRef": "DLMS-EX-0001" if device == "ESME" else "",
                "DateAdded": draw(_days),
                "DateRemoved": "",
            }
        )
    return entries


@st.composite
def trials(draw: st.DrawFn, baseline: list[dict[str, str]]) -> dict[str, str]:
    """A valid record of a trial for a list."""
    added = draw(st.dates(date(2022, 9, 2), date(2023, 1, 1)))
    known = draw(st.sampled_from(baseline))
    image_hash = draw(_hashes.filter(lambda text: text not in {entry["ManufacturerImageHash"] for entry in baseline}))
    device = draw(st.sampled_from(["ESME", "HCALCS"]))
    reference = trial_reference.make(draw(st.integers(2021, 2099)), draw(st.integers(1, 9999)))
    return known | {
        "CPLEntryID": str(len(baseline) + draw(st.integers(1, 9))),
        "EntryStatus": "Active",
        "PhysicalDeviceType": device,
        "ESMEVariant": "ADE" if device == "ESME" else "",
        "ModelID": "FFFE",
        "ManufacturerImageHash": image_hash,
        "CPACertificateRef": reference,
        "CPACertificateExpiry": (added + timedelta(days=draw(st.integers(1, 500)))).strftime("%d/%m/%Y"),
        "DLMSCertificateRef": "DLMS-EX-0001" if device == "ESME" else "",
        "DateAdded": added.strftime("%d/%m/%Y"),
    }


def _compare(before: bytes, after: bytes, manifest: cpl.ChangeManifest | None = None) -> Comparison:
    return cpl.compare(
        before=cpl.read_document(before, profile=_PROFILE, name="before.csv"),
        after=cpl.read_document(after, profile=_PROFILE, name="after.csv"),
        changes=manifest,
    )


@_SETTINGS
@given(data=st.data())
def test_any_valid_trial_on_any_valid_list_passes(
    data: st.DataObject, judge: Callable[[Comparison], dict[str, list[Finding]]]
) -> None:
    """Adding any valid trial record to any valid list breaks no blocking check, and undoing it gives the list back."""
    baseline = data.draw(baselines())
    record = data.draw(trials(baseline))
    before = cpl.write_list(baseline, _PROFILE)
    manifest = cpl.ChangeManifest(
        profile=_PROFILE.profile_id, additions=(Addition(entry=record["CPLEntryID"], cells=record),)
    )
    applied = cpl.apply_changes(cpl.read_document(before, profile=_PROFILE, name="before.csv"), manifest)
    found = judge(_compare(before, applied.octets, manifest))
    assert not _BLOCKING & set(found), found
    assert applied.undo.restore(applied.octets) == before


@_SETTINGS
@given(data=st.data())
def test_any_octet_changed_outside_the_record_is_found(
    data: st.DataObject,
    judge: Callable[[Comparison], dict[str, list[Finding]]],
    before_octets: bytes,
    after_octets: bytes,
) -> None:
    """One octet changed among the records before breaks FI-063 and, outside line endings, FI-060 to FI-062."""
    header = before_octets.index(b"\n") + 1
    place = data.draw(st.integers(header, len(before_octets) - 1))
    value = data.draw(st.integers(0, 255).filter(lambda octet: octet != after_octets[place]))
    changed = after_octets[:place] + bytes([value]) + after_octets[place + 1 :]
    found = judge(_compare(before_octets, changed))
    assert "CPL-FI-063" in found
    if after_octets[place] not in b"\r\n" and value not in b"\r\n":
        assert {"CPL-FI-060", "CPL-FI-061", "CPL-FI-062"} <= set(found)


@_SETTINGS
@given(octets=st.binary(max_size=300))
def test_any_octets_are_judged_without_an_exception(
    octets: bytes, judge: Callable[[Comparison], dict[str, list[Finding]]], before_octets: bytes
) -> None:
    """Whatever the list after is, every check gives findings or none, and a blocking one objects."""
    assert _BLOCKING & set(judge(_compare(before_octets, octets)))


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_truncated_download_is_found(
    cut: int,
    judge: Callable[[Comparison], dict[str, list[Finding]]],
    before_octets: bytes,
    after_octets: bytes,
) -> None:
    """A list that ends early breaks a blocking check."""
    assert _BLOCKING & set(judge(_compare(before_octets, after_octets[:-cut])))

"""The change manifest: apply, apply again, undo."""

from __future__ import annotations

import json
from typing import Any

import pytest

from trialconformance import cpl
from trialconformance.core import UsageError, sha256_hex
from trialconformance.cpl.writer import write_field

_TRIAL = {
    "CPLEntryID": "5",
    "EntryStatus": "Active",
    "PhysicalDeviceType": "HCALCS",
    "ManufacturerID": "F0B2",
    "ManufacturerName": "Sample Switches plc",
    "ModelID": "0302",
    "HardwareVersion": "0001",
    "FirmwareVersion": "00000B01",
    "TechSpecVersion": "SMETS V4.2",
    "GBCSVersion": "3.2",
    "ManufacturerImageHash": "17AB4B55AA02FF240148C459BAD6953D65FA60A6F2527E21906096FAFAF315D8",
    "CPACertificateRef": "TRIAL-2022-0007-49",
    "CPACertificateExpiry": "30/09/2023",
    "CPASecurityCharacteristicVersion": "1.4",
    "ZigbeeCertificateRef": "ZIG-EX-0005",
    "DateAdded": "03/10/2022",
}


def _manifest(**changes: Any) -> cpl.ChangeManifest:
    return cpl.ChangeManifest.model_validate({"profile": "cpl-assumed-1", **changes})


@pytest.fixture
def before(profile: cpl.Profile, before_octets: bytes) -> cpl.Document:
    """The list before."""
    return cpl.read_document(before_octets, profile=profile, name="before.csv")


def test_the_vector_is_made_byte_for_byte(profile: cpl.Profile, before: cpl.Document, after_octets: bytes) -> None:
    """Writing the four entries and applying one addition gives both files with their published digests."""
    records = [dict(zip(profile.names, row.cells, strict=True)) for row in before.records]
    octets = cpl.write_list(records, profile)
    assert (len(octets), sha256_hex(octets)) == (
        1077,
        "839a690499db3a8c4704961c2a818a79c4e03a51c1bcf78bae1f8e465bc10d5b",
    )
    applied = cpl.apply_changes(before, _manifest(additions=[{"entry": "5", "cells": _TRIAL}]))
    assert (len(applied.octets), sha256_hex(applied.octets)) == (
        1278,
        "f7fb793613edb442e2f19d3554a5efd6c0fe6d243fd22693aaa81fd1d8942e89",
    )
    assert applied.octets == after_octets


def test_applying_twice_is_applying_once_and_undo_restores(profile: cpl.Profile, before: cpl.Document) -> None:
    """A change is idempotent, and its undo file gives the list before back bit for bit."""
    changes = _manifest(
        additions=[{"entry": "5", "cells": _TRIAL}],
        updates=[
            {
                "entry": "3",
                "was": {"EntryStatus": "Expired", "DateRemoved": ""},
                "cells": {"EntryStatus": "Withdrawn", "DateRemoved": "03/10/2022"},
            }
        ],
    )
    once = cpl.apply_changes(before, changes)
    again = cpl.apply_changes(cpl.read_document(once.octets, profile=profile, name="after.csv"), changes)
    assert again.octets == once.octets
    assert cpl.Undo.from_json(once.undo.to_json()).restore(once.octets) == before.octets
    assert cpl.ChangeManifest.from_json(changes.to_json()) == changes


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"profile": "other-1"}, "written for profile other-1"),
        ({"removals": [{"entry": "3"}]}, "append-only"),
        ({"additions": [{"entry": "5", "cells": _TRIAL | {"CPLEntryID": "6"}}]}, "entry '6'"),
        ({"additions": [{"entry": "4", "cells": _TRIAL | {"CPLEntryID": "4"}}]}, "another record"),
        ({"additions": [{"entry": "5", "cells": _TRIAL | {"IsTrial": "Y"}}]}, "no such column: IsTrial"),
        ({"additions": [{"entry": "5", "cells": _TRIAL | {"ManufacturerName": "a\nb"}}]}, "line break"),
        (
            {"additions": [{"entry": "5", "cells": _TRIAL | {"ManufacturerName": "\u2019"}}]},
            "cannot be written in ascii",
        ),
        ({"updates": [{"entry": "9", "was": {"EntryStatus": ""}, "cells": {"EntryStatus": ""}}]}, "no entry 9"),
        ({"updates": [{"entry": "3", "was": {"ModelID": "0301"}, "cells": {"ModelID": "0303"}}]}, "may not touch"),
        ({"updates": [{"entry": "3", "was": {"EntryStatus": "A"}, "cells": {"EntryStatus": "B"}}]}, "neither"),
    ],
)
def test_a_change_that_does_not_fit_is_refused(before: cpl.Document, changes: dict[str, Any], message: str) -> None:
    """A change that contradicts the list or the profile is the caller's error, and nothing is made."""
    with pytest.raises(UsageError, match=message):
        cpl.apply_changes(before, _manifest(**changes))


def test_removals_need_a_list_that_allows_them(profile: cpl.Profile, before_octets: bytes) -> None:
    """Where the profile is not append-only a declared record is taken out, and undo puts it back."""
    loose = profile.model_copy(update={"ordering": profile.ordering.model_copy(update={"append_only": False})})
    document = cpl.read_document(before_octets, profile=loose, name="before.csv")
    applied = cpl.apply_changes(document, _manifest(removals=[{"entry": "2"}, {"entry": "77"}]))
    assert b"\r\n2,Active" not in applied.octets
    assert applied.undo.restore(applied.octets) == before_octets


@pytest.mark.parametrize(
    "changes",
    [
        {"updates": [{"entry": "3", "was": {"EntryStatus": "A"}, "cells": {"DateRemoved": "B"}}]},
        {"updates": [{"entry": "3", "was": {}, "cells": {}}]},
        {"removals": [{"entry": "3"}, {"entry": "3"}]},
        {"before_sha256": "xyz"},
        {"anything": 1},
    ],
)
def test_a_manifest_that_contradicts_itself_is_refused(changes: dict[str, Any]) -> None:
    """A manifest that no list could follow is refused when it is read."""
    with pytest.raises(UsageError):
        cpl.ChangeManifest.from_json(json.dumps({"profile": "cpl-assumed-1"} | changes).encode())


def test_an_undo_file_of_another_list_is_refused(before: cpl.Document, after_octets: bytes) -> None:
    """Undo takes the one list it was made for and gives the one it promised."""
    applied = cpl.apply_changes(before, _manifest(additions=[{"entry": "5", "cells": _TRIAL}]))
    with pytest.raises(UsageError, match="another list"):
        applied.undo.restore(before.octets)
    stale = applied.undo.model_copy(update={"before_sha256": "0" * 64})
    with pytest.raises(UsageError, match="promises"):
        stale.restore(after_octets)
    broken = applied.undo.model_copy(
        update={"splices": (applied.undo.splices[0].model_copy(update={"inserted": "?"}),)}
    )
    with pytest.raises(UsageError, match="base64"):
        broken.restore(after_octets)


def test_a_list_that_cannot_be_written_is_refused(profile: cpl.Profile, before_octets: bytes) -> None:
    """A list without its last line ending, a broken one and a packed one are not written to."""
    addition = _manifest(additions=[{"entry": "5", "cells": _TRIAL}])
    cut = cpl.read_document(before_octets[:-2], profile=profile, name="before.csv")
    with pytest.raises(UsageError, match="line ending"):
        cpl.apply_changes(cut, addition)
    broken = cpl.read_document(before_octets + b"x" * 5000, profile=profile, name="before.csv")
    with pytest.raises(UsageError, match="to its end"):
        cpl.apply_changes(broken, addition)
    packed = profile.model_copy(update={"container": profile.container.model_copy(update={"kind": "xml"})})
    with pytest.raises(UsageError, match="cannot be written"):
        cpl.apply_changes(cpl.read_document(b"<a/>", profile=packed, name="before.xml"), addition)


def test_fields_are_quoted_as_the_profile_rules(profile: cpl.Profile) -> None:
    """Quotes stand where the rule forces them; a value that would need them under 'none' is refused."""
    container = profile.container
    assert write_field('a,"b"', container) == b'"a,""b"""'
    assert write_field("a", container.model_copy(update={"quoting": "all"})) == b'"a"'
    with pytest.raises(UsageError, match="would need quotes"):
        write_field("a,b", container.model_copy(update={"quoting": "none"}))
    assert cpl.write_list(
        [], profile.model_copy(update={"container": container.model_copy(update={"bom": "required"})})
    )[:3] == bytes.fromhex("EFBBBF")

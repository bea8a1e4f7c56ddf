"""Reading submission.toml."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from trial_bench import Bench

from trialconformance.core import Claims, UsageError
from trialconformance.trial import DEVICE_TYPES, DOCUMENTS, REQUIREMENTS, Submission, load_policy
from trialconformance.trial.facts import HUMAN_REQUIREMENTS, nearest


def test_everything_is_there_by_plain_attributes(bench: Bench) -> None:
    """What the engine needs is read from the example: claims, subject, versions, policy, end, paths."""
    read = bench.submission
    assert read.claims == Claims(device_type="HCALCS", use_cases=frozenset({"CS06", "CS08"}))
    assert (read.subject.model, read.subject.trial_reference) == ("0302 0001 00000B01", "TRIAL-2022-0007-49")
    assert read.gbcs_version == (3, 2)
    assert read.end == date(2023, 9, 30)
    assert read.folder == bench.folder
    assert read.octets == bench.path.read_bytes()
    assert read.artefacts.cpl_after == bench.folder / "cpl/after.csv"
    assert read.read_policy() == load_policy("100-12")
    assert read.name_of(bench.folder / "docs" / "use-case.md") == "docs/use-case.md"


def test_every_named_file_is_an_input_once(bench: Bench) -> None:
    """Inputs name the submission, its artefacts, documents, decisions and keys, each with its role and key."""
    inputs = bench.submission.inputs
    roles = {each.name: each.role for each in inputs}
    assert len(roles) == len(inputs)
    assert roles["submission.toml"] == "submission"
    assert roles["cpl/after.csv"] == "cpl-after"
    assert roles["register"] == "register"
    assert roles["docs/use-case.md"] == "document"
    assert roles["decisions/TR-07.dsse.json"] == "decision"
    assert roles["trust/ssc.pem"] == "trusted-key"
    assert roles["tests/session-1.md"] == "document"
    assert {each.key for each in inputs} >= {"documents.mvp", "certificates.0.mapping", "scenarios.6.file"}


def test_artefacts_of_every_kind_are_read(bench: Bench) -> None:
    """One capture or several, an EUI-64 in any form, a shipped profile or a file, a policy file."""
    bench.write("one.hex", b"00")
    bench.write("profile.json", b"{}")
    bench.write("policy.json", b'{"based_on": "100-18", "id": "ours", "max_devices": 50}')
    bench.edit(
        "[artefacts]", '[artefacts]\ncaptures = "one.hex"\nacb = "90-b3-d5-1f-30-00-00-02"\nsmki_profile = "test-pki"'
    )
    bench.edit('preset = "100-12"', 'file = "policy.json"')
    read = bench.submission
    assert read.artefacts.captures == (bench.folder / "one.hex",)
    assert read.artefacts.acb == bytes.fromhex("90B3D51F30000002")
    assert read.artefacts.smki_profile == "test-pki"
    assert (read.read_policy().id, read.read_policy().max_devices, read.read_policy().max_months) == ("ours", 50, 18)
    bench.edit('captures = "one.hex"', 'captures = ["one.hex", "profile.json"]')
    bench.edit('smki_profile = "test-pki"', 'smki_profile = "profile.json"')
    read = bench.submission
    assert len(read.artefacts.captures) == 2
    assert read.artefacts.smki_profile == bench.folder / "profile.json"
    roles = {each.name: each.role for each in read.inputs}
    assert (roles["one.hex"], roles["policy.json"], roles["profile.json"]) == ("capture", "policy", "smki-profile")


@pytest.mark.parametrize(
    ("old", "new", "where", "said"),
    [
        ("quantity = 100", "quantitty = 100", "trial.quantitty", "did you mean 'quantity'"),
        ("mvp = ", "mpv = ", "documents", "did you mean 'mvp'"),
        ("TR-07 = ", "TR-08 = ", "decisions", "did you mean 'TR-07'"),
        ("[policy]", "[polices]", "polices", "did you mean 'policy'"),
        ("[policy]", "[zzzz]", "zzzz", "keys here: schema, as_of"),
        ('kind = "zigbee"', 'kinds = "zigbee"', "certificates.0.kinds", "did you mean 'kind'"),
        ('party = "EX-SUPPLIER"', 'partty = "EX-SUPPLIER"', "trial.sponsor.partty", "did you mean 'party'"),
        ('type = "HCALCS"', 'type = "TOASTER"', "device.type", "is none of ESME"),
        ("quantity = 100", 'quantity = "100"', "trial.quantity", "valid integer"),
        ("as_of = 2022-10-15", "", "as_of", "is missing"),
        ('use_cases = ["CS06", "CS08"]', "use_cases = []", "ics.use_cases", "at least 1"),
        ('GBCS = "3.2"', 'GBCS = "latest"', "specifications", "needs the GBCS version"),
        ('model_id = "0302"', 'model_id = "302"', "device.model_id", "pattern"),
        ("cpl/after.csv", "cpl/missing.csv", "artefacts.cpl_after", "cpl/missing.csv does not exist"),
        ("trust/ssc.pem", "trust/none.pem", "trust.ssc.0", "does not exist"),
        ('schema = "trialconformance-submission/1"', 'schema = "other/1"', "schema", "trialconformance-submission/1"),
    ],
)  # fmt: skip
def test_bad_entries_are_told_with_key_and_what_is_accepted(
    bench: Bench, old: str, new: str, where: str, said: str
) -> None:
    """An unknown key names the nearest known one; a bad value or a missing artefact names its key."""
    bench.edit(old, new)
    with pytest.raises(UsageError) as caught:
        Submission.read(bench.path)
    assert caught.value.where.endswith(f"submission.toml: {where}")
    assert said in str(caught.value)


def test_a_bad_eui_is_told(bench: Bench) -> None:
    """An identity that is no EUI-64 is refused in words of its own, as is one that is no text."""
    for value, said in (('"12"', "is not an EUI-64"), ("12", "artefacts.acb")):
        bench.edit("[artefacts]", f"[artefacts]\nacb = {value}")
        with pytest.raises(UsageError, match=said):
            Submission.read(bench.path)
        bench.edit(f"acb = {value}\n", "")


@pytest.mark.parametrize("octets", [b"\xff", b"a = = 1", b"a = 1\na = 2", b"[" * 100_000])
def test_what_is_no_toml_is_refused(tmp_path: Path, octets: bytes) -> None:
    """A file that is no TOML is bad usage, with the reason."""
    path = tmp_path / "submission.toml"
    path.write_bytes(octets)
    with pytest.raises(UsageError, match="is not usable TOML"):
        Submission.read(path)


def test_a_missing_submission_is_refused(tmp_path: Path) -> None:
    """A path without a file is bad usage."""
    with pytest.raises(UsageError, match="cannot be read"):
        Submission.read(tmp_path / "submission.toml")


def test_a_missing_document_is_no_error(bench: Bench) -> None:
    """A document that is not there is left to the requirement that it serves."""
    (bench.folder / "docs/use-case.md").unlink()
    assert bench.submission.documents["use_case"] == bench.folder / "docs/use-case.md"


def test_a_trial_without_months_ends_where_it_starts(bench: Bench) -> None:
    """No whole month asked for: the end is the start, and TR-03 says what is wrong."""
    bench.edit("months = 12", "months = 0")
    assert bench.submission.end == date(2022, 10, 1)


def test_facts_fit_together() -> None:
    """Every requirement has a case, documents serve requirements, and the three human ones are those of the page."""
    assert [each.id for each in REQUIREMENTS] == [f"TR-{number:02d}" for number in range(1, 49)]
    assert all(each.case == f"TRIAL-{each.id}" for each in REQUIREMENTS)
    assert {each.requirement for each in DOCUMENTS.values()} <= {each.id for each in REQUIREMENTS}
    assert HUMAN_REQUIREMENTS == ("TR-07", "TR-14", "TR-15")
    assert {each.type for each in DEVICE_TYPES.values() if not each.needs_cpa} == {"PPMID", "IHD"}


def test_nothing_near_lists_what_is_known() -> None:
    """A key that is near nothing gets the list of keys."""
    assert nearest("zzz", ["alpha", "beta"]) == "keys here: alpha, beta"

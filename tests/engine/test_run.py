"""A whole run over the packaged submission and over bare folders."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from trialconformance.core import (
    CaseRow,
    ExitCode,
    Finding,
    Scope,
    UsageError,
    Verdict,
    check,
    finding,
    sha256_hex,
)
from trialconformance.engine import CATALOGUE, Artefacts, Extensions, Inputs, Run, judge_submission
from trialconformance.packaged import packaged
from trialconformance.smki import KeyStore
from trialconformance.trial import Submission


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the packaged submission."""
    return Path(shutil.copytree(packaged("fixtures") / "demo", tmp_path / "demo"))


@dataclass(frozen=True, slots=True)
class _Log:
    name: str
    octets: bytes


@check("HOUSE-LOG-01", clause="house rule", applies_to=Scope(kind="log", title="every log"))
def log_is_empty(log: _Log) -> Iterator[Finding]:
    """A log is empty."""
    if log.octets:
        yield finding(expected="nothing", seen="something")


def _load_logs(inputs: Inputs) -> Mapping[str, Sequence[Any]]:
    return {"log": [_Log("one.log", inputs.as_of.isoformat().encode())]}


def test_the_packaged_submission_passes(folder: Path) -> None:
    """Every case is accounted for, and the verdict never says more than what it rests on."""
    judged = judge_submission(folder / "submission.toml")
    assert judged.record.exit_code is ExitCode.PASS
    assert "assumed format" in judged.record.statement
    assert "synthetic test keys" in judged.record.statement
    assert len(judged.record.cases) == len(CATALOGUE)
    assert judged.record.tool.catalogue == sha256_hex(judged.catalogue)
    assert {name: sha256_hex(octets) for name, octets in judged.settings.items()} == judged.record.settings
    assert {row.name: row.sha256 for row in judged.record.artefacts} == dict(judged.inputs.digests)
    assert judged.secrets == {}


def test_the_record_is_the_same_wherever_it_is_made(folder: Path, tmp_path: Path) -> None:
    """Another copy in another folder gives the same octets, and they name no path of this machine."""
    other = shutil.copytree(folder, tmp_path / "somewhere" / "else")
    one, two = (judge_submission(Path(each) / "submission.toml").record.to_json() for each in (folder, other))
    assert one == two
    assert str(tmp_path).encode() not in one


def test_another_day_or_version_judges_otherwise(folder: Path) -> None:
    """A submission can be judged as of another day and against another version."""
    later = judge_submission(folder / "submission.toml", as_of=date(2030, 1, 1), specifications={"GBCS": "4.1"}).record
    assert later.as_of == "2030-01-01"
    assert later.specifications["GBCS"] == "4.1"
    assert later.verdict is Verdict.FAIL
    with pytest.raises(UsageError, match="is not a version"):
        judge_submission(folder / "submission.toml", specifications={"GBCS": "new"})


def test_rows_of_procedures_are_taken_over(folder: Path, toy: Any) -> None:
    """Rows of live cases are not judged again; with one judged the evidence is not called static."""
    path = folder / "submission.toml"
    static = judge_submission(path, procedures=[toy.LIVE]).record
    assert "static evidence" in static.statement
    live = CaseRow.of(toy.LIVE, Verdict.PASS, "looked at", judged=1)
    record = judge_submission(path, procedures=[toy.LIVE], rows=[live]).record
    assert "static evidence" not in record.statement
    assert next(row for row in record.cases if row.id == toy.LIVE.id) == live


def test_waivers_are_judged_with_what_procedures_found(folder: Path, toy: Any) -> None:
    """A waiver of a live case is settled in the record, where the row of the procedure is known."""
    image = folder / "image" / "firmware.zigbee"
    (folder / "waivers.toml").write_text(
        f'[[waiver]]\ncase = "{toy.LIVE.id}"\nclause = "{toy.LIVE.clause}"\nreason = "sealed"\n'
        'owner_role = "manufacturer"\napprover_role = "SSC"\nexpiry = 2030-01-01\n'
        f'artefact_digest = "{sha256_hex(image.read_bytes())}"\n'
    )
    text = (folder / "submission.toml").read_text()
    (folder / "submission.toml").write_text(text.replace("[artefacts]\n", '[artefacts]\nwaivers = "waivers.toml"\n'))
    live = CaseRow.of(toy.LIVE, Verdict.PASS, "looked at", judged=1)
    judged = judge_submission(folder / "submission.toml", procedures=[toy.LIVE], rows=[live])
    governance = {row.id: row.verdict for row in judged.record.cases if row.id.startswith("WAIVER")}
    assert governance["WAIVER-GOV-05"] is Verdict.FAIL
    assert governance["WAIVER-GOV-01"] is Verdict.PASS
    assert "waivers" in judged.settings


def test_extra_cases_and_artefacts(folder: Path) -> None:
    """What plugins add is judged and accounted for like the rest."""
    run = Run(
        Inputs.of(Submission.read(folder / "submission.toml")),
        extensions=Extensions(checks=(log_is_empty,), loaders=(_load_logs,)),
    )
    row = run.judge.row("HOUSE-LOG-01")
    assert (row.verdict, row.findings[0].artefact) == (Verdict.FAIL, "one.log")
    assert b"HOUSE-LOG-01" in run.catalogue
    with pytest.raises(UsageError, match="is a case of the catalogue"):
        _ = Run(run.inputs, extensions=Extensions(checks=(CATALOGUE[0],))).judge


def test_every_artefact_is_read_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two cases of one domain share what was decoded for the first."""
    run = Run(Inputs.of(Submission.read(folder / "submission.toml")))
    assert run.judge.row("GBCS-SEC-001").verdict is Verdict.PASS
    monkeypatch.setattr("trialconformance.gbcs.read_captures", lambda *_, **__: pytest.fail("read again"))
    assert run.judge.row("GBCS-SEC-002").verdict in set(Verdict)


def test_findings_count_in_decoded_octets(folder: Path) -> None:
    """The excerpt of a finding shows the octets of the message, not the text of the file it lies in."""
    artefacts = Artefacts(Inputs.of(Submission.read(folder / "submission.toml")))
    capture = artefacts.captures[0]
    assert artefacts.octets(capture.name) == capture.octets
    assert artefacts.keystore is not None
    certificate = artefacts.keystore.certificates[0]
    assert artefacts.octets(certificate.name) == certificate.octets
    assert artefacts.octets("submission.toml") == (folder / "submission.toml").read_bytes()
    assert artefacts.octets("nothing") is None


def _bare(folder: Path, **changes: Any) -> Inputs:
    values: dict[str, Any] = {"as_of": date(2022, 10, 15), "root": folder.parent / "elsewhere", "specifications": {}}
    return Inputs(**(values | changes))


def test_bare_folders_are_judged(folder: Path) -> None:
    """Folders without a submission are judged, under names that say nothing of the machine."""
    run = Run(_bare(folder, captures=(folder / "captures",), keystore=folder / "keystore"))
    run.artefacts.load()
    record = run.record(run.judge.row(case.id) for case in run.judge.cases)
    names = {row.name.split("/")[0] + "/" + row.name.split("/")[1] for row in record.artefacts}
    assert names == {"capture/captures", "certificate/keystore"}
    assert record.verdict is not Verdict.FAIL
    assert next(row for row in record.cases if row.id == "CPL-FI-001").verdict is Verdict.NOT_APPLICABLE
    assert next(row for row in record.cases if row.id == "TRIAL-TR-02").verdict is Verdict.NOT_APPLICABLE


def test_a_list_needs_the_other(folder: Path) -> None:
    """A list cannot be judged alone: the missing one is named."""
    for given, missing in (("cpl_before", "cpl_after"), ("cpl_after", "cpl_before")):
        run = Run(_bare(folder, **{given: folder / "cpl" / "after.csv"}))
        with pytest.raises(UsageError, match=f"{missing}.*both lists or neither"):
            run.artefacts.load()


def test_lists_without_a_digest_stay_undecided(folder: Path) -> None:
    """Without the published digests the case about them is undecided and says what is wanted."""
    for sidecar in (folder / "cpl").glob("*.sha256"):
        sidecar.unlink()
    run = Run(_bare(folder, cpl_before=folder / "cpl" / "before.csv", cpl_after=folder / "cpl" / "after.csv"))
    run.artefacts.load()
    rows = [run.judge.row(case.id) for case in run.judge.cases if case.domain == "cpl"]
    wanted = [row for row in rows if row.verdict is Verdict.INCONCLUSIVE]
    assert wanted
    assert all("no published digest" in row.reason for row in wanted)


def test_certificate_profiles_by_name_and_file(folder: Path) -> None:
    """A shipped certificate profile goes by its name, one's own by its path."""
    by_name = Run(_bare(folder, keystore=folder / "keystore", smki_profile="test-pki"))
    assert by_name.artefacts.smki_profile.name == "test-pki"
    assert "test certificates" in by_name.record([]).model_dump_json()
    own = folder / "own.json"
    own.write_bytes(by_name.artefacts.smki_profile.octets.replace(b'"test-pki"', b'"own"', 1))
    by_file = Run(_bare(folder, keystore=folder / "keystore", smki_profile=own))
    assert by_file.artefacts.smki_profile.name == "own"
    assert "smki-profile/own.json" in by_file.artefacts.files


def test_a_key_store_can_be_handed_over(folder: Path) -> None:
    """A plugin's key store takes the place of the folder."""
    store = KeyStore.read(folder / "keystore")
    artefacts = Artefacts(_bare(folder), Extensions(keystore=store))
    assert artefacts.keystore is store
    assert Artefacts(_bare(folder)).keystore is None


def test_a_register_that_cannot_be_believed(folder: Path) -> None:
    """A broken register is a finding of the trial regime, never an error of the run."""
    state = next((folder / "register").iterdir())
    state.write_bytes(state.read_bytes()[:-20])
    judged = judge_submission(folder / "submission.toml").record
    assert judged.verdict is Verdict.FAIL
    assert next(row for row in judged.cases if row.id == "TRIAL-TR-08").findings


def test_lost_cases_fail(folder: Path) -> None:
    """A case without a row counts as lost, and a record with one fails."""
    run = Run(_bare(folder, captures=(folder / "captures",)))
    record = run.record([run.judge.row("GBCS-STR-001")])
    assert record.verdict is Verdict.FAIL
    assert record.accounting["not-run"] == len(CATALOGUE) - 1

"""Every hook is called, and what it answers takes effect."""

from __future__ import annotations

import zipfile
from typing import Any

from trialconformance import hookspecs
from trialconformance.core import ExitCode, Verdict

_CONFTEST = '''
"""Everything that a conftest can add."""

from dataclasses import dataclass
from pathlib import Path

from trialconformance.core import Scope, check, finding
from trialconformance.evidence import Note, Signer
from trialconformance.smki import KeyStore
from trialconformance.smki.issue import SyntheticPki


@dataclass(frozen=True)
class Log:
    name: str
    octets: bytes


@check("HOUSE-LOG-01", clause="house rule 1", applies_to=Scope(kind="log", title="every log of ours"))
def log_holds_no_secret(log):
    """A log of the factory holds no secret."""
    if b"secret" in log.octets:
        yield finding(expected="no secret", seen="a secret")


def pytest_trialconformance_cases(config):
    return [log_holds_no_secret]


def pytest_trialconformance_artefacts(config, inputs):
    return {"log": [Log(path.name, path.read_bytes()) for path in sorted(inputs.root.glob("*.log"))]}


def pytest_trialconformance_keystore(config, inputs):
    (inputs.root / "asked-keystore").touch()
    return KeyStore.read(inputs.root / "keystore")


def pytest_trialconformance_cpl_profile(config, inputs):
    profile = inputs.root / "own-profile.json"
    return profile if profile.exists() else None


def pytest_trialconformance_signers(config, record):
    return [Signer(role="manufacturer", key=SyntheticPki().private_key("supplier", "ds"))]


def pytest_trialconformance_report_sections(config, record):
    return [Note(title="From the factory", text=f"the verdict is {record.statement} <b>")]
'''


def _row(bench: Any, case_id: str) -> Any:
    return next(row for row in bench.record.cases if row.id == case_id)


def test_extra_cases_judge_extra_artefacts(bench: Any) -> None:
    """A case of a plugin is an item of its own and a row of the record, over artefacts that the plugin loads."""
    bench.pytester.makeconftest(_CONFTEST)
    (bench.folder / "line-1.log").write_text("all is well")
    (bench.folder / "line-2.log").write_text("the secret is 42")
    result = bench.run("--trial-suite", "trial", "-v")
    assert result.ret == ExitCode.FAIL
    result.stdout.fnmatch_lines(["*HOUSE-LOG-01* FAILED *", "line-2.log", "  expected  no secret"])
    row = _row(bench, "HOUSE-LOG-01")
    assert (row.verdict, row.judged, [each.artefact for each in row.findings]) == (Verdict.FAIL, 2, ["line-2.log"])


def test_a_key_store_of_a_plugin_is_used(bench: Any) -> None:
    """The key store of a plugin replaces that of the submission: without private keys no MAC can be verified."""
    bench.run("--trial-suite", "gbcs")
    with_keys = _row(bench, "GBCS-SEC-004").judged
    bench.pytester.makeconftest(_CONFTEST)
    bench.run("--trial-suite", "gbcs")
    assert (bench.folder / "asked-keystore").exists()
    assert with_keys > 0


def test_a_profile_of_a_plugin_is_used(bench: Any) -> None:
    """The format profile of a plugin is the one that the record names."""
    from trialconformance.core import read_data  # noqa: PLC0415 -- one test needs it

    bench.pytester.makeconftest(_CONFTEST)
    own = read_data("trialconformance.cpl", "data/profiles/cpl-assumed-1.json")
    (bench.folder / "own-profile.json").write_bytes(own.replace(b'"cpl-assumed-1"', b'"house-format-7"'))
    bench.run("--trial-suite", "cpl")
    assert "cpl-profile house-format-7" in bench.record.settings
    assert "house-format-7" in {each.id for each in bench.record.assumptions}


def test_sections_and_signers_reach_the_evidence(bench: Any) -> None:
    """A section of a plugin stands in the report, escaped, and its signer signs the bundle."""
    bench.pytester.makeconftest(_CONFTEST)
    bench.run("--trial-suite", "cpl")
    report = (bench.evidence / "report.html").read_text()
    assert "From the factory" in report
    assert "&lt;b&gt;" in report
    with zipfile.ZipFile(bench.evidence / "bundle.zip") as bundle:
        assert any(b'"signatures":[{' in bundle.read(name) for name in bundle.namelist())


def test_an_extra_case_needs_an_id_of_its_own(bench: Any) -> None:
    """A plugin cannot take the place of a case of the catalogue."""
    bench.pytester.makeconftest(_CONFTEST.replace("HOUSE-LOG-01", "CPL-FI-001"))
    result = bench.run()
    assert result.ret == ExitCode.BAD_INPUT
    result.stderr.fnmatch_lines(["*CPL-FI-001 is a case of the catalogue*"])


def test_every_hook_says_when_it_fires() -> None:
    """Each hook is typed and its text begins with when it fires."""
    hooks = [value for name, value in vars(hookspecs).items() if name.startswith("pytest_")]
    assert len(hooks) >= 6
    for hook in hooks:
        assert (hook.__doc__ or "").startswith("Fires ")
        assert "return" in hook.__annotations__

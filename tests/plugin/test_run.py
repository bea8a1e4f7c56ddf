"""``pytest --trial``: what is collected, what is shown, what is written, how it ends."""

from __future__ import annotations

from typing import Any

import pytest

from trialconformance.catalogue import PROCEDURES, cases
from trialconformance.core import ExitCode, Verdict, read_data

_STATIC = [case.id for case in cases() if case not in PROCEDURES]


def test_the_packaged_submission_passes(bench: Any) -> None:
    """One item for every case, record, report and bundle written, exit code 0."""
    result = bench.run("-v")
    assert result.ret == ExitCode.PASS
    result.stdout.fnmatch_lines(
        [
            "trialconformance *: Sample Switches plc, HCALCS, *, as of *, * cases",
            "*test_gbcs*GBCS-SEC-001* PASSED *",
            "*trial conformance*",
            "verdict: pass (*",
            "report: trial-evidence/report.html",
            "record: trial-evidence/record.json",
            "bundle: trial-evidence/bundle.zip",
        ]
    )
    for case_id in _STATIC:
        result.stdout.fnmatch_lines([f"*::test_*{case_id}* *"])
    assert sorted(row.id for row in bench.record.cases) == sorted(case.id for case in cases())
    assert {path.name for path in bench.evidence.iterdir()} >= {"record.json", "report.html", "bundle.zip"}


def test_the_summary_adds_up_to_the_catalogue(bench: Any) -> None:
    """The last lines read like an accounting: buckets by domain, and their sum."""
    result = bench.run()
    lines = [line.split() for line in result.outlines]
    domains, whole = len({case.domain for case in cases()}), len(cases())
    table = [line for line in lines if line and line[0] in set(Verdict) and line[-1].isdigit()]
    numbers = [line[1:] for line in table if len(line) == domains + 2]
    assert len(numbers) == len(Verdict)
    assert sum(int(row[-1]) for row in numbers) == whole
    assert ["catalogue", *(str(sum(int(row[at]) for row in numbers)) for at in range(domains + 1))] in lines


def test_a_breach_is_shown_with_its_octets(bench: Any) -> None:
    """A failing item shows requirement, clause, place, expected, seen and the octets in brackets, no traceback."""
    spoilt = bench.spoil_signature()
    result = bench.run("--trial-suite", "gbcs")
    assert result.ret == ExitCode.FAIL
    name = spoilt.relative_to(bench.folder).as_posix()
    result.stdout.fnmatch_lines(
        [
            "*GBCS * severity must * basis *",
            "fail: *",
            f"{name}, octets *(*)",
            "  expected  *",
            "  seen      *",
            "*[[]*",
        ]
    )
    shown = result.stdout.str()
    assert "Traceback" not in shown
    assert "site-packages" not in shown
    assert ".py:" not in shown.partition("FAILURES")[2].partition("short test summary")[0]


def test_a_selection_is_inconclusive(bench: Any) -> None:
    """Whoever leaves cases out gets no pass: the run is undecided and says what was left out."""
    result = bench.run("-k", "GBCS-SEC")
    assert result.ret == ExitCode.INCONCLUSIVE
    left_out = next(row for row in bench.record.cases if row.id == "SMKI-ENC-01")
    assert (left_out.verdict, left_out.selected) == (Verdict.NOT_RUN, False)
    assert left_out.reason == "left out of this run by its selection"


def test_one_shipped_suite(bench: Any) -> None:
    """``--trial-suite`` runs one suite; naming its path does the same."""
    result = bench.run("--trial-suite", "cpl")
    assert result.ret == ExitCode.INCONCLUSIVE
    assert {row.id[:3] for row in bench.record.cases if row.selected and row.id not in _LIVE} == {"CPL"}


_LIVE = {case.id for case in PROCEDURES}


def test_an_official_run_leaves_nothing_out(bench: Any) -> None:
    """In an official run a case that was left out counts as lost: the run fails."""
    assert bench.run("--official", "-k", "GBCS-SEC").ret == ExitCode.FAIL
    assert bench.run("--official").ret == ExitCode.PASS


@pytest.mark.parametrize(
    "words", [("--trial-suite", "gbcs"), ("--trial-as-of", "2022-10-20"), ("--trial-gbcs", "4.1")], ids=" ".join
)
def test_an_official_run_is_set_by_the_submission(words: tuple[str, ...], bench: Any) -> None:
    """In an official run nothing is set otherwise than the submission says."""
    result = bench.run("--official", *words)
    assert result.ret == ExitCode.BAD_INPUT
    result.stderr.fnmatch_lines([f"*{words[0]}: is not allowed in an official run*"])
    assert not bench.evidence.exists()


def test_an_official_run_takes_nothing_from_plugins(bench: Any) -> None:
    """In an official run no plugin replaces an input, and no policy lets go what the shipped one promotes."""
    bench.pytester.makeconftest(
        "def pytest_trialconformance_cpl_profile(config, inputs): return inputs.root / 'profile.json'"
    )
    (bench.folder / "profile.json").write_bytes(read_data("trialconformance.cpl", "data/profiles/cpl-assumed-1.json"))
    result = bench.run("--official")
    assert result.ret == ExitCode.BAD_INPUT
    result.stderr.fnmatch_lines(["*--official: a plugin gives another CPL profile*"])


def test_an_official_run_keeps_what_is_promoted(bench: Any) -> None:
    """A policy that lets a bad MAC go undecided is refused."""
    (bench.folder / "policy.json").write_text('{"based_on": "100-12", "id": "lax", "title": "Lax", "promoted": []}')
    bench.edit("[policy]\n", '[policy]\nfile = "policy.json"\n')
    result = bench.run("--official")
    assert result.ret == ExitCode.BAD_INPUT
    result.stderr.fnmatch_lines(["*the policy does not promote GBCS-*"])
    assert bench.run().ret == ExitCode.PASS


def test_another_day_and_version(bench: Any) -> None:
    """Day of judgement and GBCS version can be set for a run that is not official."""
    bench.run("--trial-as-of", "2022-11-01", "--trial-gbcs", "4.1", "--trial-suite", "cpl")
    assert bench.record.as_of == "2022-11-01"
    assert bench.record.specifications["GBCS"] == "4.1"


def test_suites_of_the_user_run_beside(bench: Any) -> None:
    """Tests in the folder of the caller run beside the shipped suites, get the run as a fixture and can fail it."""
    bench.pytester.makepyfile(
        test_mine="""
        def test_name(trial):
            assert trial.inputs.subject.manufacturer == "Sample Switches plc"

        def test_wrong():
            assert 1 == 2
        """
    )
    result = bench.run()
    assert result.ret == ExitCode.FAIL
    outcomes = result.parseoutcomes()
    assert outcomes["failed"] == 1
    assert outcomes["passed"] > 100
    assert bench.record.verdict is Verdict.PASS


def test_test_paths_of_a_project_are_left_alone(bench: Any) -> None:
    """A project's own test paths are not a conformance suite."""
    bench.pytester.makepyfile(test_mine="def test_wrong(): assert False")
    bench.pytester.makeini("[pytest]\ntestpaths = .\n")
    assert bench.run().ret == ExitCode.PASS


def test_every_option_has_an_ini_twin(bench: Any) -> None:
    """The ini file sets what the command line sets; the command line wins."""
    bench.pytester.makeini("[pytest]\ntrial = submission.toml\ntrial_output = out\ntrial_suites = cpl\n")
    result = bench.pytester.runpytest_inprocess("-p", "no:randomly", "-p", "no:cacheprovider")
    assert result.ret == ExitCode.INCONCLUSIVE
    assert (bench.folder / "out" / "record.json").exists()
    bench.pytester.makeini("[pytest]\ntrial = nowhere.toml\ntrial_official = true\ntrial_as_of = 2022-10-16\n")
    assert bench.run().ret == ExitCode.BAD_INPUT


def test_collect_only_writes_nothing(bench: Any) -> None:
    """Listing the items judges nothing and writes nothing."""
    result = bench.run("--collect-only", "-q")
    assert result.ret == ExitCode.PASS
    assert not bench.evidence.exists()


def test_waivers_are_shown(bench: Any) -> None:
    """A waiver that a trial may not have fails the run by its own case."""
    (bench.folder / "waivers.toml").write_text(
        '[[waiver]]\ncase = "GBCS-SEC-004"\nclause = "x"\nreason = "x"\nowner_role = "x"\napprover_role = "x"\n'
        f'expiry = 2030-01-01\nartefact_digest = "{"0" * 64}"\n'
    )
    bench.edit("[artefacts]\n", '[artefacts]\nwaivers = "waivers.toml"\n')
    result = bench.run()
    assert result.ret == ExitCode.FAIL
    assert next(row for row in bench.record.cases if row.id == "WAIVER-GOV-06").verdict is Verdict.FAIL


def test_an_output_that_cannot_be_written(bench: Any) -> None:
    """A folder that cannot be written is bad input, told in one line."""
    (bench.folder / "taken").write_text("a file")
    result = bench.run("--trial-suite", "cpl", "--trial-output", "taken")
    assert result.ret == ExitCode.BAD_INPUT
    result.stdout.fnmatch_lines(["trialconformance: *taken*"])


def test_names_of_the_user_do_not_clash(bench: Any) -> None:
    """A suite of the user may have the file name of a shipped one."""
    bench.pytester.makepyfile(test_cpl="def test_mine(): pass")
    result = bench.run("--trial-suite", "cpl", "-v")
    assert result.ret == ExitCode.INCONCLUSIVE
    result.stdout.fnmatch_lines(["test_cpl.py::test_mine PASSED *"])

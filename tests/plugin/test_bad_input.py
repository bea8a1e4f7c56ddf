"""Bad input: one clear message, exit code 3, nothing written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from trialconformance.core import ExitCode


def _unknown_key(bench: Any) -> None:
    bench.edit("[artefacts]\n", '[artefacts]\nkeystor = "keystore"\n')


def _missing_file(bench: Any) -> None:
    bench.edit('cpl_after = "cpl/after.csv"', 'cpl_after = "cpl/later.csv"')


def _no_hex(bench: Any) -> None:
    next(bench.captures()).write_text("DF 09 zz")


def _empty_capture(bench: Any) -> None:
    next(bench.captures()).write_text("")


def _no_toml(bench: Any) -> None:
    bench.submission.write_text("[artefacts")


def _no_submission(bench: Any) -> None:
    bench.submission.unlink()


def _one_list(bench: Any) -> None:
    bench.edit('cpl_before = "cpl/before.csv"\n', "")
    bench.edit('cpl_changes = "cpl/changes.json"\n', "")


def _wrong_waivers(bench: Any) -> None:
    (bench.folder / "waivers.toml").write_text("waivers = []")
    bench.edit("[artefacts]\n", '[artefacts]\nwaivers = "waivers.toml"\n')


def _unknown_promoted(bench: Any) -> None:
    (bench.folder / "policy.json").write_text(
        '{"based_on": "100-12", "id": "slip", "title": "Slip", "promoted": ["GBCS-SEC-07"]}'
    )
    bench.edit("[policy]\n", '[policy]\nfile = "policy.json"\n')


def _unknown_in_profile(bench: Any) -> None:
    (bench.folder / "profile.json").write_text(
        '{"name": "slip", "description": "x", "severities": {"SMKI-ENC-99": "off"}}'
    )
    bench.edit("[artefacts]\n", '[artefacts]\nsmki_profile = "profile.json"\n')


def _no_ics(bench: Any) -> None:
    bench.edit("[ics]", "[isc]")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_unknown_key, "*keystor*keystore*"),
        (_missing_file, "*cpl_after*cpl/later.csv*"),
        (_no_hex, "*captures/*'z' at offset*hex*"),
        (_empty_capture, "*captures/*is empty*"),
        (_no_toml, "*is not usable TOML*"),
        (_no_submission, "*submission.toml: cannot be read*"),
        (_one_list, "*cpl_before*both lists or neither*"),
        (_wrong_waivers, "*waivers.toml*did you mean 'waiver'?*"),
        (_unknown_promoted, "*policy slip*GBCS-SEC-07*GBCS-SEC-0*"),
        (_unknown_in_profile, "*profile slip*SMKI-ENC-99*"),
        (_no_ics, "*isc*ics*"),
    ],
)
def test_bad_input_ends_the_run(spoil: Callable[[Any], None], said: str, bench: Any) -> None:
    """What cannot be used is told in one line with what is accepted, before anything is judged or written."""
    spoil(bench)
    result = bench.run()
    assert result.ret == ExitCode.BAD_INPUT
    told = [line for line in (*result.errlines, *result.outlines) if "trialconformance: " in line]
    assert len(told) == 1
    pytest.LineMatcher(told).fnmatch_lines([said])
    assert "Traceback" not in result.stdout.str() + result.stderr.str()
    assert not bench.evidence.exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--trial-suite", "gbsc"), "*no shipped suite 'gbsc'*gbcs*"),
        (("--trial-as-of", "yesterday"), "*'yesterday' is no date*YYYY-MM-DD*"),
        (("--trial-gbcs", "four"), "*'four' is not a version*"),
        (("-k", "NO-SUCH-CASE"), "*no case was selected*"),
    ],
)
def test_bad_options_end_the_run(words: tuple[str, ...], said: str, bench: Any) -> None:
    """An option that is not accepted, or a selection of nothing, is bad usage."""
    result = bench.run(*words)
    assert result.ret == ExitCode.BAD_INPUT
    pytest.LineMatcher([*result.errlines, *result.outlines]).fnmatch_lines([said])
    assert not bench.evidence.exists()


def test_a_truncated_message_is_a_finding(bench: Any) -> None:
    """A message that does not decode is a finding with its offset; the others are still judged."""
    path = next(bench.captures())
    path.write_text(path.read_text().strip()[:60])
    result = bench.run("--trial-suite", "gbcs")
    assert result.ret == ExitCode.FAIL
    name = path.relative_to(bench.folder).as_posix()
    findings = [found for row in bench.record.cases for found in row.findings if found.artefact == name]
    assert any(found.span is not None for found in findings)
    passed = next(row for row in bench.record.cases if row.id == "GBCS-SEC-001")
    assert passed.judged > 5

"""Without ``--trial`` nobody notices the plugin."""

from __future__ import annotations

import subprocess
import sys

import pytest

_HEAVY = ("pydantic", "cryptography", "construct", "asn1crypto", "rich", "jinja2", "lxml", "typer")
_IMPORTS = (
    "import pytest, sys, time; before = set(sys.modules); start = time.perf_counter(); import trialconformance.plugin; "
)


def test_nothing_is_shown_or_changed(pytester: pytest.Pytester) -> None:
    """A run without ``--trial`` looks as if the plugin were not there."""
    pytester.makepyfile("def test_one(): pass")
    result = pytester.runpytest_inprocess("-p", "no:randomly")
    result.assert_outcomes(passed=1)
    assert "conformance" not in result.stdout.str().partition("plugins:")[2].partition("\n")[2]
    assert not (pytester.path / "trial-evidence").exists()


def test_the_import_is_light() -> None:
    """Loading the plugin takes at most 30 ms and imports neither a domain nor a library beyond pytest."""
    code = _IMPORTS + "print(time.perf_counter() - start); print(*(set(sys.modules) - before))"
    best = 1.0
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        seconds, _, loaded = done.stdout.partition("\n")
        best = min(best, float(seconds))
    assert best <= 0.030
    assert not [name for name in loaded.split() if name.startswith(_HEAVY)]
    assert {name for name in loaded.split() if name.startswith("trialconformance.")} == {
        "trialconformance.device_options",
        "trialconformance.hookspecs",
        "trialconformance.options",
        "trialconformance.plugin",
    }


def test_suites_without_a_submission_say_so(pytester: pytest.Pytester) -> None:
    """Whoever runs the shipped suites without ``--trial`` is told what they lack."""
    from trialconformance.packaged import packaged  # noqa: PLC0415 -- one test needs it

    result = pytester.runpytest_inprocess(str(packaged("suites")), "-p", "no:cacheprovider", "-p", "no:randomly")
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    result.stdout.fnmatch_lines(["trialconformance suites: nothing is judged without --trial submission.toml"])


def test_options_and_markers_are_known(pytester: pytest.Pytester) -> None:
    """The options stand in their own group of the help, with their ini twins, and the markers are registered."""
    result = pytester.runpytest_inprocess("--help")
    result.stdout.fnmatch_lines(["conformance of a smart metering trial:", "*--trial=SUBMISSION*", "*trial (string):*"])
    markers = pytester.runpytest_inprocess("--markers")
    markers.stdout.fnmatch_lines(["@pytest.mark.cases(*", "@pytest.mark.case(id)*"])

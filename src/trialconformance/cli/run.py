"""``trialconformance run``: a submission judged with the conformance suites, that is, by pytest."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Annotated

import pytest
import typer

from trialconformance.cli import console
from trialconformance.core import ExitCode
from trialconformance.pytest_shell.results import Outcome, Results

__all__ = ["run", "run_pytest"]

# This command has imported the plugin before pytest could rewrite the assertions in it; it holds none.
_KNOWN_WARNING = ("-W", "ignore:Module already imported so cannot be rewritten:pytest.PytestAssertRewriteWarning")


class _Witness:
    """Keeps what the plugin came to, which says more than the exit code of pytest."""

    def __init__(self) -> None:
        self.outcome: Outcome | None = None

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self, config: pytest.Config) -> None:
        """Take the outcome when the run is over."""
        results = config.pluginmanager.get_plugin("trialconformance-results")
        if isinstance(results, Results):
            self.outcome = results.outcome


def run(
    submission: Annotated[Path, typer.Argument(help="The submission.toml to judge.", show_default=False)],
    pytest_arguments: Annotated[
        list[str] | None,
        typer.Argument(help="Suites of your own, and after -- any option of pytest.", show_default=False),
    ] = None,
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for record, report and bundle.")] = Path(
        "trial-evidence"
    ),
    workers: Annotated[
        int, typer.Option("--workers", "-n", min=0, help="Worker processes; the record is the same.")
    ] = 0,
    suites: Annotated[
        list[str] | None, typer.Option("--suite", help="Only this shipped suite; may be repeated.")
    ] = None,
    official: Annotated[
        bool, typer.Option("--official", help="Nothing may be left out or set otherwise than the submission says.")
    ] = False,
    device: Annotated[str, typer.Option("--device", help="A live device, for example emulator.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="The record on standard output.")] = False,
) -> int:
    """Judge a submission; writes record, report and bundle, and shows the accounting."""
    words = ["--trial", str(submission), "--trial-output", str(output)]
    words += ["-n", str(workers)] if workers else []
    words += [word for name in suites or () for word in ("--trial-suite", name)]
    words += ["--official"] if official else []
    words += ["--device", device] if device else []
    return run_pytest([*words, *(pytest_arguments or ())], as_json=as_json)


def run_pytest(words: Sequence[str], *, as_json: bool = False) -> int:
    """Run pytest in this process.

    Args:
        words: its arguments.
        as_json: whether the record goes to standard output; what pytest says then goes to standard error.

    Returns:
        The exit code as every command of this package means it.
    """
    witness = _Witness()
    quiet = ["-q"] if console.settings().quiet else []
    colour = [] if console.settings().color else ["--color=no"]
    with redirect_stdout(sys.stderr if as_json else sys.stdout):
        pytest.main([*_KNOWN_WARNING, *quiet, *colour, *words], plugins=[witness])
    outcome = witness.outcome
    if outcome is None:
        # Nothing was judged: pytest did not understand its arguments, or bad input ended the run with our own code.
        return ExitCode.BAD_INPUT
    if as_json and outcome.record is not None:
        console.write(outcome.record.to_json())
    return outcome.exit_code

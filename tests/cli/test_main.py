"""The command as a whole: its table, its errors and its exit codes."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import typer

from trialconformance import __version__, cli
from trialconformance.cli import COMMANDS, console, main
from trialconformance.cli.lazy import Entry
from trialconformance.core import ArtefactError, ExitCode, InternalError, UsageError


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> list[BaseException | ExitCode | None]:
    """A command ``probe`` that raises or returns the one thing a test puts into this list."""
    outcome: list[BaseException | ExitCode | None] = []

    def probe() -> ExitCode | None:
        """Do what the test says."""
        only = outcome[0]
        if isinstance(only, BaseException):
            raise only
        return only

    monkeypatch.setitem(COMMANDS, "probe", Entry("tests_probe:probe", "Do what the test says."))
    module = type(sys)("tests_probe")
    module.__dict__["probe"] = probe
    monkeypatch.setitem(sys.modules, "tests_probe", module)
    return outcome


def test_version_names_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    """``--version`` prints the version and ends with 0."""
    assert main(["--version"]) == ExitCode.PASS
    assert capsys.readouterr().out == f"trialconformance {__version__}\n"


def test_no_words_show_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    """The command alone shows what there is, each command with its sentence."""
    assert main([]) == ExitCode.PASS
    shown = capsys.readouterr().out
    assert all(name in shown for name in COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_shows_its_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every command of the table can be imported and explains itself."""
    assert main([name, "--help"]) == ExitCode.PASS
    assert name in capsys.readouterr().out


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_can_be_found(name: str) -> None:
    """The target of every entry is there, and its sentence ends like one."""
    module, _, attribute = COMMANDS[name].target.partition(":")
    assert hasattr(import_module(module), attribute)
    assert COMMANDS[name].summary.endswith(".")


@pytest.mark.usefixtures("command")
def test_wrong_command_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    """A command that does not exist is bad usage, and the nearest one is named."""
    assert main(["prob"]) == ExitCode.BAD_INPUT
    assert "'probe'" in capsys.readouterr().err


def test_a_group_without_a_command_shows_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    """A group of commands alone is bad usage, and shows its commands instead of an error."""
    assert main(["bundle"]) == ExitCode.BAD_INPUT
    shown = capsys.readouterr()
    assert "verify" in shown.out
    assert "error:" not in shown.err


def test_wrong_option_is_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """An option that does not exist is bad usage and says where help is."""
    assert main(["--colour"]) == ExitCode.BAD_INPUT
    assert "trialconformance --help" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        (UsageError("lacks a key", where="s.toml", accepted="model"), 3, "s.toml: lacks a key (accepted: model)"),
        (ArtefactError("is no certificate", artefact="a.pem", offset=4), 3, "is no certificate (a.pem, offset 4)"),
        (InternalError("two rows"), 4, "at fault: two rows (run again with --traceback"),
        (KeyError("odd"), 4, "at fault: KeyError: 'odd' (run again with --traceback"),
        (PermissionError(13, "Permission denied", "x.hex"), 3, "x.hex: Permission denied"),
        (typer.Abort(), 130, "stopped"),
        (typer.BadParameter("not a date"), 3, "not a date"),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, BaseException) else None,
)
def test_an_error_is_one_line_and_an_exit_code(
    raised: BaseException,
    code: int,
    said: str,
    command: list[BaseException | ExitCode | None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whoever is at fault, the user sees one line on standard error and no traceback."""
    command.append(raised)
    assert main(["probe"]) == code
    shown = capsys.readouterr()
    assert said in shown.err
    assert shown.err.count("\n") == 1
    assert not shown.out


def test_traceback_on_request(
    command: list[BaseException | ExitCode | None], capsys: pytest.CaptureFixture[str]
) -> None:
    """``--traceback`` anywhere shows where this tool broke."""
    command.append(KeyError("odd"))
    assert main(["probe", "--traceback"]) == ExitCode.INTERNAL
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("outcome", [*ExitCode, None])
def test_exit_code_of_a_command_is_passed_on(
    outcome: ExitCode | None, command: list[BaseException | ExitCode | None]
) -> None:
    """What a command returns is the exit code; nothing means 0."""
    command.append(outcome)
    assert main(["probe"]) == (outcome or 0)


def test_options_of_the_whole_command_stand_anywhere() -> None:
    """``-q`` and ``--no-color`` are understood after the sub-command too, but not after ``--``."""
    words = ["run", "s.toml", "-q", "--no-color", "--", "-q"]
    assert cli._hoisted(words) == ["-q", "--no-color", "run", "s.toml", "--", "-q"]


@pytest.mark.usefixtures("command")
def test_quiet_and_colour_are_set() -> None:
    """What the options say reaches the console."""
    main(["probe", "-q", "--no-color", "--help"])
    assert console.settings() == console.Settings(color=False, quiet=True)


def test_start_is_light() -> None:
    """``--version`` imports neither pydantic nor rich nor a domain."""
    code = "import sys; from trialconformance.cli import main; main(['--version']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"pydantic", "rich", "rich.console", "construct", "pytest", "trialconformance.gbcs"}


def test_module_runs_as_the_command(tmp_path: Path) -> None:
    """``python -m trialconformance`` is the command."""
    done = subprocess.run(
        [sys.executable, "-m", "trialconformance", "--version"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert done.stdout == f"trialconformance {__version__}\n"

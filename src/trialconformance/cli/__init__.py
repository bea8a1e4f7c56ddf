"""The ``trialconformance`` command: a table of sub-commands, each imported only when it is asked for.

A command function returns an ``ExitCode`` (nothing means 0) or raises: ``UsageError`` and ``ArtefactError`` end with
exit code 3, ``InternalError`` and anything unexpected with 4. No command prints a traceback.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated, cast

import typer
from typer.main import get_command

from trialconformance import __version__
from trialconformance.cli import console
from trialconformance.cli.lazy import Entry, LazyGroup

__all__ = ["COMMANDS", "main"]

# name -> where it is and what it does. A command is a function or a ``typer.Typer``.
COMMANDS: dict[str, Entry] = {
    "demo": Entry("trialconformance.cli.demo:demo", "Judge the packaged trial submission and show its report."),
    "init": Entry("trialconformance.cli.init:init", "Start a trial submission of your own, with comments."),
    "run": Entry("trialconformance.cli.run:run", "Judge a submission with the conformance suites (pytest)."),
    "decode": Entry(
        "trialconformance.cli.decode:decode", "Show what captured GBCS messages hold, verified and decrypted."
    ),
    "judge": Entry("trialconformance.cli.judge:judge", "Judge folders of captures and certificates without pytest."),
    "bundle": Entry("trialconformance.cli.bundle:app", "Make, sign, verify, replay and compare evidence."),
    "certificate": Entry("trialconformance.cli.certificate:app", "Lint SMKI certificates, check chains, show them."),
    "pki": Entry("trialconformance.cli.pki:app", "Make the synthetic, test-only PKI."),
    "report": Entry("trialconformance.cli.report:report", "Show a record or bundle as HTML, PDF or in another format."),
    "cpl": Entry("trialconformance.cli.cpl:app", "Check a new Central Products List and what is done to it."),
    "image": Entry("trialconformance.cli.image:app", "Show a firmware image and the hash that belongs on the list."),
    "submission": Entry("trialconformance.cli.submission:app", "What a trial application must hold and still lacks."),
    "register": Entry("trialconformance.cli.register:app", "Keep the trial register, state by signed state."),
    "field-report": Entry("trialconformance.cli.field_report:app", "Report to the SSC which trial devices are in use."),
    "closure": Entry("trialconformance.cli.closure:app", "End a trial: routes, proof, hand-over, service levels."),
    "emulator": Entry("trialconformance.cli.emulator:emulator", "Serve an emulated device on a loopback socket."),
    "sensitivity": Entry(
        "trialconformance.cli.sensitivity:sensitivity", "Prove that the suites notice every known fault of a device."
    ),
    "duis": Entry("trialconformance.cli.duis:app", "Check DUIS requests and responses, sign requests."),
    "gfi": Entry("trialconformance.cli.gfi:gfi", "Import the messages of a GFI run folder."),
    "risk": Entry("trialconformance.cli.risk:risk", "Fill in the risk register of a laboratory from a record."),
    "catalogue": Entry("trialconformance.cli.catalogue:catalogue", "List every case there is."),
    "schema": Entry("trialconformance.cli.schema:schema", "Print the JSON Schema of a file."),
}

# Accepted before and after the sub-command alike, so that nobody has to remember where they go.
_ANYWHERE = frozenset({"--no-color", "--quiet", "-q", "--traceback"})


def _version(wanted: bool) -> None:  # noqa: FBT001 -- the signature that typer calls
    if wanted:
        typer.echo(f"trialconformance {__version__}")
        raise typer.Exit


def _root(
    *,
    no_color: Annotated[
        bool, typer.Option("--no-color", help="No colour; NO_COLOR in the environment does the same.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no notes on standard error.")] = False,
    traceback: Annotated[
        bool, typer.Option("--traceback", help="Show the Python traceback of an internal error.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Conformance evidence for GB smart metering trial devices.

    Exit codes: 0 pass, 1 fail, 2 inconclusive, 3 bad input or usage, 4 internal error.
    """
    del version  # handled by its callback
    console.configure(color=not no_color, quiet=quiet, traceback=traceback)


def _application() -> LazyGroup:
    app = typer.Typer(name="trialconformance", cls=LazyGroup, rich_markup_mode="rich")
    app.callback()(_root)
    group = cast("LazyGroup", get_command(app))  # typer makes the class that it was given
    group.list_from(COMMANDS)
    return group


def _hoisted(arguments: Sequence[str]) -> list[str]:
    """Move the options of the whole command to the front; what follows ``--`` belongs to somebody else."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    own, rest = arguments[:end], arguments[end:]
    everywhere = [each for each in own if each in _ANYWHERE]
    return [*everywhere, *(each for each in own if each not in _ANYWHERE), *rest]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: the words after the name of the command; those of the process by default.

    Returns:
        The exit code.
    """
    words = _hoisted(sys.argv[1:] if arguments is None else arguments)
    console.configure(color="--no-color" not in words, traceback="--traceback" in words)
    try:
        outcome = _application().main(args=words or ["--help"], prog_name="trialconformance", standalone_mode=False)
    except Exception as error:  # noqa: BLE001 -- the one place where every error becomes an exit code
        from trialconformance.cli.failure import exit_code_of  # noqa: PLC0415 -- the vocabulary takes 100 ms to import

        return exit_code_of(error)
    return int(outcome or 0)

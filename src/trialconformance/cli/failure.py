"""What a person sees when a command ends with an error, and the exit code that goes with it."""

from __future__ import annotations

from traceback import print_exception
from typing import Any

import typer

from trialconformance.cli import console
from trialconformance.core import ArtefactError, ExitCode, InternalError, UsageError

__all__ = ["exit_code_of"]

_INTERRUPTED = 130  # what a shell reports for SIGINT

# Typer works on click or carries its own copy of it, by version; this base of its public error is there either way.
_COMMAND_LINE_ERROR: type[Any] = next(base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException")


def exit_code_of(error: BaseException) -> int:
    """Tell a person about an error and choose the exit code.

    Args:
        error: what escaped from a command.

    Returns:
        3 where the caller or an input is at fault, 4 where this tool is.
    """
    if isinstance(error, UsageError | ArtefactError):
        return _tell(str(error), ExitCode.BAD_INPUT)
    if isinstance(error, _COMMAND_LINE_ERROR):
        return _wrong_words(error)
    if isinstance(error, typer.Abort):
        return _tell("stopped", _INTERRUPTED)
    if isinstance(error, OSError) and error.filename is not None:
        return _tell(f"{error.filename}: {error.strerror}", ExitCode.BAD_INPUT)
    return _our_fault(error)


def _tell(text: str, code: int) -> int:
    screen = console.stderr()
    screen.print("error:", style="bold red", end=" ")
    screen.print(text, markup=False, soft_wrap=True)
    return int(code)


def _wrong_words(error: Any) -> int:
    """A sub-command or option that does not exist; typer has shown the help already where words are missing."""
    context = getattr(error, "ctx", None)
    text = error.format_message()
    if type(error).__name__ == "NoArgsIsHelpError":
        return int(ExitCode.BAD_INPUT)
    hint = f" (see: {context.command_path} --help)" if context is not None else ""
    return _tell(f"{text}{hint}", ExitCode.BAD_INPUT)


def _our_fault(error: BaseException) -> int:
    kind = "" if isinstance(error, InternalError) else f"{type(error).__name__}: "
    if console.settings().traceback:
        print_exception(error)
    return _tell(f"this tool is at fault: {kind}{error} (run again with --traceback to see where)", ExitCode.INTERNAL)

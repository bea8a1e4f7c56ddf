"""Where the command writes: results on standard output, progress and notes on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["Advance", "configure", "note", "progress", "settings", "stderr", "stdout", "write"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the options of the whole command say.

    Args:
        color: False turns colour off; NO_COLOR and a pipe do so too.
        quiet: whether progress and notes are left out.
        traceback: whether an internal error shows its traceback.
    """

    color: bool = True
    quiet: bool = False
    traceback: bool = False


_DEFAULTS = Settings()
_settings: ContextVar[Settings] = ContextVar("trialconformance_console", default=_DEFAULTS)


class Advance(Protocol):
    """Reports that some steps of long work are done."""

    def __call__(self, steps: int = 1) -> None:
        """Advance by some steps."""


def configure(*, color: bool = True, quiet: bool = False, traceback: bool = False) -> None:
    """Set what the options of the whole command say."""
    _settings.set(Settings(color=color, quiet=quiet, traceback=traceback))


def settings() -> Settings:
    """What the options of the whole command say."""
    return _settings.get()


def stdout() -> Console:
    """The console for results that a person reads; machine output goes through ``write``."""
    return _console(error=False)


def stderr() -> Console:
    """The console for notes, progress and errors."""
    return _console(error=True)


def _console(*, error: bool) -> Console:
    from rich.console import Console  # noqa: PLC0415 -- 40 ms that ``--version`` and ``--json`` do not need

    return Console(stderr=error, no_color=None if settings().color else True, highlight=False, soft_wrap=not error)


def write(octets: bytes) -> None:
    """Write machine output to standard output, octet for octet.

    Args:
        octets: UTF-8, with its final line feed.
    """
    sys.stdout.write(octets.decode())
    sys.stdout.flush()


def note(text: str) -> None:
    """Tell a person something on standard error, unless asked to be quiet.

    Args:
        text: plain text; square brackets are not read as markup.
    """
    if not settings().quiet:
        stderr().print(text, markup=False, soft_wrap=True)


@contextmanager
def progress(description: str, total: int) -> Iterator[Advance]:
    """Show a bar on standard error while long work runs; nothing where that is no terminal or quiet is asked for.

    Args:
        description: what is being done.
        total: number of steps.

    Yields:
        A function that reports finished steps.
    """
    console = stderr()
    if settings().quiet or not console.is_terminal:
        yield lambda steps=1: None  # noqa: ARG005 -- the signature of ``Advance``
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(description, total=total)
        yield lambda steps=1: bar.advance(task, steps)

"""A command group whose members are imported when they are called, not when they are listed."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

__all__ = ["Entry", "LazyGroup"]


class Entry(NamedTuple):
    """One line of a command table.

    Args:
        target: ``module:attribute``, a function or a ``typer.Typer``.
        summary: what the command does, one sentence.
    """

    target: str
    summary: str

    def load(self, name: str) -> Any:
        """Import the command.

        Args:
            name: name it is called by.

        Returns:
            The command object of typer.
        """
        module, _, attribute = self.target.partition(":")
        found = getattr(import_module(module), attribute)
        if not isinstance(found, typer.Typer):
            function, found = found, typer.Typer(rich_markup_mode="rich")
            found.command(name=name)(function)
        # Shell completion is installed for the whole command, not for each of its members.
        found._add_completion = False  # noqa: SLF001 -- typer offers it in the constructor only
        command = get_command(found)
        command.name = name
        return command


class LazyGroup(TyperGroup):
    """A group that lists its commands from a table and imports the one that is called."""

    def list_from(self, table: Mapping[str, Entry]) -> None:
        """Take the commands of a table.

        Args:
            table: entries by the name they are called by.
        """
        self._table = dict(table)
        for name, entry in table.items():
            self.add_command(TyperCommand(name=name, help=entry.summary), name)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[Any, Any, list[str]]:
        """Find the command that is called and import it."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, self._table[name].load(name) if name in self._table else command, rest

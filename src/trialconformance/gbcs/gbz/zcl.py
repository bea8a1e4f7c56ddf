"""The payload of one ZCL command, both ways: the command table turned into code once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property
from typing import Any

from construct import Construct, ConstructError

from trialconformance.core import ArtefactError
from trialconformance.gbcs.gbz.commands import Command, CommandTable
from trialconformance.gbcs.gbz.zcl_layout import layout_of
from trialconformance.gbcs.gbz.zcl_reader import compile_fields

__all__ = ["CommandCodec", "codec"]

_FRAME_TYPE = 0x03
_CLUSTER_SPECIFIC = 0x01
_DIRECTION = 0x08


class CommandCodec:
    """Reads and writes the payload of one command.

    Attributes:
        command: its row in the command table.
    """

    def __init__(self, command: Command) -> None:
        self.command = command
        self._steps = compile_fields(command.fields)

    @cached_property
    def layout(self) -> Construct:
        """The construct declaration, made when first asked for."""
        return layout_of(self.command)

    def read(self, octets: bytes, at: int, end: int) -> tuple[dict[str, Any] | None, int]:
        """Read the fields.

        Args:
            octets: what the payload stands in.
            at: offset of its first octet.
            end: offset after it.

        Returns:
            The fields by name and the offset after those the table knows; None and the same offset where the fields of
            a command do not fit that no official vector confirms.

        Raises:
            ArtefactError: the payload of a confirmed command ends inside a field; ``path`` names it.
        """
        values: dict[str, Any] = {}
        after = at
        try:
            for step in self._steps:
                after = step(octets, after, end, values)
        except ArtefactError:
            if self.command.confirmed:
                raise
            return None, at
        return values, after

    def write(self, values: Mapping[str, Any], surplus: bytes = b"") -> bytes:
        """Write the fields.

        Args:
            values: the fields by name, as ``read`` gives them.
            surplus: octets after them.

        Returns:
            The payload.

        Raises:
            ArtefactError: a value does not fit its field or is missing.
        """
        try:
            octets: bytes = self.layout.build({**values, "surplus": surplus})
        except (ConstructError, AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
            seen = (str(error).splitlines() or [type(error).__name__])[-1]
            raise ArtefactError(
                f"a value does not fit its field of {self.command.name}", clause="GBCS 7.2.9, ZCL", seen=seen
            ) from error
        return octets


@cache
def _codecs() -> tuple[dict[tuple[int, int, int], CommandCodec], dict[int, CommandCodec]]:
    table = CommandTable.shipped()
    specific = {
        (cluster.id, _DIRECTION if command.sender == "server" else 0, command.id): CommandCodec(command)
        for cluster in table.clusters
        for command in cluster.commands
    }
    return specific, {command.id: CommandCodec(command) for command in table.general_commands}


def codec(cluster: int, frame_control: int, command: int) -> CommandCodec | None:
    """Find the codec of a command.

    Args:
        cluster: cluster id.
        frame_control: bits 0 and 1 tell a command of the cluster from a general one, bit 3 the direction.
        command: command id.

    Returns:
        The codec, None where the command is not known.
    """
    specific, general = _codecs()
    if frame_control & _FRAME_TYPE == _CLUSTER_SPECIFIC:
        return specific.get((cluster, frame_control & _DIRECTION, command))
    return general.get(command) if frame_control & _FRAME_TYPE == 0 else None

"""Reading messages."""

from __future__ import annotations

from trialconformance.core import ArtefactError
from trialconformance.gbcs.message import Message
from trialconformance.gbcs.plain import read_plain
from trialconformance.gbcs.structure import examine, is_block

__all__ = ["decode"]


def decode(octets: bytes, *, name: str = "") -> Message:
    """Read a message.

    Args:
        octets: the whole artefact, one message.
        name: its name, for errors and findings.

    Returns:
        The message; it encodes to the same octets.

    Raises:
        ArtefactError: the octets are no message that can be read with certainty, or a block of a general block
            transfer, which carries only a part of one.
    """
    message = read_plain(octets, name=name)
    if message is not None:
        return message
    if is_block(octets):
        raise ArtefactError(
            "this is a block of a general block transfer",
            artefact=name,
            offset=0,
            length=2,
            path="tag",
            clause="GBCS 7.2.11",
            expected="a whole message: reassemble its blocks",
            seen="DD 09",
        )
    examination = examine(octets, name=name)
    if examination.message is None:
        raise next(fault for fault in examination.faults if fault.fatal).as_error(name)
    return examination.message

"""The transcript of a session: every octet that went to or came from a device, with relative times."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from trialconformance.core import canonical_json, load_json

__all__ = ["Direction", "Entry", "Transcript", "TranscriptFile"]


class Direction(StrEnum):
    """Which way an entry went."""

    TO_DEVICE = "to-device"
    FROM_DEVICE = "from-device"
    INPUT = "input"
    NOTE = "note"


class Entry(BaseModel):
    """One event of a session.

    Args:
        at_ms: milliseconds since the session opened.
        direction: which way the octets went; ``input`` for what the harness put in (a counter, the time, an image, a
            loss of power), so that a replay can put in the same; ``note`` for any other event.
        octets: lower-case hex.
        note: what happened, for a person; which input it is.
        trouble: what was wrong with the way something arrived.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    at_ms: int = Field(ge=0)
    direction: Direction
    octets: str = Field(default="", pattern="^([0-9a-f]{2})*$")
    note: str = ""
    trouble: str = ""

    @property
    def content(self) -> bytes:
        """The octets."""
        return bytes.fromhex(self.octets)


class TranscriptFile(BaseModel):
    """A transcript as it is written to a file.

    Args:
        schema_id: name and version of this form.
        device: EUI-64 of the device, 16 lower-case hex digits.
        device_type: device type.
        model: Device Model as a person writes it.
        capabilities: what the harness could do.
        entries: what happened, in order.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_id: Literal["trialconformance-transcript/1"] = "trialconformance-transcript/1"
    device: str = Field(pattern="^[0-9a-f]{16}$")
    device_type: str
    model: str = ""
    capabilities: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()


class Transcript:
    """Collects what happens in one session.

    Args:
        device: EUI-64 of the device, 8 octets.
        device_type: device type.
        model: Device Model as a person writes it.
        capabilities: what the harness can do.
    """

    __slots__ = ("_entries", "capabilities", "device", "device_type", "model")

    def __init__(self, device: bytes, *, device_type: str, model: str = "", capabilities: Iterable[str] = ()) -> None:
        self.device = device
        self.device_type = device_type
        self.model = model
        self.capabilities = tuple(sorted(capabilities))
        self._entries: list[Entry] = []

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What happened so far, in order."""
        return tuple(self._entries)

    def sent(self, octets: bytes, *, at_ms: int, note: str = "") -> None:
        """Add octets that went to the device."""
        self._entries.append(Entry(at_ms=at_ms, direction=Direction.TO_DEVICE, octets=octets.hex(), note=note))

    def received(self, octets: bytes, *, at_ms: int, note: str = "", trouble: str = "") -> None:
        """Add octets that came from the device."""
        entry = Entry(at_ms=at_ms, direction=Direction.FROM_DEVICE, octets=octets.hex(), note=note, trouble=trouble)
        self._entries.append(entry)

    def put_in(self, what: str, octets: bytes, *, at_ms: int) -> None:
        """Add something that the harness put in, for example a ``counter`` or the ``seconds`` that pass."""
        self._entries.append(Entry(at_ms=at_ms, direction=Direction.INPUT, octets=octets.hex(), note=what))

    def note(self, text: str, *, at_ms: int, octets: bytes = b"") -> None:
        """Add an event that is not traffic of the device, for example ``clock advanced by 60 s``."""
        self._entries.append(Entry(at_ms=at_ms, direction=Direction.NOTE, octets=octets.hex(), note=text))

    def to_json(self) -> bytes:
        """The canonical octets of the transcript (schema ``trialconformance-transcript/1``)."""
        content = TranscriptFile(
            device=self.device.hex(),
            device_type=self.device_type,
            model=self.model,
            capabilities=self.capabilities,
            entries=self.entries,
        )
        return canonical_json(content.model_dump(mode="json"))

    @classmethod
    def from_json(cls, octets: bytes, *, where: str) -> Transcript:
        """Read a transcript back.

        Args:
            octets: the file.
            where: its name, for error messages.

        Returns:
            The transcript.

        Raises:
            UsageError: not JSON, or not of the schema.
        """
        content = load_json(TranscriptFile, octets, where=where)
        transcript = cls(
            bytes.fromhex(content.device),
            device_type=content.device_type,
            model=content.model,
            capabilities=content.capabilities,
        )
        transcript._entries.extend(content.entries)
        return transcript

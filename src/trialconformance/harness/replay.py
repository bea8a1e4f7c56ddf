"""A recording stands in for the device: commands are built again and must be the ones that were recorded.

Signatures are deterministic, and counters, times and images come from the recording, so a procedure that has not
changed sends the same octets. Where it does not, the procedure or the tool has changed since: a finding.
"""

from __future__ import annotations

from pathlib import Path

from trialconformance.core import UsageError
from trialconformance.harness.credentials import Credentials
from trialconformance.harness.session import (
    Capability,
    Command,
    DeviceSession,
    FirmwareImage,
    Identity,
    Received,
    Trouble,
)
from trialconformance.harness.transcript import Direction, Entry, Transcript

__all__ = ["ReplaySession"]

_TROUBLES = {each.value: each for each in Trouble}
_VERSION_OCTETS = 4


class ReplaySession(DeviceSession):
    """Answers from a transcript.

    Args:
        recording: the transcript.
        credentials: parties and keys, the same as when it was recorded.

    Raises:
        UsageError: the recording names a capability that there is not.
    """

    host = ""

    def __init__(self, recording: Transcript, *, credentials: Credentials) -> None:
        known = {each.value for each in Capability}
        if unknown := set(recording.capabilities) - known:
            raise UsageError(f"unknown capability {min(unknown)}", where="recording", accepted=", ".join(sorted(known)))
        super().__init__(
            identity=Identity(entity=recording.device, device_type=recording.device_type, model=recording.model),
            credentials=credentials,
            capabilities=frozenset(Capability(each) for each in recording.capabilities),
        )
        self._entries = [each for each in recording.entries if each.direction is not Direction.NOTE]
        self._next = 0
        self._diverged = ""

    @classmethod
    def read(cls, path: Path, *, credentials: Credentials) -> ReplaySession:
        """Read a recording.

        Args:
            path: the transcript.
            credentials: parties and keys.

        Raises:
            UsageError: no such recording, or none that can be read.
        """
        try:
            octets = path.read_bytes()
        except OSError as error:
            raise UsageError(f"no recording: {error.strerror}", where=str(path), accepted="a transcript") from error
        return cls(Transcript.from_json(octets, where=str(path)), credentials=credentials)

    def now_ms(self) -> int:
        """The time of the recording at this point."""
        return self._entries[self._next - 1].at_ms if self._next else 0

    def next_counter(self, originator: bytes) -> int:
        """The counter that was used when this was recorded."""
        del originator
        return self._number("counter")

    def device_time(self) -> int:
        """The time at this point of the recording."""
        return self._number("time")

    def take_image(self) -> FirmwareImage | None:
        """The image that was delivered when this was recorded."""
        entry = self._input("image")
        if entry is None:
            return None
        self.firmware_image = FirmwareImage(
            octets=entry.content[_VERSION_OCTETS:], version=entry.content[:_VERSION_OCTETS]
        )
        return super().take_image()

    def transmit(self, command: Command) -> None:
        """Compare a command with the recorded one."""
        entry = self._peek()
        if entry is None or entry.direction is not Direction.TO_DEVICE:
            self._diverge(f"a command of {len(command.octets)} octets where the recording has none")
        elif entry.content != command.octets:
            self._next += 1
            offset = _first_difference(entry.content, command.octets)
            self._diverge(f"command {entry.note or 'number ' + str(self._next)} differs from octet {offset} on")
        else:
            self._next += 1

    def collect(self, deadline_ms: int) -> Received | None:
        """Give what the device answered when this was recorded."""
        del deadline_ms
        if self._diverged:
            detail, self._diverged = self._diverged, ""
            return Received(octets=b"", at_ms=self.now_ms(), trouble=Trouble.DIVERGED, detail=detail)
        entry = self._peek()
        if entry is None or entry.direction is not Direction.FROM_DEVICE:
            return None
        self._next += 1
        return Received(
            octets=entry.content, at_ms=entry.at_ms, trouble=_TROUBLES.get(entry.trouble), detail=entry.note
        )

    def advance(self, seconds: int) -> None:
        """Step over what was done when this was recorded; the recording holds what came of it."""
        del seconds
        self._input("seconds")

    def deliver_image(self, image: bytes, *, first: int = 0, last: int | None = None) -> None:
        """Step over what was done when this was recorded; the recording holds what came of it."""
        del image, first, last
        self._input("transfer")

    def restart(self) -> None:
        """Step over what was done when this was recorded; the recording holds what came of it."""
        self._input("power")

    def _peek(self) -> Entry | None:
        return self._entries[self._next] if self._next < len(self._entries) else None

    def _input(self, what: str) -> Entry | None:
        entry = self._peek()
        if entry is None or entry.direction is not Direction.INPUT or entry.note != what:
            self._diverge(f"the {what} is asked for where the recording has none")
            return None
        self._next += 1
        return entry

    def _number(self, what: str) -> int:
        entry = self._input(what)
        return 0 if entry is None else int.from_bytes(entry.content)

    def _diverge(self, what: str) -> None:
        self._diverged = self._diverged or what


def _first_difference(one: bytes, other: bytes) -> int:
    pairs = zip(one, other, strict=False)
    return next((at for at, (left, right) in enumerate(pairs) if left != right), min(len(one), len(other)))

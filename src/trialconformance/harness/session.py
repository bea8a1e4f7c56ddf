"""One way to talk to a device, whatever stands behind it: an emulator, a recording, DCC Boxed or a rig of your own.

A harness plugs in by subclassing ``DeviceSession``: ``transmit`` and ``collect`` are all it must have. Everything else
(transcript, relative times, what was late or broken) is done here, so that procedures see the same from every harness.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Self

from trialconformance.core import UsageError
from trialconformance.harness.credentials import Credentials
from trialconformance.harness.transcript import Transcript

__all__ = ["Capability", "Command", "DeviceSession", "FirmwareImage", "Identity", "Received", "Trouble"]

DEFAULT_DEADLINE_MS = 3_000
_SECONDS_TO_2000 = 946_684_800  # from 1970-01-01 to 2000-01-01


class Capability(StrEnum):
    """What a harness can do; a procedure that needs more ends ``inconclusive``, never ``pass``."""

    SEND = "send"
    TAMPER = "tamper"
    REPLAY = "replay"
    ALERTS = "alerts"
    CLOCK = "clock"
    FIRMWARE = "firmware"
    RESTART = "restart"


class Trouble(StrEnum):
    """Why what arrived is not simply an answer. Each kind gives a finding or an inconclusive verdict of its own."""

    LATE = "answered after the deadline"
    DUPLICATE = "the same octets twice"
    GARBAGE = "octets that are no GBCS message"
    HALF = "half a message"
    RESET = "connection reset"
    REFUSED = "connection refused"
    DIVERGED = "differs from the recording"
    UNSIGNED = "unsigned response"
    BAD_SIGNATURE = "response with an invalid XML signature"
    BAD_XML = "response that is no usable XML"
    FORBIDDEN_DTD = "response with a DTD"
    WRONG_TYPE = "wrong content type"
    HTTP_STATUS = "HTTP status that means failure"
    RESPONSE_CODE = "DUIS response code that means failure"
    TIMED_OUT = "no HTTP answer in time"
    UNCORRELATED = "response to no known request"
    UNSUPPORTED = "not possible with this harness"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Which device is under test.

    Args:
        entity: EUI-64, 8 octets.
        device_type: ``ESME``, ``GSME`` or ``HCALCS``.
        model: Device Model as a person writes it.
    """

    entity: bytes
    device_type: str
    model: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command ready to be sent.

    Args:
        octets: the protected message.
        use_case: name of the use case, for example ``ECS70``; empty for hostile input that is none.
        message_code: 16 bit.
        originator: EUI-64 of who sends it, 8 octets.
        counter: originator counter.
        hostile: whether it was tampered with on purpose (only harnesses that can ``tamper`` may carry it).
    """

    octets: bytes
    use_case: str = ""
    message_code: int = 0
    originator: bytes = b""
    counter: int = 0
    hostile: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What came back.

    Args:
        octets: the message, or what arrived in its place.
        at_ms: milliseconds since the session opened.
        trouble: what was wrong with the way it arrived, None for an ordinary message.
        detail: the trouble in full, for example ``HTTP 402``.
    """

    octets: bytes
    at_ms: int
    trouble: Trouble | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmwareImage:
    """An image that the device under test can take.

    Args:
        octets: the Manufacturer Image.
        version: the version that is active once it is activated, 4 octets.
    """

    octets: bytes
    version: bytes


class DeviceSession(ABC):
    """A conversation with one device.

    Args:
        identity: the device under test.
        credentials: keys of the parties that the harness may speak as.
        capabilities: what the harness can do.
        firmware_image: an image to deliver, None where the harness has none.

    Attributes:
        host: where the device is reached, empty for one in this process. The risk suite attacks loopback only, unless
            the user names the host; a harness that says nothing is not attacked.
        deadline_ms: in which time the device answers.
        linger_ms: how long to listen on after an answer, for alerts and second answers.
    """

    host: str = "unknown"
    deadline_ms: int = DEFAULT_DEADLINE_MS
    linger_ms: int = 200

    def __init__(
        self,
        *,
        identity: Identity,
        credentials: Credentials,
        capabilities: frozenset[Capability] = frozenset({Capability.SEND, Capability.ALERTS}),
        firmware_image: FirmwareImage | None = None,
    ) -> None:
        self.identity = identity
        self.credentials = credentials
        self.capabilities = capabilities
        self.firmware_image = firmware_image
        self.transcript = Transcript(
            identity.entity,
            device_type=identity.device_type,
            model=identity.model,
            capabilities=(each.value for each in capabilities),
        )
        self.last_token_counter = 0
        self._opened = time.monotonic()
        self._last_counter = 0

    @abstractmethod
    def transmit(self, command: Command) -> None:
        """Hand the octets of a command to the device.

        Args:
            command: what to send.

        Raises:
            ConnectionError: the way to the device is broken; the session turns it into a ``Received`` with a trouble.
        """

    @abstractmethod
    def collect(self, deadline_ms: int) -> Received | bytes | None:
        """Wait for the next message of the device, response or alert.

        Args:
            deadline_ms: milliseconds to wait at most.

        Returns:
            Its octets; a ``Received`` where the harness knows more; None when nothing came in time.
        """

    def now_ms(self) -> int:
        """Milliseconds since the session opened; a harness with a clock of its own overrides this."""
        return int((time.monotonic() - self._opened) * 1000)

    def device_time(self) -> int:
        """What time it is for the device: seconds since 2000-01-01; the time of this machine by default."""
        return int(time.time()) - _SECONDS_TO_2000

    def next_counter(self, originator: bytes) -> int:
        """Take the originator counter for the next command of a party.

        Args:
            originator: EUI-64 of the party; a harness that counts for each party on its own overrides this.

        Returns:
            Milliseconds since 1970, or one more than the last: strictly increasing over runs (GBCS 4.3.1).
        """
        del originator
        self._last_counter = max(self._last_counter + 1, time.time_ns() // 1_000_000)
        return self._last_counter

    def take_counter(self, originator: bytes) -> int:
        """Take the next counter of a party and keep it in the transcript."""
        counter = self.next_counter(originator)
        self.transcript.put_in("counter", counter.to_bytes(8, "big"), at_ms=self.now_ms())
        return counter

    def take_time(self) -> int:
        """Ask what time it is for the device and keep it in the transcript; seconds since 2000-01-01."""
        seconds = self.device_time()
        self.transcript.put_in("time", seconds.to_bytes(8, "big"), at_ms=self.now_ms())
        return seconds

    def take_image(self) -> FirmwareImage | None:
        """The firmware image of the harness, kept in the transcript; None where it has none."""
        if self.firmware_image is not None:
            octets = self.firmware_image.version + self.firmware_image.octets
            self.transcript.put_in("image", octets, at_ms=self.now_ms())
        return self.firmware_image

    def pass_time(self, seconds: int) -> None:
        """Let time pass for the device and keep it in the transcript."""
        self.transcript.put_in("seconds", seconds.to_bytes(8, "big"), at_ms=self.now_ms())
        self.advance(seconds)

    def transfer(self, image: bytes, *, first: int = 0, last: int | None = None) -> None:
        """Transfer octets of an image and keep in the transcript which."""
        end = len(image) if last is None else last
        self.transcript.put_in("transfer", first.to_bytes(4, "big") + end.to_bytes(4, "big"), at_ms=self.now_ms())
        self.deliver_image(image, first=first, last=end)

    def cut_power(self) -> None:
        """Take the device's power away, give it back, and keep it in the transcript."""
        self.transcript.put_in("power", b"", at_ms=self.now_ms())
        self.restart()

    def send(self, command: Command) -> Received | None:
        """Send a command and keep it in the transcript.

        Args:
            command: what to send.

        Returns:
            None, or the trouble that kept the command from reaching the device.
        """
        if command.hostile and Capability.TAMPER not in self.capabilities:
            return self._trouble(Trouble.UNSUPPORTED, "this harness builds the messages itself and cannot tamper")
        self.transcript.sent(command.octets, at_ms=self.now_ms(), note=command.use_case)
        try:
            self.transmit(command)
        except ConnectionRefusedError as error:
            return self._trouble(Trouble.REFUSED, str(error))
        except ConnectionError as error:
            return self._trouble(Trouble.RESET, str(error))
        return None

    def receive(self, deadline_ms: int = DEFAULT_DEADLINE_MS) -> Received | None:
        """Wait for the next message and keep it in the transcript.

        Args:
            deadline_ms: milliseconds to wait at most.

        Returns:
            What arrived, None when nothing did.
        """
        try:
            arrived = self.collect(deadline_ms)
        except ConnectionError as error:
            return self._trouble(Trouble.RESET, str(error))
        if arrived is None:
            return None
        received = arrived if isinstance(arrived, Received) else Received(octets=arrived, at_ms=self.now_ms())
        self.transcript.received(
            received.octets, at_ms=received.at_ms, note=received.detail, trouble=received.trouble or ""
        )
        return received

    def advance(self, seconds: int) -> None:
        """Let time pass for the device (capability ``clock``): an emulator moves its clock, a rig waits.

        Raises:
            UsageError: the harness cannot.
        """
        del seconds
        raise self._cannot(Capability.CLOCK)

    def deliver_image(self, image: bytes, *, first: int = 0, last: int | None = None) -> None:
        """Transfer octets of a firmware image over the HAN (capability ``firmware``).

        Args:
            image: the Manufacturer Image.
            first: offset of the first octet to transfer.
            last: offset after the last octet to transfer; None for all of it.

        Raises:
            UsageError: the harness cannot.
        """
        del image, first, last
        raise self._cannot(Capability.FIRMWARE)

    def restart(self) -> None:
        """Take the device's power away and give it back (capability ``restart``).

        Raises:
            UsageError: the harness cannot.
        """
        raise self._cannot(Capability.RESTART)

    def close(self) -> None:
        """End the conversation; called once, also after a failure."""
        return

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _trouble(self, trouble: Trouble, detail: str) -> Received:
        self.transcript.received(b"", at_ms=self.now_ms(), note=detail, trouble=trouble)
        return Received(octets=b"", at_ms=self.now_ms(), trouble=trouble, detail=detail)

    def _cannot(self, capability: Capability) -> UsageError:
        return UsageError(
            f"{type(self).__name__} cannot do this", where=capability.value, accepted="a harness with this capability"
        )

"""One command and all that came back for it, sorted: answers, alerts, and what is neither."""

from __future__ import annotations

from dataclasses import dataclass

from trialconformance.core import ArtefactError
from trialconformance.gbcs import Message, decode, wire
from trialconformance.harness.session import Command, DeviceSession, Received, Trouble

__all__ = ["Exchange", "exchange", "sort"]

_PATIENCE = 4  # how many deadlines to wait before a device counts as silent instead of late
_MOST = 64  # messages taken in one exchange; a device that sends more is cut off


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A command and what came back.

    Args:
        command: what was sent.
        answers: responses, in the order they came.
        alerts: alerts, in the order they came.
        troubles: what was neither, or came in a wrong way.
    """

    command: Command
    answers: tuple[Message, ...] = ()
    alerts: tuple[Message, ...] = ()
    troubles: tuple[Received, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether nothing came at all."""
        return not (self.answers or self.alerts or self.troubles)

    def trouble(self, *kinds: Trouble) -> Received | None:
        """The first trouble of one of some kinds."""
        return next((each for each in self.troubles if each.trouble in kinds), None)

    def describe(self) -> str:
        """What came back, for a finding."""
        parts = [f"a response to message code {each.message_code:04X}" for each in self.answers]
        parts += [f"an alert under message code {each.message_code:04X}" for each in self.alerts]
        parts += [": ".join(filter(None, (each.trouble or "", each.detail))) for each in self.troubles]
        return "; ".join(parts) or "nothing"


def exchange(session: DeviceSession, command: Command, *, deadline_ms: int, patient: bool = True) -> Exchange:
    """Send a command and take what comes back.

    Args:
        session: the way to the device.
        command: what to send.
        deadline_ms: milliseconds in which an answer is expected.
        patient: whether to wait longer for an answer that is late; it is kept, with trouble ``LATE``.

    Returns:
        What came back.
    """
    failed = session.send(command)
    if failed is not None:
        return Exchange(command=command, troubles=(failed,))
    arrived: list[Received] = []
    first = session.receive(deadline_ms)
    if first is None and patient:
        first = session.receive(deadline_ms * _PATIENCE)
        if first is not None and first.trouble is None:
            first = Received(
                octets=first.octets, at_ms=first.at_ms, trouble=Trouble.LATE, detail=f"expected within {deadline_ms} ms"
            )
    while first is not None:
        arrived.append(first)
        done = len(arrived) >= _MOST or first.trouble is Trouble.RESET
        first = None if done else session.receive(session.linger_ms)
    return sort(command, arrived)


def sort(command: Command, arrived: list[Received]) -> Exchange:
    """Tell answers, alerts and troubles apart.

    Args:
        command: what was sent.
        arrived: what came back.

    Returns:
        The exchange. Octets that came late, twice or not as a message are troubles; a late answer is an answer too.
    """
    answers: list[Message] = []
    alerts: list[Message] = []
    troubles: list[Received] = []
    for received in arrived:
        if received.trouble is not None:
            troubles.append(received)
        if received.trouble not in {None, Trouble.LATE}:
            continue
        try:
            message = decode(received.octets, name="response")
        except ArtefactError as error:
            troubles.append(
                Received(
                    octets=received.octets, at_ms=received.at_ms, trouble=_kind(received.octets), detail=str(error)
                )
            )
            continue
        if message.cra == wire.ALERT:
            alerts.append(message)
            continue
        if message.octets in {each.octets for each in answers}:
            troubles.append(Received(octets=message.octets, at_ms=received.at_ms, trouble=Trouble.DUPLICATE))
        answers.append(message)
    return Exchange(command=command, answers=tuple(answers), alerts=tuple(alerts), troubles=tuple(troubles))


def _kind(octets: bytes) -> Trouble:
    """Half a message says by its length that more should follow; anything else is garbage."""
    if (
        octets[:1] == bytes([wire.GENERAL_CIPHERING])
        and octets[1:7] == wire.EMPTY_FIELDS
        and _promised(octets) > len(octets)
    ):
        return Trouble.HALF
    return Trouble.HALF if octets[:2] == bytes([wire.GENERAL_SIGNING, 0x09]) else Trouble.GARBAGE


def _promised(octets: bytes) -> int:
    """Octets of the whole message as its MAC header gives them."""
    width = octets[7] if len(octets) > 7 else 0
    if width < 0x80:
        return 8 + width
    size = width & 0x7F
    return 8 + size + int.from_bytes(octets[8 : 8 + size])

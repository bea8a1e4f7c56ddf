"""What can go wrong on the way to DCC Boxed and back, each with a kind of its own."""

from __future__ import annotations

from trialconformance.core import ArtefactError
from trialconformance.harness.session import Trouble

__all__ = ["BoxedError"]


class BoxedError(ArtefactError):
    """The other side broke a rule of the interface.

    Args:
        trouble: the kind.
        message: what is wrong.
        octets: what arrived, so that the transcript keeps it.
        expected: what the interface accepts.
        seen: what was there.
    """

    def __init__(
        self, trouble: Trouble, message: str, *, octets: bytes = b"", expected: str = "", seen: str = ""
    ) -> None:
        super().__init__(message, clause="DCC Boxed interface", expected=expected, seen=seen)
        self.trouble = trouble
        self.octets = octets

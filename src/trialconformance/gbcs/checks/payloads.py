"""What the payload cases of all three families share."""

from __future__ import annotations

from collections.abc import Iterator

from trialconformance.core import Finding, Span, finding
from trialconformance.gbcs.subjects import MessageInContext

__all__ = ["payload_fault"]


def payload_fault(subject: MessageInContext) -> Iterator[Finding]:
    """Report where a payload breaks its grammar, if it does."""
    error = subject.payload_error
    if error is not None:
        start = subject.message.payload_offset if error.offset is None else error.offset
        yield finding(
            at=Span(start=start, length=error.length, path=error.path),
            expected=error.expected or "a payload of its grammar",
            seen=f"{error.message}: {error.seen}" if error.seen else error.message,
        )

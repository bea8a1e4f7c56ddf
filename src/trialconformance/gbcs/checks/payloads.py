"""What the payload cases of all three families share."""

from __future__ import annotations

from collections.abc import Iterator

from trialconformance.core import Finding, Span, finding
from trialconformance.gbcs.subjects import MessageInContext

__all__ = ["payload_fault"]


def payload_fault(subject: MessageInContext) -> Iterator[Finding]:
    """Report where a payload, or what its encrypted units hold, breaks its grammar."""
    error = subject.payload_error
    if error is not None:
        start = subject.message.payload_offset if error.offset is None else error.offset
        yield finding(
            at=Span(start=start, length=error.length, path=error.path),
            expected=error.expected or "a payload of its grammar",
            seen=f"{error.message}: {error.seen}" if error.seen else error.message,
        )
    for unit in subject.decrypted_units:
        if unit.error is not None:
            start = subject.message.payload_offset + unit.unit.start
            yield finding(
                at=Span(start=start, length=len(unit.unit.ciphered), path=f"payload.{unit.unit.path}"),
                expected=unit.error.expected or "attributes that can be read once they are decrypted",
                seen=f"{unit.error.message}, at octet {unit.error.offset} of the decrypted ones",
            )

"""What a procedure tells about a device, whoever listens: the pytest plugin, or the sensitivity score."""

from __future__ import annotations

from typing import NoReturn, Protocol

from trialconformance.core import ArtefactError, Finding, Span, finding

__all__ = ["Collector", "ProcedureEndedError", "Report", "unreadable"]


class Report(Protocol):
    """Takes what a procedure finds."""

    def finding(
        self, *, expected: str, seen: str, at: Span | None = None, artefact: str = "", octets: bytes = b""
    ) -> None:
        """Note a breach; the procedure goes on."""

    def examined(self, n: int = 1) -> None:
        """Count what was looked at."""

    def not_applicable(self, reason: str) -> NoReturn:
        """End the procedure: it does not concern this device."""

    def inconclusive(self, reason: str) -> NoReturn:
        """End the procedure: it cannot be decided."""


def unreadable(report: Report, error: ArtefactError) -> None:
    """Note that the device sent something that a step could not read: the device is at fault, not the procedure."""
    report.finding(expected="a response that can be read", seen=str(error), artefact="transcript")


class ProcedureEndedError(Exception):
    """A procedure ended before its last line.

    Args:
        reason: why.
        concerns: False where the procedure does not concern the device, True where it could not be decided.
    """

    def __init__(self, reason: str, *, concerns: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.concerns = concerns


class Collector:
    """Keeps what one procedure finds.

    Attributes:
        findings: the breaches, in order.
        judged: how much was looked at.
    """

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.judged = 0

    def finding(
        self, *, expected: str, seen: str, at: Span | None = None, artefact: str = "", octets: bytes = b""
    ) -> None:
        """Keep a breach; see ``Report``."""
        del octets
        self.findings.append(finding(expected=expected, seen=seen, at=at, artefact=artefact))

    def examined(self, n: int = 1) -> None:
        """Count what was looked at."""
        self.judged += n

    def not_applicable(self, reason: str) -> NoReturn:
        """End the procedure: it does not concern this device."""
        raise ProcedureEndedError(reason, concerns=False)

    def inconclusive(self, reason: str) -> NoReturn:
        """End the procedure: it cannot be decided."""
        raise ProcedureEndedError(reason, concerns=True)

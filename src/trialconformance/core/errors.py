"""Whose fault is it: the product under test, the caller, or this tool."""

from __future__ import annotations

__all__ = ["ArtefactError", "InternalError", "TrialConformanceError", "UsageError"]


class TrialConformanceError(Exception):
    """Root of every error this package raises on purpose."""


class ArtefactError(TrialConformanceError):
    """The product under test is at fault: an artefact breaks a rule of its format.

    Args:
        message: what is wrong, in one sentence.
        artefact: name of the artefact (a file name, a member of a folder), empty when not known yet.
        offset: octets from the start of the artefact, or None when the fault has no place.
        length: octets that are at fault, 0 when something is missing at ``offset``.
        path: field path, for example ``grouping_header.cra``.
        clause: source clause, for example ``GBCS 7.2.7``.
        expected: what the rule accepts.
        seen: what stands there.
    """

    def __init__(
        self,
        message: str,
        *,
        artefact: str = "",
        offset: int | None = None,
        length: int = 0,
        path: str = "",
        clause: str = "",
        expected: str = "",
        seen: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.artefact = artefact
        self.offset = offset
        self.length = length
        self.path = path
        self.clause = clause
        self.expected = expected
        self.seen = seen

    def __str__(self) -> str:
        place = ", ".join(
            part
            for part in (
                self.artefact,
                f"offset {self.offset}" if self.offset is not None else "",
                self.path,
                self.clause,
            )
            if part
        )
        detail = "; ".join(
            part
            for part in (
                f"expected {self.expected}" if self.expected else "",
                f"seen {self.seen}" if self.seen else "",
            )
            if part
        )
        return f"{self.message}{f' ({place})' if place else ''}{f': {detail}' if detail else ''}"


class UsageError(TrialConformanceError):
    """The caller is at fault: an argument, a manifest or a folder cannot be used.

    Args:
        message: what is wrong.
        where: the file, key or argument at fault.
        accepted: what would be accepted instead.
    """

    def __init__(self, message: str, *, where: str = "", accepted: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.accepted = accepted

    def __str__(self) -> str:
        where = f"{self.where}: " if self.where else ""
        accepted = f" (accepted: {self.accepted})" if self.accepted else ""
        return f"{where}{self.message}{accepted}"


class InternalError(TrialConformanceError):
    """This tool is at fault: a rule of its own does not hold."""

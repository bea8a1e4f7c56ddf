"""What procedures leave in the output folder beside the record: transcripts and the risk register."""

from __future__ import annotations

from pathlib import Path

from trialconformance.core import UsageError

__all__ = ["clear_attachments", "gather_attachments"]

_PATTERNS = ("transcripts/*.json", "risk.json")


def clear_attachments(output: Path) -> None:
    """Take away what an earlier run left, so that no bundle holds it as its own.

    Args:
        output: the output folder; it need not be there.

    Raises:
        UsageError: a file cannot be removed.
    """
    for path in _found(output):
        try:
            path.unlink()
        except OSError as error:
            raise UsageError(
                f"cannot be removed: {error.strerror}", where=str(path), accepted="a folder that can be written"
            ) from error


def gather_attachments(output: Path) -> dict[str, bytes]:
    """Read what this run left.

    Args:
        output: the output folder.

    Returns:
        Octets by name below the folder, with ``/``.
    """
    return {path.relative_to(output).as_posix(): path.read_bytes() for path in _found(output)}


def _found(output: Path) -> list[Path]:
    return sorted(path for pattern in _PATTERNS for path in output.glob(pattern))

"""A section that a user's own plugin adds to the report."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Note"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Plain text with a heading; whatever it holds is escaped.

    Args:
        title: heading.
        text: paragraphs parted by empty lines.
    """

    title: str
    text: str

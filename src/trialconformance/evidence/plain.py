"""Text of strangers as a terminal may show it."""

from __future__ import annotations

__all__ = ["printable"]


def printable(text: str) -> str:
    r"""Escape what is not printable: a bundle must not move the cursor or colour the words of whoever checks it.

    Args:
        text: any text, lone surrogates included.

    Returns:
        The text with control characters, escapes, bidirectional marks and surrogates written as ``\uXXXX``.
    """
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text)

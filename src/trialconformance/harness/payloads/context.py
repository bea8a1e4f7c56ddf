"""What the payload of a command may depend on, and what a recipe for one is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from trialconformance.harness.credentials import Credentials

__all__ = ["Context", "Recipe"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a payload may depend on.

    Args:
        credentials: parties and keys.
        device: EUI-64 of the target.
        originator: EUI-64 of who sends.
        counter: originator counter.
        values: what the procedure says, for example ``image_hash``.
    """

    credentials: Credentials = field(repr=False)
    device: bytes
    originator: bytes
    counter: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How to make the payload of a use case.

    Args:
        message_code: its message code.
        build: makes the payload; a missing value is a ``KeyError`` of the procedure that asked.
    """

    message_code: int
    build: Callable[[Context], bytes]

"""How long a run took: kept apart from the record, which must not know the clock."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from trialconformance.core import canonical_json

__all__ = ["Timing"]


class Timing(BaseModel):
    """When a run was made and how long its cases took.

    Args:
        started: start of the run, ISO 8601 with offset.
        finished: end of the run, ISO 8601 with offset.
        cases: milliseconds by case id.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_id: Literal["trialconformance-timing/1"] = "trialconformance-timing/1"
    started: str
    finished: str
    cases: dict[str, int] = {}

    def to_json(self) -> bytes:
        """The canonical octets of the timing."""
        return canonical_json(self.model_dump(mode="json"))

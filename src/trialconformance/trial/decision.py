"""Decisions of people: signed entries that software holds, verifies and never takes itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from trialconformance.core import canonical_json
from trialconformance.core.dsse import PrivateKey, PublicKey, sign
from trialconformance.trial.register_entry import Outcome
from trialconformance.trial.signed import read_signed

__all__ = ["PAYLOAD_TYPE", "Decision", "HeldDecision", "read_decision", "sign_decision"]

PAYLOAD_TYPE = "application/vnd.trialconformance.decision+json"

Text = Annotated[str, Field(min_length=1)]
Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]


class Decision(BaseModel):
    """What people decided on one requirement.

    Args:
        schema_id: form of the entry, key ``schema``.
        requirement: for example ``TR-07``.
        id: id of the decision, for example the minute of a meeting.
        decided: its day.
        decided_by: the role that decided, for example ``SSC chair``.
        outcome: what was decided.
        statement: the decision in words.
        binds: digests of the documents that it rests on, by the key of the document.
        acknowledges: earlier trials of the same model that were weighed (TR-15).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_id: Literal["trialconformance-decision/1"] = Field(default="trialconformance-decision/1", alias="schema")
    requirement: str = Field(pattern=r"^TR-[0-9]{2}$")
    id: Text
    decided: date
    decided_by: Text
    outcome: Outcome
    statement: Text
    binds: dict[str, Digest]
    acknowledges: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldDecision:
    """A decision with what was found about its signature.

    Args:
        decision: the entry.
        signed_by: ids of trusted keys whose signature is valid.
    """

    decision: Decision
    signed_by: tuple[str, ...]


def sign_decision(decision: Decision, *keys: PrivateKey) -> bytes:
    """Sign a decision; returns the envelope as JSON. Raises UsageError without a usable key."""
    return sign(PAYLOAD_TYPE, canonical_json(decision.model_dump(mode="json", by_alias=True)), *keys).to_json()


def read_decision(octets: bytes, *, name: str, keys: Iterable[PublicKey]) -> HeldDecision:
    """Read a signed decision.

    Args:
        octets: the envelope.
        name: name of the file.
        keys: keys of those who may decide.

    Returns:
        The decision; one that no trusted key signed is kept and its ``signed_by`` is empty.

    Raises:
        ArtefactError: no envelope, or one around something else.
    """
    envelope, decision = read_signed(octets, name=name, payload_type=PAYLOAD_TYPE, model=Decision, words="a decision")
    return HeldDecision(decision=decision, signed_by=envelope.verify(keys))

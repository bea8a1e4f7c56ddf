"""One trial on the register: its values, its state, what was decided and who was told."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictInt

from trialconformance.trial.months import end_of_trial

__all__ = [
    "Closure",
    "ClosureOutcome",
    "Digest",
    "DnoRecord",
    "Entry",
    "Extension",
    "ModelRange",
    "Outcome",
    "Party",
    "SponsorParty",
    "SscDecision",
    "TrialState",
]

Text = Annotated[str, Field(min_length=1)]
Day = date
"""The type under a second name, for values that have a field ``date``."""

Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]


class TrialState(StrEnum):
    """Where a trial stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    MORE_ASSURANCE = "more-assurance"
    APPROVED = "approved"
    REFUSED = "refused"
    LISTED = "listed"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSING = "closing"
    CLOSED = "closed"

    @property
    def is_granted(self) -> bool:
        """Whether the SSC let the trial go ahead and it is not over."""
        return self in _GRANTED

    @property
    def may_be_in_the_field(self) -> bool:
        """Whether devices of the trial may be in the field at all."""
        return self in _IN_THE_FIELD


_IN_THE_FIELD = frozenset({TrialState.ACTIVE, TrialState.SUSPENDED, TrialState.CLOSING})
_GRANTED = _IN_THE_FIELD | {TrialState.APPROVED, TrialState.LISTED}


class Outcome(StrEnum):
    """What the SSC decided."""

    APPROVED = "approved"
    REFUSED = "refused"
    MORE_ASSURANCE = "more-assurance"


class ClosureOutcome(StrEnum):
    """How the devices of a trial left it."""

    CERTIFIED = "certified"
    REMOVED = "removed"
    MIXED = "mixed"


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SscDecision(_Value):
    """A decision of the SSC.

    Args:
        id: its id.
        date: its day.
        outcome: what was decided.
        conditions: conditions by name.
    """

    id: Text
    date: Day
    outcome: Outcome
    conditions: tuple[str, ...] = ()


class Party(_Value):
    """A manufacturer.

    Args:
        name: as on the CPL.
        zigbee_id: manufacturer code, 4 hex digits.
    """

    name: Text
    zigbee_id: str = Field(pattern=r"^[0-9A-F]{4}$")


class ModelRange(_Value):
    """A Device Model with the firmware versions that the trial covers.

    Args:
        type: physical device type.
        model_id: OTA image type, 4 hex digits.
        hardware: OTA hardware version, 4 hex digits.
        firmware: OTA file versions, 8 hex digits each.
    """

    type: Text
    model_id: str = Field(pattern=r"^[0-9A-F]{4}$")
    hardware: str = Field(pattern=r"^[0-9A-F]{4}$")
    firmware: tuple[Annotated[str, Field(pattern=r"^[0-9A-F]{8}$")], ...] = Field(min_length=1)


class SponsorParty(_Value):
    """The supplier that sponsors a trial.

    Args:
        party: id of the SEC Party.
        role: user role, for example ``ImportSupplier``.
    """

    party: Text
    role: Text


class DnoRecord(_Value):
    """A network operator that was told.

    Args:
        party: the operator.
        date: day of the notice.
    """

    party: Text
    date: Day


class Extension(_Value):
    """A later end, by a new decision.

    Args:
        decision: id of the decision.
        date: its day.
        duration_months: duration from the start in calendar months.
        end: the new last day.
    """

    decision: Text
    date: Day
    duration_months: StrictInt = Field(ge=1)
    end: Day


class Closure(_Value):
    """How a trial ended.

    Args:
        date: day of closure.
        outcome: how the devices left.
        proof: digest of the closure proof.
    """

    date: Day
    outcome: ClosureOutcome
    proof: Digest


class Entry(_Value):
    """One trial.

    Args:
        application: id under which the manufacturer applied; the key before there is a reference.
        trial_ref: Trial CPA certificate reference, empty until approved.
        state: where the trial stands.
        resumes_to: the state to go back to after a suspension.
        ssc_decision: the decision that it rests on.
        manufacturer: who makes the devices.
        models: what may be installed.
        quantity_cap: devices in the field at a time.
        start: first day.
        duration_months: duration in calendar months.
        end: last day.
        sponsor_supplier: who sponsors it.
        dno_notified: network operators that were told.
        device_allowlist_digest: digest of the list of devices that may take part.
        extensions: later ends.
        closure: how it ended.
        evidence_pack: digest of the evidence on which it was listed.
    """

    application: Text
    trial_ref: str = ""
    state: TrialState
    resumes_to: TrialState | None = None
    ssc_decision: SscDecision | None = None
    manufacturer: Party
    models: tuple[ModelRange, ...] = Field(min_length=1)
    quantity_cap: StrictInt = Field(ge=1)
    start: date
    duration_months: StrictInt = Field(ge=1)
    end: date
    sponsor_supplier: SponsorParty | None = None
    dno_notified: tuple[DnoRecord, ...] = ()
    device_allowlist_digest: Digest | None = None
    extensions: tuple[Extension, ...] = ()
    closure: Closure | None = None
    evidence_pack: Digest | None = None

    @property
    def computed_end(self) -> date:
        """Last day as start and duration give it."""
        return end_of_trial(self.start, self.duration_months)

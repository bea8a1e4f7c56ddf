"""The limits of a trial, as data: shipped presets, a user's own file, and what the SSC sets by decision."""

from __future__ import annotations

import json
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt

from trialconformance.core import UsageError, canonical_json, load_json, read_data
from trialconformance.trial.facts import ScenarioKind

__all__ = ["PRESETS", "EarlierTrials", "Eligibility", "Limits", "Override", "Policy", "Preset", "load_policy"]

Preset = Literal["100-12", "100-18", "ssc-set"]
PRESETS: tuple[Preset, ...] = get_args(Preset)
_PACKAGE = "trialconformance.trial"


class Eligibility(StrEnum):
    """Who may ask for a trial (TR-16 to TR-18): the SSC has not settled it, so it is a setting."""

    NONE = "none"
    ANY_CPA = "any_cpa"
    SAME_TYPE_CPA = "same_type_cpa"


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class EarlierTrials(_Value):
    """What earlier trials were given (TR-04).

    Args:
        devices: number of devices.
        months: duration in calendar months.
    """

    devices: StrictInt = Field(ge=1)
    months: StrictInt = Field(ge=1)


class Override(_Value):
    """A limit that the SSC set by decision (TR-06).

    Args:
        limit: which limit.
        value: devices or calendar months.
        decision: id of the decision.
        decided: day of the decision.
        reason: why.
    """

    limit: Literal["max_devices", "max_months"]
    value: StrictInt = Field(ge=1)
    decision: str = ""
    decided: date | None = None
    reason: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of the entries without which an override does not count."""
        return tuple(name for name in ("decision", "decided", "reason") if not getattr(self, name))


class Limits(_Value):
    """The limits that hold for one trial.

    Args:
        max_devices: devices in the field at a time, None where nobody set it.
        max_months: calendar months, None where nobody set it.
    """

    max_devices: int | None
    max_months: int | None


class Policy(_Value):
    """The thresholds of the trial regime; none of them stands in code.

    Args:
        schema_id: form of the file.
        id: name of the preset or of the user's own policy.
        title: the same for a person.
        max_devices: devices in the field at a time, None where only a decision sets it.
        max_months: calendar months, None where only a decision sets it.
        default_months: duration assumed where a form leaves it open.
        eligibility: who may ask.
        ssc_override: whether an SSC decision may replace a limit.
        earlier_trials: what earlier trials were given.
        longer_months: the duration that the proposer thinks fitting.
        cap_counts_replacements: whether a replaced device still counts toward the cap.
        post_commissioning_days: days within which duties after commissioning are met.
        field_report_days: days between two field reports.
        closure_days: days after the end within which every device is dealt with.
        cpa_months: calendar months that CPA takes.
        regression_scenarios: scenarios that must have been rehearsed (TR-46).
        promoted: ids of cases with an assumed basis whose findings fail a run all the same.
    """

    schema_id: Literal["trialconformance-policy/1"] = "trialconformance-policy/1"
    id: str
    title: str
    max_devices: StrictInt | None = Field(ge=1)
    max_months: StrictInt | None = Field(ge=1)
    default_months: StrictInt = Field(ge=1)
    eligibility: Eligibility
    ssc_override: StrictBool
    earlier_trials: EarlierTrials
    longer_months: StrictInt = Field(ge=1)
    cap_counts_replacements: StrictBool
    post_commissioning_days: StrictInt = Field(ge=0)
    field_report_days: StrictInt = Field(ge=1)
    closure_days: StrictInt = Field(ge=0)
    cpa_months: StrictInt = Field(ge=0)
    regression_scenarios: tuple[ScenarioKind, ...]
    promoted: frozenset[str]

    @property
    def octets(self) -> bytes:
        """The whole policy as canonical JSON, for its digest."""
        value = self.model_dump(mode="json")
        return canonical_json(value | {"promoted": sorted(self.promoted)})

    def limits(self, overrides: tuple[Override, ...] = ()) -> Limits:
        """The limits of one trial; an override counts only with decision, date and reason.

        Args:
            overrides: what the SSC set for this trial.

        Returns:
            The limits.
        """
        set_by_decision = {each.limit: each.value for each in overrides if self.ssc_override and not each.missing}
        return Limits(
            max_devices=set_by_decision.get("max_devices", self.max_devices),
            max_months=set_by_decision.get("max_months", self.max_months),
        )


def load_policy(source: str | Path = PRESETS[0]) -> Policy:
    """Read a preset or a user's own policy file.

    Args:
        source: name of a preset (text), or path of a JSON file that may build on one with ``based_on``.

    Returns:
        The policy.

    Raises:
        UsageError: no such preset, or a file that is not a policy; names the key at fault.
    """
    if isinstance(source, str):
        return _validated(_preset(source), where=f"policy {source}")
    where = str(source)
    own = _object(read_data(_PACKAGE, "data/policies/base.json", override=source), where=where)
    based_on = own.pop("based_on", None)
    return _validated((_preset(based_on) if based_on is not None else {}) | own, where=where)


def _preset(name: object) -> dict[str, Any]:
    if name not in PRESETS:
        raise UsageError(f"there is no preset {name!r}", where="policy", accepted=", ".join(PRESETS))
    own = _object(read_data(_PACKAGE, f"data/policies/{name}.json"), where=f"policy {name}")
    base = _object(read_data(_PACKAGE, f"data/policies/{own.pop('based_on')}.json"), where="policy base")
    return base | own


def _object(octets: bytes, *, where: str) -> dict[str, Any]:
    return load_json(_Object, octets, where=where).model_dump()


def _validated(value: dict[str, Any], *, where: str) -> Policy:
    return load_json(Policy, json.dumps(value).encode(), where=where)


class _Object(BaseModel):
    """Any JSON object: what a policy file holds before it is laid over its base."""

    model_config = ConfigDict(extra="allow")

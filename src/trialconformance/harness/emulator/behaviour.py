"""Where the emulator can be told to misbehave; without a fault every field has the value of a good device."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from trialconformance.core import UsageError, load_json, read_data

__all__ = ["Behaviour", "Fault", "Faults", "Gate"]

_DATA = "data/faults.json"


PathCheck = Literal["issuer", "path-signature", "leaf-signature", "time", "usage", "disapply", "authority"]
Crash = Literal["malformed", "long", "gate", "deep", "payload", "block-gap", "many-transfers"]


class Gate(StrEnum):
    """What a command has to pass before it is executed, in this order (GBCS 6, best reading of 7.3 of the sources)."""

    FORM = "form"
    KIND = "kind"
    TARGET = "target"
    ORIGINATOR = "originator"
    ROLE = "role"
    COUNTER = "counter"
    LITERALS = "literals"
    SHAPE = "shape"
    MAC = "mac"
    SIGNATURE = "signature"


class Behaviour(BaseModel):
    """How a device behaves.

    Args:
        skipped_gates: checks on commands that are left out.
        counter_rule: which counters a replay-protected command may carry.
        counter_bits: how many low bits of a counter are compared.
        counter_step: largest step that a counter may make, None for any.
        counter_advances_on: refusals that raise the stored counter all the same.
        shares_counter: whether all roles share one stored counter.
        protects_reads: whether reads are replay-protected that need not be.
        floor: whether a new floor from CS02b is taken over.
        alert_counter: how the counter of alerts goes on.
        forgets: what is lost when the power goes away.
        silent: never answers.
        resets: breaks the connection instead of answering.
        crashes_on: what makes it stop for good.
        crashes_after: number of answers after which it stops for good, None for never.
        answers_refused: answers commands that it refuses.
        answers_unsupported: answers a use case that it does not have.
        unsupported_alert: what the alert about an unsupported command embeds.
        delay_ms: milliseconds until an answer leaves.
        copies: how often an answer is sent.
        answer_edit: what is done to each answer before it is protected.
        octet_edit: what is done to the octets of each answer.
        answer_form: protection of answers, None for the one of the use case.
        alert_edit: what is done to each alert before it is protected.
        alert_octet_edit: what is done to the octets of each alert.
        alert_copies: how often an alert is sent.
        future: how future-dated commands are handled.
        executes_failing: executes a future-dated command whose conditions do not hold.
        credentials: how CS02b is handled.
        path_checks: checks on certificates that are left out.
        unknown_issuer_status: status for a chain that leads to no trust anchor.
        absent_cell_status: status that CS02a gives for a role without cell.
        keeps_old_party: the replaced party is still accepted.
        request_key: which key a certification request is for.
        request_device: whether a certification request names another device.
        device_certificate_checks: checks of CS02d that are left out.
        returned_certificate: which certificate CS02e returns.
        keeps_old_key: goes on with the old key pair after CS02d.
        activation: how CS06 is handled.
        receipt_hash: which hash the receipt alert gives.
        transfer: how an interrupted transfer goes on.
        token_checks: checks on tokens that are left out.
        token_credit: how often an accepted token is credited.
        token_counter_advances: raises the token counter when it refuses.
        clock: how the clock is set.
        encryption: how sensitive values are protected.
        identity: what the identity read returns.
        joins: how joins are handled.
        log: how logs are read and written.
        load: how it copes with a flood of messages.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    skipped_gates: frozenset[Gate] = frozenset()
    counter_rule: Literal["greater", "any", "not-lower", "not-equal"] = "greater"
    counter_bits: int = 64
    counter_step: int | None = None
    counter_advances_on: frozenset[Gate] = frozenset()
    shares_counter: bool = False
    protects_reads: bool = False
    floor: Literal["taken", "ignored"] = "taken"
    alert_counter: Literal["increasing", "constant", "decreasing"] = "increasing"
    forgets: frozenset[
        Literal["execution-counters", "alert-counter", "schedule", "firmware", "token-counter", "cells"]
    ] = frozenset()
    silent: bool = False
    resets: bool = False
    crashes_on: frozenset[Crash] = frozenset()
    crashes_after: int | None = None
    answers_refused: frozenset[Gate] = frozenset()
    answers_unsupported: bool = False
    unsupported_alert: Literal["right", "wrong-counter", "wrong-code"] = "right"
    delay_ms: int = 0
    copies: int = 1
    answer_edit: Literal[
        "none",
        "counter",
        "message-code",
        "not-swapped",
        "cra",
        "date-time",
        "supplementary",
        "short-list",
        "no-payload",
    ] = "none"
    octet_edit: Literal["none", "mac", "signature", "half", "garbage", "trailing"] = "none"
    answer_form: Literal["mac", "signature"] | None = None
    alert_edit: Literal["none", "embedded-counter", "embedded-code", "target"] = "none"
    alert_octet_edit: Literal["none", "signature"] = "none"
    alert_copies: int = 1
    future: Literal["right", "at-once", "never", "not-cancelled", "outcome-in-answer", "early"] = "right"
    executes_failing: bool = False
    credentials: Literal["right", "reports-only", "all-or-nothing", "replaces-failed", "wrong-cell"] = "right"
    path_checks: frozenset[PathCheck] = frozenset()
    unknown_issuer_status: int = 10
    absent_cell_status: int = 25
    keeps_old_party: bool = False
    request_key: Literal["new", "current"] = "new"
    request_device: Literal["own", "other"] = "own"
    device_certificate_checks: frozenset[Literal["usage", "device", "key"]] = frozenset()
    returned_certificate: Literal["right", "other-usage"] = "right"
    keeps_old_key: bool = False
    activation: Literal["right", "any-hash", "claims-only", "without-image", "incomplete", "any-counter"] = "right"
    receipt_hash: Literal["right", "wrong", "missing"] = "right"
    transfer: Literal["resumes", "restarts-wrongly"] = "resumes"
    token_checks: frozenset[Literal["duplicate", "older", "device", "check-digit", "mac"]] = frozenset()
    token_credit: int = 1
    token_counter_advances: bool = False
    clock: Literal["right", "any-time", "claims-only", "status"] = "right"
    encryption: Literal["right", "plain", "wrong-party", "constant-counter"] = "right"
    identity: Literal["right", "wrong"] = "right"
    joins: Literal["right", "claims-only", "unjoins-anything"] = "right"
    log: Literal["right", "ignores-range", "keeps-nothing"] = "right"
    load: Literal["right", "forgets-protection"] = "right"


class Fault(BaseModel):
    """One way to misbehave.

    Args:
        name: its name, fixed for ever.
        title: what a device with this fault does wrong.
        device: device type whose personality shows it.
        written_for: id of the case that must notice it.
        behaviour: the fields of the behaviour that differ.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern="^[a-z0-9]+(-[a-z0-9]+)*$")]
    title: str
    device: Literal["ESME", "GSME", "HCALCS"] = "ESME"
    written_for: str
    behaviour: Behaviour


class Faults(BaseModel):
    """The faults that the emulator knows.

    Args:
        schema_id: version of the file format.
        faults: the faults, by name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_id: Literal["emulator-faults/1"]
    faults: tuple[Fault, ...]

    @classmethod
    def load(cls, path: Path | None = None) -> Faults:
        """Read the faults of this package, or a user's own file of the same schema."""
        octets = read_data("trialconformance.harness.emulator", _DATA, override=path)
        return load_json(cls, octets, where=str(path or "faults.json"))

    @classmethod
    def shipped(cls) -> Faults:
        """The faults of this package, read once."""
        return _shipped()

    def get(self, name: str) -> Fault:
        """Find a fault.

        Raises:
            UsageError: no fault of that name.
        """
        found = next((each for each in self.faults if each.name == name), None)
        if found is None:
            raise UsageError(f"no fault {name!r}", where="fault", accepted=", ".join(each.name for each in self.faults))
        return found


@cache
def _shipped() -> Faults:
    return Faults.load()

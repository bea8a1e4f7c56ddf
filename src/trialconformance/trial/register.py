"""The Trial Register beside the CPL: one signed document per state, each naming the digest of the one before.

The form is ours (``gb-trial-register/1``); that such a file may stand beside the CPL follows the Firmware Information
Repository.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from trialconformance import cpl
from trialconformance.core import ArtefactError, canonical_json, sha256_hex
from trialconformance.core.dsse import PrivateKey, PublicKey, sign
from trialconformance.trial.register_entry import Digest, Entry
from trialconformance.trial.signed import read_signed

__all__ = [
    "PAYLOAD_TYPE",
    "Register",
    "RegisterDocument",
    "SignedState",
    "read_register",
    "registered_trials",
    "sign_state",
]

PAYLOAD_TYPE = "application/vnd.gb-trial-register+json"


class RegisterDocument(BaseModel):
    """One state of the whole register.

    Args:
        schema_id: form of the document, key ``schema``.
        as_of: the day on which it came to be.
        previous_digest: digest of the state before, None for the first.
        entries: every trial there ever was, by application.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_id: Literal["gb-trial-register/1"] = Field(default="gb-trial-register/1", alias="schema")
    as_of: date
    previous_digest: Digest | None = None
    entries: tuple[Entry, ...] = ()

    @property
    def octets(self) -> bytes:
        """The document as canonical JSON: what is signed and digested."""
        return canonical_json(self.model_dump(mode="json", by_alias=True))

    @property
    def digest(self) -> str:
        """Digest that the next state names."""
        return f"sha256:{sha256_hex(self.octets)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedState:
    """A state of the register with what was found about its signature.

    Args:
        name: name of the file.
        octets: the envelope.
        document: its content.
        signed_by: ids of trusted keys whose signature is valid.
    """

    name: str
    octets: bytes
    document: RegisterDocument
    signed_by: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """A register whose chain holds.

    Args:
        states: every state, the oldest first, at least one.
    """

    states: tuple[SignedState, ...]

    @property
    def name(self) -> str:
        """Name of the newest state's file."""
        return self.states[-1].name

    @property
    def octets(self) -> bytes:
        """The newest state's envelope."""
        return self.states[-1].octets

    @property
    def head(self) -> RegisterDocument:
        """The newest state."""
        return self.states[-1].document

    @property
    def unsigned(self) -> tuple[str, ...]:
        """Names of the states that no trusted key signed."""
        return tuple(each.name for each in self.states if not each.signed_by)

    def entry(self, reference: str) -> Entry | None:
        """Find a trial in the newest state.

        Args:
            reference: its trial reference, or its application while it has none.

        Returns:
            The entry, or None.
        """
        return next((each for each in self.head.entries if reference in (each.trial_ref, each.application)), None)


def registered_trials(register: Register) -> tuple[cpl.RegisterEntry, ...]:
    """List the trials of a register as the flag rules of the CPL need them.

    Args:
        register: the register.

    Returns:
        One value for every trial that has a reference and a decision.
    """
    return tuple(
        cpl.RegisterEntry(
            trial_ref=entry.trial_ref,
            outcome=entry.ssc_decision.outcome,
            decided=entry.ssc_decision.date,
            start=entry.start,
            end=entry.end,
            closure=entry.closure.outcome if entry.closure else None,
            manufacturer=entry.manufacturer.zigbee_id,
            models=tuple(
                cpl.RegisterModel(
                    type=each.type, model_id=each.model_id, hardware=each.hardware, firmware=each.firmware
                )
                for each in entry.models
            ),
        )
        for entry in register.head.entries
        if entry.trial_ref and entry.ssc_decision
    )


def sign_state(document: RegisterDocument, *keys: PrivateKey) -> bytes:
    """Sign a state; returns the envelope as JSON. Raises UsageError without a usable key."""
    return sign(PAYLOAD_TYPE, document.octets, *keys).to_json()


def read_register(files: Iterable[tuple[str, bytes]], *, keys: Iterable[PublicKey]) -> Register:
    """Read a register and see that its chain holds.

    Args:
        files: name and octets of every state, the oldest first.
        keys: keys of the body that keeps the register; a state that none of them signed is kept and reported.

    Returns:
        The register.

    Raises:
        ArtefactError: no state at all, one that is no register document, or a broken chain (names the state).
    """
    trusted = tuple(keys)
    states: list[SignedState] = []
    for name, octets in files:
        state = _read_state(name, octets, trusted)
        _check_link(states[-1] if states else None, state)
        states.append(state)
    if not states:
        raise ArtefactError("the register holds no state", expected="at least one state", seen="none")
    return Register(states=tuple(states))


def _read_state(name: str, octets: bytes, keys: tuple[PublicKey, ...]) -> SignedState:
    envelope, document = read_signed(
        octets, name=name, payload_type=PAYLOAD_TYPE, model=RegisterDocument, words="a register document"
    )
    if document.octets != envelope.payload:
        raise ArtefactError(
            "is not canonical JSON", artefact=name, expected="sorted keys, no spaces", seen="other octets"
        )
    return SignedState(name=name, octets=octets, document=document, signed_by=envelope.verify(keys))


def _check_link(before: SignedState | None, state: SignedState) -> None:
    expected = before.document.digest if before else None
    if state.document.previous_digest != expected:
        raise ArtefactError(
            "the chain of the register is broken",
            artefact=state.name,
            path="previous_digest",
            clause="gb-trial-register/1",
            expected=expected or "none, it is the first state",
            seen=state.document.previous_digest or "none",
        )
    if before and state.document.as_of < before.document.as_of:
        raise ArtefactError(
            "the register goes back in time",
            artefact=state.name,
            path="as_of",
            expected=f"{before.document.as_of} or later",
            seen=str(state.document.as_of),
        )

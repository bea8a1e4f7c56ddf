"""The GBCS use-case catalogue: what each Message Code is, who may send it and how it is protected."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from trialconformance.core import Claims
from trialconformance.gbcs.data_file import DataFile, Row

__all__ = ["Kind", "MacParties", "Protection", "UseCase", "UseCases"]

Kind = Literal["command", "response", "alert"]
Protection = Literal["mac", "signature", "mac+signature"]
MacParties = Literal["access-control-broker", "originator-and-target"]

_CODE = r"^0x[0-9A-F]{4}$"


_KINDS: dict[int, Kind] = {1: "command", 2: "response", 3: "alert"}  # GBCS 7.2.7 CRA flag


class UseCase(Row):
    """One Message Code.

    Args:
        message_code: the code as ``0x`` and four upper-case hex digits.
        use_case: GBCS use case, empty for alerts that belong to none.
        name: what the use case does.
        category: message category, for example ``SME.C.NC``; None when not known.
        critical: whether it is critical; None when not known.
        payload: payload families it travels in.
        kinds: kinds of message that carry the code.
        devices: device types it is for; empty when not known, or where the sources name examples only.
        originator_roles: remote party roles that may send it; None when not known.
        service_requests: DUIS service reference variants that cause it.
        future_datable: whether it can be asked for a later time.
        replay_protection: whether the device must refuse an old counter.
        protection: what protects each kind of message; several forms where variants are declared.
        protection_basis: where ``protection`` comes from.
        mac_parties: whose key agreement keys make the MAC of a Command.
        response_date_time: whether a Response carries the date-time in its header; None when not known.
        encrypted_response: whether a successful Response carries encrypted attributes.
        alert_codes: alert codes that travel under this Message Code.
        alert_targets: remote party roles that its Alerts are for; None when not known.
        from_date_time: whether a GBZ component of its Commands may carry a from-date-time.
    """

    message_code: Annotated[str, Field(pattern=_CODE)]
    use_case: str
    name: str
    category: str | None
    critical: bool | None
    payload: tuple[Literal["DLMS", "GBZ", "ASN.1"], ...]
    kinds: tuple[Kind, ...]
    devices: tuple[str, ...]
    originator_roles: tuple[str, ...] | None
    service_requests: tuple[str, ...]
    future_datable: bool | None
    replay_protection: bool | None
    protection: dict[Kind, tuple[Protection, ...]]
    protection_basis: Literal["vectors", "source", "assumed"] | None
    mac_parties: MacParties
    response_date_time: bool | None
    encrypted_response: bool
    alert_codes: tuple[Annotated[str, Field(pattern=_CODE)], ...]
    alert_targets: tuple[str, ...] | None = None
    from_date_time: bool = False

    @cached_property
    def code(self) -> int:
        """The Message Code as a number."""
        return int(self.message_code, 16)

    @cached_property
    def names(self) -> frozenset[str]:
        """What an ICS may call it: its use case, each of two that share a Message Code, or the Message Code."""
        shared = self.use_case.split("/")
        return frozenset(name for name in (self.use_case, *shared, self.message_code) if name)

    def forms(self, cra: int) -> tuple[Protection, ...]:
        """The protections declared for a kind of message, by CRA flag; empty when not known."""
        kind = _KINDS.get(cra)
        return self.protection.get(kind, ()) if kind else ()

    @property
    def label(self) -> str:
        """Use case and name, for a person."""
        return f"{self.use_case} {self.name}".strip()


class UseCases(DataFile):
    """The catalogue.

    Args:
        schema_id: version of the file format.
        gbcs: GBCS versions the facts are of.
        use_cases: one row for each Message Code.
    """

    file: ClassVar = "use_cases.json"

    schema_id: Literal["gbcs-use-cases/1"]
    gbcs: str
    use_cases: tuple[UseCase, ...]

    @cached_property
    def _by_code(self) -> dict[int, UseCase]:
        return {use_case.code: use_case for use_case in self.use_cases}

    def get(self, message_code: int) -> UseCase | None:
        """The row of a Message Code, None when the code is not known."""
        return self._by_code.get(message_code)

    @cached_property
    def names(self) -> frozenset[str]:
        """Every name an ICS may claim: use cases and Message Codes."""
        return frozenset(name for row in self.use_cases for name in row.names)

    def claimed(self, claims: Claims) -> tuple[UseCase, ...]:
        """The rows an ICS claims, by use case or by Message Code."""
        return tuple(row for row in self.use_cases if row.names & claims.use_cases)

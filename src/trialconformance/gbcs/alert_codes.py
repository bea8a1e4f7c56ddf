"""The catalogue of alerts, as data: alert codes, the Message Codes that carry them, and what follows the time.

GBCS 16. Criticality belongs to the Message Code that carries an alert, not to the alert code.
"""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from trialconformance.gbcs.data_file import DataFile, Row

__all__ = ["AlertCode", "AlertMessage", "AlertTable", "ExtraPart", "ExtraRow"]

_CODE = r"^0x[0-9A-F]{4}$"


class AlertCode(Row):
    """One alert code.

    Args:
        alert_code: the code as ``0x`` and four upper-case hex digits.
        name: what happened.
        edge: for a pair of codes about one threshold, which side of it.
        message_codes: Message Codes that are known to carry it; empty where it travels in a generic alert.
    """

    alert_code: Annotated[str, Field(pattern=_CODE)]
    name: str
    edge: Literal["entered", "cleared"] | None
    message_codes: tuple[Annotated[str, Field(pattern=_CODE)], ...]


class ExtraPart(Row):
    """One field inside the octets of an extra.

    Args:
        name: its name.
        octets: its size.
        type: a big-endian number, or octets.
    """

    name: str
    octets: int
    type: Literal["number", "octets"] = "number"


class ExtraRow(Row):
    """One thing that follows the time.

    Args:
        name: its name.
        component: whether it is a GBZ component.
        parts: the fields of its octets, empty where it is not cut further.
    """

    name: str
    component: bool = False
    parts: tuple[ExtraPart, ...] = ()


class AlertMessage(Row):
    """One Message Code that carries alerts.

    Args:
        message_code: the code as ``0x`` and four upper-case hex digits.
        critical: whether the alert is signed; None when not known.
        extras: what follows the time.
    """

    message_code: Annotated[str, Field(pattern=_CODE)]
    critical: bool | None
    extras: tuple[ExtraRow, ...]


class AlertTable(DataFile):
    """The catalogue of alerts.

    Args:
        schema_id: version of the file format.
        source: where the facts come from.
        message_codes: Message Codes that carry alerts.
        alert_codes: the alert codes.
    """

    file: ClassVar[str] = "alert_codes.json"

    schema_id: Literal["gbcs-alert-codes/1"]
    source: str
    message_codes: tuple[AlertMessage, ...]
    alert_codes: tuple[AlertCode, ...]

    @cached_property
    def _codes(self) -> dict[int, AlertCode]:
        return {int(row.alert_code, 16): row for row in self.alert_codes}

    @cached_property
    def _messages(self) -> dict[int, AlertMessage]:
        return {int(row.message_code, 16): row for row in self.message_codes}

    def code(self, alert_code: int) -> AlertCode | None:
        """The row of an alert code, None when not known."""
        return self._codes.get(alert_code)

    def message(self, message_code: int) -> AlertMessage | None:
        """The row of a Message Code, None when it is not known to carry alerts."""
        return self._messages.get(message_code)

    def has_component(self, message_code: int) -> bool:
        """Whether a GBZ component follows the time."""
        row = self.message(message_code)
        return row is not None and any(extra.component for extra in row.extras)

"""Alerts: the code, the time and what follows them, in all three forms. GBCS 16."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any, NamedTuple

from trialconformance.gbcs.alert_codes import AlertTable, ExtraRow
from trialconformance.gbcs.asn1 import Asn1Payload, Element
from trialconformance.gbcs.dlms import Data, DataNotification, Tag, date_time_text, read_date_time
from trialconformance.gbcs.gbz import GbzAlert, utc_text

__all__ = ["Alert", "Extra", "alert_of"]

_EPOCH = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
_DLMS_HEAD = (Tag.UINT16, Tag.OCTET_STRING)
_GBZ_EXTRAS = 9  # octets before what follows the time


class Extra(NamedTuple):
    """One value after the time of an alert.

    Args:
        name: its name, for example ``originator_counter``.
        value: a number, octets, or what the payload holds there (``Data``, a Python value of ASN.1).
        path: path of the field that holds it.
        start: offset from the start of the payload.
        length: octets.
    """

    name: str
    value: Any
    path: str
    start: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What an alert payload says, whichever form it has.

    Args:
        code: alert code.
        code_path: path of the field that holds it.
        moment: when it happened, None where the time names no moment.
        time_text: the time for a person, empty where it is malformed.
        time_path: path of the field that holds it.
        extras: what follows the time.
    """

    code: int
    code_path: str
    moment: datetime.datetime | None
    time_text: str
    time_path: str
    extras: tuple[Extra, ...]

    @property
    def name(self) -> str:
        """Name of the alert, empty when the code is not known."""
        row = AlertTable.shipped().code(self.code)
        return row.name if row else ""

    def named(self, name: str) -> Extra | None:
        """The extra with this name, None where there is none."""
        return next((each for each in self.extras if each.name == name), None)


def alert_of(content: DataNotification | GbzAlert | Asn1Payload, message_code: int) -> Alert | None:
    """Tell what an alert says.

    Args:
        content: the payload, as read.
        message_code: Message Code of the message, which says what follows the time.

    Returns:
        The alert, None where the payload does not have the form of one.
    """
    row = AlertTable.shipped().message(message_code)
    rows = row.extras if row else ()
    if isinstance(content, DataNotification):
        return _dlms_alert(content.body, rows)
    return _gbz_alert(content, rows) if isinstance(content, GbzAlert) else _asn1_alert(content)


def _dlms_alert(body: Data, rows: tuple[ExtraRow, ...]) -> Alert | None:
    items = body.items
    if body.tag != Tag.STRUCTURE or tuple(item.tag for item in items[:2]) != _DLMS_HEAD:
        return None
    code, time = items[0].value, items[1].value
    extras: list[Extra] = []
    for at, item in enumerate(items[2:]):
        path = f"body[{at + 2}]"
        extra = rows[at] if at < len(rows) else ExtraRow(name=f"[{at}]")
        parts = isinstance(item.value, bytes) and _parts(extra, item.value, item.end - len(item.value), path)
        extras.extend(parts or [Extra(extra.name, item, path, item.start, item.end - item.start)])
    return Alert(
        code=code,
        code_path="body[0]",
        moment=read_date_time(time),
        time_text=date_time_text(time),
        time_path="body[1]",
        extras=tuple(extras),
    )


def _gbz_alert(alert: GbzAlert, rows: tuple[ExtraRow, ...]) -> Alert:
    extras: list[Extra] = []
    if alert.component is not None:
        start, end = alert.component.start, alert.component.end
        extras.append(Extra(rows[0].name if rows else "component", alert.component, "component", start, end - start))
    elif alert.extras:
        row = rows[0] if rows else ExtraRow(name="extras")
        whole = [Extra(row.name, alert.extras, "extras", _GBZ_EXTRAS, len(alert.extras))]
        extras.extend(_parts(row, alert.extras, _GBZ_EXTRAS, "extras") or whole)
    return Alert(
        code=alert.code,
        code_path="alert_code",
        moment=_EPOCH + datetime.timedelta(seconds=alert.time),
        time_text=utc_text(alert.time),
        time_path="time",
        extras=tuple(extras),
    )


def _asn1_alert(payload: Asn1Payload) -> Alert | None:
    root = payload.root
    code = root.child("alertCode")
    time = root.child("executionTime") or root.child("time")
    if code is None or time is None:
        return None
    after = [child for child in root.children if child is not code and child is not time]
    return Alert(
        code=code.value,
        code_path=code.name,
        moment=_generalized_time(time),
        time_text=time.value,
        time_path=time.name,
        extras=tuple(Extra(each.name, each.value, each.name, each.start, each.end - each.start) for each in after),
    )


def _generalized_time(time: Element) -> datetime.datetime | None:
    try:
        return datetime.datetime.strptime(time.value, "%Y%m%d%H%M%SZ").replace(tzinfo=datetime.UTC)
    except ValueError:
        return None


def _parts(row: ExtraRow, octets: bytes, start: int, path: str) -> list[Extra]:
    """The fields of an extra; none where they do not fill its octets exactly."""
    if not row.parts or sum(part.octets for part in row.parts) != len(octets):
        return []
    found: list[Extra] = []
    at = 0
    for part in row.parts:
        value: int | bytes = octets[at : at + part.octets]
        if part.type == "number" and isinstance(value, bytes):
            value = int.from_bytes(value)
        found.append(Extra(part.name, value, f"{path}.{part.name}", start + at, part.octets))
        at += part.octets
    return found

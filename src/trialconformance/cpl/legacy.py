"""The legacy reader: what loads the list today. It knows the profile and nothing of trials.

It reads typed records, refuses whatever the profile does not allow, writes its records back, and notes which of its
paths a list takes, so that a list which makes it do something new can be told from one that does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from trialconformance.cpl.delimited import Row
from trialconformance.cpl.document import Document
from trialconformance.cpl.profile import Column, Profile
from trialconformance.cpl.writer import write_field

__all__ = ["LegacyList", "Refusal", "load", "status_on", "write"]

Value = int | bytes | date | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why the reader does not load a record.

    Args:
        row: the record, None for the file as a whole.
        column: the column at fault, None for the record as a whole.
        wanted: what it takes.
        seen: what it met, None for the text of the field.
    """

    row: Row | None
    column: str | None
    wanted: str
    seen: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyList:
    """A list as the reader loaded it.

    Args:
        records: typed values of each record, in the order of the columns.
        refusals: why it would not have loaded it.
        paths: the paths of the reader that it took, each with the first record that took it.
    """

    records: tuple[tuple[Value, ...], ...]
    refusals: tuple[Refusal, ...]
    paths: Mapping[str, Row]


def _typed(text: str, column: Column, profile: Profile) -> tuple[Value, str]:
    """The typed value of a field and what was wanted instead; the text itself where it has no typed value."""
    if not text:
        return None, ""
    if column.max is not None and len(text) > column.max:
        return text, f"at most {column.max} characters"
    if column.regex is not None and column.regex.fullmatch(text) is None:
        return text, f"the pattern {column.pattern}"
    if column.allowed is not None and text not in column.allowed:
        return text, "a value of its set"
    return _CONVERTERS[column.type](text, column, profile)


def _uint(text: str, _: Column, __: Profile) -> tuple[Value, str]:
    return (int(text), "") if text.isascii() and text.isdecimal() else (text, "a number")


def _hex(text: str, column: Column, _: Profile) -> tuple[Value, str]:
    wanted = f"{column.octets} octets of hex"
    try:
        octets = bytes.fromhex(text)
    except ValueError:
        return text, wanted
    return (octets, "") if len(text) == 2 * len(octets) and len(octets) == column.octets else (text, wanted)


def _date(text: str, _: Column, profile: Profile) -> tuple[Value, str]:
    day = profile.dates.parse(text)
    return (text, f"a day as {profile.date_format}") if day is None else (day, "")


def _text(text: str, _: Column, __: Profile) -> tuple[Value, str]:
    return text, ""


_CONVERTERS = {"uint": _uint, "enum": _text, "hex": _hex, "text": _text, "date": _date}


def load(document: Document) -> LegacyList:
    """Read a list as the legacy reader does.

    Args:
        document: the list.

    Returns:
        Typed records, refusals and paths.
    """
    profile = document.profile
    refusals = [*_container_refusals(document)]
    paths = {f"line ending {row.ending.hex()}": row for row in reversed(document.rows)}
    if (quoted := next((row for row in document.rows if row.quoted), None)) is not None:
        paths["quoted field"] = quoted
    columns: list[list[Value]] = []
    for column in profile.columns:
        texts = document.column(column.name)
        typed = {text: _typed(text, column, profile) for text in document.distinct(column.name)}
        columns.append([typed[text][0] for text in texts])
        firsts = document.distinct(column.name)
        paths |= {f"{column.name}: {_path(text, value)}": firsts[text] for text, (value, _) in typed.items()}
        for text, (_, wanted) in typed.items():
            if wanted:
                refusals += [
                    Refusal(row=row, column=column.name, wanted=wanted) for row in document.having(column.name, [text])
                ]
        refusals += [
            Refusal(row=row, column=column.name, wanted=f"the field {demand}")
            for row, demand in document.demand_breaches(column)
        ]
    return LegacyList(records=tuple(zip(*columns, strict=True)), refusals=tuple(refusals), paths=paths)


def _path(text: str, value: Value) -> str:
    if not text:
        return "empty"
    return f"{type(value).__name__}{'' if text.isascii() else ', not ASCII'}"


def _container_refusals(document: Document) -> Iterator[Refusal]:
    if document.fault is not None:
        yield Refusal(row=None, column=None, wanted="a list that can be read to its end", seen=str(document.fault))
    if document.columns != document.profile.names:
        yield Refusal(row=document.header, column=None, wanted="the header of the profile")
    judge = _text_refusals if document.content.text else _packed_refusals
    yield from judge(document)


def _packed_refusals(document: Document) -> Iterator[Refusal]:
    for row in document.rows:
        if row.faults or len(row.cells) > len(document.profile.columns):
            yield Refusal(row=row, column=None, wanted="the columns of the profile")


def _text_refusals(document: Document) -> Iterator[Refusal]:
    profile = document.profile
    container = profile.container
    if bool(document.content.bom) is not (container.bom == "required"):
        yield Refusal(row=document.header, column=None, wanted=f"byte order mark {container.bom}")
    for row in document.rows:
        if row.faults:
            yield Refusal(row=row, column=None, wanted="strict quoting", seen=row.faults[0].kind.value)
        if len(row.cells) != len(profile.columns):
            yield Refusal(
                row=row, column=None, wanted=f"{len(profile.columns)} fields", seen=f"{len(row.cells)} fields"
            )
        last = row is document.rows[-1] and container.final_newline == "forbidden"
        if row.ending != (b"" if last else container.ending):
            yield Refusal(
                row=row, column=None, wanted=f"line ending {container.line_ending}", seen=row.ending.hex(" ") or "none"
            )
        if row.quoted and container.quoting == "none":
            yield Refusal(row=row, column=None, wanted="no quotes")


def write(legacy: LegacyList, profile: Profile) -> bytes:
    """Write a list as the legacy system does: delimited text from typed values.

    Args:
        legacy: the list as it was loaded.
        profile: the declared format.

    Returns:
        The octets.

    Raises:
        UsageError: a value that the profile's dialect cannot hold.
    """
    container = profile.container
    known: list[dict[Value, bytes]] = [{} for _ in profile.columns]
    lines = [container.delimiter.encode().join(write_field(name, container) for name in profile.names)]
    for record in legacy.records:
        fields = []
        for value, column, written in zip(record, profile.columns, known, strict=True):
            if value not in written:
                written[value] = write_field(_written(value, column, profile), container)
            fields.append(written[value])
        lines.append(container.delimiter.encode().join(fields))
    end = container.ending if container.final_newline == "required" else b""
    return (b"\xef\xbb\xbf" if container.bom == "required" else b"") + container.ending.join(lines) + end


def _written(value: Value, column: Column, profile: Profile) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.hex().upper() if column.case == "upper" else value.hex()
    if isinstance(value, date):
        return profile.dates.write(value)
    return str(value)


def status_on(document: Document, row: Row, day: date) -> str | None:
    """Say what the status logic for expired CPA certificates makes of an entry on a day.

    Args:
        document: the list.
        row: the record.
        day: the day.

    Returns:
        The status that holds, None where the logic has no answer: an expiry that is no date.
    """
    status = document.value(row, "status")
    text = document.value(row, "cpa_expiry")
    if status != "Active" or not text:
        return status
    expiry = document.profile.dates.parse(text)
    if expiry is None:
        return None
    return "Active" if day <= expiry else "Expired"

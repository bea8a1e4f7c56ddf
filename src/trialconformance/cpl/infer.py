"""Learning a profile from a trusted list: what its octets show, and a note of everything they cannot show."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from trialconformance.core import ArtefactError
from trialconformance.cpl.container import ContentKind, byte_order_mark, sniff
from trialconformance.cpl.delimited import Dialect, Row, rows_of
from trialconformance.cpl.duis_schema import duis_schema
from trialconformance.cpl.profile import Profile, role_names

__all__ = ["infer_profile"]

_DELIMITERS = (",", ";", "\t", "|")
_QUOTES = ('"', "'")
_DATE_FORMATS = {
    "DD/MM/YYYY": re.compile(r"(0[1-9]|[12][0-9]|3[01])/(0[1-9]|1[0-2])/[0-9]{4}"),
    "MM/DD/YYYY": re.compile(r"(0[1-9]|1[0-2])/(0[1-9]|[12][0-9]|3[01])/[0-9]{4}"),
    "YYYY-MM-DD": re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"),
    "DD-MM-YYYY": re.compile(r"(0[1-9]|[12][0-9]|3[01])-(0[1-9]|1[0-2])-[0-9]{4}"),
    "DD.MM.YYYY": re.compile(r"(0[1-9]|[12][0-9]|3[01])\.(0[1-9]|1[0-2])\.[0-9]{4}"),
}
_HEX = re.compile(r"[0-9A-F]+|[0-9a-f]+")
_UINT = re.compile(r"[1-9][0-9]*|0")
_MOST_VALUES = 40  # different values that may still be a closed set
_REPEATS = 3  # records to each value that make a set of values likely
_LIMITS = {"max_record_octets": 4096, "max_file_octets": 33554432}
_ENOUGH_RECORDS = 20
_DUIS_SETS = {"status": "duis-5.4-cpl-status", "variant": "duis-5.4-esme-variant"}
_OPEN_ROLES = frozenset({"manufacturer_name", "cpa_ref", "zigbee_ref", "dlms_ref", "sc_version"})
_CLOSED_ROLES = frozenset({"spec_version", "gbcs_version"})
_KEY_ROLES = ("device_type", "variant", "manufacturer", "model", "hardware", "firmware")


def infer_profile(octets: bytes, *, name: str, profile_id: str) -> Profile:
    """Learn a profile from a list that is known to load.

    Args:
        octets: the list, delimited text.
        name: file name, for errors.
        profile_id: name of the new profile.

    Returns:
        A profile of status ASSUMED; ``unknown`` lists what a person must settle.

    Raises:
        ArtefactError: the file is no delimited text with a header and at least one record.
    """
    kind = sniff(octets)
    if kind is not ContentKind.DELIMITED:
        raise ArtefactError(
            "nothing to learn from", artefact=name, offset=0, expected="delimited text", seen=kind.value
        )
    container = _container(octets)
    bom = byte_order_mark(octets)
    dialect = Dialect(
        delimiter=container["delimiter"].encode(),
        quote=container["quote"].encode(),
        encoding=container["encoding"],
        longest=_LIMITS["max_record_octets"],
    )
    rows = [row for row in rows_of([octets[len(bom) :]], dialect, start=len(bom)) if not row.blank]
    if len(rows) < 2:
        raise ArtefactError(
            "nothing to learn from",
            artefact=name,
            offset=0,
            expected="a header and a record",
            seen=f"{len(rows)} records",
        )
    header, records = rows[0].cells, rows[1:]
    if len(set(header)) != len(header) or any(len(row.cells) != len(header) for row in records):
        odd = next((row for row in records if len(row.cells) != len(header)), rows[0])
        raise ArtefactError(
            "list is not of one layout",
            artefact=name,
            offset=odd.start,
            path=f"line {odd.line}",
            expected=f"{len(header)} different columns",
            seen=f"{len(odd.cells)} fields",
        )
    return _profile(profile_id, container, header, records)


def _container(octets: bytes) -> dict[str, Any]:
    bom = byte_order_mark(octets)
    encoding = "ascii" if octets.isascii() else _encoding(octets)
    first = octets[len(bom) :].splitlines()[0].decode(encoding, "replace")
    delimiter = max(_DELIMITERS, key=first.count)
    text = octets.decode(encoding, "replace")
    quote = max(_QUOTES, key=lambda mark: text.count(f"{delimiter}{mark}"))
    fields = text.count(delimiter) + 1
    quoting = "all" if text.count(quote) >= 2 * fields else "minimal"
    endings = {"crlf": octets.count(b"\r\n"), "lf": octets.count(b"\n") - octets.count(b"\r\n")}
    ending = max(endings, key=lambda kind: endings[kind])
    return {
        "kind": "delimited",
        "encoding": encoding,
        "bom": "required" if bom else "forbidden",
        "delimiter": delimiter,
        "quote": quote,
        "quoting": quoting,
        "escape": "double",
        "line_ending": ending,
        "final_newline": "required" if octets.endswith(b"\n") else "forbidden",
        "header": "required",
        **_LIMITS,
    }


def _encoding(octets: bytes) -> str:
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError:
        return "windows-1252"
    return "utf-8"


def _date_format(columns: dict[str, list[str]]) -> str:
    """The format that most columns hold throughout; a day above 12 tells British from American order."""
    counts = Counter(
        name
        for values in columns.values()
        for name, regex in _DATE_FORMATS.items()
        if any(values) and all(regex.fullmatch(value) for value in values if value)
    )
    return max(_DATE_FORMATS, key=lambda name: counts[name])


def _profile(profile_id: str, container: dict[str, Any], header: Sequence[str], records: Sequence[Row]) -> Profile:
    values = {name: [row.cells[index] for row in records] for index, name in enumerate(header)}
    date_format = _date_format(values)
    roles = {column: role for role, column in role_names().items()}
    unknown = [
        "status: a person who knows the true format must set CONFIRMED",
        "limits: max_record_octets and max_file_octets are guesses",
        "integrity: a digest beside the file is assumed, no signature",
    ]
    columns = []
    for name in header:
        column = _column(name, values[name], date_format, roles.get(name))
        columns.append(column)
        if not any(values[name]):
            unknown.append(f"{name}: no record fills it, its datatype is not known")
        elif column.get("values"):
            unknown.append(f"{name}: its set may hold values that this list does not show")
        elif column["type"] == "text":
            longest = max(len(value) for value in values[name])
            unknown.append(f"{name}: its longest value has {longest} characters here, the true limit is not known")
        if column["required"] is False and any(values[name]):
            unknown.append(f"{name}: when it must be filled is not known")
    entry = _entry_column(header, values, roles)
    key = [name for role in _KEY_ROLES for name in header if roles.get(name) == role] or [entry]
    reference, expiry = _flag_columns(header, roles, columns)
    if reference not in roles or expiry not in roles:
        unknown.append("trial: which columns hold the CPA certificate reference and its expiry is a guess")
    return Profile.model_validate(
        {
            "profile_id": profile_id,
            "profile_version": 1,
            "status": "ASSUMED",
            "container": container,
            "ordering": {"by": [entry] if _sorted(values[entry]) else [], "append_only": True},
            "keys": {"entry": [entry], "model": key},
            "date_format": date_format,
            "columns": columns,
            "trial": {
                "codec": "trial-numeric-1" if _numeric(values[reference]) else "trial-alpha-1",
                "cpa_ref_column": reference,
                "cpa_expiry_column": expiry,
            },
            "unknown": unknown,
        }
    )


def _column(name: str, values: list[str], date_format: str, role: str | None) -> dict[str, Any]:
    distinct = {value for value in values if value}
    column: dict[str, Any] = {"name": name, "required": "" not in values, "role": role}
    if not distinct:
        return column | {"type": "text"}
    if all(_DATE_FORMATS[date_format].fullmatch(value) for value in distinct):
        return column | {"type": "date"}
    if _is_hex(distinct):
        lower = any(value != value.upper() for value in distinct)
        octets = len(next(iter(distinct))) // 2
        return column | {"type": "hex", "octets": octets, "case": "lower" if lower else "upper"}
    if all(_UINT.fullmatch(value) for value in distinct):
        return column | {"type": "uint"}
    return column | _textual(distinct, len(values), role)


def _textual(distinct: set[str], count: int, role: str | None) -> dict[str, Any]:
    """Text, or a closed set: of DUIS, of the list before, or of what the list shows often enough."""
    if role in _CLOSED_ROLES:
        return {"type": "text", "closed_set_from_baseline": True}
    if role in _DUIS_SETS and distinct <= set(duis_schema().sets[_DUIS_SETS[role]]):
        return {"type": "enum", "values_ref": _DUIS_SETS[role]}
    likely = count >= _ENOUGH_RECORDS and count >= _REPEATS * len(distinct) and role not in _OPEN_ROLES
    if len(distinct) <= _MOST_VALUES and (likely or role == "device_type"):
        return {"type": "enum", "values": sorted(distinct)}
    return {"type": "text"}


def _is_hex(distinct: set[str]) -> bool:
    """Digits of one even length, with a leading zero or a letter somewhere: otherwise it may be a number."""
    lengths = {len(value) for value in distinct}
    if len(lengths) != 1 or min(lengths) % 2 or min(lengths) < 4:
        return False
    if not all(_HEX.fullmatch(value) for value in distinct):
        return False
    return any(not value.isdecimal() or value.startswith("0") for value in distinct)


def _entry_column(header: Sequence[str], values: dict[str, list[str]], roles: dict[str, str]) -> str:
    """The column of entry ids: that of the usual name, or the first whose values are all there and all different."""
    named = next((name for name in header if roles.get(name) == "entry_id"), None)
    unique = (name for name in header if all(values[name]) and len(set(values[name])) == len(values[name]))
    return named or next(unique, header[0])


def _flag_columns(header: Sequence[str], roles: dict[str, str], columns: list[dict[str, Any]]) -> tuple[str, str]:
    by_role = {roles[name]: name for name in header if name in roles}
    texts = [column["name"] for column in columns if column["type"] == "text"] or list(header)
    dates = [column["name"] for column in columns if column["type"] == "date"] or list(header)
    return by_role.get("cpa_ref", texts[0]), by_role.get("cpa_expiry", dates[0])


def _sorted(values: list[str]) -> bool:
    keys = [int(value) if value.isdecimal() else -1 for value in values]
    return keys == sorted(keys) if min(keys) >= 0 else values == sorted(values)


def _numeric(values: list[str]) -> bool:
    filled = [value for value in values if value]
    return bool(filled) and all(value.isdecimal() for value in filled)

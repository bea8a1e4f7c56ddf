"""FI-030 to FI-042: the value of every field. Well formed, of a kind the loader has seen, and no stand-in."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator

from trialconformance.core import Finding, Severity
from trialconformance.cpl.checks.declare import invariance
from trialconformance.cpl.comparison import Comparison
from trialconformance.cpl.document import Document
from trialconformance.cpl.duis_schema import duis_device_types, duis_schema
from trialconformance.cpl.profile import Column

_STATUS = "duis-5.4-cpl-status"
_VARIANT = "duis-5.4-esme-variant"
_STAND_INS = frozenset(
    {"N/A", "NA", "TBC", "TBD", "TBA", "-", "--", "NONE", "NULL", "NIL", "UNKNOWN", "?", "X", "PENDING"}
)
_FAR_FUTURE = 9999
_EMPTY_HASH = hashlib.sha256(b"").hexdigest().upper()


def _breaches(
    document: Document, column: Column, bad: Callable[[str], bool], expected: str, *, empty: bool = False
) -> Iterator[Finding]:
    """Judge each different value of a column once and report every record that holds a bad one."""
    values = [value for value in document.distinct(column.name) if (value or empty) and bad(value)]
    for row in document.having(column.name, values):
        yield document.breach(row, column, expected=expected)


def _misformed(column: Column) -> Callable[[str], bool]:
    if column.regex is not None:
        regex = column.regex
        return lambda value: regex.fullmatch(value) is None
    if column.type == "hex":
        regex = re.compile(f"[0-9A-Fa-f]{{{2 * (column.octets or 0)}}}")
        return lambda value: regex.fullmatch(value) is None
    if column.type == "uint":
        return lambda value: not (value.isascii() and value.isdecimal())
    return lambda _: False


@invariance(30)
def values_match_their_pattern(c: Comparison) -> Iterator[Finding]:
    """Every value matches the pattern of its column, and fields are filled exactly where the profile demands it."""
    for column in c.profile.columns:
        if column.type == "date":
            yield from _breaches(
                c.after, column, lambda value: c.profile.dates.regex.fullmatch(value) is None, c.profile.date_format
            )
        else:
            wanted = column.pattern or (f"{column.octets} octets of hex" if column.type == "hex" else column.type)
            yield from _breaches(c.after, column, _misformed(column), wanted)
        for row, demand in c.after.demand_breaches(column):
            condition = "".join(f", as {name} is {c.after.cell(row, name)}" for name in column.required_if)
            expected = f"{'a value' if demand == 'filled' else 'no value'}{condition}"
            yield c.after.breach(row, column, expected=expected)


@invariance(31)
def values_are_no_longer_than_the_profile_allows(c: Comparison) -> Iterator[Finding]:
    """No value is longer than the profile allows for its column."""
    for column in c.profile.columns:
        if column.max is not None:
            longest = column.max
            values = [value for value in c.after.distinct(column.name) if len(value) > longest]
            for row in c.after.having(column.name, values):
                yield c.after.breach(row, column, expected=f"at most {longest} characters")


@invariance(31, warns=True)
def values_are_no_longer_than_any_before(c: Comparison) -> Iterator[Finding]:
    """No value is longer than the longest that its column ever held in the list before."""
    for column in c.profile.columns:
        longest = max((len(value) for value in c.before.distinct(column.name)), default=0)
        values = [value for value in c.after.distinct(column.name) if len(value) > longest]
        for row in c.after.having(column.name, values):
            yield c.after.breach(row, column, expected=f"at most {longest} characters, the longest value before")


@invariance(32)
def enumerated_values_are_in_their_set(c: Comparison) -> Iterator[Finding]:
    """An enumerated field holds a value of its set: a value new to the live loader has stopped CPL updates before."""
    for column in c.profile.columns:
        if (allowed := column.allowed) is not None:
            for row in c.after.having(column.name, set(c.after.distinct(column.name)) - allowed - {""}):
                yield c.after.breach(row, column, expected=_one_of(allowed))


def _one_of(values: frozenset[str]) -> str:
    listed = sorted(values)
    return f"one of {', '.join(listed[:10])}{', …' if len(listed) > 10 else ''}"


@invariance(33)
def versions_occur_in_the_list_before(c: Comparison) -> Iterator[Finding]:
    """A specification or GBCS version already occurs in the list before, so the live loader is known to accept it."""
    for column in c.profile.columns:
        if column.closed_set_from_baseline:
            known = frozenset(c.before.distinct(column.name))
            for row in c.after.having(column.name, set(c.after.distinct(column.name)) - known):
                yield c.after.breach(
                    row, column, expected=_one_of(known - {""}) if known else "a value of the list before"
                )


@invariance(34)
def status_is_a_cpl_status_of_duis(c: Comparison) -> Iterator[Finding]:
    """The status is one of the four that DUIS has for an entry; there is none for a trial."""
    yield from _role_in(c, "status", frozenset(duis_schema().sets[_STATUS]))


def _role_in(c: Comparison, role: str, allowed: frozenset[str]) -> Iterator[Finding]:
    column = c.profile.by_role.get(role)
    if column is not None:
        for row in c.after.having(column.name, set(c.after.distinct(column.name)) - allowed):
            yield c.after.breach(row, column, expected=_one_of(allowed))


@invariance(35)
def device_type_maps_to_duis(c: Comparison) -> Iterator[Finding]:
    """The physical device type is one of the profile's set and has a DUIS device type it shows as."""
    column = c.profile.by_role.get("device_type")
    if column is not None:
        bad = [
            value
            for value in c.after.distinct(column.name)
            if not duis_device_types(value) or (column.allowed is not None and value not in column.allowed)
        ]
        for row in c.after.having(column.name, bad):
            yield c.after.breach(row, column, expected="a physical device type that DUIS knows")


@invariance(36)
def esme_variant_is_one_of_duis_and_only_for_esme(c: Comparison) -> Iterator[Finding]:
    """The ESME variant is one of the 25 of DUIS for an ESME, and empty for every other device."""
    column = c.profile.by_role.get("variant")
    if column is None:
        return
    allowed = frozenset(duis_schema().sets[_VARIANT])
    for row, value, device in zip(
        c.after.records, c.after.column(column.name), c.after.values("device_type"), strict=True
    ):
        if device == "ESME" and value not in allowed:
            yield c.after.breach(row, column, expected="one of the 25 ESME variants of DUIS")
        elif device != "ESME" and value:
            yield c.after.breach(row, column, expected=f"no variant for {device or 'no device type'}")


@invariance(37)
def hex_is_written_as_before(c: Comparison) -> Iterator[Finding]:
    """A hex field has its number of octets in the case of the profile, without 0x and without separators."""
    for column in c.profile.columns:
        if column.type == "hex":
            digits = "0-9A-F" if column.case == "upper" else "0-9a-f"
            regex = re.compile(f"[{digits}]{{{2 * (column.octets or 0)}}}")
            expected = f"{2 * (column.octets or 0)} {column.case}-case hex digits"
            yield from _breaches(c.after, column, lambda value, form=regex: form.fullmatch(value) is None, expected)  # type: ignore[misc]


@invariance(38)
def values_fit_their_duis_elements(c: Comparison) -> Iterator[Finding]:
    """Manufacturer, model, firmware and specification version are of a length that DUIS elements can hold."""
    for role, limit in duis_schema().limits.items():
        column = c.profile.by_role.get(role)
        if column is None:
            continue
        pairs = zip(c.after.records, _duis_values(c.after, role), strict=True)
        for row, value in pairs:
            if not limit.min <= len(value) <= limit.max:
                yield c.after.breach(
                    row, column, expected=f"{limit.min} to {limit.max} characters in DUIS", seen=repr(value)
                )


def _duis_values(document: Document, role: str) -> list[str]:
    """Values as DUIS has them: its DeviceModel is model and hardware version joined."""
    if role != "model":
        return document.values(role)
    return [
        model + hardware for model, hardware in zip(document.values("model"), document.values("hardware"), strict=True)
    ]


@invariance(39)
def dates_are_days_of_the_calendar(c: Comparison) -> Iterator[Finding]:
    """A date is a real day in the format of the profile: no time, no other order, no serial number of a spreadsheet."""
    for column in c.profile.columns:
        if column.type == "date":
            yield from _breaches(
                c.after, column, lambda value: c.profile.dates.parse(value) is None, f"a day as {c.profile.date_format}"
            )


@invariance(40)
def no_stand_in_for_a_value(c: Comparison) -> Iterator[Finding]:
    """No field holds a stand-in such as TBC, N/A or a date in 9999 that its column did not hold before."""
    for column in c.profile.columns:
        known = c.before.distinct(column.name)

        def stands_in(value: str) -> bool:
            day = c.profile.dates.parse(value)
            return value.strip().upper() in _STAND_INS or (day is not None and day.year == _FAR_FUTURE)

        values = [value for value in c.after.distinct(column.name) if value not in known and stands_in(value)]
        for row in c.after.having(column.name, values):
            yield c.after.breach(row, column, expected="a real value, or nothing")


@invariance(41, severity=Severity.SHOULD)
def manufacturers_keep_their_names(c: Comparison) -> Iterator[Finding]:
    """A manufacturer code that was on the list before stands beside the same name as before."""
    column = c.profile.by_role.get("manufacturer_name")
    if column is None:
        return
    known: dict[str, set[str]] = {}
    for code, name in zip(c.before.values("manufacturer"), c.before.values("manufacturer_name"), strict=True):
        known.setdefault(code, set()).add(name)
    pairs = zip(c.after.records, c.after.values("manufacturer"), c.after.values("manufacturer_name"), strict=True)
    for row, code, name in pairs:
        if code in known and name not in known[code]:
            yield c.after.breach(row, column, expected=f"{' or '.join(sorted(known[code]))} for {code}")


@invariance(42)
def hash_is_that_of_an_image(c: Comparison) -> Iterator[Finding]:
    """A hash is not all zeros, all ones or that of nothing, and no two firmware versions share one."""
    column = c.profile.by_role.get("image_hash")
    if column is None:
        return
    versions: dict[str, str] = {}
    pairs = zip(c.after.records, c.after.column(column.name), c.after.values("firmware"), strict=True)
    for row, text, firmware in pairs:
        value = text.upper()
        if value and (not value.strip("0") or not value.strip("F") or value == _EMPTY_HASH):
            yield c.after.breach(row, column, expected="the SHA-256 of a Manufacturer Image")
        elif value and versions.setdefault(value, firmware) != firmware:
            yield c.after.breach(row, column, expected=f"another hash than that of firmware {versions[value]}")

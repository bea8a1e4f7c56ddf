"""The declared format of the list, as data: nothing about the layout of the CPL stands in code.

The true layout is not public. Every output names the profile it was judged under, its status and its digest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator

from trialconformance.core import Assumption, canonical_json, load_json, read_data, sha256_hex
from trialconformance.cpl.dates import DateFormat
from trialconformance.cpl.duis_schema import duis_schema

__all__ = [
    "PROFILE",
    "Column",
    "Container",
    "Integrity",
    "Keys",
    "Ordering",
    "Profile",
    "TrialFlag",
    "load_profile",
    "profile_of",
    "role_names",
]

PROFILE = "cpl-assumed-1"
_PACKAGE = "trialconformance.cpl"
_ROLES = "data/maps/roles.json"

_Octet = Annotated[str, Field(min_length=1, max_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Roles(_Part):
    roles: dict[str, str]
    parts: dict[str, str]
    updatable: tuple[str, ...]
    closed_statuses: tuple[str, ...]


@cache
def _roles() -> _Roles:
    return load_json(_Roles, read_data(_PACKAGE, _ROLES), where=_ROLES)


class Container(_Part):
    """How the list is packed.

    Args:
        kind: which reader it takes.
        encoding: character encoding of delimited text.
        bom: whether a byte order mark stands in front.
        delimiter: character between fields.
        quote: character around fields that need it.
        quoting: which fields are quoted.
        escape: how a quote inside a quoted field is written.
        line_ending: end of every record.
        final_newline: whether the last record has an end.
        header: whether the first record names the columns.
        max_record_octets: longest record, without its end.
        max_file_octets: largest file.
        sheet: name of the worksheet (``xlsx-sheet``), None for the only one.
        record_element: name of the element of one record (``xml``).
    """

    kind: Literal["delimited", "xlsx-sheet", "xml"]
    encoding: Literal["ascii", "utf-8", "windows-1252"] = "utf-8"
    bom: Literal["forbidden", "required"] = "forbidden"
    delimiter: _Octet = ","
    quote: _Octet = '"'
    quoting: Literal["minimal", "all", "none"] = "minimal"
    escape: Literal["double"] = "double"
    line_ending: Literal["crlf", "lf", "cr"] = "crlf"
    final_newline: Literal["required", "forbidden"] = "required"
    header: Literal["required"] = "required"
    max_record_octets: Annotated[int, Field(ge=1)] = 4096
    max_file_octets: Annotated[int, Field(ge=1)] = 33554432
    sheet: str | None = None
    record_element: str = "Record"

    @property
    def ending(self) -> bytes:
        """The octets of the line ending."""
        return {"crlf": b"\r\n", "lf": b"\n", "cr": b"\r"}[self.line_ending]


class Integrity(_Part):
    """How the list is protected on its way.

    Args:
        digest: algorithm of the published digest.
        scope: what it covers.
        sidecar_suffix: suffix of the file that holds it.
        signature: algorithm of a signature over the exact octets.
    """

    digest: Literal["sha-256"] = "sha-256"
    scope: Literal["whole-file"] = "whole-file"
    sidecar_suffix: str = ".sha256"
    signature: Literal["none", "ecdsa-p256-sha256", "ed25519"] = "none"


class Ordering(_Part):
    """In which order records stand.

    Args:
        by: columns that the list is sorted by, ascending.
        append_only: whether records are only ever added at the end.
    """

    by: tuple[str, ...] = ()
    append_only: bool = True


class Keys(_Part):
    """What identifies a record.

    Args:
        entry: columns of the entry key.
        model: columns of the Device Model key.
    """

    entry: tuple[str, ...]
    model: tuple[str, ...]


class Column(_Part):
    """One column.

    Args:
        name: header text.
        type: datatype.
        pattern: regular expression of the whole value.
        values: closed set of values.
        values_ref: name of a closed set of the DUIS schema.
        octets: octets of a hex value.
        case: case of hex digits.
        max: longest value in characters.
        required: whether every record fills it.
        required_if: other columns and the values that make this one required.
        forbidden_otherwise: whether it must be empty where ``required_if`` does not hold.
        closed_set_from_baseline: whether only values of the *before* file are known to load:
            in 2018 an unseen GBCS version stopped CPL updates.
        maps_to: field of the OTA header it equals.
        role: what the column means to the checks.
        parts: roles that are pieces of this column, as role, first character and the one after the last.
    """

    name: str
    type: Literal["uint", "enum", "hex", "text", "date"]
    pattern: str | None = None
    values: tuple[str, ...] | None = None
    values_ref: str | None = None
    octets: int | None = None
    case: Literal["upper", "lower"] = "upper"
    max: int | None = None
    required: bool = False
    required_if: dict[str, tuple[str, ...]] = {}
    forbidden_otherwise: bool = False
    closed_set_from_baseline: bool = False
    maps_to: str | None = None
    role: str | None = None
    parts: tuple[tuple[str, int, int], ...] = ()

    @model_validator(mode="after")
    def _usable(self) -> Self:
        if self.pattern is not None:
            try:
                re.compile(self.pattern)
            except re.error as error:
                raise ValueError(f"pattern of {self.name} does not compile: {error}") from error
        if self.values_ref is not None and self.values_ref not in duis_schema().sets:
            raise ValueError(f"values_ref of {self.name} is none of {', '.join(duis_schema().sets)}")
        if self.type == "hex" and self.octets is None:
            raise ValueError(f"column {self.name} is hex and needs octets")
        return self

    @cached_property
    def allowed(self) -> frozenset[str] | None:
        """The closed set of values, None where there is none."""
        if self.values is not None:
            return frozenset(self.values)
        return frozenset(duis_schema().sets[self.values_ref]) if self.values_ref is not None else None

    @cached_property
    def regex(self) -> re.Pattern[str] | None:
        """The compiled pattern."""
        return re.compile(self.pattern) if self.pattern is not None else None

    @property
    def coded(self) -> bool:
        """Whether values are codes (which hold ASCII only) rather than free text."""
        return self.type != "text" or self.pattern is not None or self.closed_set_from_baseline

    def demand(self, values: Mapping[str, str]) -> Literal["filled", "empty", "free"]:
        """Say whether a record must fill the column.

        Args:
            values: values of the columns that ``required_if`` names.

        Returns:
            ``filled``, ``empty`` or ``free``.
        """
        if self.required:
            return "filled"
        if not self.required_if:
            return "free"
        if all(values.get(name) in accepted for name, accepted in self.required_if.items()):
            return "filled"
        return "empty" if self.forbidden_otherwise else "free"


class TrialFlag(_Part):
    """How a trial Device Model is marked.

    Args:
        codec: the reference codec.
        cpa_ref_column: column of the reference.
        cpa_expiry_column: column of the last permitted day.
        prefix: letters in front, another where a genuine reference starts with TRIAL.
    """

    codec: Literal["trial-alpha-1", "trial-numeric-1"] = "trial-alpha-1"
    cpa_ref_column: str
    cpa_expiry_column: str
    prefix: Annotated[str, Field(pattern="^[A-Z]{2,8}$")] = "TRIAL"


class Profile(_Part):
    """A format profile of the Central Products List.

    Args:
        profile_id: name.
        profile_version: number, one higher with each change.
        status: whether someone who knows the true format confirmed it.
        container: how the list is packed.
        integrity: how it is protected.
        ordering: in which order records stand.
        keys: what identifies a record.
        date_format: how dates are written, from ``DD``, ``MM`` and ``YYYY``.
        columns: the columns in order.
        trial: how a trial is marked.
        updatable: roles of the columns that a declared update may touch.
        unknown: what an inferred profile could not know; a person must settle it.
    """

    profile_id: str
    profile_version: int
    status: Literal["ASSUMED", "CONFIRMED"]
    container: Container
    integrity: Integrity = Integrity()
    ordering: Ordering = Ordering()
    keys: Keys
    date_format: str = "DD/MM/YYYY"
    columns: Annotated[tuple[Column, ...], Field(min_length=1)]
    trial: TrialFlag
    updatable: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    _octets: bytes = PrivateAttr(default=b"")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        DateFormat.of(self.date_format)
        names = [column.name for column in self.columns]
        if len(set(names)) != len(names):
            raise ValueError("a column name stands twice")
        used = {
            *self.keys.entry,
            *self.keys.model,
            *self.ordering.by,
            self.trial.cpa_ref_column,
            self.trial.cpa_expiry_column,
            *(name for column in self.columns for name in column.required_if),
        }
        if strangers := sorted(used - set(names)):
            raise ValueError(f"no such column: {', '.join(strangers)}")
        return self

    @property
    def sha256(self) -> str:
        """SHA-256 of the profile file, 64 lower-case hex digits."""
        return sha256_hex(self.octets)

    @property
    def octets(self) -> bytes:
        """The profile file; its canonical JSON where it was made in memory."""
        return self._octets or canonical_json(self.model_dump(mode="json"))

    @property
    def label(self) -> str:
        """How every output names the profile."""
        return f"{self.profile_id} ({self.status})"

    @property
    def assumption(self) -> Assumption | None:
        """What a verdict under this profile rests on, None where the profile is confirmed."""
        if self.status == "CONFIRMED":
            return None
        return Assumption(
            id=self.profile_id,
            label="assumed format",
            text=f"The layout of the CPL is declared by profile {self.profile_id} (SHA-256 {self.sha256}) and is not "
            "confirmed; SECAS or DCC could confirm it. Only DCC can say that its systems see no impact.",
        )

    @cached_property
    def dates(self) -> DateFormat:
        """The date format."""
        return DateFormat.of(self.date_format)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """Columns by name."""
        return {column.name: column for column in self.columns}

    @cached_property
    def by_role(self) -> dict[str, Column]:
        """Columns by role; a role that no column claims falls to the column of the usual name."""
        found = {
            role: self.by_name[name]
            for role, name in _roles().roles.items()
            if name in self.by_name and self.by_name[name].role in {None, role}
        }
        found |= {column.role: column for column in self.columns if column.role is not None}
        found["cpa_ref"] = self.by_name[self.trial.cpa_ref_column]
        found["cpa_expiry"] = self.by_name[self.trial.cpa_expiry_column]
        return found

    @cached_property
    def pieces(self) -> dict[str, tuple[Column, slice]]:
        """Where the value of a role stands: a column and the characters of it."""
        found = {role: (column, slice(None)) for role, column in self.by_role.items()}
        for column in self.columns:
            for part, start, stop in column.parts:
                found[_roles().parts.get(part, part)] = (column, slice(start, stop))
        return found

    @property
    def closed_statuses(self) -> frozenset[str]:
        """Statuses of an entry that counts as removed."""
        return frozenset(_roles().closed_statuses)

    @cached_property
    def updatable_columns(self) -> frozenset[str]:
        """Names of the columns that a declared update may touch."""
        roles = self.updatable or _roles().updatable
        return frozenset(self.by_role[role].name for role in roles if role in self.by_role)


def role_names() -> dict[str, str]:
    """Usual column names by role."""
    return _roles().roles


def load_profile(file: Path | None = None) -> Profile:
    """Load a format profile.

    Args:
        file: a profile to use instead of the shipped ``cpl-assumed-1``.

    Returns:
        The profile.

    Raises:
        UsageError: the file cannot be read or is no profile.
    """
    source = f"data/profiles/{PROFILE}.json"
    return profile_of(read_data(_PACKAGE, source, override=file), where=source if file is None else str(file))


def profile_of(octets: bytes, *, where: str) -> Profile:
    """Read a format profile from its octets.

    Args:
        octets: the JSON file.
        where: its name, for errors.

    Returns:
        The profile, which knows the digest of these octets.

    Raises:
        UsageError: it is no profile.
    """
    profile = load_json(Profile, octets, where=where)
    profile._octets = octets  # noqa: SLF001 - the loader alone knows the file, the model cannot
    return profile

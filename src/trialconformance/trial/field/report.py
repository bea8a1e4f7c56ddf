"""The field report ``gb-trial-field-report/1``: what the SSC gets to see (TR-13). No EUI-64, MPxN, UPRN or address."""

from __future__ import annotations

import csv
import io
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from trialconformance.core import ExitCode, canonical_json

__all__ = [
    "Breach",
    "Coverage",
    "FieldReport",
    "FieldVerdict",
    "Problem",
    "ProblemKind",
    "ReportedDevice",
    "Source",
    "TrialReport",
]

Count = Annotated[int, Field(ge=0)]
Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]

_CSV_FIELDS = (
    "trial_ref",
    "state",
    "as_of",
    "end",
    "days_left",
    "cap",
    "in_field",
    "cap_use_percent",
    "pending",
    "closed_ota",
    "closed_exchange",
    "closed_removal",
    "overdue",
    "outside_allowlist",
    "firmware_mismatch",
    "installed_after_end",
    "breaches",
)


class Breach(StrEnum):
    """A rule of the trial that the devices in the field break."""

    UNREGISTERED = "unregistered"
    NOT_ACTIVE = "not-active"
    CAP = "cap"
    OVERDUE = "overdue"
    INSTALLED_AFTER_END = "installed-after-end"
    OUTSIDE_ALLOWLIST = "outside-allowlist"
    FIRMWARE_MISMATCH = "firmware-mismatch"


class ProblemKind(StrEnum):
    """Something wrong with the inventory itself."""

    BAD_EUI = "bad-eui"
    DUPLICATE_EUI = "duplicate-eui"
    UNKNOWN_STATUS = "unknown-status"
    IMPOSSIBLE_DATE = "impossible-date"
    GPF_WITHOUT_CHF = "gpf-without-chf"
    REGISTER_OLDER = "register-older"
    REGISTER_UNVERIFIED = "register-unverified"
    LIST_FLAG_MALFORMED = "list-flag-malformed"


class FieldVerdict(StrEnum):
    """What a report comes to."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(_Value):
    """One file of the inventory.

    Args:
        name: its name.
        sha256: its digest, lower-case hex.
        rows: devices in it.
    """

    name: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    rows: Count


class Coverage(_Value):
    """How much of the estate the inventory shows.

    Args:
        as_of: the day it was drawn.
        sources: its files.
        rows: devices in all of them.
        whole: whether it was shown to be the whole inventory.
        reason: what shows that it is whole, or why it may not be.
    """

    as_of: date
    sources: tuple[Source, ...]
    rows: Count
    whole: bool
    reason: str


class Problem(_Value):
    """One thing wrong with the inventory.

    Args:
        kind: what.
        source: name of the file, empty where it is none of one file.
        row: row of data, the first is 1; 0 where it is none of one row.
        expected: what is accepted.
        seen: what stands there; never an identity of a device.
    """

    kind: ProblemKind
    source: str
    row: Count
    expected: str
    seen: str


class ReportedDevice(_Value):
    """A device of a trial, by pseudonym.

    Args:
        pseudonym: keyed hash of its EUI-64, 32 hex digits; empty where no key was given.
        status: its status on the inventory.
        firmware: its firmware version.
        commissioned: day of commissioning, where known.
        region: region, where known.
        supplier: responsible supplier, where known.
        breaches: rules that it breaks.
    """

    pseudonym: str = Field(pattern=r"^([0-9a-f]{32})?$")
    status: str
    firmware: str
    commissioned: date | None
    region: str
    supplier: str
    breaches: tuple[Breach, ...]


class Closed(_Value):
    """Devices that left, by route.

    Args:
        ota: on certified firmware of the same hardware.
        exchange: gone, with another device of the type at the premises.
        removal: gone.
    """

    ota: Count = 0
    exchange: Count = 0
    removal: Count = 0


class TrialReport(_Value):
    """What is in the field of one trial.

    Args:
        trial_ref: its reference.
        state: its state on the register, ``unregistered`` where it has none.
        cap: devices it may have in the field.
        start: first day.
        end: last day.
        days_left: days from the report to the last day, negative after it.
        in_field: devices in the field, a Communications Hub counted once.
        counted: devices that count toward the cap.
        cap_use_percent: ``counted`` in per cent of the cap, rounded up.
        pending: devices announced.
        closed: devices that left.
        by_region: devices in the field by region.
        by_supplier: devices in the field by responsible supplier.
        by_firmware: devices in the field by firmware version.
        by_week: devices in the field by the Monday of the week of commissioning.
        first_commissioned: day of the first commissioning.
        last_commissioned: day of the last one.
        overdue: devices in the field after the last day.
        installed_after_end: devices commissioned after the last day.
        outside_allowlist: devices in the field that are not on the allow-list; None where no list was given.
        firmware_mismatch: devices of the model with a firmware that the list does not have.
        devices: the devices in the field and those with a mismatch, sorted.
        breaches: rules that are broken.
    """

    trial_ref: str
    state: str
    cap: Count | None
    start: date | None
    end: date | None
    days_left: int | None
    in_field: Count
    counted: Count
    cap_use_percent: Count | None
    pending: Count
    closed: Closed
    by_region: dict[str, Count]
    by_supplier: dict[str, Count]
    by_firmware: dict[str, Count]
    by_week: dict[str, Count]
    first_commissioned: date | None
    last_commissioned: date | None
    overdue: Count
    installed_after_end: Count
    outside_allowlist: Count | None
    firmware_mismatch: Count
    devices: tuple[ReportedDevice, ...]
    breaches: tuple[Breach, ...]


class FieldReport(_Value):
    """The field report.

    Args:
        schema_id: form of the report, key ``schema``.
        as_of: the day it is about.
        coverage: how much of the estate it shows.
        register_digest: newest state of the register.
        register_as_of: day of that state.
        list_sha256: digest of the Central Products List.
        list_profile: the profile that list was read under, with its status.
        pseudonyms: how devices are named.
        trials: every trial with devices or on the register.
        problems: what is wrong with the inventory, at most 100 of each kind.
        problem_counts: how often each kind occurs.
    """

    schema_id: Literal["gb-trial-field-report/1"] = Field(default="gb-trial-field-report/1", alias="schema")
    as_of: date
    coverage: Coverage
    register_digest: Digest
    register_as_of: date
    list_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    list_profile: str
    pseudonyms: Literal["hmac-sha-256", "none"]
    trials: tuple[TrialReport, ...]
    problems: tuple[Problem, ...]
    problem_counts: dict[str, Count]

    @property
    def verdict(self) -> FieldVerdict:
        """Fail on any breach or bad row, inconclusive where estate or register were not seen for good, else pass."""
        undecided = {ProblemKind.REGISTER_OLDER, ProblemKind.REGISTER_UNVERIFIED}
        if any(each.breaches for each in self.trials) or set(self.problem_counts) - undecided:
            return FieldVerdict.FAIL
        return FieldVerdict.PASS if self.coverage.whole and not self.problem_counts else FieldVerdict.INCONCLUSIVE

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of a command that ends with this report."""
        codes = {FieldVerdict.PASS: ExitCode.PASS, FieldVerdict.FAIL: ExitCode.FAIL}
        return codes.get(self.verdict, ExitCode.INCONCLUSIVE)

    def trial(self, reference: str) -> TrialReport | None:
        """The part on one trial, None where it has none."""
        return next((each for each in self.trials if each.trial_ref == reference), None)

    def to_json(self) -> bytes:
        """The report as canonical JSON."""
        return canonical_json(self.model_dump(mode="json", by_alias=True))

    def to_csv(self) -> bytes:
        """One line for every trial, with a header; ``breaches`` joined by spaces."""
        stream = io.StringIO(newline="")
        writer = csv.DictWriter(stream, _CSV_FIELDS, lineterminator="\r\n")
        writer.writeheader()
        for each in self.trials:
            row = each.model_dump(mode="json", include=set(_CSV_FIELDS))
            row |= {f"closed_{route}": count for route, count in each.closed.model_dump().items()}
            row |= {"as_of": self.as_of.isoformat(), "breaches": " ".join(each.breaches)}
            writer.writerow({key: "" if value is None else value for key, value in row.items()})
        return stream.getvalue().encode()

"""TD-01 to TD-14: what the reference says, and whether the register, the date and the entry agree with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from trialconformance.core import Finding, Severity, finding
from trialconformance.cpl.checks.declare import flag
from trialconformance.cpl.comparison import Comparison
from trialconformance.cpl.delimited import Row
from trialconformance.cpl.register import RegisterEntry
from trialconformance.cpl.scopes import COMPARISON, DATED_TRIALS, REGISTERED, TRIALS
from trialconformance.cpl.trial_reference import Certified, Malformed, Trial

_APPROVED = "approved"
_CERTIFIED = "certified"


@flag(1, applies_to=COMPARISON)
def only_the_cpa_reference_marks_a_trial(c: Comparison) -> Iterator[Finding]:
    """A trial reference stands in the column of the CPA certificate reference, and in no other."""
    reference = c.profile.by_role["cpa_ref"]
    for column in c.profile.columns:
        if column is reference or column.type != "text":
            continue
        values = [value for value in c.after.distinct(column.name) if isinstance(c.codec.decode(value), Trial)]
        for row in c.after.having(column.name, values):
            yield c.after.breach(row, column, expected=f"a trial reference in {reference.name} only")


def _malformed(c: Comparison) -> Iterator[tuple[Row, Malformed]]:
    for row in c.after.records:
        decoded = c.decoded(c.after, row)
        if isinstance(decoded, Malformed):
            yield row, decoded


@flag(2, applies_to=COMPARISON)
def numbers_of_a_reference_are_good(c: Comparison) -> Iterator[Finding]:
    """A value with the form of a trial reference has good check digits, a year from 2021 and a serial from 1."""
    for row, decoded in _malformed(c):
        if decoded.formed:
            yield c.after.breach(
                row,
                c.profile.by_role["cpa_ref"],
                expected="a reference with good numbers",
                seen=f"{decoded.text}: {decoded.why}",
            )


@flag(3, applies_to=COMPARISON)
def no_reference_is_malformed(c: Comparison) -> Iterator[Finding]:
    """What starts like a trial reference is one in full; it is never taken for an ordinary reference."""
    for row, decoded in _malformed(c):
        yield c.after.breach(
            row, c.profile.by_role["cpa_ref"], expected=c.codec.form, seen=f"{decoded.text!r}: {decoded.why}"
        )


def _cpa_demand(c: Comparison, row: Row) -> str:
    column = c.profile.by_role["cpa_ref"]
    return column.demand({name: c.after.cell(row, name) for name in column.required_if})


@flag(4, applies_to=COMPARISON)
def a_reference_stands_where_the_type_needs_one(c: Comparison) -> Iterator[Finding]:
    """The CPA certificate reference is empty only for a device type that needs no CPA certificate."""
    column = c.profile.by_role["cpa_ref"]
    for row in c.after.having(column.name, [""]):
        if _cpa_demand(c, row) == "filled":
            device = c.after.value(row, "device_type")
            yield c.after.breach(row, column, expected=f"a reference, which {device} needs", seen="nothing")


@flag(4, applies_to=TRIALS, warns=True)
def a_trial_has_something_to_waive(c: Comparison) -> Iterator[Finding]:
    """A trial reference stands only where the device type would need a CPA certificate."""
    column = c.profile.by_role["cpa_ref"]
    if not column.required and not column.required_if:
        return  # the profile does not say which types need a certificate
    for row in c.trial_rows:
        if _cpa_demand(c, row) != "filled":
            device = c.after.value(row, "device_type")
            yield c.after.breach(row, column, expected=f"no trial of {device}, which needs no CPA certificate")


@flag(5, applies_to=TRIALS)
def a_trial_has_a_last_day(c: Comparison) -> Iterator[Finding]:
    """A trial entry has a CPA certificate expiry: its last permitted day."""
    for row in c.trial_rows:
        if not c.after.value(row, "cpa_expiry"):
            yield c.after.breach(
                row, c.profile.by_role["cpa_expiry"], expected="the last permitted day", seen="nothing"
            )


def _registered(c: Comparison) -> Iterator[tuple[Row, RegisterEntry]]:
    """Trial entries whose reference the register has."""
    entries = {entry.trial_ref: entry for entry in c.register or ()}
    for row in c.trial_rows:
        if (entry := entries.get(c.after.value(row, "cpa_ref"))) is not None:
            yield row, entry


@flag(6, applies_to=REGISTERED)
def a_reference_is_registered_approved_and_open(c: Comparison) -> Iterator[Finding]:
    """The register has the reference, approved no later than the date of judgement, and the trial is open."""
    entries = {entry.trial_ref: entry for entry in c.register or ()}
    column = c.profile.by_role["cpa_ref"]
    for row in c.trial_rows:
        entry = entries.get(c.after.value(row, "cpa_ref"))
        if entry is None:
            yield c.after.breach(row, column, expected="a reference in the register")
        elif entry.outcome != _APPROVED or (c.as_of is not None and entry.decided > c.as_of):
            yield c.after.breach(
                row, column, expected="an approved reference", seen=f"{entry.outcome} on {entry.decided}"
            )
        elif entry.closure is not None and not c.after.removed(row) and c.after.value(row, "status") == "Active":
            yield c.after.breach(row, column, expected="an open trial", seen=f"closed: {entry.closure}")


@flag(7, applies_to=REGISTERED)
def a_trial_does_not_outlast_the_register(c: Comparison) -> Iterator[Finding]:
    """The expiry of a trial entry is no later than the end in the register."""
    yield from _expiries(c, later=True)


@flag(7, applies_to=REGISTERED, warns=True)
def a_trial_ends_when_the_register_says(c: Comparison) -> Iterator[Finding]:
    """The expiry of a trial entry is no earlier than the end in the register."""
    yield from _expiries(c, later=False)


def _expiries(c: Comparison, *, later: bool) -> Iterator[Finding]:
    for row, entry in _registered(c):
        expiry = c.profile.dates.parse(c.after.value(row, "cpa_expiry"))
        if expiry is not None and (expiry > entry.end if later else expiry < entry.end):
            yield c.after.breach(row, c.profile.by_role["cpa_expiry"], expected=c.profile.dates.write(entry.end))


@flag(8, applies_to=REGISTERED)
def a_trial_covers_the_device_model(c: Comparison) -> Iterator[Finding]:
    """Manufacturer, type, model, hardware and firmware of a trial entry are among those the register has for it."""
    for row, entry in _registered(c):
        maker = c.after.value(row, "manufacturer")
        if maker != entry.manufacturer:
            yield c.after.breach(row, c.profile.by_role.get("manufacturer"), expected=entry.manufacturer)
        of_model = [
            model
            for model in entry.models
            if (model.type, model.model_id, model.hardware)
            == tuple(c.after.value(row, role) for role in ("device_type", "model", "hardware"))
        ]
        firmware = c.after.value(row, "firmware")
        versions = [version for model in of_model for version in model.firmware]
        if not of_model:
            seen = " ".join(c.after.value(row, role) for role in ("device_type", "model", "hardware"))
            expected = ", ".join(f"{model.type} {model.model_id} {model.hardware}" for model in entry.models)
            yield c.after.breach(row, c.profile.by_role.get("model"), expected=expected, seen=seen)
        elif firmware not in versions:
            yield c.after.breach(row, c.profile.by_role.get("firmware"), expected=", ".join(versions))


@flag(9, applies_to=REGISTERED, severity=Severity.SHOULD)
def an_open_trial_is_listed(c: Comparison) -> Iterator[Finding]:
    """A trial that is approved, open and not past its end has an entry on the list."""
    listed = {c.after.value(row, "cpa_ref") for row in c.trial_rows}
    for entry in c.register or ():
        is_open = entry.outcome == _APPROVED and entry.closure is None and (c.as_of is None or c.as_of <= entry.end)
        if is_open and entry.trial_ref not in listed:
            yield finding(expected=f"an entry for {entry.trial_ref}", seen="not yet listed")


@flag(10, applies_to=DATED_TRIALS)
def an_expired_trial_is_not_active(c: Comparison) -> Iterator[Finding]:
    """A trial past its expiry is no longer active: it follows the path of an expired CPA certificate."""
    for row in c.trial_rows:
        expiry = c.profile.dates.parse(c.after.value(row, "cpa_expiry"))
        if c.as_of is not None and expiry is not None and c.as_of > expiry and c.after.value(row, "status") == "Active":
            yield c.after.breach(
                row,
                c.profile.by_role.get("status"),
                expected=f"Expired or removed at {c.as_of}",
                seen=f"Active, expired {expiry}",
            )


@flag(11, applies_to=REGISTERED, severity=Severity.SHOULD)
def a_trial_is_listed_after_its_decision(c: Comparison) -> Iterator[Finding]:
    """The date added of a trial entry is not before the decision nor before the start of the trial."""
    for row, entry in _registered(c):
        added = c.profile.dates.parse(c.after.value(row, "date_added"))
        earliest: date = max(entry.decided, entry.start)
        if added is not None and added < earliest:
            yield c.after.breach(
                row, c.profile.by_role.get("date_added"), expected=f"no earlier than {c.profile.dates.write(earliest)}"
            )


@flag(12, applies_to=TRIALS, severity=Severity.INFO)
def a_trial_says_what_it_was_assessed_against(c: Comparison) -> Iterator[Finding]:
    """The SC version of a trial entry is the version assessed against, which is no claim of certification."""
    column = c.profile.by_role.get("sc_version")
    for row in c.trial_rows if column else ():
        if not c.after.value(row, "sc_version"):
            yield c.after.breach(row, column, expected="the SC version assessed against", seen="nothing")


@flag(13, applies_to=COMPARISON)
def a_certified_trial_is_changed_in_place(c: Comparison) -> Iterator[Finding]:
    """A trial that becomes certified keeps its entry, gets a new reference and expiry, and is closed as certified."""
    closed = {entry.trial_ref: entry.closure for entry in c.register} if c.register is not None else None
    for row in c.before.records:
        was = c.decoded(c.before, row)
        later = c.after.by_entry.get(c.before.entry(row))
        if not isinstance(was, Trial) or later is None or not isinstance(c.decoded(c.after, later), Certified):
            continue
        if c.after.model_key(later) != c.before.model_key(row):
            yield c.after.breach(later, c.profile.keys.model[-1], expected="the Device Model of the trial")
        if not c.differs(row, later, c.profile.by_role["cpa_expiry"].name):
            yield c.after.breach(
                later, c.profile.by_role["cpa_expiry"], expected="the expiry of the certificate, or none"
            )
        if closed is not None and closed.get(was.reference) != _CERTIFIED:
            yield c.after.breach(
                later,
                c.profile.by_role["cpa_ref"],
                expected=f"{was.reference} closed as certified in the register",
                seen=closed.get(was.reference) or "open or unknown",
            )


@flag(14, applies_to=TRIALS)
def a_reference_is_of_one_manufacturer(c: Comparison) -> Iterator[Finding]:
    """Entries with one trial reference are of one manufacturer."""
    makers: dict[str, str] = {}
    for row in c.trial_rows:
        reference, maker = c.after.value(row, "cpa_ref"), c.after.value(row, "manufacturer")
        if makers.setdefault(reference, maker) != maker:
            yield c.after.breach(
                row, c.profile.by_role.get("manufacturer"), expected=f"{makers[reference]}, which has {reference}"
            )

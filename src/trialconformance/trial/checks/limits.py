"""TR-02 to TR-06: how many devices, for how long, and who may set it otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from trialconformance.core import Finding, finding
from trialconformance.trial.application import Application
from trialconformance.trial.checks.field import field_report_of
from trialconformance.trial.checks.scopes import applications, requirement
from trialconformance.trial.register_entry import TrialState

_ENDING = frozenset({TrialState.CLOSING, TrialState.CLOSED})


def _has_no_override(application: Application) -> str:
    return "" if application.submission.overrides else "the SSC has set no limit of its own for this trial"


def _is_no_longer_than_earlier_trials(application: Application) -> str:
    earlier, trial = application.policy.earlier_trials, application.submission.trial
    if trial.months <= earlier.months and trial.quantity <= earlier.devices:
        return f"the trial asks for no more than earlier trials had: {earlier.devices} devices, {earlier.months} months"
    return ""


@requirement("TR-02")
def number_of_devices_is_limited(application: Application) -> Iterator[Finding]:
    """The quantity is at least one and no more than policy or SSC permit; the register has it as cap."""
    asked, most = application.submission.trial.quantity, application.limits.max_devices
    if most is None:
        yield application.breach(
            "policy.preset",
            expected="a limit on the number of devices, set by an override with decision, date and reason",
            seen=f"policy {application.policy.id} sets none and no override does",
        )
    elif not 1 <= asked <= most:
        yield application.breach("trial.quantity", expected=f"1 to {most} devices", seen=f"{asked}")
    if application.entry and application.entry.quantity_cap != asked:
        yield finding(
            artefact=application.register.name if application.register else "",
            expected=f"the quantity of the submission, {asked}, as cap",
            seen=f"a cap of {application.entry.quantity_cap}",
        )
    held = field_report_of(application)
    if held and most is not None and held[1].counted > most:
        yield application.at(
            application.submission.documents["field_report"],
            expected=f"at most {most} devices in the field",
            seen=f"{held[1].counted}",
        )


@requirement("TR-03")
def duration_is_limited(application: Application) -> Iterator[Finding]:
    """The duration is at least a month and within its limit; its end is that of register and CPL, and not past."""
    submission, most = application.submission, application.limits.max_months
    months, end = submission.trial.months, submission.end
    if most is None:
        yield application.breach(
            "policy.preset",
            expected="a limit on the duration, set by an override with decision, date and reason",
            seen=f"policy {application.policy.id} sets none and no override does",
        )
    elif not 1 <= months <= most:
        yield application.breach("trial.months", expected=f"1 to {most} calendar months", seen=f"{months}")
    yield from _register_ends_with_the_trial(application)
    for row in application.trial_rows:
        if row.expiry != end:
            yield finding(
                artefact=row.document,
                at=row.span,
                expected=f"the last day of the trial, {end}, as expiry",
                seen=row.expiry_text or "no expiry",
            )
    if application.as_of > end and not (application.entry and application.entry.state in _ENDING):
        yield application.breach(
            "as_of", expected=f"a day no later than the end of the trial, {end}", seen=f"{application.as_of}"
        )


def _register_ends_with_the_trial(application: Application) -> Iterator[Finding]:
    entry, trial = application.entry, application.submission.trial
    if entry is None or application.register is None:
        return
    wanted = (trial.start, trial.months, application.submission.end)
    if (entry.start, entry.duration_months, entry.end) != wanted:
        yield finding(
            artefact=application.register.name,
            expected=f"start {wanted[0]}, {wanted[1]} months, end {wanted[2]}",
            seen=f"start {entry.start}, {entry.duration_months} months, end {entry.end}",
        )


@requirement(
    "TR-04", applies_to=applications("an application beyond earlier trials", _is_no_longer_than_earlier_trials)
)
def earlier_trials_were_smaller(application: Application) -> Iterator[Finding]:
    """Earlier trials had 100 devices for 12 months: an application for more is pointed out to the SSC."""
    earlier, trial = application.policy.earlier_trials, application.submission.trial
    yield application.breach(
        "trial.quantity" if trial.quantity > earlier.devices else "trial.months",
        expected=f"{earlier.devices} devices for {earlier.months} months, as earlier trials (for information)",
        seen=f"{trial.quantity} devices for {trial.months} months",
    )


@requirement("TR-05")
def duration_suffices_or_is_justified(application: Application) -> Iterator[Finding]:
    """Twelve months were found too short to validate a device: a trial of less than 18 says why that suffices."""
    trial = application.submission.trial
    if trial.months < application.policy.longer_months and not trial.justification.strip():
        yield application.breach(
            "trial.months",
            expected=f"{application.policy.longer_months} months, or a justification of the duration",
            seen=f"{trial.months} months without one",
        )


@requirement("TR-06", applies_to=applications("limits set by the SSC", _has_no_override))
def limits_set_otherwise_rest_on_a_decision(application: Application) -> Iterator[Finding]:
    """A limit other than the policy's names the SSC's decision, its day and the reason, where policy lets it decide."""
    for index, override in enumerate(application.submission.overrides):
        key = f"overrides.{index}"
        if not application.policy.ssc_override:
            yield application.breach(
                key, expected=f"no override under policy {application.policy.id}", seen=override.limit
            )
        if override.missing:
            yield application.breach(
                key, expected="decision, decided and reason", seen=f"no {', no '.join(override.missing)}"
            )
        if override.decided and override.decided > application.as_of:
            yield application.breach(key, expected=f"a decision by {application.as_of}", seen=f"{override.decided}")

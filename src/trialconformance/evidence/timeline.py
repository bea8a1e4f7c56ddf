"""When things happened in a trial, from the submission, the register and the list."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from trialconformance.core import ArtefactError, Record
from trialconformance.core.dsse import Envelope
from trialconformance.cpl.dates import DateFormat
from trialconformance.evidence.cpl_rows import listing, octets_of_role

__all__ = ["Event", "out_of_order", "timeline"]

# The order in which things must happen; equal days are in order.
_STAGES = (
    "test session with DCC systems",
    "submission",
    "decision of the SSC",
    "start of the trial",
    "end of the trial",
)
_LISTED = "listed on the CPL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened on a day.

    Args:
        day: the day.
        what: what happened.
        source: where that is said.
    """

    day: date
    what: str
    source: str


def timeline(record: Record, inputs: Mapping[str, bytes]) -> tuple[Event, ...]:
    """Collect the dates of a trial.

    Args:
        record: the record.
        inputs: octets by artefact name; what is missing or cannot be read gives no event, its own cases judge it.

    Returns:
        The events, by day.
    """
    events = [
        *_from_submission(record, inputs),
        *_from_register(record, inputs),
        *_from_list(record, inputs),
        Event(day=date.fromisoformat(record.as_of), what="judged as of", source="record"),
    ]
    return tuple(sorted(set(events), key=lambda event: (event.day, event.what, event.source)))


def out_of_order(events: tuple[Event, ...]) -> tuple[str, ...]:
    """Say which events break the order of a trial: test, submission, decision, listing, start, end.

    Args:
        events: the events.

    Returns:
        A sentence for each pair that is the wrong way round.
    """
    faults = []
    first_day = {what: min(each.day for each in events if each.what == what) for what in {each.what for each in events}}
    stages = [stage for stage in _STAGES if stage in first_day]
    pairs = list(pairwise(stages))
    if "decision of the SSC" in first_day and _LISTED in first_day:
        pairs.append(("decision of the SSC", _LISTED))
    for earlier, later in pairs:
        if first_day[earlier] > first_day[later]:
            faults.append(f"{earlier} ({first_day[earlier]}) comes after {later} ({first_day[later]})")
    return tuple(faults)


def _from_submission(record: Record, inputs: Mapping[str, bytes]) -> Iterator[Event]:
    found = octets_of_role(record, inputs, "submission")
    if found is None:
        return
    try:
        tables = tomllib.loads(found[1].decode())
    except ValueError:
        return
    for session in _tables(tables, "test_sessions"):
        yield from _event(session.get("last"), _STAGES[0], found[0])
    for notice in _tables(tables, "dno_notices"):
        yield from _event(notice.get("sent"), "network operator told", found[0])
    for scenario in _tables(tables, "scenarios"):
        yield from _event(scenario.get("held"), f"rehearsal: {scenario.get('kind', 'scenario')}", found[0])
    trial = tables.get("trial")
    if isinstance(trial, dict):
        yield from _event(trial.get("submitted"), _STAGES[1], found[0])
        yield from _event(trial.get("start"), _STAGES[3], found[0])


def _from_register(record: Record, inputs: Mapping[str, bytes]) -> Iterator[Event]:
    for artefact in reversed([each for each in record.artefacts if each.role == "register" and each.name in inputs]):
        found = tuple(_from_state(artefact.name, inputs[artefact.name], record.subject.trial_reference))
        if found:  # the newest state that knows the trial; earlier ones say no more
            yield from found
            return


def _from_state(name: str, octets: bytes, reference: str) -> Iterator[Event]:
    try:
        state = json.loads(Envelope.from_json(octets).payload)
    except (ArtefactError, ValueError, RecursionError):
        return
    for entry in _tables(state if isinstance(state, dict) else {}, "entries"):
        if entry.get("trial_ref") != reference:
            continue
        decision = entry.get("ssc_decision")
        if isinstance(decision, dict):
            yield from _event(decision.get("date"), _STAGES[2], name)
        yield from _event(entry.get("end"), _STAGES[4], name)


def _from_list(record: Record, inputs: Mapping[str, bytes]) -> Iterator[Event]:
    found = listing(record, inputs)
    if found is None:
        return
    dates = DateFormat.of(found.document.profile.date_format)
    for role, what in (("date_added", _LISTED), ("cpa_expiry", "expiry on the CPL")):
        for text in found.values(role):
            day = dates.parse(text)
            if day is not None:
                yield Event(day=day, what=what, source=found.document.name)


def _tables(tables: dict[str, Any], key: str) -> Iterator[dict[str, Any]]:
    value = tables.get(key)
    yield from (each for each in value if isinstance(each, dict)) if isinstance(value, list) else ()


def _event(value: object, what: str, source: str) -> Iterator[Event]:
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            return
    if isinstance(value, date):
        yield Event(day=value, what=what, source=source)

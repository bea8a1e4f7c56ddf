"""Every case that octets can break is broken at least once: the list of mutations is data."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from gbcs_samples import ACB, ESME, GSME, IMAGE, PKI, keystore, protected, scenarios
from gbcs_samples import octets as octets_of

from trialconformance.core import Finding, Severity
from trialconformance.gbcs import Capture, LengthWidths, Message, subjects
from trialconformance.gbcs.checks import CHECKS

_DATA = Path(__file__).parent / "data"
MUTATIONS: list[dict[str, Any]] = json.loads((_DATA / "mutations.json").read_text())
SURVIVORS: list[dict[str, str]] = json.loads((_DATA / "survivors.json").read_text())
BY_ID = {check.case.id: check for check in CHECKS}
DEVICE_TYPES = {ESME: "ESME", GSME: "GSME"}

# Cases that a changed octet of a message cannot break, and where they are shown instead.
ELSEWHERE = {
    "GBCS-GBT-001": "test_transfers",
    "GBCS-GBT-002": "test_transfers",
    "GBCS-GBT-003": "test_transfers",
    "GBCS-SEC-005": "test_checks: a generic alert protected the other way",
    "GBCS-SEC-009": "test_checks: an alert with a wrong MAC",
    "GBCS-SEC-011": "test_checks: a key store that verifies anything",
    "GBCS-SEC-012": "test_checks: a key derivation that ignores its use",
    "GBCS-SEC-014": "test_checks: certificates that deviate",
    "GBCS-SEC-015": "test_checks: certificates that deviate",
}


def _mutant(message: Message, mutation: dict[str, Any]) -> bytes:
    """Spoil a message: its fields before it is protected anew, then its octets."""
    fields: dict[str, Any] = {
        name: octets_of(value) if isinstance(value, str) else value
        for name, value in mutation.get("fields", {}).items()
    }
    if holder := mutation.get("certificate_of"):
        fields["certificate"] = PKI.certificate(holder, mutation["use"]).octets
    if size := mutation.get("fill_payload"):
        fields["payload"] = message.payload.ljust(size, b"\0")
    if widths := mutation.get("widths"):
        fields["widths"] = LengthWidths(**widths)
    if holder_and_use := mutation.get("payload_certificate"):
        fields["payload"] = PKI.certificate(*holder_and_use).octets
    changed = replace(message, **fields)
    if pair := mutation.get("substitute"):
        old, new = map(octets_of, pair)
        assert old in changed.payload
        changed = replace(changed, payload=changed.payload.replace(old, new))
    if "flip" in mutation:
        payload = bytearray(changed.payload)
        payload[mutation["flip"]] ^= 1
        changed = replace(changed, payload=bytes(payload))
    if "form" in mutation:
        changed = protected(changed, form=mutation["form"])
    octets = changed.encode()
    for path, text in mutation.get("write", {}).items():
        span = changed.span(path)
        octets = octets[: span.start] + octets_of(text) + octets[span.end :]
    octets += bytes.fromhex(mutation.get("append", ""))
    octets = octets[: len(octets) - mutation.get("cut", 0)]
    return octets[: mutation.get("keep", len(octets))]


def _judge(case: str, captures: list[Capture]) -> list[Finding]:
    check = BY_ID[case]
    found = subjects(captures, keystore=keystore(), acb=ACB, device_types=DEVICE_TYPES, image=IMAGE)
    judged = [subject for subject in found[check.case.scope.kind] if check.case.scope.admits(subject)]
    return [finding for subject in judged for finding in check(subject)]


@cache
def _captures(scenario: str) -> list[Capture]:
    return [Capture.of(message.octets, name=message.name) for message in scenarios()[scenario]]


@pytest.mark.parametrize("scenario", scenarios())
def test_the_unspoilt_scenarios_break_no_case(scenario: str) -> None:
    """Nothing is found in a scenario before it is spoilt."""
    found = {check.case.id: _judge(check.case.id, _captures(scenario)) for check in CHECKS}
    assert {case: findings for case, findings in found.items() if findings} == {}


@pytest.mark.parametrize("mutation", MUTATIONS, ids=[f"{each['case']}-{at}" for at, each in enumerate(MUTATIONS)])
def test_each_mutation_is_reported_by_its_case(mutation: dict[str, Any]) -> None:
    """The case that a mutation names reports it, at a place in the message it spoilt."""
    messages = {each.name: each for each in scenarios()[mutation["scenario"]]}
    spoilt = _mutant(messages[mutation["message"]], mutation)
    octets = {each.name: each.octets for each in messages.values()}
    name = "beside" if mutation.get("beside") else mutation["message"]
    octets[name] = spoilt
    findings = _judge(mutation["case"], [Capture.of(content, name=name) for name, content in octets.items()])
    assert findings
    longest = max(map(len, octets.values()))
    for finding in findings:
        assert finding.expected
        assert finding.span is None or 0 <= finding.span.start <= finding.span.end <= longest


def test_every_case_is_killed_or_shown_elsewhere() -> None:
    """No case of this package goes unbroken: it has a mutation here or a test that the list names."""
    killed = {mutation["case"] for mutation in MUTATIONS}
    unbroken = {case for case in BY_ID if not case.startswith("GBCS-ICS")} - killed - set(ELSEWHERE)
    assert unbroken == set()
    assert not killed & set(ELSEWHERE)
    assert all(BY_ID[case].case.severity in Severity for case in killed)


def _changed(message: Message, path: str) -> Message:
    """The message with the last bit of one field flipped, protected anew so that only its meaning has changed."""
    if path == "grouping_header.originator_counter":
        # The long-invoke-id follows the counter; both sides of the exchange count on.
        payload = message.payload.replace(bytes.fromhex("20000064"), bytes.fromhex("20000065"))
        return replace(message, originator_counter=message.originator_counter + 1, payload=payload)
    if path == "grouping_header.date_time":
        return replace(message, date_time=bytes.fromhex("07e40101ff0b0000008000ff"))
    content = bytearray(message.payload)
    content[message.typed_payload.span(path).end - 1] ^= 1
    return replace(message, payload=bytes(content))


@pytest.mark.parametrize("survivor", SURVIVORS, ids=[f"{each['scenario']}: {each['path']}" for each in SURVIVORS])
def test_what_no_case_kills_is_listed(survivor: dict[str, str]) -> None:
    """The list of changes that no case notices is true: each of them survives, and says why it does."""
    captures = []
    for message in scenarios()[survivor["scenario"]]:
        concerned = survivor["message"] in {message.name, "both"}
        changed = protected(_changed(message, survivor["path"])) if concerned else message
        captures.append(Capture.of(changed.octets, name=message.name))
    assert {check.case.id for check in CHECKS if _judge(check.case.id, captures)} == set()
    assert survivor["why"]

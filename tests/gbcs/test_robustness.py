"""Whatever a capture holds: no case breaks, no view breaks, and the work stays in proportion to the octets."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import cache

import pytest
from gbcs_samples import ACB, IMAGE, keystore, scenarios
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trialconformance.core import ArtefactError
from trialconformance.gbcs import Capture, Message, subjects
from trialconformance.gbcs.checks import CHECKS
from trialconformance.gbcs.description import describe
from trialconformance.gbcs.field_tree import field_tree

# Flips bits itself and verifies each time: its own tests show it.
FAST_CHECKS = [check for check in CHECKS if check.case.id != "GBCS-SEC-011"]
CODES = [0x0012, 0x0027, 0x0074, 0x0102, 0x00CC, 0x1000, 0xFFFE]
LIMIT = 5.0  # seconds for a megabyte; quadratic work would take minutes


@st.composite
def _spoilt(draw: st.DrawFn, octets: bytes) -> bytes:
    """Octets with some of them changed, taken out or put in."""
    content = bytearray(octets)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(content)))
        gone = draw(st.integers(0, 3))
        content[at : at + gone] = draw(st.binary(max_size=4))
    return bytes(content)


@st.composite
def _spoilt_scenarios(draw: st.DrawFn) -> list[Capture]:
    """A scenario in which payloads, fields and octets are spoilt."""
    found = scenarios_by_name()[draw(st.sampled_from(sorted(scenarios_by_name())))]
    captures = []
    for message in found:
        changed = replace(
            message,
            payload=draw(st.one_of(st.just(message.payload), _spoilt(message.payload))),
            message_code=draw(st.sampled_from([message.message_code] * 3 + CODES)),
            cra=draw(st.sampled_from([message.cra] * 3 + [1, 2, 3])),
        )
        try:
            octets = changed.encode()
        except ArtefactError:
            continue
        octets = draw(st.one_of(st.just(octets), st.just(octets), _spoilt(octets)))
        captures.append(Capture.of(octets, name=message.name))
    return captures


@cache
def scenarios_by_name() -> dict[str, list[Message]]:
    """The synthetic scenarios, made once."""
    return scenarios()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_spoilt_scenarios())
def test_no_case_and_no_view_breaks(captures: list[Capture]) -> None:
    """Every case judges every spoilt scenario and every view shows it, without an error of this tool."""
    found = subjects(captures, keystore=keystore(), acb=ACB, image=IMAGE)
    for check in FAST_CHECKS:
        for subject in found[check.case.scope.kind]:
            if check.case.scope.admits(subject):
                for finding in check(subject):
                    assert finding.expected
    for capture in captures:
        description = describe(capture, keystore=keystore(), acb=ACB)
        assert description.decoded().path == capture.name
        field_tree(description)


def _enveloped(payload: bytes) -> bytes:
    return replace(scenarios_by_name()["read firmware version"][1], payload=payload).encode()


@pytest.mark.parametrize(
    "octets",
    [
        b"\xff" * 1_000_000,
        b"\xdd" + bytes(1_000_000),
        b"\xdf\x09" + b"\x01" * 1_000_000,
        b"0" * 1_000_000,
        _enveloped(bytes.fromhex("da20000064000001") + b"\x02\x01" * 30_000),
        _enveloped(bytes.fromhex("da2000006400000182ffff") + b"\x00" * 60_000),
        _enveloped(bytes.fromhex("da200000640000011302ff") + b"\x02\xff" * 30_000),
        _enveloped(b"\x30\x80" * 30_000),
        _enveloped(b"\x01\x09\xff" + bytes(60_000)),
    ],
    ids=["FF", "DD", "DF", "text", "nesting", "huge list", "nested types", "indefinite DER", "empty components"],
)
def test_size_and_nesting_cost_no_more_than_their_octets(octets: bytes) -> None:
    """A megabyte of garbage, deep nesting and huge counts are refused or read in time linear in their octets."""
    started = time.perf_counter()
    capture = Capture.of(octets, name="bomb")
    describe(capture)
    found = subjects([capture])
    for check in FAST_CHECKS:
        for subject in found[check.case.scope.kind]:
            if check.case.scope.admits(subject):
                list(check(subject))
    assert time.perf_counter() - started < LIMIT

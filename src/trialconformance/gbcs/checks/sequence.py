"""GBCS-SEC-016: what the messages of one scenario say together."""

from __future__ import annotations

from collections.abc import Iterator

from trialconformance.core import Basis, Finding, check, finding, format_eui64
from trialconformance.gbcs.checks.scopes import SCENARIOS
from trialconformance.gbcs.message import Kind, kind_name
from trialconformance.gbcs.subjects import MessageInContext, Scenario


@check("GBCS-SEC-016", clause="GBCS 4.3.1", applies_to=SCENARIOS, basis=Basis.ASSUMED)
def a_counter_protects_one_message(scenario: Scenario) -> Iterator[Finding]:
    """The same originator, target, counter and kind never protect two different messages of a scenario."""
    # The target belongs to it: it enters the key, and RTDS asks two Devices with one counter (GCS13a to c, GCS60a).
    protected: dict[tuple[bytes, bytes, int, int], MessageInContext] = {}
    for each in scenario.messages:
        message = each.message
        if message.kind is Kind.PRECOMMAND:
            continue
        key = message.originator, message.target, message.originator_counter, message.cra
        first = protected.setdefault(key, each)
        if first.octets != each.octets:
            yield finding(
                artefact=each.name,
                at=each.span("grouping_header.originator_counter"),
                expected=f"a new counter for each {kind_name(message.cra)} of {format_eui64(message.originator)}",
                seen=f"{message.originator_counter}, as in {first.name}",
            )

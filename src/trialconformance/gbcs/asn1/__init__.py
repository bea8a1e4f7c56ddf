"""ASN.1 payloads: credentials, joining, firmware, device logs and the gas clock, both ways."""

from __future__ import annotations

from trialconformance.gbcs.asn1.describe import CANCELLED, describe, time_text
from trialconformance.gbcs.asn1.element import Element
from trialconformance.gbcs.asn1.payload import Asn1Payload, build_payload, read_payload
from trialconformance.gbcs.asn1.rule import ANY, Form, Rule, rule_of
from trialconformance.gbcs.asn1.structures import STRUCTURES, Structure, structure_of

__all__ = [
    "ANY",
    "CANCELLED",
    "STRUCTURES",
    "Asn1Payload",
    "Element",
    "Form",
    "Rule",
    "Structure",
    "build_payload",
    "describe",
    "read_payload",
    "rule_of",
    "structure_of",
    "time_text",
]

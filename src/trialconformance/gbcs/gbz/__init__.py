"""GBZ payloads: ZigBee Smart Energy commands as GBCS carries them, both ways."""

from __future__ import annotations

from trialconformance.gbcs.gbz.commands import Cluster, Command, CommandTable
from trialconformance.gbcs.gbz.component import PROFILE, Component, GbzAlert, GbzPayload, read_alert, read_payload
from trialconformance.gbcs.gbz.describe import describe, describe_alert, describe_surplus, describe_zcl
from trialconformance.gbcs.gbz.values import NO_VALUE, TypedValue, utc_text
from trialconformance.gbcs.gbz.zcl import CommandCodec, codec

__all__ = [
    "NO_VALUE",
    "PROFILE",
    "Cluster",
    "Command",
    "CommandCodec",
    "CommandTable",
    "Component",
    "GbzAlert",
    "GbzPayload",
    "TypedValue",
    "codec",
    "describe",
    "describe_alert",
    "describe_surplus",
    "describe_zcl",
    "read_alert",
    "read_payload",
    "utc_text",
]

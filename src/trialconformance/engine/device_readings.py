"""What the device under test says of itself in its captures, for the CPL: its firmware and its identity.

The two domains do not know each other; this is where a reading of one becomes a plain value for the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from trialconformance import cpl, gbcs
from trialconformance.core import ArtefactError
from trialconformance.gbcs.node import Node

__all__ = ["device_readings"]

_FIRMWARE, _MANUFACTURER, _MODEL = "firmware", "manufacturer", "model"
# GBCS use cases ECS52 (firmware), ECS26m and ECS26n (identity): the COSEM Data objects they read.
_COSEM = {"0-0:0.2.1.255": _FIRMWARE, "0-0:96.1.6.255": _MANUFACTURER, "0-0:96.1.4.255": _MODEL}
_READ = re.compile(r"get Data ([0-9.:-]+) value")
# GCS38 (firmware, Metering cluster) and GCS21m (identity, Basic cluster): cluster and attribute they read.
_ZIGBEE: dict[tuple[object, object], str] = {
    (0x0702, 0x0206): _FIRMWARE,
    (0x0000, 0x0004): _MANUFACTURER,
    (0x0000, 0x0005): _MODEL,
}
# CS08: the ASN.1 response of PPMID and HCALCS.
_ASN1 = {"firmwareVersion": _FIRMWARE}


def device_readings(captures: Iterable[gbcs.Capture], types: Mapping[bytes, str]) -> tuple[cpl.DeviceReading, ...]:
    """Read firmware and identity out of Responses.

    Args:
        captures: captured messages.
        types: physical device type by EUI-64 (8 octets) of the devices whose Responses count.

    Returns:
        One reading for each Response that holds any of it.
    """
    found = []
    for capture in captures:
        message = capture.message
        if message is None or message.kind is not gbcs.Kind.RESPONSE or message.originator not in types:
            continue
        try:
            said = dict(_values(message.typed_payload.tree))
        except ArtefactError:
            continue  # a payload that cannot be read is reported by its own cases
        if said:
            found.append(
                cpl.DeviceReading(
                    name=capture.name,
                    use_case=f"0x{message.message_code:04X}",
                    device_type=types[message.originator],
                    manufacturer=said.get(_MANUFACTURER),
                    model=said.get(_MODEL),
                    firmware=said.get(_FIRMWARE),
                    octets=capture.octets,
                )
            )
    return tuple(found)


def _values(tree: Node) -> Iterator[tuple[str, str]]:
    cluster: object = None
    for node in tree.walk():
        if node.name == "cluster":
            cluster = node.value
        parts = {child.name: child.value for child in node.children}
        role = _ASN1.get(node.name)
        if match := _READ.match(node.text):
            role = _COSEM.get(match[1])
        value = node.value
        if "attribute_id" in parts and "value" in parts:
            role = _ZIGBEE.get((cluster, parts["attribute_id"]))
            value = parts["value"]
        if role is not None and isinstance(value, str) and value:
            yield role, value.upper() if role == _FIRMWARE else _characters(value)


def _characters(octets: str) -> str:
    """Identity is reported as characters: hex digits of the code, each one octet of UTF-8."""
    return bytes.fromhex(octets).decode("utf-8", "replace")

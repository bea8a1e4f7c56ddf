"""The octets around ZCL payloads, declared once in construct: components, their list, and GBZ alerts.

GBCS 7.2.9. Outer numbers are big-endian; everything inside the ZCL payload is little-endian.
"""

from __future__ import annotations

from construct import Byte, GreedyBytes, If, Int16ub, Int16ul, Int32ub, Prefixed, Struct, this

__all__ = ["ALERT", "COMPONENT", "ENCRYPTED", "FROM_DATE_TIME", "HEADER", "MANUFACTURER_SPECIFIC"]

ENCRYPTED = 0x02
FROM_DATE_TIME = 0x10
MANUFACTURER_SPECIFIC = 0x04

_BODY = Struct(
    "additional_header" / If(this._.control & ENCRYPTED, Struct("control" / Byte, "frame_counter" / Byte)),
    "from_date_time" / If(this._.control & FROM_DATE_TIME, Int32ub),
    "frame_control" / Byte,
    "manufacturer" / If(this.frame_control & MANUFACTURER_SPECIFIC, Int16ul),
    "sequence" / Byte,
    "command" / Byte,
    "ciphered_length" / If(this._.control & ENCRYPTED, Int16ub),
    "content" / GreedyBytes,
)

COMPONENT = Struct("control" / Byte, "cluster" / Int16ub, "body" / Prefixed(Int16ub, _BODY))

HEADER = Struct("profile" / Int16ub, "count" / Byte)

ALERT = Struct("profile" / Int16ub, "has_extras" / Byte, "code" / Int16ub, "time" / Int32ub, "extras" / GreedyBytes)

"""Octet layout of GBCS messages, declared once for reading and for writing.

The declarations keep what stands there, also where the value is not the one GBCS asks for: whether it is right is
judged in ``structure``. GBCS calls the two APDUs MAC header and grouping header; DLMS calls them general-ciphering
(tag DD) and general-signing (tag DF).
"""

from __future__ import annotations

import io
from typing import Any, Final

from construct import (
    Byte,
    Bytes,
    ConstructError,
    If,
    Int16ub,
    Int64ub,
    StreamError,
    Struct,
    this,
)

from trialconformance.core import ArtefactError
from trialconformance.gbcs.length import LENGTH

__all__ = [
    "ALERT",
    "COMMAND",
    "DATE_TIME_OCTETS",
    "EMPTY_FIELDS",
    "GENERAL_CIPHERING",
    "GENERAL_SIGNING",
    "IDENTIFICATION_OCTETS",
    "MAC_HEADER_START",
    "MAC_OCTETS",
    "RESPONSE",
    "SECURITY_HEADER",
    "SIGNATURE_OCTETS",
    "WITH_ORIGINATOR_COUNTER",
    "WITH_PARTY",
    "WITH_PARTY_COUNTER",
    "Reader",
    "write",
]

# GBCS 7.2.5 and 7.2.7: first octet of a message.
GENERAL_CIPHERING: Final = 0xDD
GENERAL_SIGNING: Final = 0xDF

# GBCS 7.2.7: CRA flag, first octet of the transaction identifier.
COMMAND: Final = 0x01
RESPONSE: Final = 0x02
ALERT: Final = 0x03

IDENTIFICATION_OCTETS: Final = 29  # tag to target
EMPTY_FIELDS: Final = bytes(6)  # GBCS 7.2.5: five absent fields and the absent key-info
MAC_HEADER_START: Final = bytes((GENERAL_CIPHERING,)) + EMPTY_FIELDS  # what stands before the length
SECURITY_HEADER: Final = bytes.fromhex("1100000000")  # GBCS 7.2.5: authentication only, invocation counter zero
DATE_TIME_OCTETS: Final = 12  # DLMS date-time
MAC_OCTETS: Final = 12  # GBCS 4.3.3: GMAC tag cut to 96 bits
SIGNATURE_OCTETS: Final = 64  # GBCS 7.2.7: r and s, 32 octets each, big-endian

# Other-information lengths (octets) at which the optional fields begin, GBCS 7.2.7.
WITH_PARTY: Final = 10
WITH_PARTY_COUNTER: Final = 18
WITH_ORIGINATOR_COUNTER: Final = 26

_BAD_LENGTH = "length octet"
_LENGTH_FORMS = "00 to 7F, or 81 to 84 and as many octets"


# GBCS 7.2.5 MAC header: tag, six empty fields, length of what follows, security header.
_MAC_HEADER = Struct(
    "tag" / Byte,
    "empty_fields" / Bytes(6),
    "length" / LENGTH,
    "security_header" / Bytes(5),
)

# GBCS 7.2.7 grouping header: tag, transaction identifier, originator, target.
_IDENTIFICATION = Struct(
    "tag" / Byte,
    "transaction_id_length" / Byte,
    "cra" / Byte,
    "originator_counter" / Int64ub,
    "originator_length" / Byte,
    "originator" / Bytes(8),
    "target_length" / Byte,
    "target" / Bytes(8),
)

_DATE_TIME = Struct("length" / Byte, "value" / Bytes(this.length))

# GBCS 7.2.7 other-information: 2, 10, 18, 26 or 18 + n octets.
_OTHER_INFORMATION = Struct(
    "length" / LENGTH,
    "message_code" / Int16ub,
    "supplementary_remote_party_id" / If(this.length >= WITH_PARTY, Bytes(8)),
    "supplementary_remote_party_counter" / If(this.length >= WITH_PARTY_COUNTER, Int64ub),
    "supplementary_originator_counter" / If(this.length == WITH_ORIGINATOR_COUNTER, Int64ub),
    "certificate"
    / If(
        (this.length > WITH_PARTY_COUNTER) & (this.length != WITH_ORIGINATOR_COUNTER),
        Bytes(this.length - WITH_PARTY_COUNTER),
    ),
)

_CONTENT = Struct("length" / LENGTH, "payload" / Bytes(this.length))

# GBCS 7.2.7: length octet 00 or 40 and the signature; a PRECOMMAND has neither.
_SIGNATURE = Struct("length" / Byte, "value" / Bytes(this.length))

_DECLARED: dict[str, Struct] = {
    "mac_header": _MAC_HEADER,
    "identification": _IDENTIFICATION,
    "date_time": _DATE_TIME,
    "other_information": _OTHER_INFORMATION,
    "content": _CONTENT,
    "signature": _SIGNATURE,
}
_COMPILED: dict[str, Struct] = {name: layout.compile() for name, layout in _DECLARED.items()}


class _BoundedStream(io.BytesIO):
    """A stream that refuses to end early: compiled layouts would take a short read for a whole field."""

    def read(self, size: int | None = -1, /) -> bytes:
        octets = super().read(size)
        if size is not None and len(octets) < size:
            raise StreamError(f"{len(octets)} of {size} octets are left")
        return octets


class Reader:
    """Reads the layouts of a message one after the other.

    Args:
        octets: the whole message.
    """

    __slots__ = ("_octets", "_stream")

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._stream = _BoundedStream(octets)

    @property
    def position(self) -> int:
        """Octets from the start of the message to what is read next."""
        return self._stream.tell()

    def take(self, layout: str) -> Any:
        """Read one layout.

        Args:
            layout: a layout of GBCS 7.2: ``mac_header``, ``identification``, ``date_time``, ``other_information``,
                ``content`` or ``signature``.

        Returns:
            The construct container of the layout.

        Raises:
            ArtefactError: the octets end inside a field or a length has no legal form; with offset and field path.
        """
        start = self.position
        try:
            return _COMPILED[layout].parse_stream(self._stream)
        except ConstructError:
            # The compiled reader is fast and mute: read again from the declaration to say where it went wrong.
            self._stream.seek(start)
            return self._explain(layout)

    def _explain(self, layout: str) -> Any:
        try:
            return _DECLARED[layout].parse_stream(self._stream)
        except ConstructError as error:
            path = ".".join([layout, *str(error.path or "").split(" -> ")[1:]])
            reason = str(error).splitlines()[-1].partition(", at")[0]
            at = min(self.position, len(self._octets))
            raise ArtefactError(
                "the message ends or breaks inside a field",
                offset=at - 1 if reason.startswith(_BAD_LENGTH) else at,
                path=path,
                clause="GBCS 7.2",
                expected=_LENGTH_FORMS if reason.startswith(_BAD_LENGTH) else "the whole field",
                seen="the end of the octets" if reason.startswith("stream") else reason,  # construct's own words
            ) from error


def write(layout: str, values: dict[str, Any]) -> bytes:
    """Write one layout.

    Args:
        layout: as for ``Reader.take``.
        values: the fields by name, as ``Reader.take`` gives them.

    Returns:
        The octets.

    Raises:
        ArtefactError: a value does not fit its field.
    """
    try:
        # Not the compiled form: its writer takes a payload that contradicts its length.
        octets: bytes = _DECLARED[layout].build(values)
    except (ConstructError, KeyError) as error:
        raise ArtefactError(
            "a value does not fit its field", path=layout, clause="GBCS 7.2", seen=str(error)
        ) from error
    return octets

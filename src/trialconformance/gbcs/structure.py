"""The structure of a message judged field by field: what cannot be read, and what reads but stands there wrongly.

Every fault carries the id of the case it breaks (GBCS-STR), so that one walk over the octets serves both the reader,
which refuses what cannot be read with certainty, and the checks, which report every fault.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from trialconformance.core import ArtefactError, Span
from trialconformance.gbcs import wire
from trialconformance.gbcs.fault import Fault
from trialconformance.gbcs.length import Length, read_length, shortest_width
from trialconformance.gbcs.message import LengthWidths, Message
from trialconformance.smki import der

__all__ = ["Examination", "examine", "is_block"]

# How the field paths of the layouts are called in findings: GBCS speaks of MAC header and grouping header.
_PATHS: Final = {
    "identification.": "grouping_header.",
    "date_time.length": "grouping_header.date_time_length",
    "date_time.value": "grouping_header.date_time",
    "other_information.length": "grouping_header.other_information_length",
    "other_information.": "grouping_header.",
    "content.length": "grouping_header.content_length",
    "content.payload": "payload",
    "signature.length": "signature_length",
    "signature.value": "signature",
}
# The case that a field breaks when the message ends inside it; any other field breaks GBCS-STR-016.
_RULE_OF_TRUNCATED: Final = {"payload": "GBCS-STR-012", "signature_length": "GBCS-STR-014", "signature": "GBCS-STR-014"}
_BLOCK: Final = bytes((wire.GENERAL_CIPHERING, 0x09))  # GBCS 7.2.11: a general-block-transfer message
_CRA: Final = (wire.COMMAND, wire.RESPONSE, wire.ALERT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What a walk over some octets found.

    Args:
        message: the message, None where a fault is fatal.
        faults: every breach, in the order of the octets.
    """

    message: Message | None
    faults: tuple[Fault, ...]


def is_block(octets: bytes) -> bool:
    """Whether the octets start like a general-block-transfer message, GBCS 7.2.11."""
    return octets[:2] == _BLOCK


def examine(octets: bytes, *, name: str = "") -> Examination:
    """Walk over the octets of a message and note every breach of its structure.

    Args:
        octets: the whole artefact.
        name: its name.

    Returns:
        The message where it can be read, and the faults.
    """
    walk = _Walk(octets=octets, reader=wire.Reader(octets))
    try:
        walk.mac_header()
        walk.identification()
        walk.date_time()
        walk.other_information()
        walk.content()
        walk.protection()
    except _Unreadable:
        pass
    except ArtefactError as error:
        walk.truncated(error)
    fatal = any(fault.fatal for fault in walk.faults)
    return Examination(
        message=None if fatal else Message(**walk.fields, name=name).read_from(octets),
        faults=tuple(sorted(walk.faults, key=lambda fault: (fault.span.start, fault.rule))),
    )


class _Unreadable(Exception):  # noqa: N818  # ends the walk; never leaves this module
    """What follows cannot be read with certainty."""


@dataclass(slots=True, kw_only=True)
class _Walk:
    octets: bytes
    reader: wire.Reader
    macced: bool = False
    fields: dict[str, Any] = field(default_factory=dict)
    widths: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def note(
        self, rule: str, start: int, length: int, path: str, *, expected: str, seen: str, fatal: bool = True
    ) -> None:
        self.faults.append(
            Fault(
                rule=rule,
                span=Span(start=start, length=length, path=path),
                expected=expected,
                seen=seen,
                fatal=fatal,
            )
        )

    def truncated(self, error: ArtefactError) -> None:
        path = error.path
        for layout, name in _PATHS.items():
            if path.startswith(layout):
                path = name + path.removeprefix(layout)
                break
        rule = _RULE_OF_TRUNCATED.get(path, "GBCS-STR-016")
        at = error.offset or 0
        self.note(rule, at, len(self.octets) - at, path, expected=error.expected, seen=error.seen)

    def length(self, name: str, value: Length, start: int, path: str) -> None:
        if not value.width:
            return
        minimal = shortest_width(value)
        self.widths[name] = value.width
        self.note(
            "GBCS-STR-013",
            start,
            value.width,
            path,
            expected=f"the shortest form, {minimal} octet{'s' if minimal > 1 else ''}",
            seen=f"{int(value)} in {value.width} octets",
            fatal=False,
        )

    def mac_header(self) -> None:
        octets = self.octets
        if not octets or octets[0] not in (wire.GENERAL_CIPHERING, wire.GENERAL_SIGNING):
            self.note(
                "GBCS-STR-001",
                0,
                min(1, len(octets)),
                "tag",
                expected="DD (MAC header) or DF (grouping header)",
                seen=octets[:1].hex().upper() or "no octets",
            )
            raise _Unreadable
        if octets[0] == wire.GENERAL_SIGNING:
            return
        self.macced = True
        if octets[1:2] != b"\x00":
            self.note(
                "GBCS-STR-002",
                1,
                len(octets[1:2]),
                "mac_header.empty_fields",
                expected="00, or 09 in a block of a general block transfer",
                seen=octets[1:2].hex().upper() or "no octet",
            )
        if octets[:7] != wire.MAC_HEADER_START:
            self.note(
                "GBCS-STR-003",
                1,
                len(octets[1:7]),
                "mac_header.empty_fields",
                expected=wire.EMPTY_FIELDS.hex(),
                seen=octets[1:7].hex() or "no octets",
            )
            raise _Unreadable
        header = self.reader.take("mac_header")
        after_length = self.reader.position - 5
        self.length("mac_header", header.length, 7, "mac_header.length")
        rest = len(octets) - after_length
        if header.length != rest:
            self.note(
                "GBCS-STR-004",
                7,
                after_length - 7,
                "mac_header.length",
                expected=f"{rest}, the octets that follow",
                seen=str(int(header.length)),
            )
        if header.security_header != wire.SECURITY_HEADER:
            self.note(
                "GBCS-STR-005",
                after_length,
                5,
                "mac_header.security_header",
                expected=wire.SECURITY_HEADER.hex(),
                seen=header.security_header.hex(),
                fatal=False,
            )
        self.fields["security_header"] = header.security_header

    def identification(self) -> None:
        start = self.reader.position
        head = self.reader.take("identification")
        if head.tag != wire.GENERAL_SIGNING:
            self.note(
                "GBCS-STR-001",
                start,
                1,
                "grouping_header.tag",
                expected="DF",
                seen=f"{head.tag:02X}",
            )
        for name, offset, length in (("transaction_id", 1, 9), ("originator", 11, 8), ("target", 20, 8)):
            if (seen := head[f"{name}_length"]) != length:
                self.note(
                    "GBCS-STR-007",
                    start + offset,
                    1,
                    f"grouping_header.{name}_length",
                    expected=f"{length:02X}",
                    seen=f"{seen:02X}",
                )
        if head.cra not in _CRA:
            self.note(
                "GBCS-STR-008",
                start + 2,
                1,
                "grouping_header.cra",
                expected="01 Command, 02 Response or 03 Alert",
                seen=f"{head.cra:02X}",
            )
        if any(fault.span.start >= start and fault.fatal for fault in self.faults):
            raise _Unreadable
        self.fields |= {name: head[name] for name in ("cra", "originator_counter", "originator", "target")}

    def date_time(self) -> None:
        start = self.reader.position
        length = self.octets[start : start + 1]
        if length and length[0] not in (0, wire.DATE_TIME_OCTETS):
            self.note(
                "GBCS-STR-009",
                start,
                1,
                "grouping_header.date_time_length",
                expected="00 or 0C",
                seen=length.hex().upper(),
            )
            raise _Unreadable
        value = self.reader.take("date_time").value
        if value and self.fields["cra"] != wire.RESPONSE:
            self.note(
                "GBCS-STR-010",
                start,
                1 + len(value),
                "grouping_header.date_time",
                expected="no date-time in a Command or an Alert",
                seen=value.hex(),
                fatal=False,
            )
        self.fields["date_time"] = value

    def other_information(self) -> None:
        start = self.reader.position
        path = "grouping_header.other_information"
        announced = _announced(self.octets, start)
        if announced is not None and not _is_a_form(announced):
            self.note(
                "GBCS-STR-011",
                start,
                1,
                path,
                expected="2, 10, 18, 26 or 18 and the length of a certificate",
                seen=f"{announced} octets",
            )
            raise _Unreadable
        other = self.reader.take("other_information")
        self.length("other_information", other.length, start, f"{path}_length")
        names = (
            "message_code",
            "supplementary_remote_party_id",
            "supplementary_remote_party_counter",
            "supplementary_originator_counter",
            "certificate",
        )
        self.fields |= {name: other[name] for name in names}
        if other.certificate is not None and not _is_one_der_value(other.certificate):
            length = len(other.certificate)
            self.note(
                "GBCS-STR-011",
                self.reader.position - length,
                length,
                "grouping_header.certificate",
                expected=f"a whole DER certificate of {length} octets",
                seen=other.certificate[:8].hex(),
                fatal=False,
            )

    def content(self) -> None:
        start = self.reader.position
        content = self.reader.take("content")
        self.length("content", content.length, start, "grouping_header.content_length")
        self.fields["payload"] = content.payload
        self.fields["widths"] = LengthWidths(**self.widths)

    def protection(self) -> None:
        start, end = self.reader.position, len(self.octets)
        rest = end - start
        command = self.fields["cra"] == wire.COMMAND
        if rest == 0:
            if self.macced or not command:
                self.note("GBCS-STR-014", start, 0, "signature_length", expected="00 or 40", seen="nothing")
            return
        length = self.octets[start]
        if length not in (0, wire.SIGNATURE_OCTETS):
            self.note("GBCS-STR-014", start, 1, "signature_length", expected="00 or 40", seen=f"{length:02X}")
            # A length that lies about the payload shows here, where the signature should begin.
            self._payload_misses_its_end(start)
            raise _Unreadable
        self.fields["signature"] = self.reader.take("signature").value
        if not self.macced and command and not length:
            self.note(
                "GBCS-STR-015",
                start,
                rest,
                "signature_length",
                expected="a PRECOMMAND ends with its payload",
                seen=f"{rest} more octet{'s' if rest > 1 else ''}",
                fatal=rest > 1,
            )
        self._mac()

    def _mac(self) -> None:
        start = self.reader.position
        rest = len(self.octets) - start
        wanted = wire.MAC_OCTETS if self.macced else 0
        if self.macced and rest < wanted:
            self.note(
                "GBCS-STR-006",
                start,
                rest,
                "mac",
                expected=f"a MAC of {wanted} octets",
                seen=f"{rest} octets",
            )
        elif rest > wanted:
            self._payload_misses_its_end(start + wanted)
            if self.macced:
                self.note(
                    "GBCS-STR-006",
                    start,
                    rest,
                    "mac",
                    expected=f"a MAC of {wanted} octets at the end",
                    seen=f"{rest} octets",
                )
        elif self.macced:
            self.fields["mac"] = self.octets[start:]

    def _payload_misses_its_end(self, at: int) -> None:
        rest = len(self.octets) - at
        self.note(
            "GBCS-STR-012",
            at,
            rest,
            "trailing",
            expected="a content length that covers the payload exactly, and nothing after the signature and the MAC",
            seen=f"{rest} octet{'s' if rest > 1 else ''} that fit nowhere",
        )


def _announced(octets: bytes, at: int) -> int | None:
    """The length field at an offset, None where it cannot be read: the layout then says why."""
    try:
        return read_length(octets, at)[0]
    except ArtefactError:
        return None


def _is_a_form(length: int) -> bool:
    """Whether GBCS 7.2.7 knows an other-information of this many octets."""
    return length in (2, wire.WITH_PARTY) or length >= wire.WITH_PARTY_COUNTER


def _is_one_der_value(octets: bytes) -> bool:
    """Whether the octets are exactly one DER SEQUENCE, as a certificate is."""
    cut = {der.DerRule.TRUNCATED, der.DerRule.TRAILING}
    return octets[:1] == b"\x30" and not any(fault.rule in cut for fault in der.walk(octets).faults)

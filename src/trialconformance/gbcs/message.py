"""A GBCS message: its fields, and the octets they stand for."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from trialconformance.core import ArtefactError, Span, UsageError
from trialconformance.gbcs import wire
from trialconformance.gbcs.length import Length, shortest_width
from trialconformance.gbcs.payload import Payload, decode_payload
from trialconformance.gbcs.usecases import UseCases

__all__ = ["Kind", "LengthWidths", "Message", "kind_name"]


class Kind(StrEnum):
    """What a message is; a PRECOMMAND is a Command that nobody has signed or MAC'd yet."""

    PRECOMMAND = "precommand"
    COMMAND = "command"
    RESPONSE = "response"
    ALERT = "alert"


_KINDS = {wire.COMMAND: Kind.COMMAND, wire.RESPONSE: Kind.RESPONSE, wire.ALERT: Kind.ALERT}


def kind_name(cra: int) -> str:
    """Name a CRA flag: ``command``, ``response``, ``alert``, or its value where it is none of them."""
    kind = _KINDS.get(cra)
    return kind.value if kind else f"CRA {cra:02X}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LengthWidths:
    """Octets that the length fields take where they are not in the shortest form; 0 stands for the shortest.

    Args:
        mac_header: length in the MAC header.
        other_information: length of other-information.
        content: length of the payload.
    """

    mac_header: int = 0
    other_information: int = 0
    content: int = 0


_SHORTEST = LengthWidths()


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A GBCS message, GBCS 7.2.

    Args:
        cra: 1 Command, 2 Response, 3 Alert.
        originator_counter: Originator Counter, unsigned 64 bit.
        originator: Business Originator ID, 8 octets.
        target: Business Target ID, 8 octets.
        message_code: Message Code, 16 bit.
        payload: the payload as octets.
        date_time: DLMS date-time of a Response, 12 octets, or no octets.
        supplementary_remote_party_id: who really asks, 8 octets, where the originator asks for someone else.
        supplementary_remote_party_counter: the counter of that party.
        supplementary_originator_counter: the device's own counter, where it encrypts for that party.
        certificate: the key agreement certificate of that party, DER.
        signature: 64 octets r and s, no octets for a length octet of zero, None where not even that stands there.
        mac: 12 octets, None where there is no MAC header.
        security_header: the five octets before the grouping header of a MAC'd message.
        widths: how the lengths are written.
        name: name of the artefact.
    """

    cra: int
    originator_counter: int
    originator: bytes
    target: bytes
    message_code: int
    payload: bytes = field(repr=False)
    date_time: bytes = b""
    supplementary_remote_party_id: bytes | None = None
    supplementary_remote_party_counter: int | None = None
    supplementary_originator_counter: int | None = None
    certificate: bytes | None = field(default=None, repr=False)
    signature: bytes | None = field(default=None, repr=False)
    mac: bytes | None = None
    security_header: bytes = field(default=wire.SECURITY_HEADER, repr=False)
    widths: LengthWidths = field(default=_SHORTEST, repr=False)
    name: str = field(default="", compare=False)
    _octets: bytes | None = field(default=None, init=False, repr=False, compare=False)
    _typed: Payload | None = field(default=None, init=False, repr=False, compare=False)

    def read_from(self, octets: bytes) -> Message:
        """Remember the octets this message was read from, for whoever reads messages.

        Args:
            octets: octets whose fields these are.

        Returns:
            The message itself.
        """
        object.__setattr__(self, "_octets", octets)
        return self

    @property
    def kind(self) -> Kind:
        """What it is; a Command without MAC and without signature is a PRECOMMAND."""
        if self.cra == wire.COMMAND and self.mac is None and not self.signature:
            return Kind.PRECOMMAND
        if self.cra not in _KINDS:
            raise UsageError(f"CRA {self.cra} is no kind of message", where=self.name, accepted="1, 2 or 3")
        return _KINDS[self.cra]

    @property
    def octets(self) -> bytes:
        """The octets it was read from, or those it encodes to."""
        return self._octets if self._octets is not None else self.encode()

    @property
    def counter_of_encryption(self) -> int:
        """The counter that enters the key of encrypted attributes, GBCS 8."""
        own = self.supplementary_originator_counter
        return self.originator_counter if own is None else own

    @property
    def reader(self) -> bytes:
        """EUI-64 of the party that encrypted attributes are for, GBCS 8."""
        return self.supplementary_remote_party_id or self.target

    @property
    def typed_payload(self) -> Payload:
        """The payload as a tree of typed values, read once.

        Raises:
            ArtefactError: the payload breaks its grammar; the offset counts from the start of the message.
        """
        typed = self._typed
        if typed is None:
            typed = self._read_payload()
            object.__setattr__(self, "_typed", typed)
        return typed

    def _read_payload(self) -> Payload:
        try:
            return decode_payload(
                self.payload,
                message_code=self.message_code,
                kind=kind_name(self.cra),
                use_cases=UseCases.shipped(),
            )
        except ArtefactError as error:
            raise ArtefactError(
                error.message,
                artefact=self.name,
                offset=self.payload_offset + (error.offset or 0),
                length=error.length,
                path=f"payload.{error.path}" if error.path else "payload",
                clause=error.clause,
                expected=error.expected,
                seen=error.seen,
            ) from error

    def to_be_signed(self) -> bytes:
        """What a signature covers: everything after the tag of the grouping header up to the end of the payload.

        Clause: GBCS 4.3.2 (as the vectors have it).
        """
        start, end = self.signing_offset + 1, self.payload_offset + len(self.payload)
        return self.octets[start:end]

    def general_signing(self) -> bytes:
        """The general-signing APDU: from the tag of the grouping header to the octet before the MAC."""
        octets = self.octets
        return octets[self.signing_offset : len(octets) - (wire.MAC_OCTETS if self.mac is not None else 0)]

    def encode(self) -> bytes:
        """Build the octets from the fields.

        Raises:
            ArtefactError: a value does not fit its field.
        """
        apdu = self._encode_general_signing()
        if self.mac is None:
            return apdu
        header = wire.write(
            "mac_header",
            {
                "tag": wire.GENERAL_CIPHERING,
                "empty_fields": wire.EMPTY_FIELDS,
                "length": Length(len(self.security_header) + len(apdu) + len(self.mac), self.widths.mac_header),
                "security_header": self.security_header,
            },
        )
        return header + apdu + self.mac

    def _encode_general_signing(self) -> bytes:
        other = {
            "message_code": self.message_code,
            "supplementary_remote_party_id": self.supplementary_remote_party_id,
            "supplementary_remote_party_counter": self.supplementary_remote_party_counter,
            "supplementary_originator_counter": self.supplementary_originator_counter,
            "certificate": self.certificate,
        }
        parts = [
            wire.write(
                "identification",
                {
                    "tag": wire.GENERAL_SIGNING,
                    "transaction_id_length": 9,
                    "cra": self.cra,
                    "originator_counter": self.originator_counter,
                    "originator_length": 8,
                    "originator": self.originator,
                    "target_length": 8,
                    "target": self.target,
                },
            ),
            wire.write("date_time", {"length": len(self.date_time), "value": self.date_time}),
            wire.write(
                "other_information",
                other | {"length": Length(self.other_information_octets, self.widths.other_information)},
            ),
            wire.write(
                "content",
                {"length": Length(len(self.payload), self.widths.content), "payload": self.payload},
            ),
        ]
        if self.signature is not None:
            parts.append(wire.write("signature", {"length": len(self.signature), "value": self.signature}))
        return b"".join(parts)

    @property
    def signing_offset(self) -> int:
        """Octets from the start of the message to the tag of the grouping header."""
        if self.mac is None:
            return 0
        apdu = self._grouping_header_octets + len(self.payload) + self._signature_octets
        length = len(self.security_header) + apdu + len(self.mac)
        width = self.widths.mac_header or shortest_width(length)
        return 1 + len(wire.EMPTY_FIELDS) + width + len(self.security_header)

    @property
    def payload_offset(self) -> int:
        """Octets from the start of the message to the payload."""
        return self.signing_offset + self._grouping_header_octets

    @property
    def other_information_octets(self) -> int:
        """Octets of other-information, its length field left out."""
        return (
            2
            + (8 if self.supplementary_remote_party_id is not None else 0)
            + (8 if self.supplementary_remote_party_counter is not None else 0)
            + (8 if self.supplementary_originator_counter is not None else 0)
            + len(self.certificate or b"")
        )

    @property
    def _grouping_header_octets(self) -> int:
        other, payload = self.other_information_octets, len(self.payload)
        return (
            wire.IDENTIFICATION_OCTETS
            + (1 + len(self.date_time))
            + ((self.widths.other_information or shortest_width(other)) + other)
            + (self.widths.content or shortest_width(payload))
        )

    @property
    def _signature_octets(self) -> int:
        return 0 if self.signature is None else 1 + len(self.signature)

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of its fields in the order they stand."""
        return tuple(path for path, _ in self._fields())

    def span(self, path: str) -> Span:
        """Where a field stands.

        Args:
            path: one of ``paths``, for example ``grouping_header.originator_counter`` or ``payload``.

        Returns:
            The octets of the field; no octets at the place where an absent one would stand.

        Raises:
            UsageError: a message has no such field.
        """
        at = 0
        for name, length in self._fields():
            if name == path:
                return Span(start=at, length=length, path=path)
            at += length
        raise UsageError(f"{path!r} is no field of a message", where=self.name, accepted=", ".join(self.paths))

    def _fields(self) -> list[tuple[str, int]]:
        """Path and size of every field in the order they stand, GBCS 7.2.5 and 7.2.7; an absent field has no octets."""
        fields: list[tuple[str, int]] = []
        if self.mac is not None:
            security = len(self.security_header)
            fixed = 1 + len(wire.EMPTY_FIELDS)
            fields += [
                ("mac_header.tag", 1),
                ("mac_header.empty_fields", len(wire.EMPTY_FIELDS)),
                ("mac_header.length", self.signing_offset - fixed - security),
                ("mac_header.security_header", security),
            ]
        other, date_time = self.other_information_octets, len(self.date_time)
        party = self.supplementary_remote_party_id is not None
        return [
            *fields,
            ("grouping_header.tag", 1),
            ("grouping_header.transaction_id_length", 1),
            ("grouping_header.cra", 1),
            ("grouping_header.originator_counter", 8),
            ("grouping_header.originator_length", 1),
            ("grouping_header.originator", 8),
            ("grouping_header.target_length", 1),
            ("grouping_header.target", 8),
            ("grouping_header.date_time_length", 1),
            ("grouping_header.date_time", date_time),
            ("grouping_header.other_information_length", self.widths.other_information or shortest_width(other)),
            ("grouping_header.message_code", 2),
            ("grouping_header.supplementary_remote_party_id", 8 if party else 0),
            (
                "grouping_header.supplementary_remote_party_counter",
                8 if self.supplementary_remote_party_counter is not None else 0,
            ),
            (
                "grouping_header.supplementary_originator_counter",
                8 if self.supplementary_originator_counter is not None else 0,
            ),
            ("grouping_header.certificate", len(self.certificate or b"")),
            ("grouping_header.content_length", self.widths.content or shortest_width(len(self.payload))),
            ("payload", len(self.payload)),
            ("signature_length", 0 if self.signature is None else 1),
            ("signature", len(self.signature or b"")),
            ("mac", len(self.mac or b"")),
        ]

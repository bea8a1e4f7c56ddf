"""GBZ payloads: a list of components, each of them one ZCL frame; and the GBZ form of an alert.

GBCS 7.2.9, 16. Read by hand beside the construct declarations of ``layout``, which writing uses.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any, NamedTuple

from construct import Construct, ConstructError, Container

from trialconformance.core import ArtefactError
from trialconformance.gbcs.encrypted_unit import CIPHERED_INFORMATION_LEAST, EncryptedUnit, ZclContext
from trialconformance.gbcs.gbz import layout
from trialconformance.gbcs.gbz.zcl import CommandCodec, codec

__all__ = ["PROFILE", "Component", "GbzAlert", "GbzPayload", "read_alert", "read_payload"]

PROFILE = 0x0109
LAST = 0x01
_CLAUSE = "GBCS 7.2.9"
_HEADER_OCTETS = 3
_COMPONENT = struct.Struct(">BHH")
_CIPHERED_LENGTH_OCTETS = 2
_ALERT = struct.Struct(">HBHI")


class Component(NamedTuple):
    """One ZCL frame with what GBCS puts before it.

    A tuple and not a dataclass: Device commands hold up to 31 of them.

    Args:
        control: 01 last component, 02 encrypted, 10 from-date-time.
        cluster: cluster id.
        frame_control: ZCL frame control.
        sequence: ZCL transaction sequence number.
        command: ZCL command id.
        values: fields of the ZCL payload by name; None where the command is not known, where its fields do not fit and
            no official vector confirms them, and where the payload is encrypted.
        surplus: octets after the known fields; the whole payload of an unknown command.
        manufacturer: manufacturer code, None without one.
        additional_header: control octet of the additional header of an encrypted component, 00 in GBCS.
        frame_counter: its frame counter.
        from_date_time: seconds from 2000-01-01T00:00:00Z, None without one.
        ciphered_length: length field of the ciphered information, None when not encrypted.
        ciphered: every octet after that field.
        start: offset of the control octet from the start of the payload.
        end: offset after the component.
    """

    control: int
    cluster: int
    frame_control: int
    sequence: int
    command: int
    values: dict[str, Any] | None = None
    surplus: bytes = b""
    manufacturer: int | None = None
    additional_header: int | None = None
    frame_counter: int | None = None
    from_date_time: int | None = None
    ciphered_length: int | None = None
    ciphered: bytes = b""
    start: int = 0
    end: int = 0

    @property
    def length(self) -> int:
        """Octets of the body, as the length field says."""
        return self.end - self.start - _COMPONENT.size

    @property
    def unfit(self) -> bool:
        """Whether the fields of a known command do not fit its octets; only where no official vector confirms them."""
        return self.values is None and self.additional_header is None and self.codec is not None and bool(self.surplus)

    @property
    def content_start(self) -> int:
        """Offset of the ZCL payload, or of the ciphered information."""
        head = 3 + 2 * (self.manufacturer is not None) + 4 * (self.from_date_time is not None)
        if self.additional_header is not None:
            head += 2 + _CIPHERED_LENGTH_OCTETS
        return self.start + _COMPONENT.size + head

    @property
    def codec(self) -> CommandCodec | None:
        """The codec of the command, None where the command is not known."""
        return None if self.manufacturer is not None else codec(self.cluster, self.frame_control, self.command)

    def encode(self) -> bytes:
        """The octets, written from the values."""
        return _write(layout.COMPONENT, self._container(), f"component of cluster {self.cluster:04X}")

    def _container(self) -> Container:
        content = self.ciphered
        if self.additional_header is None:
            known = self.codec if self.values is not None else None
            content = self.surplus if known is None else known.write(self.values or {}, self.surplus)
        body = Container(
            additional_header=Container(control=self.additional_header, frame_counter=self.frame_counter),
            from_date_time=self.from_date_time,
            frame_control=self.frame_control,
            manufacturer=self.manufacturer,
            sequence=self.sequence,
            command=self.command,
            ciphered_length=len(content) if self.ciphered_length is None else self.ciphered_length,
            content=content,
        )
        return Container(control=self.control, cluster=self.cluster, body=body)

    def unit(self, path: str) -> EncryptedUnit | None:
        """The encrypted unit of this component, None where it holds none that can be decrypted.

        Args:
            path: field path of the component.
        """
        if self.ciphered_length != len(self.ciphered) or len(self.ciphered) < CIPHERED_INFORMATION_LEAST:
            return None
        return EncryptedUnit(
            path=f"{path}.ciphered",
            start=self.content_start,
            ciphered=self.ciphered,
            zcl=ZclContext(cluster=self.cluster, frame_control=self.frame_control, command=self.command),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GbzPayload:
    """The payload of a Command or Response in the GBZ form.

    Args:
        components: the ZCL frames.
        profile: 0109, ZigBee Smart Energy.
    """

    components: tuple[Component, ...]
    profile: int = PROFILE

    def encode(self) -> bytes:
        """The octets, written from the values."""
        head = _write(layout.HEADER, {"profile": self.profile, "count": len(self.components)}, "header")
        return head + b"".join(component.encode() for component in self.components)

    @property
    def encrypted_units(self) -> tuple[EncryptedUnit, ...]:
        """The encrypted units in their order."""
        found = (each.unit(f"component[{at}]") for at, each in enumerate(self.components))
        return tuple(unit for unit in found if unit is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class GbzAlert:
    """An alert in the GBZ form.

    Args:
        code: alert code.
        time: seconds from 2000-01-01T00:00:00Z.
        has_extras: 01 where something follows the time; RTDS GCS53: 00 before an encrypted component.
        extras: the octets after the time, empty where ``component`` holds them.
        component: the component after the time, None without one.
        profile: 0109, ZigBee Smart Energy.
    """

    code: int
    time: int
    has_extras: int = 0
    extras: bytes = b""
    component: Component | None = None
    profile: int = PROFILE

    def encode(self) -> bytes:
        """The octets, written from the values."""
        extras = self.extras if self.component is None else self.component.encode()
        values = {"profile": self.profile, "has_extras": self.has_extras, "code": self.code, "time": self.time}
        return _write(layout.ALERT, {**values, "extras": extras}, "alert")

    @property
    def encrypted_units(self) -> tuple[EncryptedUnit, ...]:
        """The encrypted unit, where there is one."""
        unit = self.component.unit("component") if self.component else None
        return (unit,) if unit else ()


def read_payload(octets: bytes) -> GbzPayload:
    """Read the GBZ payload of a Command or Response to its last octet.

    Args:
        octets: the payload.

    Returns:
        The components; an unknown command keeps its octets in ``surplus``.

    Raises:
        ArtefactError: octets missing or left over, in the list or inside a known command.
    """
    if len(octets) < _HEADER_OCTETS:
        raise _refused("the payload ends inside its header", octets, 0, "profile", "a profile id and a number")
    at = _HEADER_OCTETS
    components: list[Component] = []
    append = components.append
    try:
        for _ in range(octets[2]):
            component = _read_component(octets, at)
            append(component)
            at = component.end
    except ArtefactError as error:
        error.path = f"component[{len(components)}].{error.path}"
        raise
    if at != len(octets):
        expected = f"the end of the payload after {octets[2]} components"
        raise _refused("octets are left over after the last component", octets, at, "component", expected)
    return GbzPayload(components=tuple(components), profile=int.from_bytes(octets[:2]))


def read_alert(octets: bytes, *, with_component: bool = False) -> GbzAlert:
    """Read an alert in the GBZ form.

    Args:
        octets: the payload.
        with_component: whether a component follows the time.

    Returns:
        The alert; what follows the time is in ``extras`` or ``component``.

    Raises:
        ArtefactError: octets are missing, or left over after a component.
    """
    if len(octets) < _ALERT.size:
        raise _refused("the payload ends inside the alert", octets, 0, "alert_code", f"{_ALERT.size} octets at least")
    profile, has_extras, code, time = _ALERT.unpack_from(octets)
    component = None
    extras = octets[_ALERT.size :]
    if with_component:
        try:
            component = _read_component(octets, _ALERT.size)
        except ArtefactError as error:
            error.path = f"component.{error.path}"
            raise
        if component.end != len(octets):
            raise _refused("octets are left over after the component", octets, component.end, "component", "the end")
        extras = b""
    return GbzAlert(code=code, time=time, has_extras=has_extras, extras=extras, component=component, profile=profile)


def _read_component(octets: bytes, start: int) -> Component:
    try:
        control, cluster, length = _COMPONENT.unpack_from(octets, start)
    except struct.error:
        raise _refused("the payload ends inside a component", octets, start, "control", "5 octets") from None
    at = start + _COMPONENT.size
    end = at + length
    if end > len(octets):
        raise _refused("the payload ends inside a component", octets, start + 3, "length", f"{length} octets of body")
    additional = frame_counter = from_date_time = manufacturer = None
    if control & layout.ENCRYPTED:
        additional, frame_counter = _take(octets, at, end, 2, "additional_header")
        at += 2
    if control & layout.FROM_DATE_TIME:
        from_date_time = int.from_bytes(_take(octets, at, end, 4, "from_date_time"))
        at += 4
    frame_control = _take(octets, at, end, 3, "frame_control")[0]
    if frame_control & layout.MANUFACTURER_SPECIFIC:
        manufacturer = int.from_bytes(_take(octets, at + 1, end, 4, "manufacturer")[:2], "little")
        at += 2
    sequence, command = octets[at + 1], octets[at + 2]
    at += 3
    ciphered_length: int | None = None
    ciphered = surplus = b""
    values: dict[str, Any] | None = None
    if additional is not None:
        ciphered_length = int.from_bytes(_take(octets, at, end, _CIPHERED_LENGTH_OCTETS, "ciphered_length"))
        ciphered = octets[at + _CIPHERED_LENGTH_OCTETS : end]
    else:
        known = codec(cluster, frame_control, command) if manufacturer is None else None
        if known is not None:
            values, at = _read_values(known, octets, at, end)
        surplus = octets[at:end]
    return Component(
        control,
        cluster,
        frame_control,
        sequence,
        command,
        values,
        surplus,
        manufacturer,
        additional,
        frame_counter,
        from_date_time,
        ciphered_length,
        ciphered,
        start,
        end,
    )


def _read_values(known: CommandCodec, octets: bytes, at: int, end: int) -> tuple[dict[str, Any] | None, int]:
    try:
        return known.read(octets, at, end)
    except ArtefactError as error:
        error.path = f"zcl.{error.path}"
        raise


def _take(octets: bytes, at: int, end: int, size: int, path: str) -> bytes:
    if at + size > end:
        raise _refused("the component ends inside its header", octets, at, path, f"{size} octets")
    return octets[at : at + size]


def _write(declaration: Construct, values: Any, what: str) -> bytes:
    try:
        octets: bytes = declaration.build(values)
    except (ConstructError, TypeError) as error:
        raise ArtefactError(
            f"a value does not fit its field of the {what}", clause=_CLAUSE, seen=str(error).splitlines()[-1]
        ) from error
    return octets


def _refused(message: str, octets: bytes, at: int, path: str, expected: str) -> ArtefactError:
    return ArtefactError(
        message,
        offset=min(at, len(octets)),
        length=max(0, len(octets) - at),
        path=path,
        clause=_CLAUSE,
        expected=expected,
        seen=octets[at : at + 8].hex().upper() or "the end",
    )

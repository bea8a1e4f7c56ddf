"""CS02a to CS02e of the emulator: what it holds, replacing it, and its own certificates."""

from __future__ import annotations

from dataclasses import dataclass

from trialconformance.core import ArtefactError
from trialconformance.gbcs import Message
from trialconformance.harness.asn1_fields import (
    NEVER,
    cell_fields,
    integer,
    key_usage,
    members,
    root,
    time,
    usage_of,
)
from trialconformance.harness.emulator import alerts, anchors, future, requests
from trialconformance.harness.emulator.anchors import CellStatus
from trialconformance.harness.emulator.cells import CellName
from trialconformance.harness.emulator.interface import Device
from trialconformance.harness.emulator.state import Instruction, KeyPair
from trialconformance.harness.payloads.asn1 import CellReference, cell
from trialconformance.harness.times import as_generalized
from trialconformance.smki import Certificate, KeyUsage, Node, p256
from trialconformance.smki import der_writer as write
from trialconformance.smki.seed import private_key

__all__ = ["describe", "execute_update", "issue_request", "provide", "store_certificate", "update"]

_ENUMERATED = 0x0A
_GENERALIZED_TIME = 0x18
_UPDATE_ALERT = 0x00CB
_CPV_TAG, _FLOOR_TAG = 1, 4
# Message code -> mode that its payload must name, and the role whose cells and floor that mode may set.
_MODES = {0x0102: (2, 2), 0x0103: (3, 3), 0x0107: (7, 2)}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Update:
    """A CS02b command, read."""

    mode: int
    check_time: bool
    floor: int | None
    replacements: tuple[tuple[Certificate, CellName], ...]
    path: tuple[Certificate, ...]
    due: int | None


def describe(device: Device, command: Message) -> bytes:
    """CS02a: what is in the cells of the roles that were named, and their counters."""
    fields = members(root(command.payload), least=2)
    return write.sequence(*(_role_entry(device, integer(each)) for each in members(fields[1])))


def _role_entry(device: Device, role: int) -> bytes:
    held = device.state.cells.of_role(role)
    if not held:
        return write.sequence(write.integer(role), _enumerated(device.behaviour.absent_cell_status))
    cells = [
        write.sequence(
            *_usage_fields(name),
            write.octet_string(certificate.entity_id or bytes(8)),
            write.octet_string(certificate.ski or b""),
        )
        for name, certificate in held
    ]
    counter = device.state.counters.get(role, 0)
    return write.sequence(
        write.integer(role), _enumerated(CellStatus.SUCCESS), write.integer(counter), write.sequence(*cells)
    )


def update(device: Device, command: Message) -> bytes:
    """CS02b: replace certificates now, later, or not any more."""
    asked = _read_update(command)
    if asked.due == NEVER:
        future.cancel(device, command)
    elif asked.due is not None:
        future.schedule(device, Instruction(due=asked.due, command=command, service="credentials"))
    if asked.due is None:
        return write.sequence(write.null(), _replace(device, command, asked))
    if device.behaviour.future == "outcome-in-answer":
        return write.sequence(write.null(), _outcome(device, command, asked, []))
    return write.sequence(write.null())


def execute_update(device: Device, instruction: Instruction) -> None:
    """Execute a CS02b that fell due and raise its own alert."""
    command = instruction.command
    outcome = _replace(device, command, _read_update(command))
    body = write.sequence(
        write.integer(alerts.EXECUTED),
        write.tlv(_GENERALIZED_TIME, as_generalized(device.state.now).encode()),
        outcome,
    )
    device.raise_alert(_UPDATE_ALERT, lambda _: body, target=command.originator)


def issue_request(device: Device, command: Message) -> bytes:
    """CS02c: a new key pair and the request to certify it."""
    usage = usage_of(key_usage(members(root(command.payload), least=1)[0]))
    if usage is None:
        return write.integer(requests.NO_SUCH_USAGE)
    if device.behaviour.request_key == "current":
        key = device.state.keys[usage].private
    else:
        # Derived from the device and the command, so that a replay of the session gives the same octets.
        key = private_key(device.pki.plan.seed, f"{device.entity.hex()}/{usage.value}/{command.originator_counter}")
    device.state.pending[usage] = key
    entity = device.entity if device.behaviour.request_device == "own" else bytes(reversed(device.entity))
    return requests.certification_request(entity, usage, key, hardware_type=device.pki.plan.hardware_type)


def store_certificate(device: Device, command: Message) -> bytes:
    """CS02d: the new certificate of the device; the codes are those of the domain notes on SMKI, 3.1."""
    skipped = device.behaviour.device_certificate_checks
    try:
        certificate = Certificate.parse(command.payload, name="CS02d")
    except ArtefactError:
        return write.integer(requests.INVALID_CERTIFICATE)
    usage = certificate.usage if certificate.usage in device.state.keys else None
    if usage is None:
        return write.integer(0 if "usage" in skipped else requests.INVALID_KEY_USAGE)
    if certificate.entity_id != device.entity and "device" not in skipped:
        return write.integer(requests.WRONG_DEVICE)
    key = device.state.pending.get(usage)
    if key is None:
        return write.integer(requests.NO_KEY_PAIR)
    if p256.point_of(key.public_key()) != certificate.point:
        return write.integer(0 if "key" in skipped else requests.WRONG_PUBLIC_KEY)
    if not device.behaviour.keeps_old_key:
        # The answer is still protected with the old key: the new one counts from the next command on.
        device.state.keys[usage] = KeyPair(private=key, certificate=certificate)
        device.changed_cells()
    del device.state.pending[usage]
    return write.integer(0)


def provide(device: Device, command: Message) -> bytes:
    """CS02e: the certificate of the device for a usage."""
    usage = usage_of(key_usage(members(root(command.payload), least=1)[0]))
    if usage is None:
        return write.integer(requests.NO_SUCH_USAGE)
    if device.behaviour.returned_certificate == "other-usage":
        usage = next(each for each in device.state.keys if each is not usage)
    return device.state.keys[usage].certificate.octets


def _read_update(command: Message) -> _Update:
    fields = members(root(command.payload), least=3)
    auth = members(fields[0], least=2)
    tagged = {node.number: node for node in auth if node.tag_class == 2}  # context-specific
    mode = integer(auth[0])
    if mode != _MODES[command.message_code][0]:
        raise ArtefactError("the mode is not that of the message code", path="auth.mode", seen=str(mode))
    return _Update(
        mode=mode,
        check_time=_CPV_TAG not in tagged or integer(tagged[_CPV_TAG]) == 0,
        floor=integer(tagged[_FLOOR_TAG]) if _FLOOR_TAG in tagged else None,
        replacements=tuple(_replacement(each) for each in members(fields[1])),
        path=tuple(_certificate(each) for each in members(fields[2])),
        due=time(fields[3] if len(fields) > 3 else None),
    )


def _replacement(node: Node) -> tuple[Certificate, CellName]:
    certificate, name = members(node, least=2)[:2]
    role, usage, cell_usage = cell_fields(members(name))
    return _certificate(certificate), CellName(role=role, usage=usage, cell_usage=cell_usage)


def _certificate(node: Node) -> Certificate:
    return Certificate.parse(node.encoding, name="replacement")


def _replace(device: Device, command: Message, asked: _Update) -> bytes:
    role = _MODES[command.message_code][1]
    authority = frozenset({role})
    statuses = [
        anchors.status_of(device, certificate, asked.path, name, check_time=asked.check_time, authority=authority)
        for certificate, name in asked.replacements
    ]
    if device.behaviour.credentials == "all-or-nothing" and any(statuses):
        statuses = [status or CellStatus.BAD_CERTIFICATE for status in statuses]
    old = device.state.cells.copy()
    entries = []
    for (certificate, name), status in zip(asked.replacements, statuses, strict=True):
        before = old.get(name)
        done = status == CellStatus.SUCCESS
        if done or device.behaviour.credentials == "replaces-failed":
            _put(device, name, certificate)
        entries.append(_entry(name, status, before, certificate if done else before))
    if asked.floor is not None and not any(statuses):
        device.counters.set_floor(role, asked.floor)
    return _outcome(device, command, asked, entries)


def _put(device: Device, name: CellName, certificate: Certificate) -> None:
    if device.behaviour.credentials == "reports-only":
        return
    if device.behaviour.credentials == "wrong-cell":
        name = next((each for each in device.state.cells if each.role == 3), name)  # the network operator's
    before = device.state.cells.get(name)
    device.state.cells.put(name, certificate)
    if device.behaviour.keeps_old_party and before is not None:
        device.state.cells.put(CellName(role=name.role, usage=name.usage, cell_usage=99), before)
    device.changed_cells()


def _entry(name: CellName, status: int, before: Certificate | None, after: Certificate | None) -> bytes:
    identities = []
    for each in (before, after):
        identities += [
            write.octet_string((each.entity_id if each else None) or bytes(8)),
            write.octet_string((each.ski if each else None) or bytes(8)),
        ]
    return write.sequence(cell(_reference(name)), _enumerated(status), *identities)


def _outcome(device: Device, command: Message, asked: _Update, entries: list[bytes]) -> bytes:
    floors = [
        write.sequence(write.integer(role), write.integer(device.state.counters.get(role, 0)))
        for role in sorted({name.role for _, name in asked.replacements})
    ]
    return write.sequence(
        write.integer(command.originator_counter),
        write.integer(asked.mode),
        write.sequence(*floors),
        write.sequence(*entries),
    )


def _reference(name: CellName) -> CellReference:
    return CellReference(role=name.role, usage=KeyUsage(name.usage), cell_usage=name.cell_usage)


def _usage_fields(name: CellName) -> list[bytes]:
    bits = [position for position in range(8) if name.usage >> position & 1]
    fields = [write.named_bits(*bits)]
    return [*fields, write.integer(name.cell_usage)] if name.cell_usage else fields


def _enumerated(value: int) -> bytes:
    return write.tlv(_ENUMERATED, bytes([value]))

"""What can be seen of a device from outside: its stored counters, its cells, its firmware version, its outcomes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trialconformance.core import ArtefactError
from trialconformance.gbcs import Message
from trialconformance.gbcs.dlms.access import AccessResponse, read_apdu
from trialconformance.gbcs.gbz import GbzPayload, read_payload
from trialconformance.harness.asn1_fields import integer, key_usage, members, octets_of, root
from trialconformance.harness.credentials import Party
from trialconformance.harness.payloads.asn1 import CellReference
from trialconformance.smki import KeyUsage, Node

if TYPE_CHECKING:
    from trialconformance.harness.bench.core import BenchCore

__all__ = [
    "Held",
    "RoleEntry",
    "dlms_results",
    "firmware_version",
    "gbz_values",
    "number",
    "replacement_statuses",
    "role_entry",
    "stored_counter",
]

_ACB = CellReference(role=4, usage=KeyUsage.KEY_AGREEMENT)
_COUNTER_AND_CELLS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a cell holds.

    Args:
        usage: bits of the key usage.
        cell_usage: 0 management, 1 prepayment top-up.
        entity: EUI-64 of the party, 8 octets.
        key_identifier: subject key identifier, 8 octets.
    """

    usage: int
    cell_usage: int
    entity: bytes
    key_identifier: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleEntry:
    """What CS02a says of a role.

    Args:
        status: status code, 0 for success.
        counter: the stored counter, None where it says none.
        cells: what its cells hold.
    """

    status: int
    counter: int | None
    cells: tuple[Held, ...]

    def held(self, usage: KeyUsage, cell_usage: int = 0) -> Held | None:
        """What the cell of a usage holds, None where there is no such cell."""
        wanted = (usage.value, cell_usage)
        return next((each for each in self.cells if (each.usage, each.cell_usage) == wanted), None)


def role_entry(bench: BenchCore, role: int) -> RoleEntry:
    """Ask with CS02a what the device holds for a role; ends the procedure where it does not say.

    Args:
        bench: the bench.
        role: remote party role.
    """
    command = bench.command("CS02a", party=Party.ACCESS_CONTROL_BROKER, cell=_ACB, roles=[role])
    answer = bench.answer(command)
    if answer is None:
        bench.undecided("the device does not answer CS02a: what it holds cannot be seen")
    try:
        return _role_entry(members(members(root(answer.payload), least=1)[0], least=2))
    except ArtefactError as error:
        bench.undecided(f"the answer to CS02a cannot be read: {error}")


def stored_counter(bench: BenchCore, role: int) -> int:
    """The counter that the device keeps for a role; ends the procedure where it does not say."""
    counter = role_entry(bench, role).counter
    if counter is None:
        bench.undecided(f"CS02a gives no counter for role {role}")
    return counter


def firmware_version(bench: BenchCore) -> bytes:
    """The active firmware version, 4 octets; ends the procedure where the device does not say."""
    answer = bench.answer(bench.command(bench.use_case("version")))
    if answer is None:
        bench.undecided("the device does not give its firmware version")
    try:
        return _version(answer)
    except (ArtefactError, LookupError) as error:
        bench.undecided(f"the firmware version cannot be read: {error}")


def dlms_results(answer: Message) -> list[tuple[Any, int]]:
    """Value and result of each item of a DLMS answer; empty where it is none."""
    try:
        apdu = read_apdu(answer.payload)
    except ArtefactError:
        return []
    if not isinstance(apdu, AccessResponse):
        return []
    return [(data.value, each.result) for data, each in zip(apdu.data, apdu.results, strict=False)]


def gbz_values(answer: Message) -> list[dict[str, Any]]:
    """The fields of each component of a GBZ answer; empty where it is none."""
    try:
        payload: GbzPayload = read_payload(answer.payload)
    except ArtefactError:
        return []
    return [each.values or {} for each in payload.components]


def number(answer: Message) -> int | None:
    """The INTEGER that an answer is or begins with (CS02d, CS03, CS04, CS06), None where it is another value."""
    try:
        value = root(answer.payload)
        return integer(members(value)[0] if value.children else value)
    except (ArtefactError, IndexError):
        return None


def replacement_statuses(answer: Message) -> list[int] | None:
    """The status of each replacement that CS02b reports, None where it reports no outcome."""
    try:
        fields = members(root(answer.payload), least=2)
        outcome = members(fields[1], least=4)
        return [integer(members(each, least=2)[1]) for each in members(outcome[3])]
    except ArtefactError:
        return None


def _role_entry(fields: tuple[Node, ...]) -> RoleEntry:
    status = integer(fields[1])
    if len(fields) < _COUNTER_AND_CELLS:
        return RoleEntry(status=status, counter=None, cells=())
    cells = tuple(_held(members(each, least=3)) for each in members(fields[3]))
    return RoleEntry(status=status, counter=integer(fields[2]), cells=cells)


def _held(fields: tuple[Node, ...]) -> Held:
    entity, key_identifier = fields[-2:]
    return Held(
        usage=key_usage(fields[0]),
        cell_usage=integer(fields[1]) if len(fields) > 3 else 0,
        entity=octets_of(entity),
        key_identifier=octets_of(key_identifier),
    )


def _version(answer: Message) -> bytes:
    results = dlms_results(answer)
    if results:
        return bytes(results[0][0])
    components = gbz_values(answer)
    if components:
        return bytes(components[0]["attributes"][0]["value"].value)
    return octets_of(members(root(answer.payload), least=2)[0])

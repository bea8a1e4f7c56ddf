"""Reading the payloads that carry certificates: CS02a to CS02g and CS03, straight from the octets.

The walk is strict and its breaches are kept, since official messages write long lengths for short content (W15), which
must be seen, not refused. A payload of another shape reads as nothing: the cases of the GBCS domain report it.

Clause: GBCS CS02a to CS02g, CS03; the layouts are those of the public test data.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from trialconformance.core import Span
from trialconformance.smki import der
from trialconformance.smki.der import DerFault, DerTree, Node
from trialconformance.smki.extension import KeyUsage

__all__ = [
    "CERTIFICATE_CODE",
    "JOIN_CODES",
    "REQUEST_CODE",
    "RETRIEVAL_CODE",
    "CarriedMessage",
    "Cell",
    "CellOutcome",
    "Replacement",
    "ReplacementCommand",
    "is_replacement",
    "length_faults",
    "read_code",
    "read_join",
    "read_outcome",
    "read_replacement",
    "read_usage",
    "walk_payload",
]

_REPLACEMENTS = frozenset({*range(0x0100, 0x010A), 0x0125, 0x0126})  # CS02b by mode, CS02g
_OUTCOME_ALERTS = frozenset({0x00CB, 0x0124})
REQUEST_CODE, CERTIFICATE_CODE, RETRIEVAL_CODE = 0x000A, 0x000B, 0x000C  # CS02c, CS02d, CS02e
JOIN_CODES = frozenset({0x000D, 0x00AB, 0x000E, 0x00AF})  # CS03A1, A2, B, C
_CREDENTIALS = _REPLACEMENTS | _OUTCOME_ALERTS | {0x0008, 0x011B, REQUEST_CODE, CERTIFICATE_CODE, RETRIEVAL_CODE}
_ENUMERATED = 0x0A
_DISAPPLY = 0x81
_ENTITY = 8  # octets of a subject unique id and of a key identifier
_IDENTITIES = 4  # existing and new subject id and key identifier of one cell


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedMessage:
    """A GBCS message as far as certificates are concerned, in plain values.

    Args:
        name: name of the artefact.
        octets: the whole message.
        kind: ``command``, ``response``, ``alert`` or ``precommand``.
        message_code: Message Code.
        originator: EUI-64, 8 octets.
        target: EUI-64, 8 octets.
        counter: Originator Counter.
        payload: offset and length of the payload in the message.
        certificate: offset and length of the certificate in the grouping header, None where there is none.
        requester: EUI-64 of the supplementary remote party, None where there is none.
        signed: whether it carries a signature.
        maced: whether it carries a MAC.
        roles: remote party roles that the use case permits as originator, None where that is not known.
    """

    name: str
    octets: bytes = field(repr=False)
    kind: str
    message_code: int
    originator: bytes
    target: bytes
    counter: int
    payload: Span
    certificate: Span | None = None
    requester: bytes | None = None
    signed: bool = False
    maced: bool = False
    roles: frozenset[int] | None = None

    @property
    def carries_credentials(self) -> bool:
        """Whether its payload is one of those that manage credentials."""
        return self.message_code in _CREDENTIALS

    @property
    def answers(self) -> tuple[int, bytes, bytes, int]:
        """What a Command and its Response have in common: Message Code, requester, device, counter."""
        if self.kind == "response":
            return self.message_code, self.target, self.originator, self.counter
        return self.message_code, self.originator, self.target, self.counter


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A Trust Anchor Cell as a message names it.

    Args:
        role: remote party role.
        usage: key usage.
        prepayment: whether it is the cell for prepayment top-up.
    """

    role: int
    usage: KeyUsage
    prepayment: bool = False

    @classmethod
    def of(cls, node: Node) -> Cell | None:
        """Read a TrustAnchorCellIdentifier, None where it is none."""
        identifiers = [each.identifier for each in node.children]
        if identifiers not in ([der.INTEGER, der.BIT_STRING], [der.INTEGER, der.BIT_STRING, der.INTEGER]):
            return None
        return cls(
            role=der.integer_value(node.children[0]),
            usage=KeyUsage.of(node.children[1].value),
            prepayment=len(identifiers) == 3 and der.integer_value(node.children[2]) == 1,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """One certificate for one cell.

    Args:
        certificate: where the certificate stands.
        cell: the cell it is for.
        place: where certificate and cell stand.
    """

    certificate: Node
    cell: Cell
    place: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplacementCommand:
    """The payload of CS02b or CS02g.

    Args:
        disapplied: where the command says that time is not judged, None where it does not.
        replacements: certificates and their cells, in order.
        path: where the path certificates stand, in order.
    """

    disapplied: Span | None
    replacements: tuple[Replacement, ...]
    path: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CellOutcome:
    """What a device says of one cell.

    Args:
        cell: the cell.
        status: status code, 0 for success.
        identities: existing subject id and key identifier, new subject id and key identifier, 8 octets each.
        place: where it stands.
    """

    cell: Cell
    status: int
    identities: tuple[bytes, bytes, bytes, bytes]
    place: Span


def walk_payload(message: CarriedMessage) -> DerTree:
    """Walk the payload of a message; offsets count from the start of the message."""
    return der.walk(message.octets, start=message.payload.start, end=message.payload.end, path="payload")


def is_replacement(message: CarriedMessage) -> bool:
    """Whether a message is of CS02b or CS02g."""
    return message.message_code in _REPLACEMENTS


def read_replacement(tree: DerTree) -> ReplacementCommand | None:
    """Read the payload of a CS02b or CS02g Command."""
    parts = _sequence(tree.root)
    if len(parts) < 3 or any(each.identifier != der.SEQUENCE for each in parts[:3]):
        return None
    replacements = []
    for index, each in enumerate(parts[1].children):
        pair = each.children
        cell = Cell.of(pair[1]) if len(pair) == 2 else None
        if cell is None:
            return None
        place = each.span(f"payload.replacements[{index}]")
        replacements.append(Replacement(certificate=pair[0], cell=cell, place=place))
    flag = next((each for each in parts[0].children if each.identifier == _DISAPPLY and any(each.value)), None)
    return ReplacementCommand(
        disapplied=flag.span("payload.control.applyTimeBasedCPVChecks") if flag is not None else None,
        replacements=tuple(replacements),
        path=parts[2].children,
    )


def read_outcome(tree: DerTree) -> tuple[CellOutcome, ...]:
    """Read what a device says of every cell, in a CS02b or CS02g Response; nothing where it holds no outcome yet."""
    parts = _sequence(tree.root)
    outcome = parts[1].children if len(parts) == 2 else ()
    found = []
    for index, each in enumerate(outcome[-1].children if outcome else ()):
        fields = each.children
        cell = Cell.of(fields[0]) if len(fields) == 2 + _IDENTITIES else None
        values = [each.value for each in fields[2:]]
        if cell is None or fields[1].identifier != _ENUMERATED or any(len(value) != _ENTITY for value in values):
            return ()
        existing_id, existing_key, new_id, new_key = values
        found.append(
            CellOutcome(
                cell=cell,
                status=der.integer_value(fields[1]),
                identities=(existing_id, existing_key, new_id, new_key),
                place=each.span(f"payload.outcome.cells[{index}]"),
            )
        )
    return tuple(found)


def read_usage(tree: DerTree) -> KeyUsage | None:
    """Read the key usage that a CS02c or CS02e Command asks for."""
    parts = _sequence(tree.root)
    return KeyUsage.of(parts[0].value) if len(parts) == 1 and parts[0].identifier == der.BIT_STRING else None


def read_join(tree: DerTree) -> tuple[bytes, Node] | None:
    """Read whose certificate a CS03 Command carries, and where; None where it carries none."""
    parts = _sequence(tree.root)
    if len(parts) != 4 or parts[1].identifier != der.OCTET_STRING or parts[3].identifier != der.SEQUENCE:
        return None
    return parts[1].value, parts[3]


def read_code(tree: DerTree) -> int | None:
    """Read the code with which a device answers CS02c, CS02d or CS02e, None where it answers with something else."""
    root = tree.root
    return der.integer_value(root) if root is not None and root.identifier == der.INTEGER else None


def _sequence(node: Node | None) -> tuple[Node, ...]:
    return node.children if node is not None and node.identifier == der.SEQUENCE else ()


def length_faults(tree: DerTree) -> tuple[DerFault, ...]:
    """The lengths of a payload that are not minimal."""
    return tuple(each for each in tree.faults if each.rule in {der.DerRule.LENGTH, der.DerRule.INDEFINITE_LENGTH})

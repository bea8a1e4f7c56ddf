"""Reading ASN.1 payloads field by field: refused where a value is not what it must be (GBCS 7.4, 13)."""

from __future__ import annotations

from trialconformance.core import ArtefactError
from trialconformance.harness.times import CANCEL_GENERALIZED, from_generalized
from trialconformance.smki import KeyUsage, Node, walk
from trialconformance.smki.der import integer_value

__all__ = ["NEVER", "cell_fields", "integer", "key_usage", "members", "octets_of", "root", "time", "usage_of"]

INTEGER, BIT_STRING, OCTET_STRING, NULL, ENUMERATED, SEQUENCE, GENERALIZED_TIME = (
    0x02,
    0x03,
    0x04,
    0x05,
    0x0A,
    0x30,
    0x18,
)

NEVER = -1  # what ``time`` gives for "cancel"


def root(payload: bytes) -> Node:
    """Read the one value of a payload.

    Raises:
        ArtefactError: not DER, or octets left over.
    """
    tree = walk(payload)
    if tree.root is None or tree.faults:
        first = tree.faults[0] if tree.faults else None
        raise ArtefactError("the payload is no DER", offset=first.offset if first else 0, path="payload")
    return tree.root


def members(node: Node, *, least: int = 0) -> tuple[Node, ...]:
    """The members of a SEQUENCE.

    Raises:
        ArtefactError: no SEQUENCE, or fewer members than it must have.
    """
    if node.identifier != SEQUENCE or len(node.children) < least:
        raise _other(node, f"a SEQUENCE of at least {least}")
    return node.children


def integer(node: Node) -> int:
    """The value of an INTEGER or ENUMERATED, also under a context tag."""
    if node.identifier not in {INTEGER, ENUMERATED} and node.tag_class != 2:  # context-specific
        raise _other(node, "an INTEGER")
    return integer_value(node)


def octets_of(node: Node) -> bytes:
    """The content of an OCTET STRING."""
    if node.identifier != OCTET_STRING:
        raise _other(node, "an OCTET STRING")
    return node.value


def key_usage(node: Node) -> int:
    """The bits of a KeyUsage, bit 0 as 1."""
    if node.identifier != BIT_STRING or len(node.value) != 2:  # number of unused bits and one octet
        raise _other(node, "a KeyUsage of up to eight bits")
    bits = node.value[1]
    return sum(1 << position for position in range(8) if bits & (0x80 >> position))


def cell_fields(fields: tuple[Node, ...]) -> tuple[int, int, int]:
    """Role, usage and cell usage of a TrustAnchorCellIdentifier."""
    if len(fields) < 2:  # cell usage may be left out
        raise ArtefactError("a cell has a role and a key usage", path="cell")
    cell_usage = integer(fields[2]) if len(fields) > 2 else 0
    return integer(fields[0]), key_usage(fields[1]), cell_usage


def time(node: Node | None) -> int | None:
    """The time of a GeneralizedTime: seconds since 2000-01-01, ``NEVER`` to cancel, None where there is no field."""
    if node is None:
        return None
    text = node.value.decode("ascii", "replace")
    if text == CANCEL_GENERALIZED:
        return NEVER
    seconds = from_generalized(text)
    if node.identifier != GENERALIZED_TIME or seconds is None:
        raise _other(node, "a GeneralizedTime YYYYMMDDhhmmssZ")
    return seconds


def usage_of(bits: int) -> KeyUsage | None:
    """The one usage that bits stand for, None for several or another."""
    return KeyUsage(bits) if bits in {KeyUsage.DIGITAL_SIGNATURE, KeyUsage.KEY_AGREEMENT} else None


def _other(node: Node, expected: str) -> ArtefactError:
    return ArtefactError(
        "another value is needed",
        offset=node.start,
        path="payload",
        expected=expected,
        seen=f"tag {node.identifier:02X}",
    )

"""What requests and revocation lists have in common: a signed part, an algorithm, a signature.

Clause: RFC 2986 4.2, RFC 5280 5.1.1.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from trialconformance.core import ArtefactError, Span
from trialconformance.smki import der, p256
from trialconformance.smki.der import DerFault, DerRule, Node
from trialconformance.smki.syntax import read_signature

__all__ = ["Signed", "read_signed", "syntax_fault"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A signed structure.

    Args:
        octets: the artefact.
        root: the whole.
        body: the part that is signed.
        algorithm: the AlgorithmIdentifier outside.
        value: the BIT STRING of the signature.
        r: first number of the signature, None where it does not hold two INTEGERs.
        s: second number.
        faults: breaches of DER, those inside the signature included.
    """

    octets: bytes = field(repr=False)
    root: Node
    body: Node
    algorithm: Node
    value: Node
    r: int | None
    s: int | None
    faults: tuple[DerFault, ...]

    def signed_by(self, point: bytes) -> bool:
        """Whether a key signed it, with ECDSA on P-256 and SHA-256."""
        if self.r is None or self.s is None:
            return False
        return p256.verifies(point, r=self.r, s=self.s, message=self.body.encoding)

    def span(self, node: Node | None, path: str) -> Span:
        """Where a field stands; no octets at the end of the signed part for one that is absent."""
        return node.span(path) if node is not None else Span(start=self.body.end, length=0, path=path)


def read_signed(octets: bytes, *, name: str, what: str, clause: str, start: int = 0, end: int | None = None) -> Signed:
    """Read the outer structure.

    Args:
        octets: the artefact.
        name: its name, for errors.
        what: what it should be, for errors.
        clause: where that is laid down, for errors.
        start: offset at which it starts.
        end: offset at which it ends, the end of the artefact by default.

    Raises:
        ArtefactError: it is not a SEQUENCE of a SEQUENCE, a SEQUENCE and a BIT STRING.
    """
    tree = der.walk(octets, start=start, end=end)
    root = tree.root
    shape = [] if root is None or root.identifier != der.SEQUENCE else [each.identifier for each in root.children]
    if root is None or shape[:3] != [der.SEQUENCE, der.SEQUENCE, der.BIT_STRING]:
        raise ArtefactError(
            f"this is no {what}",
            artefact=name,
            offset=start,
            length=(len(octets) if end is None else end) - start,
            clause=clause,
            expected="SEQUENCE { SEQUENCE, SEQUENCE, BIT STRING }",
            seen=octets[start : start + 16].hex().upper() or "nothing",
        )
    body, algorithm, value = root.children[:3]
    signature = read_signature(octets, value, name=name)
    extra = [syntax_fault(each, what, "three elements") for each in root.children[3:]]
    return Signed(
        octets=octets,
        root=root,
        body=body,
        algorithm=algorithm,
        value=value,
        r=signature.r,
        s=signature.s,
        faults=(*tree.faults, *extra, *signature.faults),
    )


def syntax_fault(node: Node, path: str, expected: str) -> DerFault:
    """An element that is not what the ASN.1 puts there."""
    return DerFault(
        rule=DerRule.SYNTAX,
        offset=node.start,
        length=node.end - node.start,
        path=path,
        expected=expected,
        seen=f"tag {node.identifier:02X} with {node.length} octets",
    )

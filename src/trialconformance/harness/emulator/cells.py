"""Trust anchor cells: whose certificates a device holds, and for what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from trialconformance.smki import Certificate, KeyUsage

__all__ = ["MANAGEMENT", "PREPAYMENT", "CellName", "Cells"]

MANAGEMENT = 0
PREPAYMENT = 1


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class CellName:
    """Which cell: TrustAnchorCellIdentifier, GBCS 13.

    Args:
        role: remote party role.
        usage: bits of the key usage.
        cell_usage: 0 management, 1 prepayment top-up.
    """

    role: int
    usage: int
    cell_usage: int = MANAGEMENT

    @classmethod
    def of(cls, role: int, usage: KeyUsage, cell_usage: int = MANAGEMENT) -> CellName:
        """Name a cell by a usage of the key."""
        return cls(role=role, usage=usage.value, cell_usage=cell_usage)


class Cells:
    """The cells of a device.

    Args:
        content: certificate by cell.
    """

    __slots__ = ("_content",)

    def __init__(self, content: dict[CellName, Certificate]) -> None:
        self._content = dict(content)

    def __contains__(self, name: CellName) -> bool:
        return name in self._content

    def __iter__(self) -> Iterator[CellName]:
        return iter(sorted(self._content))

    def get(self, name: CellName) -> Certificate | None:
        """The certificate in a cell, None where there is no such cell."""
        return self._content.get(name)

    def put(self, name: CellName, certificate: Certificate) -> None:
        """Replace the certificate in a cell."""
        self._content[name] = certificate

    def of_role(self, role: int) -> tuple[tuple[CellName, Certificate], ...]:
        """The cells of a role, in order."""
        return tuple((name, self._content[name]) for name in self if name.role == role)

    def roles_of(self, entity: bytes) -> tuple[int, ...]:
        """The roles in which a party is known, in order."""
        return tuple(sorted({name.role for name, each in self._content.items() if each.entity_id == entity}))

    def certificates(self, *, prepayment: bool) -> Iterable[Certificate]:
        """The certificates in cells for prepayment top-up, or in all others."""
        return [
            each
            for name, each in sorted(self._content.items(), key=lambda pair: pair[0])
            if (name.cell_usage == PREPAYMENT) == prepayment
        ]

    def copy(self) -> Cells:
        """A copy that can be changed on its own."""
        return Cells(self._content)

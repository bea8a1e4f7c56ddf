"""General block transfer on the side of the device: blocks are put together, within bounds (GBCS 7.2.8)."""

from __future__ import annotations

from trialconformance.core import ArtefactError
from trialconformance.gbcs.gbt import Reassembly, Routing, decode_block

__all__ = ["Blocks"]

_MOST_TRANSFERS = 4  # transfers under way at once; the oldest is dropped for a new one


class Blocks:
    """Transfers that are under way."""

    __slots__ = ("_transfers", "has_gap")

    def __init__(self) -> None:
        self._transfers: dict[Routing, Reassembly] = {}
        self.has_gap = False  # whether the block taken last is the last of a transfer that lacks others

    @property
    def is_full(self) -> bool:
        """Whether as many transfers are under way as there may be."""
        return len(self._transfers) >= _MOST_TRANSFERS

    def take(self, octets: bytes) -> bytes | None:
        """Take one block.

        Args:
            octets: the block.

        Returns:
            The message that it completes, None while blocks are missing or where the block is refused.
        """
        try:
            block = decode_block(octets)
            transfer = self._transfers.setdefault(block.routing, Reassembly(block.routing))
            transfer.add(block)
            self.has_gap = block.last and not transfer.complete
            if not transfer.complete:
                self._drop_oldest()
                return None
            message = transfer.octets()
        except ArtefactError:
            return None
        del self._transfers[block.routing]
        return message

    def _drop_oldest(self) -> None:
        while len(self._transfers) > _MOST_TRANSFERS:
            del self._transfers[next(iter(self._transfers))]

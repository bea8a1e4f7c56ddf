"""A DUIS pre-notification beside the entries that DCC would find for it."""

from __future__ import annotations

from dataclasses import dataclass

from trialconformance.cpl.delimited import Row
from trialconformance.cpl.document import Document
from trialconformance.cpl.duis import Prenotification

__all__ = ["NoticeOnList"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeOnList:
    """A pre-notification beside the entries that match it.

    Args:
        notice: the pre-notification.
        document: the list.
        found: entries that DCC would find.
    """

    notice: Prenotification
    document: Document
    found: tuple[Row, ...]

    @property
    def name(self) -> str:
        """Name of the file that holds the pre-notification."""
        return self.notice.name

    @property
    def octets(self) -> bytes:
        """Octets of that file."""
        return self.notice.octets

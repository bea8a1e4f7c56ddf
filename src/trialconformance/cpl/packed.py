"""Records that are not text of the file itself: how a worksheet or an XML list becomes rows."""

from __future__ import annotations

from trialconformance.cpl.delimited import Fault, Row

__all__ = ["packed_row"]

_UNIT_SEPARATOR = "\x1f"


def packed_row(*, line: int, start: int, length: int, cells: tuple[str, ...], faults: tuple[Fault, ...] = ()) -> Row:
    """Make a row whose octets are its cells, so that rows compare as they do in delimited text.

    Args:
        line: row of the sheet, or number of the record.
        start: octets from the start of the file to what holds the record.
        length: octets of what holds the record.
        cells: text of each field.
        faults: what is wrong.

    Returns:
        The row.
    """
    return Row(
        line=line,
        start=start,
        octets=_UNIT_SEPARATOR.join(cells).encode("utf-8", "surrogatepass"),
        ending=b"",
        cells=cells,
        faults=faults,
        length=length,
    )

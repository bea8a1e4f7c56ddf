"""What a file is by its first octets, and delimited text as content."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from trialconformance.core import ArtefactError
from trialconformance.cpl.delimited import Dialect, Row, rows_of

if TYPE_CHECKING:
    from trialconformance.cpl.profile import Profile

__all__ = ["BOMS", "Content", "ContentKind", "Sheet", "byte_order_mark", "read_delimited", "sniff"]

BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_HEAD = 1024  # octets looked at


class ContentKind(StrEnum):
    """What a file is."""

    DELIMITED = "delimited text"
    ZIP = "zip archive, such as xlsx"
    OLE = "OLE document, such as xls"
    XML = "XML"
    HTML = "HTML"
    PDF = "PDF"
    GZIP = "gzip stream"
    BINARY = "binary"
    EMPTY = "empty file"


_MAGIC = (
    (b"PK\x03\x04", ContentKind.ZIP),
    (b"PK\x05\x06", ContentKind.ZIP),
    (b"\xd0\xcf\x11\xe0", ContentKind.OLE),
    (b"%PDF", ContentKind.PDF),
    (b"\x1f\x8b", ContentKind.GZIP),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One worksheet, or the one list of an XML file.

    Args:
        name: name.
        hidden: whether a person does not see it.
        hidden_columns: letters of hidden columns.
    """

    name: str
    hidden: bool = False
    hidden_columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a reader found.

    Args:
        rows: the records, the header first.
        fault: why reading stopped before the end.
        text: whether records are octets of the file itself.
        bom: the byte order mark.
        sheets: worksheets.
    """

    rows: tuple[Row, ...]
    fault: ArtefactError | None = None
    text: bool = True
    bom: bytes = b""
    sheets: tuple[Sheet, ...] = ()


def byte_order_mark(octets: bytes) -> bytes:
    """The byte order mark in front of a text, empty where there is none."""
    return next((mark for mark in BOMS if octets.startswith(mark)), b"")


def sniff(octets: bytes) -> ContentKind:
    """Say what a file is by its first octets.

    Args:
        octets: the file or its first 1,024 octets.

    Returns:
        The kind; text that is neither XML nor HTML counts as delimited.
    """
    if not octets:
        return ContentKind.EMPTY
    for magic, kind in _MAGIC:
        if octets.startswith(magic):
            return kind
    head = octets[:_HEAD].removeprefix(byte_order_mark(octets)).lstrip().lower()
    if head.startswith((b"<!doctype html", b"<html", b"<table")):
        return ContentKind.HTML
    if head.startswith((b"<?xml", b"<")):
        return ContentKind.XML
    # One NUL may be a fault inside a text (FI-004); more than one octet in eight is another kind of file.
    return ContentKind.BINARY if octets[:_HEAD].count(0) * 8 > min(len(octets), _HEAD) else ContentKind.DELIMITED


def read_delimited(octets: bytes, profile: Profile) -> Content:
    """Read delimited text.

    Args:
        octets: the whole file.
        profile: the declared format.

    Returns:
        The records up to the first that is too long to be one.
    """
    bom = byte_order_mark(octets)
    rows: list[Row] = []
    fault = None
    try:
        rows.extend(rows_of([octets[len(bom) :]], Dialect.of(profile.container), start=len(bom)))
    except ArtefactError as error:
        fault = error
    return Content(rows=tuple(rows), fault=fault, bom=bom)

"""The list as one worksheet of an xlsx file, read with openpyxl behind bounds that openpyxl does not have."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

import openpyxl
from lxml import etree

from trialconformance.core import ArtefactError
from trialconformance.cpl.container import Content, Sheet
from trialconformance.cpl.delimited import Row
from trialconformance.cpl.packed import packed_row
from trialconformance.cpl.profile import Profile

__all__ = ["read_sheet"]

_MOST_MEMBERS = 1000
_MOST_COLUMNS = 1024
_MOST_BLANK_ROWS = 1000  # in one run; a sheet may claim a million
_EXPANSION = 2  # XML of a sheet against the largest list that the profile allows
_PIECE = 1 << 16
_DOCTYPE = b"<!doctype"
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
_COLUMNS_ELEMENT = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}col"
_DATA_ELEMENT = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}sheetData"


def read_sheet(octets: bytes, profile: Profile) -> Content:
    """Read one worksheet.

    Args:
        octets: the xlsx file.
        profile: the declared format.

    Returns:
        The records; a file that is no usable workbook gives a fault instead.
    """
    rows: list[Row] = []
    sheets: tuple[Sheet, ...] = ()
    fault = None
    try:
        limit = _EXPANSION * profile.container.max_file_octets
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            _bounded(archive, limit)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # remarks on styles and extensions, which carry no list
            workbook = openpyxl.load_workbook(io.BytesIO(octets), read_only=True, keep_links=False)
            sheets = tuple(
                Sheet(name=each.title, hidden=each.sheet_state != "visible", hidden_columns=_hidden_columns(each))
                for each in workbook.worksheets
            )
            worksheet = _worksheet(workbook, profile)
            rows.extend(_rows(worksheet, _place(octets, worksheet)))
    except ArtefactError as error:
        fault = error
    except Exception as error:  # noqa: BLE001 - openpyxl lets any error of its parts out when a workbook is broken
        fault = ArtefactError(
            "is no readable workbook", offset=0, length=len(octets), expected="an xlsx file", seen=str(error)[:80]
        )
    return Content(rows=tuple(rows), fault=fault, text=False, sheets=sheets)


def _bounded(archive: zipfile.ZipFile, limit: int) -> None:
    """Refuse an archive that unpacks to more than the limit or holds a document type, before anything parses it."""
    members = archive.infolist()
    if len(members) > _MOST_MEMBERS:
        raise ArtefactError(
            "workbook has too many parts", offset=0, expected=f"at most {_MOST_MEMBERS}", seen=str(len(members))
        )
    total = 0
    for member in members:
        for piece in _pieces(archive, member):
            total += len(piece)
            if total > limit:
                raise ArtefactError(
                    "workbook unpacks to more than the profile allows",
                    offset=member.header_offset,
                    path=member.filename,
                    expected=f"at most {limit} octets",
                    seen=f"{total} octets or more",
                )
            if piece.startswith(_WIDE_MARKS) or _DOCTYPE in piece.lower():
                raise ArtefactError(
                    "workbook part has a document type or a wide encoding",
                    offset=member.header_offset,
                    path=member.filename,
                    expected="UTF-8 without a document type",
                    seen=member.filename,
                )


def _pieces(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """Pieces that overlap, so that no word falls between two of them."""
    tail = b""
    with archive.open(member) as stream:
        while piece := stream.read(_PIECE):
            yield tail + piece
            tail = piece[-len(_DOCTYPE) :]


def _worksheet(workbook: Any, profile: Profile) -> Any:
    name = profile.container.sheet
    if name is None:
        return workbook.worksheets[0]
    if name not in workbook.sheetnames:
        raise ArtefactError(
            "workbook lacks the sheet of the list", offset=0, expected=name, seen=", ".join(workbook.sheetnames)[:80]
        )
    return workbook[name]


def _hidden_columns(worksheet: Any) -> tuple[str, ...]:
    found = []
    with worksheet._get_source() as source:  # noqa: SLF001 - a read-only sheet offers no other way to its columns
        for _, element in etree.iterparse(source, tag=(_COLUMNS_ELEMENT, _DATA_ELEMENT), resolve_entities=False):
            if element.tag == _DATA_ELEMENT:
                break
            if element.get("hidden") in {"1", "true"}:
                found.append(f"{element.get('min')}-{element.get('max')}")
    return tuple(found)


def _place(octets: bytes, worksheet: Any) -> tuple[int, int]:
    """Where the packed octets of a sheet lie in the file: the rows in them have no place of their own."""
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        member = archive.getinfo(worksheet._worksheet_path)  # noqa: SLF001 - the name of the part is nowhere else
    return member.header_offset, member.compress_size


def _rows(worksheet: Any, place: tuple[int, int]) -> Iterable[Row]:
    worksheet.reset_dimensions()  # the sheet's own claim is not to be trusted
    blank = width = 0
    for line, values in enumerate(worksheet.iter_rows(values_only=True), start=1):
        if len(values) > _MOST_COLUMNS or blank > _MOST_BLANK_ROWS:
            raise ArtefactError(
                "sheet is larger than a list can be",
                offset=place[0],
                path=f"line {line}",
                expected=f"at most {_MOST_COLUMNS} columns and {_MOST_BLANK_ROWS} blank rows in a run",
                seen=f"{len(values)} columns, {blank} blank rows before",
            )
        texts = [_text(value) for value in values]
        while len(texts) > width and not texts[-1]:
            texts.pop()
        texts += [""] * (width - len(texts))  # a sheet does not say where a row of empty cells ends
        width = width or len(texts)
        blank = 0 if any(texts) else blank + 1
        yield packed_row(line=line, start=place[0], length=place[1], cells=tuple(texts) or ("",))


def _text(value: object) -> str:
    """The text of a cell; a number or a date shows as such, because the list holds text only."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value).encode("utf-8", "replace").decode()  # an escaped surrogate is no character

"""Lists as worksheets and as XML: the same checks, behind bounds."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl
import pytest

from trialconformance import cpl
from trialconformance.core import Finding
from trialconformance.cpl.comparison import Comparison

Judge = Callable[[Comparison], dict[str, list[Finding]]]


_PROFILE = cpl.load_profile()


def _packed(kind: str, **container: Any) -> cpl.Profile:
    changed = _PROFILE.container.model_copy(update={"kind": kind, **container})
    return _PROFILE.model_copy(update={"container": changed})


@pytest.fixture
def lists(before_octets: bytes, after_octets: bytes) -> tuple[bytes, bytes]:
    """The lists before and after."""
    return before_octets, after_octets


def _rows(octets: bytes) -> list[list[str]]:
    return [line.split(",") for line in octets.decode().splitlines()]


def _workbook(rows: list[list[Any]], *, sheets: tuple[str, ...] = (), hide: str = "") -> bytes:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = "CPL"
    for row in rows:
        sheet.append(row)
    if hide:
        sheet.column_dimensions[hide].hidden = True
    for name in sheets:
        workbook.create_sheet(name)
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def _xml(rows: list[list[str]]) -> bytes:
    header, *records = rows
    lines = [
        "<Record>"
        + "".join(f"<{name}>{value}</{name}>" for name, value in zip(header, record, strict=True))
        + "</Record>"
        for record in records
    ]
    return ("<List>\n" + "\n".join(lines) + "\n</List>\n").encode()


def test_a_worksheet_is_judged_like_text(
    compare: Callable[..., Comparison], judge: Judge, before_octets: bytes, after_octets: bytes
) -> None:
    """The vector as a worksheet passes as it does as text, and a changed cell is found at its row and column."""
    under = _packed("xlsx-sheet", sheet="CPL")
    names = ("before.xlsx", "after.xlsx")
    before, rows = _workbook(_rows(before_octets)), _rows(after_octets)
    assert set(judge(compare(_workbook(rows), before, under=under, names=names))) == {"CPL-FIW-031"}
    rows[1][8] = "00010204"
    found = judge(compare(_workbook(rows), before, under=under, names=names))
    assert {"CPL-FI-053", "CPL-FI-060", "CPL-FI-061", "CPL-FI-062", "CPL-FI-063", "CPL-FI-071"} <= set(found)
    assert found["CPL-FI-060"][0].path == "line 2 / FirmwareVersion"


@pytest.mark.parametrize(
    ("change", "case"),
    [
        ({"sheets": ("Trials",)}, "CPL-FI-015"),
        ({"hide": "C"}, "CPL-FI-015"),
        ({"number": 2}, "CPL-FI-037"),
        ({"day": date(2021, 3, 1)}, "CPL-FI-039"),
        ({"formula": "=1+1"}, "CPL-FI-011"),
        ({"flag": True}, "CPL-FI-032"),
        ({"surplus": "IsTrial"}, "CPL-FI-023"),
    ],
)
def test_what_a_spreadsheet_does_is_found(
    compare: Callable[..., Comparison],
    judge: Judge,
    lists: tuple[bytes, bytes],
    change: dict[str, Any],
    case: str,
) -> None:
    """Another sheet, a hidden column, numbers, dates and formulas in place of text break the case meant for them."""
    rows: list[list[Any]] = [list(row) for row in _rows(lists[1])]
    columns = {"number": 7, "day": 17, "formula": 15, "flag": 1}
    options = {name: value for name, value in change.items() if name in {"sheets", "hide"}}
    for name, column in columns.items():
        if name in change:
            rows[5][column] = change[name]
    if "surplus" in change:
        rows[0].append(change["surplus"])
    under = _packed("xlsx-sheet")
    after = _workbook(rows, **options)
    found = judge(compare(after, _workbook(_rows(lists[0])), under=under, names=("a.xlsx", "b.xlsx")))
    assert case in found


def _zip(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, octets in members.items():
            archive.writestr(name, octets)
    return stream.getvalue()


def _patched(workbook: bytes, **parts: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["xl/worksheets/sheet1.xml"] = parts["sheet"]
    return _zip(members)


_MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_SHEET = b'<worksheet xmlns="%s"><sheetData>%%s</sheetData></worksheet>' % _MAIN


@pytest.mark.parametrize(
    ("octets", "message"),
    [
        (b"PK\x03\x04 and no more", "no readable workbook"),
        (b"CPLEntryID,EntryStatus\r\n", "no readable workbook"),
        (_zip({"xl/a.xml": bytes(70_000_000)}), "unpacks to more"),
        (_zip({f"part{index}": b"" for index in range(1001)}), "too many parts"),
        (_zip({"xl/a.xml": b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"}), "document type"),
        (_zip({"xl/a.xml": "<a/>".encode("utf-16")}), "wide encoding"),
        (_zip({"xl/a.xml": b"<a/>"}), "no readable workbook"),
    ],
    ids=["cut short", "text", "bomb", "parts", "entity", "encoding", "no workbook"],
)
def test_hostile_workbooks_are_a_finding(
    compare: Callable[..., Comparison],
    judge: Judge,
    before_octets: bytes,
    octets: bytes,
    message: str,
) -> None:
    """A bomb, a document type and a broken archive are refused by the reader and told as a finding."""
    comparison = compare(octets, _workbook(_rows(before_octets)), under=_packed("xlsx-sheet"))
    assert comparison.after.fault is not None
    assert message in comparison.after.fault.message
    assert comparison.after.fault.offset is not None
    assert "CPL-FI-070" in judge(comparison)


@pytest.mark.parametrize(
    "rows",
    [
        b'<row r="1"><c r="XFD1" t="inlineStr"><is><t>x</t></is></c></row>',
        b'<row r="1"><c r="A1"><v>1</v></c></row><row r="900000"><c r="A900000"><v>1</v></c></row>',
    ],
)
def test_a_sheet_that_claims_too_much_is_a_finding(before_octets: bytes, rows: bytes) -> None:
    """A cell in the last column or a row far below does not make the reader fill what lies between."""
    octets = _patched(_workbook(_rows(before_octets)), sheet=_SHEET % rows)
    document = cpl.read_document(octets, profile=_packed("xlsx-sheet"), name="after.xlsx")
    assert document.fault is not None
    assert "larger than a list can be" in document.fault.message


def test_a_missing_sheet_is_a_finding(before_octets: bytes) -> None:
    """A workbook without the sheet of the profile cannot be read."""
    octets = _workbook(_rows(before_octets))
    document = cpl.read_document(octets, profile=_packed("xlsx-sheet", sheet="List"), name="after.xlsx")
    assert document.fault is not None
    assert "lacks the sheet" in document.fault.message


def test_an_xml_list_is_judged_like_text(
    compare: Callable[..., Comparison], judge: Judge, before_octets: bytes, after_octets: bytes
) -> None:
    """The vector as XML passes, and a changed record is found with the octets that hold it."""
    under = _packed("xml")
    names = ("before.xml", "after.xml")
    before, rows = _xml(_rows(before_octets)), _rows(after_octets)
    assert set(judge(compare(_xml(rows), before, under=under, names=names))) == {"CPL-FIW-031"}
    rows[1][8] = "00010204"
    comparison = compare(_xml(rows), before, under=under, names=names)
    (finding,) = judge(comparison)["CPL-FI-060"]
    assert finding.span is not None
    assert b"00010204" in comparison.after.octets[finding.span.start : finding.span.end]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<DateAdded>03/10/2022</DateAdded>", b"<DateAdded>03/10/2022</DateAdded><IsTrial>Y</IsTrial>"),
        (b"<DateAdded>03/10/2022</DateAdded>", b"<Added>03/10/2022</Added>"),
    ],
)
def test_other_elements_are_a_finding(
    compare: Callable[..., Comparison],
    judge: Judge,
    lists: tuple[bytes, bytes],
    old: bytes,
    new: bytes,
) -> None:
    """A record with another element than the first one breaks the column check and the legacy reader."""
    after = _xml(_rows(lists[1])).replace(old, new)
    under = _packed("xml")
    found = judge(compare(after, _xml(_rows(lists[0])), under=under, names=("before.xml", "after.xml")))
    assert {"CPL-FI-023", "CPL-FI-070"} <= set(found)


def test_an_xml_bomb_is_a_finding(compare: Callable[..., Comparison], judge: Judge) -> None:
    """Entities are refused before they are read, with the offset of the document type."""
    bomb = b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><List><Record><A>&c;</A></Record></List>'
    comparison = compare(bomb, b"<List/>", under=_packed("xml"))
    assert comparison.after.fault is not None
    assert comparison.after.fault.offset == 0
    assert "CPL-FI-070" in judge(comparison)

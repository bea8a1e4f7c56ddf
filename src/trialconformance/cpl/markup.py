"""The list as XML: one element per record, one child element per column. No document type, no entities, no network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast

from lxml import etree

from trialconformance.core import ArtefactError
from trialconformance.cpl.container import Content, Sheet
from trialconformance.cpl.delimited import Fault, FaultKind, Row
from trialconformance.cpl.packed import packed_row
from trialconformance.cpl.profile import Profile

__all__ = ["local_name", "parse_hardened", "read_xml"]

_SHOWN = 80  # characters of a parser's message
_DOCTYPE = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)


def parse_hardened(octets: bytes) -> etree._Element:
    """Parse XML that nobody vouches for.

    Args:
        octets: the document, of a size the caller has bounded.

    Returns:
        The root element.

    Raises:
        ArtefactError: not well formed, or it declares a document type.
    """
    if match := _DOCTYPE.search(octets):
        raise ArtefactError(
            "XML declares a document type",
            offset=match.start(),
            length=len(match.group()),
            expected="no document type and no entities",
            seen=match.group().decode("latin-1"),
        )
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(octets, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ArtefactError(
            "is not well-formed XML",
            offset=_place(octets, error),
            expected="well-formed XML",
            seen=str(error)[:_SHOWN],
        ) from error
    # A wide encoding hides the words searched for above.
    if root.getroottree().docinfo.internalDTD is not None:
        raise ArtefactError("XML declares a document type", offset=0, expected="no document type", seen="one")
    return root


def _place(octets: bytes, error: Exception) -> int:
    """Offset of a syntax error, which lxml tells as a line and a column."""
    line, column = getattr(error, "position", (1, 1))
    starts = _line_starts(octets)
    return min(starts[min(max(line, 1), len(starts)) - 1] + max(column - 1, 0), len(octets))


def _line_starts(octets: bytes) -> list[int]:
    return [0, *(match.end() for match in re.finditer(rb"\n", octets))]


def read_xml(octets: bytes, profile: Profile) -> Content:
    """Read an XML list.

    Args:
        octets: the whole file.
        profile: the declared format.

    Returns:
        The records; the children of the first record give the header.
    """
    try:
        root = parse_hardened(octets)
    except ArtefactError as error:
        return Content(rows=(), fault=error, text=False)
    rows = tuple(_rows(root, octets, profile.container.record_element))
    return Content(rows=rows, text=False, sheets=(Sheet(name=local_name(root)),))


def _rows(root: etree._Element, octets: bytes, element: str) -> Iterator[Row]:
    starts = _line_starts(octets)
    header: tuple[str, ...] = ()
    for number, record in enumerate((each for each in root if local_name(each) == element), start=2):
        names = tuple(local_name(child) for child in record)
        line = min(_line(record), len(starts))
        start = starts[line - 1]
        if not header:
            header = names
            yield packed_row(line=1, start=start, length=0, cells=header)
        end = min(_last_line(record), len(starts))
        length = (starts[end] if end < len(starts) else len(octets)) - start
        odd = () if names == header else (Fault(kind=FaultKind.OTHER_ELEMENTS, offset=start),)
        values = {
            name: "".join(str(text) for text in child.itertext()) for name, child in zip(names, record, strict=True)
        }
        surplus = tuple(value for name, value in values.items() if name not in header)
        cells = tuple(values.get(name, "") for name in header) + surplus
        yield packed_row(line=number, start=start, length=length, cells=cells, faults=odd)


def _last_line(record: etree._Element) -> int:
    return max(_line(child) for child in record.iter())


def _line(element: etree._Element) -> int:
    return cast("int | None", getattr(element, "sourceline", None)) or 1


def local_name(element: etree._Element) -> str:
    """Name of an element without its namespace; ``comment`` for what is no element."""
    tag = cast("object", element.tag)  # a function for a comment or an instruction
    return etree.QName(element).localname if isinstance(tag, str) else "comment"

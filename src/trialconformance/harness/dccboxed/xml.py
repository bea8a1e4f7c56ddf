"""XML that comes from elsewhere: bounded, without DTD, entities or network; white space between elements dropped."""

from __future__ import annotations

from lxml import etree

from trialconformance.harness.dccboxed.errors import BoxedError
from trialconformance.harness.session import Trouble

__all__ = ["DS", "SR", "compact", "parse", "serialise"]

SR = "http://www.dccinterface.co.uk/ServiceUserGateway"
DS = "http://www.w3.org/2000/09/xmldsig#"

_LARGEST = 4 * 1024 * 1024  # octets; the largest request, a firmware update, stays below 1 MiB
_DEEPEST = 64  # levels; DUIS has fewer than 20


def _parser() -> etree.XMLParser:
    # A parser keeps state, so each document gets its own.
    return etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        huge_tree=False,
        remove_pis=True,
        remove_comments=True,
    )


def parse(octets: bytes) -> etree._Element:
    """Read a document.

    Args:
        octets: the document.

    Returns:
        Its root, without comments and processing instructions.

    Raises:
        BoxedError: not well-formed, too large, too deep, or with a DTD.
    """
    if len(octets) > _LARGEST:
        raise BoxedError(
            Trouble.BAD_XML, "is too large", octets=octets[:1024], expected=f"{_LARGEST} octets", seen=f"{len(octets)}"
        )
    try:
        root = etree.fromstring(octets, _parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BoxedError(Trouble.BAD_XML, "is not well-formed XML", octets=octets, seen=str(error)) from error
    if root is None or not isinstance(root.tag, str):
        raise BoxedError(Trouble.BAD_XML, "holds no element", octets=octets)
    # DUIS refuses DTDs; an internal subset is where entity attacks live.
    if root.getroottree().docinfo.internalDTD is not None:
        raise BoxedError(Trouble.FORBIDDEN_DTD, "holds a DTD", octets=octets, expected="no DTD")
    depth = max(sum(1 for _ in element.iterancestors()) for element in root.iter())
    if depth > _DEEPEST:
        raise BoxedError(Trouble.BAD_XML, "is too deep", octets=octets, expected=f"{_DEEPEST} levels", seen=f"{depth}")
    return root


def compact(root: etree._Element) -> None:
    """Drop white space between elements, in place: a signature covers the document without it."""
    for element in root.iter(etree.Element):
        if len(element) and not (element.text or "").strip():
            element.text = None
        if not (element.tail or "").strip():
            element.tail = None


def serialise(root: etree._Element) -> bytes:
    """Write a document the way it is sent: UTF-8 with a declaration."""
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")

"""Validation against the DUIS schema that a user supplies: none is part of this package."""

from __future__ import annotations

import re
from pathlib import Path

from lxml import etree

from trialconformance.core import UsageError
from trialconformance.harness.dccboxed.errors import BoxedError
from trialconformance.harness.session import Trouble

__all__ = ["DuisSchema"]

_XS = "{http://www.w3.org/2001/XMLSchema}"


class DuisSchema:
    """A compiled DUIS schema.

    Attributes:
        missing: file names that the schema imports and that are not beside it; types of those namespaces accept
            anything.
    """

    __slots__ = ("_schema", "missing")

    def __init__(self, schema: etree.XMLSchema, missing: tuple[str, ...]) -> None:
        self._schema = schema
        self.missing = missing

    @classmethod
    def read(cls, path: Path) -> DuisSchema:
        """Compile a schema; nothing is fetched from a network.

        Args:
            path: the XSD; what it imports is looked for beside it.

        Returns:
            The schema.

        Raises:
            UsageError: cannot be read or is no schema.
        """
        # Schemas of the W3C carry an internal DTD subset: the file is the user's own, only the network is barred.
        parser = etree.XMLParser(no_network=True, load_dtd=False, resolve_entities=True)
        try:
            document = etree.parse(str(path), parser)
            missing = _replace_missing_imports(document.getroot(), path.parent)
            return cls(etree.XMLSchema(document), missing)
        except (OSError, etree.XMLSyntaxError, etree.XMLSchemaParseError) as error:
            raise UsageError(
                f"is no usable schema: {error}", where=str(path), accepted="the DUIS schema (XSD)"
            ) from error

    def check(self, root: etree._Element) -> None:
        """Validate a document.

        Args:
            root: the document, of any age: it is compared as it stands.

        Raises:
            BoxedError: it breaks the schema; names the first fault.
        """
        try:
            self._schema.assertValid(root)
        except etree.DocumentInvalid as error:
            raise BoxedError(
                Trouble.BAD_XML, "breaks the DUIS schema", expected="a valid document", seen=str(error)
            ) from error


def _replace_missing_imports(root: etree._Element, folder: Path) -> tuple[str, ...]:
    """Drop imports whose file is not there and let what they would define accept anything.

    The published DUIS schema imports a file for one response of SMETS1 devices that is not published with it.
    """
    missing = []
    for statement in root.findall(f"{_XS}import"):
        location = statement.get("schemaLocation", "")
        namespace = statement.get("namespace", "")
        if (folder / location).is_file():
            continue
        missing.append(location)
        prefixes = [prefix for prefix, uri in root.nsmap.items() if uri == namespace and prefix]
        root.remove(statement)
        for prefix in prefixes:
            _accept_anything(root, prefix)
    return tuple(missing)


def _accept_anything(root: etree._Element, prefix: str) -> None:
    named = re.compile(f"{re.escape(prefix)}:.+")
    xs = next(name for name, uri in root.nsmap.items() if uri == _XS.strip("{}"))
    for element in root.iter(etree.Element):
        if named.fullmatch(element.get("type", "")):
            element.set("type", f"{xs}:anyType" if xs else "anyType")

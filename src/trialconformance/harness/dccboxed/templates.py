"""DUIS request templates: a user's own folder of requests, re-addressed and signed here."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from trialconformance.core import ArtefactError, UsageError
from trialconformance.harness.dccboxed.duis import RequestId
from trialconformance.harness.dccboxed.errors import BoxedError
from trialconformance.harness.dccboxed.xml import DS, SR, compact, parse

__all__ = ["Template", "TemplateFolder"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One request to be re-addressed.

    Args:
        name: file name without its suffix.
        request_id: the identifier it was published with.
        command_variant: 1 to 8.
        service_reference: for example ``4.1``.
        service_reference_variant: for example ``4.1.1``.
        body: name of the element in the body.
        root: the document without signature, comments and white space.
    """

    name: str
    request_id: RequestId
    command_variant: int
    service_reference: str
    service_reference_variant: str
    body: str
    root: etree._Element = field(repr=False)

    @classmethod
    def of(cls, octets: bytes, *, name: str) -> Template:
        """Read a template.

        Args:
            octets: the XML.
            name: name of the template.

        Returns:
            The template; a placeholder signature is dropped.

        Raises:
            ArtefactError: not XML or no DUIS request; names the file.
        """
        try:
            root = parse(octets)
        except BoxedError as fault:
            fault.artefact = name
            raise
        for signature in root.findall(f"{{{DS}}}Signature"):
            root.remove(signature)
        compact(root)
        body = root.find(f"{{{SR}}}Body")
        if root.tag != f"{{{SR}}}Request" or body is None or len(body) != 1:
            raise ArtefactError(
                "is no DUIS request",
                artefact=name,
                expected="sr:Request with one element in its body",
                seen=str(root.tag),
            )
        return cls(
            name=name,
            request_id=RequestId.parse(_header(root, "RequestID", name), where=name),
            command_variant=_number(_header(root, "CommandVariant", name), name),
            service_reference=_header(root, "ServiceReference", name),
            service_reference_variant=_header(root, "ServiceReferenceVariant", name),
            body=etree.QName(body[0]).localname,
            root=root,
        )

    @property
    def use_case(self) -> str:
        """The GBCS use case that the name starts with, as RTDS names its templates: ``ECS17b_4.1.1_...``."""
        return self.name.partition("_")[0]

    def addressed(self, request_id: RequestId) -> etree._Element:
        """Copy the request for another originator, target and counter.

        Args:
            request_id: the new identifier.

        Returns:
            The root of the copy, unsigned. Elements of the body that named the old target name the new one.
        """
        root = deepcopy(self.root)
        header = root.find(f"{{{SR}}}Header/{{{SR}}}RequestID")
        if header is not None:
            header.text = str(request_id)
        before, after = str(self.request_id).split(":")[1], str(request_id).split(":")[1]
        if self.request_id.target != request_id.target:
            for element in root.iter(f"{{{SR}}}DeviceID"):
                if (element.text or "").upper() == before:
                    element.text = after
        return root


class TemplateFolder:
    """The templates of a folder, by name.

    Args:
        folder: where the XML files are.

    Raises:
        UsageError: no folder, or no XML file in it.
    """

    __slots__ = ("_files", "folder")

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        files = sorted(each for each in folder.iterdir() if each.suffix.lower() == ".xml") if folder.is_dir() else []
        if not files:
            raise UsageError("holds no DUIS templates", where=str(folder), accepted="a folder of *.xml request files")
        self._files = {each.stem: each for each in files}

    def __len__(self) -> int:
        return len(self._files)

    def __iter__(self) -> Iterator[Template]:
        for name in self._files:
            yield self.load(name)

    def load(self, name: str) -> Template:
        """Read one template.

        Args:
            name: file name without its suffix.

        Raises:
            UsageError: no such file, or it cannot be read.
            ArtefactError: it is no DUIS request.
        """
        try:
            return Template.of(self._files[name].read_bytes(), name=name)
        except KeyError:
            raise UsageError(f"no template {name}", where=str(self.folder), accepted=", ".join(self._files)) from None
        except OSError as error:
            raise UsageError(f"cannot be read: {error.strerror}", where=str(self._files[name])) from error

    def for_use_case(self, use_case: str) -> Template:
        """Find the template of a GBCS use case; of several the first by name.

        Args:
            use_case: for example ``ECS17b``.

        Raises:
            UsageError: the folder has none.
        """
        for name in self._files:
            if name.partition("_")[0] == use_case:
                return self.load(name)
        raise UsageError(
            f"no template for use case {use_case}", where=str(self.folder), accepted=f"a file {use_case}_*.xml"
        )


def _header(root: etree._Element, name: str, template: str) -> str:
    text = root.findtext(f"{{{SR}}}Header/{{{SR}}}{name}")
    if not text:
        raise ArtefactError(f"has no {name} in its header", artefact=template, path=f"Header/{name}")
    return text


def _number(text: str, template: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ArtefactError("has a CommandVariant that is no number", artefact=template, seen=text)
    return int(text)

"""DUIS responses: what they are, which request they answer and what GBCS octets they carry."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from enum import StrEnum

from lxml import etree

from trialconformance.core import UsageError
from trialconformance.harness.dccboxed.duis import RequestId
from trialconformance.harness.dccboxed.errors import BoxedError
from trialconformance.harness.dccboxed.xml import SR, parse
from trialconformance.harness.session import Trouble

__all__ = ["BodyKind", "CodeClass", "DuisResponse"]


class CodeClass(StrEnum):
    """What a ResponseCode means."""

    SUCCESS = "success"
    ACKNOWLEDGED = "acknowledged"
    INFORMATION = "information"
    WARNING = "warning"
    ERROR = "error"
    ALERT = "alert"
    UNKNOWN = "unknown"


class BodyKind(StrEnum):
    """The element in the body of a response."""

    RESPONSE = "ResponseMessage"
    DEVICE_ALERT = "DeviceAlertMessage"
    DCC_ALERT = "DCCAlertMessage"
    SMETS1 = "SMETS1ResponseMessage"


# Exact codes first, then the first letter.
_CODES = {"I0": CodeClass.SUCCESS, "I99": CodeClass.ACKNOWLEDGED}
_LETTERS = {"I": CodeClass.INFORMATION, "E": CodeClass.ERROR, "W": CodeClass.WARNING, "N": CodeClass.ALERT}
_MESSAGE_FIELDS = frozenset({"ServiceReference", "ServiceReferenceVariant"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DuisResponse:
    """A response, alert or acknowledgement.

    Args:
        octets: as it arrived.
        root: the document.
        request_id: the request it answers, None for alerts.
        response_id: identifier of the response, None on acknowledgements.
        code: ResponseCode.
        kind: the element in the body.
        content: name of the element in a ResponseMessage beside the references, empty where there is none.
        service_reference: of the request.
        service_reference_variant: of the request.
        gbcs: the GBCS octets it carries, None where it carries none.
        alert_code: code of an alert, empty otherwise.
    """

    octets: bytes = field(repr=False)
    root: etree._Element = field(repr=False)
    request_id: RequestId | None
    response_id: RequestId | None
    code: str
    kind: BodyKind
    content: str = ""
    service_reference: str = ""
    service_reference_variant: str = ""
    gbcs: bytes | None = None
    alert_code: str = ""

    @property
    def code_class(self) -> CodeClass:
        """What the ResponseCode means."""
        return _CODES.get(self.code) or _LETTERS.get(self.code[:1], CodeClass.UNKNOWN)

    @classmethod
    def of(cls, octets: bytes) -> DuisResponse:
        """Read a response.

        Args:
            octets: the XML.

        Returns:
            The response; its signature is a matter of its own.

        Raises:
            BoxedError: no XML, or no DUIS response.
        """
        root = parse(octets)
        body = root.find(f"{{{SR}}}Body")
        if root.tag != f"{{{SR}}}Response" or body is None or len(body) != 1:
            raise BoxedError(
                Trouble.BAD_XML,
                "is no DUIS response",
                octets=octets,
                expected="sr:Response with a body",
                seen=str(root.tag),
            )
        message = body[0]
        name = etree.QName(message).localname
        if name not in set(BodyKind):
            raise BoxedError(Trouble.BAD_XML, "has an unknown body", octets=octets, seen=name)
        content = [etree.QName(each).localname for each in message if each.tag not in _REFERENCES]
        return cls(
            octets=octets,
            root=root,
            request_id=_identifier(root, "RequestID", octets),
            response_id=_identifier(root, "ResponseID", octets),
            code=_text(root, "Header", "ResponseCode"),
            kind=BodyKind(name),
            content=content[0] if content else "",
            service_reference=_text(message, "ServiceReference"),
            service_reference_variant=_text(message, "ServiceReferenceVariant"),
            gbcs=_gbcs(message, octets),
            alert_code=_text(message, "AlertCode"),
        )


_REFERENCES = frozenset(f"{{{SR}}}{name}" for name in _MESSAGE_FIELDS)


def _text(element: etree._Element, *path: str) -> str:
    found = element.find("/".join(f"{{{SR}}}{step}" for step in path))
    return "" if found is None else (found.text or "").strip()


def _identifier(root: etree._Element, name: str, octets: bytes) -> RequestId | None:
    text = _text(root, "Header", name)
    if not text:
        return None
    try:
        return RequestId.parse(text, where=name)
    except UsageError as error:
        raise BoxedError(Trouble.BAD_XML, f"has a malformed {name}", octets=octets, seen=text) from error


def _gbcs(message: etree._Element, octets: bytes) -> bytes | None:
    found = next(message.iter(f"{{{SR}}}GBCSPayload"), None)
    if found is None:
        return None
    try:
        return base64.b64decode("".join((found.text or "").split()), validate=True)
    except binascii.Error as error:
        raise BoxedError(Trouble.BAD_XML, "carries a GBCSPayload that is not base64", octets=octets) from error

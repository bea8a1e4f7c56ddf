"""DUIS requests: their identifiers, the command variants and where each of them goes."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from enum import StrEnum

from lxml import etree

from trialconformance.core import UsageError
from trialconformance.harness.dccboxed.xml import DS, SR, compact

__all__ = [
    "BOXED_ACB",
    "COMMAND_VARIANTS",
    "Path",
    "RequestId",
    "Route",
    "build_request",
    "route_of",
    "signed_precommand",
]

# EUI-64 under which DCC Boxed acts as Access Control Broker; the target of a DCC-only request.
BOXED_ACB = bytes.fromhex("90b3d51f30000002")

_EUI = "(?:[0-9a-f]{2}-){7}[0-9a-f]{2}"
_REQUEST_ID = re.compile(f"({_EUI}):({_EUI}):(0|[1-9][0-9]*)", re.IGNORECASE)
_LARGEST_COUNTER = 2**64 - 1


class Path(StrEnum):
    """The three services of DCC Boxed that take a request."""

    SEND = "/api/v1/serviceS"
    TRANSFORM = "/api/v1/serviceT"
    DCC_ONLY = "/api/v1/serviceD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where requests of a command variant go.

    Args:
        path: the service; None where DCC Boxed has none.
        asynchronous: whether the answer of the device comes later, to the receive address.
        refused: why the variant is not sent, empty where it is.
    """

    path: Path | None
    asynchronous: bool = False
    refused: str = ""


COMMAND_VARIANTS: dict[int, Route] = {
    1: Route(path=Path.SEND, asynchronous=True),
    2: Route(path=Path.DCC_ONLY),
    3: Route(
        path=None, refused="command variant 3 (over the SM WAN and handed back at once) is not supported by DCC Boxed"
    ),
    4: Route(path=Path.TRANSFORM),
    5: Route(path=Path.SEND, asynchronous=True),
    6: Route(path=Path.DCC_ONLY),
    7: Route(path=None, refused="command variant 7 (5 and 6 together) is not supported by DCC Boxed"),
    8: Route(path=Path.DCC_ONLY),
    9: Route(path=None, refused="command variant 9 is internal to DCC and not for Users"),
}


def route_of(command_variant: int) -> Route:
    """Find out where a request goes.

    Args:
        command_variant: 1 to 9.

    Returns:
        Its route.

    Raises:
        UsageError: no such variant, or one that DCC Boxed does not support; says why.
    """
    route = COMMAND_VARIANTS.get(command_variant)
    accepted = ", ".join(str(number) for number, each in COMMAND_VARIANTS.items() if each.path is not None)
    if route is None:
        raise UsageError(f"there is no command variant {command_variant}", where="CommandVariant", accepted=accepted)
    if route.path is None:
        raise UsageError(route.refused, where="CommandVariant", accepted=accepted)
    return route


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestId:
    """RequestID of a DUIS request: ``originator:target:counter``. A ResponseID swaps the first two.

    Args:
        originator: EUI-64, 8 octets.
        target: EUI-64, 8 octets.
        counter: 0 to 2^64 - 1.
    """

    originator: bytes
    target: bytes
    counter: int

    @classmethod
    def parse(cls, text: str, *, where: str = "RequestID") -> RequestId:
        """Read a RequestID in either case.

        Args:
            text: for example ``90-B3-D5-1F-30-01-00-00:00-DB-12-34-56-78-90-A0:1000``.
            where: name of the field for the error.

        Raises:
            UsageError: another form, or a counter above 2^64 - 1.
        """
        found = _REQUEST_ID.fullmatch(text.strip())
        if found is None or int(found[3]) > _LARGEST_COUNTER:
            raise UsageError(f"{text!r} is no RequestID", where=where, accepted="EUI-64:EUI-64:counter of 64 bit")
        return cls(
            originator=bytes.fromhex(found[1].replace("-", "")),
            target=bytes.fromhex(found[2].replace("-", "")),
            counter=int(found[3]),
        )

    @property
    def key(self) -> str:
        """The text that requests and responses are correlated by: lower case."""
        return str(self).lower()

    def __str__(self) -> str:
        return f"{_dashed(self.originator)}:{_dashed(self.target)}:{self.counter}"


def _dashed(entity: bytes) -> str:
    return entity.hex("-").upper()


def build_request(
    *,
    request_id: RequestId,
    command_variant: int,
    service_reference: str,
    service_reference_variant: str,
    body: etree._Element,
    schema_version: str = "5.4",
) -> etree._Element:
    """Build an unsigned DUIS request.

    Args:
        request_id: who asks whom, under which counter.
        command_variant: 1 to 8; 3 and 7 are refused.
        service_reference: for example ``4.1``.
        service_reference_variant: for example ``4.1.1``.
        body: the one element of the body.
        schema_version: decimal; DCC Boxed does not enumerate it.

    Returns:
        The root, without white space between elements.

    Raises:
        UsageError: the command variant cannot be sent.
    """
    route_of(command_variant)
    root = etree.Element(f"{{{SR}}}Request", nsmap={"sr": SR, "ds": DS}, schemaVersion=schema_version)
    header = etree.SubElement(root, f"{{{SR}}}Header")
    for name, text in (
        ("RequestID", str(request_id)),
        ("CommandVariant", str(command_variant)),
        ("ServiceReference", service_reference),
        ("ServiceReferenceVariant", service_reference_variant),
    ):
        etree.SubElement(header, f"{{{SR}}}{name}").text = text
    etree.SubElement(root, f"{{{SR}}}Body").append(body)
    compact(root)
    return root


def signed_precommand(command: bytes) -> etree._Element:
    """The body of a request with command variant 5 or 6.

    Args:
        command: the GBCS pre-command with the signature length and signature appended.

    Returns:
        ``SignedPreCommand`` with the octets in base64.
    """
    element = etree.Element(f"{{{SR}}}SignedPreCommand", nsmap={"sr": SR})
    etree.SubElement(element, f"{{{SR}}}GBCSPayload").text = base64.b64encode(command).decode()
    return element

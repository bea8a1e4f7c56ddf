"""ASN.1 payloads as a field tree: roles, statuses, codes and times for a person, certificates in one line."""

from __future__ import annotations

import re
from collections.abc import Callable

from trialconformance.core import ArtefactError, format_eui64
from trialconformance.gbcs.asn1.element import Element
from trialconformance.gbcs.asn1.payload import Asn1Payload
from trialconformance.gbcs.asn1.rule import Form
from trialconformance.gbcs.node import Node, Value
from trialconformance.smki import Certificate, KeyUsage
from trialconformance.smki.request import CertificateRequest

__all__ = ["CANCELLED", "describe", "time_text"]

CANCELLED = "99991231235959Z"  # GBCS 9.2.2: an execution time that cancels
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z", re.ASCII)
_REQUEST_TYPE = "CertificationRequest"
_EUI64_TYPE = "DeviceId"
_ALERT_CODE_TYPE = "AlertCode"
_NOTE_LENGTH = "length not in its shortest form"


def describe(payload: Asn1Payload) -> Node:
    """Make the field tree of a payload that was read from octets.

    Args:
        payload: as read.

    Returns:
        The tree; the octets of a field that are in none of its children are its own header.
    """
    return _node(payload.root, "", payload.structure)


def time_text(text: str) -> str:
    """A GeneralizedTime for a person; empty where it has another form than YYYYMMDDhhmmssZ."""
    if text == CANCELLED:
        return "cancel or never"
    found = _TIME.fullmatch(text)
    return "{}-{}-{}T{}:{}:{}Z".format(*found.groups()) if found else ""


def _node(element: Element, path: str, name: str) -> Node:
    children: list[Node] = []
    for child in element.children:
        separator = "" if not path or child.name.startswith("[") else "."
        children.append(_node(child, f"{path}{separator}{child.name}", child.name))
    return Node(
        name=name,
        path=path,
        start=element.start,
        length=element.end - element.start,
        value=None if children or element.rule.form in (Form.SEQUENCE, Form.SEQUENCE_OF) else _shown(element),
        text=_text(element),
        kind=element.rule.title,
        children=tuple(children),
        note=_NOTE_LENGTH if element.width else "",
    )


def _shown(element: Element) -> Value:
    value = element.value
    if isinstance(value, bytes):
        return value.hex()
    shown: int | str | None = value
    return shown


def _text(element: Element) -> str:
    reader = _TEXTS.get(element.rule.form)
    return reader(element) if reader else ""


def _number_text(element: Element) -> str:
    rule, number = element.rule, element.value
    if rule.title == _ALERT_CODE_TYPE:
        return f"{number:04X}"
    return rule.meanings.get(number, "unknown") if rule.meanings else ""


def _octets_text(element: Element) -> str:
    is_entity = element.rule.title == _EUI64_TYPE and len(element.content) == 8
    return format_eui64(element.content) if is_entity else ""


def _bit_names(element: Element) -> str:
    bits = "".join(f"{octet:08b}" for octet in element.content[1:])
    return ", ".join(name for at, name in element.rule.meanings.items() if bits[at : at + 1] == "1")


def _certificate_text(element: Element) -> str:
    """A certificate or certification request in one line, as smki reads it; a broken one is only named."""
    try:
        if element.rule.title == _REQUEST_TYPE:
            request = CertificateRequest.parse(element.encode())
            return f"certification request of {_holder(request.entity_id, request.usage)}"
        certificate = Certificate.parse(element.encode())
    except ArtefactError as error:
        return f"{element.rule.title} that cannot be read: {error.message}"
    holder = _holder(certificate.entity_id, certificate.usage)
    return f"{certificate.kind.value} certificate of {holder}, serial {certificate.serial:X}"


def _holder(entity: bytes | None, usage: KeyUsage) -> str:
    name = format_eui64(entity) if entity is not None else "no identity"
    return f"{name}, {(usage.name or 'no key usage').lower().replace('_', ' ')}"


_TEXTS: dict[Form, Callable[[Element], str]] = {
    Form.INTEGER: _number_text,
    Form.BITS: _bit_names,
    Form.TIME: lambda element: time_text(element.value),
    Form.OPAQUE: _certificate_text,
    Form.OCTETS: _octets_text,
}

"""A whole message as one tree of fields, envelope and payload, for views and dumps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from trialconformance.core import ArtefactError, format_eui64
from trialconformance.gbcs import wire
from trialconformance.gbcs.description import Description
from trialconformance.gbcs.dlms import date_time_text
from trialconformance.gbcs.length import read_length
from trialconformance.gbcs.message import Message, kind_name
from trialconformance.gbcs.node import Node
from trialconformance.gbcs.parties import party_text
from trialconformance.smki import Certificate, KeyStore

__all__ = ["field_tree"]

_GROUPS = (("mac_header", "MAC header"), ("grouping_header", "grouping header"))
_NAMES = {"cra": "CRA flag", "mac": "MAC"}
_ENTITIES = frozenset({"originator", "target", "supplementary_remote_party_id"})
_COUNTERS = frozenset({"originator_counter", "supplementary_remote_party_counter", "supplementary_originator_counter"})


def field_tree(description: Description) -> Node | None:
    """Make the tree of a message.

    Args:
        description: what is known of it.

    Returns:
        The root; offsets count from the start of the message, those of decrypted fields from the start of their
        plaintext. None where the message cannot be read.
    """
    message = description.capture.message
    if message is None:
        return None
    octets = description.capture.octets
    leaves = [_leaf(path, description, message, octets) for path in message.paths if message.span(path).length]
    children: list[Node] = []
    for prefix, name in _GROUPS:
        group = tuple(leaf for leaf in leaves if leaf.path.startswith(f"{prefix}."))
        if group:
            children.append(_group(prefix, name, group))
    children.append(_payload(description, message))
    children += [leaf for leaf in leaves if leaf.path in {"signature_length", "signature", "mac"}]
    return Node(name="message", path="", start=0, length=len(octets), children=tuple(children))


def _group(path: str, name: str, children: tuple[Node, ...]) -> Node:
    start = children[0].start
    return Node(name=name, path=path, start=start, length=children[-1].end - start, children=children)


def _leaf(path: str, description: Description, message: Message, octets: bytes) -> Node:
    span = message.span(path)
    field = path.rpartition(".")[2]
    content = octets[span.start : span.end]
    value, kind = _value(field, content)
    return Node(
        name=_NAMES.get(field, field.replace("_", " ")),
        path=path,
        start=span.start,
        length=span.length,
        value=value,
        kind=kind,
        text=_text(field, content, description, message),
    )


def _value(field: str, content: bytes) -> tuple[int | str, str]:
    """The value of a field as a person writes it, and its type."""
    if field == "cra":
        return content[0], "uint8"
    if field.endswith("length"):
        return read_length(content, 0)[0], "length"
    if field in _COUNTERS:
        return int.from_bytes(content), "uint64"
    if field in _ENTITIES:
        return format_eui64(content), "EUI-64"
    return content.hex(), "octets"


def _text(field: str, content: bytes, description: Description, message: Message) -> str:
    verification, row = description.verification, description.use_case
    texts: dict[str, Callable[[], str]] = {
        "cra": lambda: kind_name(message.cra),
        "originator": lambda: party_text(content, description.keystore),
        "target": lambda: party_text(content, description.keystore),
        "supplementary_remote_party_id": lambda: party_text(content, description.keystore),
        "message_code": lambda: row.label if row is not None else "not in the catalogue",
        "date_time": lambda: date_time_text(content),
        "certificate": lambda: certificate_text(content, description.keystore),
        "security_header": lambda: "authentication only" if content == wire.SECURITY_HEADER else "not that of GBCS",
        "signature": lambda: verification.signature.value if verification is not None else "",
        "mac": lambda: verification.mac.value if verification is not None else "",
    }
    return texts.get(field, str)()


def certificate_text(octets: bytes, keystore: KeyStore | None) -> str:
    """Sum up a certificate in one line."""
    try:
        certificate = Certificate.parse(octets)
    except ArtefactError as error:
        return f"no certificate: {error.message}"
    who = "nobody" if certificate.entity_id is None else party_text(certificate.entity_id, keystore)
    until = "" if certificate.not_after is None else f", until {certificate.not_after:%Y-%m-%d}"
    holder = format_eui64(certificate.entity_id) if certificate.entity_id is not None else "no EUI-64"
    return f"{certificate.kind.value} certificate of {holder} ({who}) for {certificate.usage.words}{until}"


def _payload(description: Description, message: Message) -> Node:
    span = message.span("payload")
    decrypted = description.decrypted
    if decrypted is None:
        note = "" if description.payload_error is None else str(description.payload_error)
        return Node(
            name="payload",
            path="payload",
            start=span.start,
            length=span.length,
            value=message.payload.hex(),
            kind="octets",
            note=note,
        )
    return _moved(decrypted.tree, span.start)


def _moved(node: Node, offset: int) -> Node:
    """The same field counted from the start of the message; a decrypted one stands in its plaintext and stays there."""
    return replace(
        node,
        path=f"payload.{node.path}" if node.path else "payload",
        start=node.start if node.decrypted else node.start + offset,
        children=tuple(_moved(child, offset) for child in node.children),
    )

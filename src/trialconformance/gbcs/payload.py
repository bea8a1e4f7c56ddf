"""The one way into a payload: octets to typed values of the right family, and back.

GBCS 7.2.9: DLMS payloads begin with D9, DA or 0F, GBZ payloads with profile id 0109, all others are ASN.1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

from trialconformance.core import Span
from trialconformance.gbcs import asn1, dlms, gbz
from trialconformance.gbcs.alert_codes import AlertTable
from trialconformance.gbcs.alerts import Alert, Extra, alert_of
from trialconformance.gbcs.asn1 import Asn1Payload
from trialconformance.gbcs.dlms import AccessRequest, AccessResponse, DataNotification, Specification
from trialconformance.gbcs.encrypted_unit import EncryptedUnit
from trialconformance.gbcs.gbz import GbzAlert, GbzPayload
from trialconformance.gbcs.node import Node
from trialconformance.gbcs.templates import RequestTemplates
from trialconformance.gbcs.usecases import UseCases

__all__ = ["Content", "Family", "Payload", "decode_payload", "family_of"]

Content = AccessRequest | AccessResponse | DataNotification | GbzPayload | GbzAlert | Asn1Payload

_DLMS_TAGS = frozenset({AccessRequest.tag, AccessResponse.tag, DataNotification.tag})
_GBZ_PROFILE = gbz.PROFILE.to_bytes(2)
_ALERT = "alert"
_FAMILIES: dict[type[Content], str] = {
    AccessRequest: "DLMS",
    AccessResponse: "DLMS",
    DataNotification: "DLMS",
    GbzPayload: "GBZ",
    GbzAlert: "GBZ",
    Asn1Payload: "ASN.1",
}


class Family(StrEnum):
    """The three payload families, named as in the use-case catalogue."""

    DLMS = "DLMS"
    GBZ = "GBZ"
    ASN1 = "ASN.1"


@dataclass(frozen=True, kw_only=True)
class Payload:
    """A payload with its typed values. Not slotted: the field tree is kept once it was asked for.

    Args:
        content: the typed values; which class they are of tells the form.
        message_code: Message Code of the message.
        length: octets of the payload.
    """

    content: Content
    message_code: int
    length: int

    @property
    def family(self) -> Family:
        """The payload family."""
        return Family(_FAMILIES[type(self.content)])

    def encode(self) -> bytes:
        """The octets, written from the typed values."""
        return self.content.encode()

    @property
    def encrypted_units(self) -> tuple[EncryptedUnit, ...]:
        """The encrypted units, found by what stands there and not by use case."""
        content = self.content
        if isinstance(content, AccessResponse | DataNotification):
            return dlms.encrypted_units(content)
        return content.encrypted_units if isinstance(content, GbzPayload | GbzAlert) else ()

    @cached_property
    def alert(self) -> Alert | None:
        """What the payload says as an alert, None where it is none."""
        content = self.content
        if isinstance(content, DataNotification | GbzAlert | Asn1Payload):
            return alert_of(content, self.message_code)
        return None

    @cached_property
    def tree(self) -> Node:
        """The field tree of a payload that was read from octets: every field with place, value and meaning."""
        content = self.content
        if isinstance(content, Asn1Payload):
            return asn1.describe(content)
        if isinstance(content, GbzPayload):
            return gbz.describe(content)
        if isinstance(content, GbzAlert):
            return self._gbz_alert_tree(content)
        asked = _asked(self.message_code, len(content.data)) if isinstance(content, AccessResponse) else ()
        tree = dlms.describe(content, self.length, asked=asked)
        return self._with_alert_names(tree) if self.alert else tree

    def span(self, path: str) -> Span:
        """Where a field lies, in octets from the start of the payload; the whole payload where the path is unknown.

        Args:
            path: field path, for example ``data[3]`` or ``component[0].control``.
        """
        node = self._by_path.get(path)
        return node.span if node else Span(start=0, length=self.length, path=path)

    @cached_property
    def _by_path(self) -> dict[str, Node]:
        return {node.path: node for node in self.tree.walk()}

    @property
    def notes(self) -> tuple[Node, ...]:
        """The fields where something was tolerated or could not be told; their ``note`` says what."""
        return tuple(node for node in self.tree.walk() if node.note)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON: the family and the field tree."""
        return {"family": self.family.value, "fields": self.tree.to_json()}

    def _with_alert_names(self, tree: Node) -> Node:
        """The tree of a DLMS alert, with the names that the alert gives to the values of its structure."""
        alert = self.alert
        body = tree.find("body")
        if alert is None or body is None:
            return tree
        names = {alert.code_path: ("alert_code", _alert_title(alert)), alert.time_path: ("time", alert.time_text)}
        names |= {extra.path: (extra.name, "") for extra in alert.extras}
        parts = _parts_by_parent(alert.extras)
        children = []
        for child in body.children:
            name, text = names.get(child.path, (child.name, ""))
            named = replace(child, name=name, text=text or child.text)
            children.append(named.holding(*parts.get(child.path, ())))
        return replace(tree, children=(*tree.children[:-1], replace(body, children=tuple(children))))

    def _gbz_alert_tree(self, content: GbzAlert) -> Node:
        alert = self.alert
        extras = gbz.describe_alert(content, _alert_title(alert) if alert else "")
        parts = _parts_by_parent(alert.extras if alert else ())
        children = tuple(child.holding(*parts.get(child.path, ())) for child in extras)
        return Node(name="GBZ alert", path="", start=0, length=self.length, children=children)


def family_of(octets: bytes, *, message_code: int, use_cases: UseCases | None = None) -> Family:
    """Tell the family of a payload by its octets, and by the catalogue where ASN.1 is in question.

    DLMS and GBZ payloads show what they are; anything may be ASN.1, so there the catalogue has the last word.

    Args:
        octets: the payload.
        message_code: Message Code of the message.
        use_cases: the catalogue; without it the octets alone decide.

    Returns:
        The family.
    """
    seen = Family.ASN1
    if octets[:1] and octets[0] in _DLMS_TAGS:
        seen = Family.DLMS
    elif octets[:2] == _GBZ_PROFILE:
        seen = Family.GBZ
    row = use_cases.get(message_code) if use_cases else None
    declared = [Family(each) for each in row.payload] if row else []
    in_question = seen is Family.ASN1 or declared == [Family.ASN1]
    return declared[0] if declared and in_question and seen not in declared else seen


def decode_payload(octets: bytes, *, message_code: int, kind: str, use_cases: UseCases | None = None) -> Payload:
    """Read a payload to its last octet.

    Args:
        octets: the payload.
        message_code: Message Code of the message.
        kind: ``command``, ``response`` or ``alert``.
        use_cases: the catalogue, which settles the family where the octets do not fit the Message Code.

    Returns:
        The typed payload.

    Raises:
        ArtefactError: the payload breaks the grammar of its family; the offset counts from its start.
    """
    family = family_of(octets, message_code=message_code, use_cases=use_cases)
    content: Content
    if family is Family.DLMS:
        content = dlms.read_apdu(octets)
    elif family is Family.ASN1:
        content = asn1.read_payload(octets, message_code=message_code, kind=kind)
    elif kind == _ALERT:
        content = gbz.read_alert(octets, with_component=AlertTable.shipped().has_component(message_code))
    else:
        content = gbz.read_payload(octets)
    return Payload(content=content, message_code=message_code, length=len(octets))


def _asked(message_code: int, count: int) -> tuple[Specification | None, ...]:
    """What the Command of a use case asks for, entry by entry, as far as all its forms with so many entries agree."""
    forms = [form for form in RequestTemplates.shipped().requests(message_code) if len(form) == count]
    same = (set(entries) for entries in zip(*forms, strict=True))
    return tuple(Specification.from_descriptor(entry.pop()) if len(entry) == 1 else None for entry in same)


def _alert_title(alert: Alert) -> str:
    return f"{alert.code:04X} {alert.name or 'unknown alert code'}"


def _parts_by_parent(extras: tuple[Extra, ...]) -> dict[str, list[Node]]:
    """Nodes for the fields inside octets that an extra was cut into, by the path of those octets."""
    found: dict[str, list[Node]] = {}
    for extra in extras:
        parent, separator, _ = extra.path.rpartition(".")
        if not separator:
            continue
        value = extra.value.hex() if isinstance(extra.value, bytes) else extra.value
        node = Node(
            name=extra.name,
            path=extra.path,
            start=extra.start,
            length=extra.length,
            value=value,
            kind="octets" if isinstance(extra.value, bytes) else f"uint{8 * extra.length}",
        )
        found.setdefault(parent, []).append(node)
    return found

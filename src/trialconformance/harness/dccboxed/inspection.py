"""Looking at DUIS documents one by one: what each is, where it would go, whether schema and signature hold."""

from __future__ import annotations

from typing import Literal

from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree
from pydantic import BaseModel, ConfigDict

from trialconformance.core import ArtefactError, UsageError
from trialconformance.harness.dccboxed.duis import route_of
from trialconformance.harness.dccboxed.errors import BoxedError
from trialconformance.harness.dccboxed.response import DuisResponse
from trialconformance.harness.dccboxed.schema import DuisSchema
from trialconformance.harness.dccboxed.signature import SignatureStatus, verify
from trialconformance.harness.dccboxed.templates import Template
from trialconformance.harness.dccboxed.xml import SR, parse
from trialconformance.smki import KeyStore

__all__ = ["DocumentRow", "Inspection", "inspect"]


class DocumentRow(BaseModel):
    """What a document is.

    Args:
        name: name of the file.
        kind: request, response, or neither.
        request_id: the request it is or answers, empty where it names none.
        variant: CommandVariant of a request, None otherwise.
        service: ServiceReferenceVariant.
        body: element in the body, of a response what the message holds.
        route: path of the service that takes a request, or why none does; meaning of a response code.
        code: ResponseCode of a response.
        gbcs_octets: octets of GBCS that a response carries.
        schema_fault: what breaks the schema, empty where nothing does or none was given.
        signature: what became of the signature.
        signature_reason: why, empty for a valid one.
        fault: why the document cannot be used at all, empty where it can.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    kind: Literal["request", "response", "unusable"]
    request_id: str = ""
    variant: int | None = None
    service: str = ""
    body: str = ""
    route: str = ""
    code: str = ""
    gbcs_octets: int = 0
    schema_fault: str = ""
    signature: SignatureStatus = SignatureStatus.UNSIGNED
    signature_reason: str = ""
    fault: str = ""

    @property
    def good(self) -> bool:
        """Whether it can be used: read, valid under the schema where one was given, not signed badly.

        The placeholder signature of a template is no fault of it: it is replaced when the template is used.
        """
        badly = self.kind == "response" and self.signature is SignatureStatus.INVALID
        return not (self.fault or self.schema_fault or badly)


class Inspection(BaseModel):
    """What some documents are.

    Args:
        schema_id: name and version of this form.
        documents: one row for each.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_id: Literal["trialconformance-duis/1"] = "trialconformance-duis/1"
    documents: tuple[DocumentRow, ...]


def inspect(
    octets: bytes, *, name: str, schema: DuisSchema | None = None, signers: KeyStore | None = None
) -> DocumentRow:
    """Look at one document.

    Args:
        octets: the document.
        name: name of the file.
        schema: the DUIS schema, None to go without.
        signers: certificates of XML signers, None where there are none.

    Returns:
        What it is; a document that cannot be used says why.
    """
    try:
        root = parse(octets)
        row = _response(octets, name) if root.tag == f"{{{SR}}}Response" else _request(octets, name)
    except (ArtefactError, UsageError) as error:
        return DocumentRow(name=name, kind="unusable", fault=str(error))
    keys = {each.serial: each for each in signers.certificates} if signers is not None else {}

    def key_of(serial: int) -> ec.EllipticCurvePublicKey | None:
        certificate = keys.get(serial)
        return None if certificate is None else certificate.public_key()

    check = verify(root, key_of)
    return row.model_copy(
        update={
            "schema_fault": _schema_fault(root, schema),
            "signature": check.status,
            "signature_reason": check.reason,
        }
    )


def _request(octets: bytes, name: str) -> DocumentRow:
    template = Template.of(octets, name=name)
    try:
        path = route_of(template.command_variant).path
        route = path.value if path is not None else ""
    except UsageError as error:
        route = error.message
    return DocumentRow(
        name=name,
        kind="request",
        request_id=str(template.request_id),
        variant=template.command_variant,
        service=template.service_reference_variant,
        body=template.body,
        route=route,
    )


def _response(octets: bytes, name: str) -> DocumentRow:
    response = DuisResponse.of(octets)
    return DocumentRow(
        name=name,
        kind="response",
        request_id=str(response.request_id) if response.request_id is not None else "",
        service=response.service_reference_variant,
        body=response.content or response.kind.value,
        route=response.code_class.value,
        code=response.code,
        gbcs_octets=len(response.gbcs or b""),
    )


def _schema_fault(root: etree._Element, schema: DuisSchema | None) -> str:
    if schema is None:
        return ""
    try:
        schema.check(root)
    except BoxedError as error:
        return error.seen
    return ""

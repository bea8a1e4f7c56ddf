"""The step between transform and send of a critical request: does the pre-command say what was asked?

The existing client signs whatever comes back. A compromised or broken transform service could have anything signed that
way, so nothing is signed here before it was compared with the request.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import replace

from lxml import etree

from trialconformance.core import ArtefactError, format_eui64
from trialconformance.gbcs import Kind, Message, UseCases, decode, protect
from trialconformance.harness.dccboxed.duis import RequestId
from trialconformance.smki import KeyStore

__all__ = ["differences", "read_precommand", "sign_precommand"]


def _hex(text: str) -> bytes:
    return bytes.fromhex(text)


def _base64(text: str) -> bytes:
    return base64.b64decode("".join(text.split()), validate=True)


# Elements of a request whose value travels in the command octet for octet.
_VERBATIM: dict[str, Callable[[str], bytes]] = {
    "FirmwareHash": _hex,
    "DigitalSigningCertificate": _base64,
    "KeyAgreementCertificate": _base64,
    "Certificate": _base64,
}


def read_precommand(octets: bytes) -> Message:
    """Read a pre-command as any version of DCC Boxed writes it.

    Args:
        octets: the GBCSPayload of the PreCommand.

    Returns:
        The pre-command; a signature length octet of zero at its end, which newer versions append, is dropped.

    Raises:
        ArtefactError: not GBCS, or signed already.
    """
    message = decode(octets, name="pre-command")
    if message.kind is not Kind.PRECOMMAND:
        raise ArtefactError(
            "is no pre-command",
            artefact="pre-command",
            expected="an unsigned command without MAC",
            seen=message.kind.value,
        )
    return replace(message, signature=None)


def differences(precommand: Message, *, request_id: RequestId, variant: str, body: etree._Element) -> list[str]:
    """Compare a pre-command with the request it was made from.

    Args:
        precommand: what the transform service returned.
        request_id: the identifier of the request.
        variant: ServiceReferenceVariant of the request.
        body: the element in the body of the request.

    Returns:
        One sentence for each difference; empty when it says what was asked, as far as the request tells.
    """
    found = []
    for what, asked, got in (
        ("originator", format_eui64(request_id.originator), format_eui64(precommand.originator)),
        ("target", format_eui64(request_id.target), format_eui64(precommand.target)),
        ("counter", str(request_id.counter), str(precommand.originator_counter)),
    ):
        if asked != got:
            found.append(f"{what} {got} instead of {asked}")
    row = UseCases.shipped().get(precommand.message_code)
    if row is None:
        found.append(f"unknown message code {precommand.message_code:04X}")
    elif row.service_requests and not _serves(row.service_requests, variant):
        found.append(f"{row.label} is none of the use cases of service request {variant}")
    for element in body.iter(etree.Element):
        name = etree.QName(element).localname
        if (value := _verbatim(name, element.text or "")) and value not in precommand.payload:
            found.append(f"{name} of the request is not in the command")
    return found


def sign_precommand(precommand: Message, keystore: KeyStore) -> bytes:
    """Sign a pre-command with the key of its originator.

    Args:
        precommand: the pre-command.
        keystore: where the key is.

    Returns:
        The pre-command, 0x40 and 64 octets of signature.

    Raises:
        UsageError: the key is not at hand.
    """
    return protect(precommand, keystore, form="signature", deterministic=True).octets


def _serves(service_requests: tuple[str, ...], variant: str) -> bool:
    """The catalogue gives a variant in full (6.15.1) or only its service reference (6.15)."""
    return any(
        variant == each or variant.startswith(f"{each}.") or each.startswith(f"{variant}.") for each in service_requests
    )


def _verbatim(name: str, text: str) -> bytes:
    read = _VERBATIM.get(name)
    try:
        return read(text) if read is not None else b""
    except (ValueError, binascii.Error):
        return b""  # for the schema to report

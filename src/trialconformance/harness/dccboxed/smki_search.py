"""Certificates from the SMKI services of DCC Boxed: search, retrieve, and remember, also what was not found."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from lxml import etree

from trialconformance.harness.dccboxed.errors import BoxedError
from trialconformance.harness.dccboxed.transport import Transport
from trialconformance.harness.dccboxed.xml import parse, serialise
from trialconformance.harness.session import Trouble
from trialconformance.smki.certificate import Certificate
from trialconformance.smki.extension import KeyUsage

__all__ = ["Hit", "SmkiSearch"]

IN_USE = "I"
_USAGES = {"DS": KeyUsage.DIGITAL_SIGNATURE, "KA": KeyUsage.KEY_AGREEMENT}
_FOUND = "200"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One line of a search result.

    Args:
        serial: serial number of the certificate.
        status: ``P`` pending, ``I`` in use, ``N`` not in use, ``E`` expired, ``R`` revoked.
        usage: ``DS`` or ``KA``.
        role: remote party role, None for devices.
    """

    serial: int
    status: str
    usage: str
    role: int | None = None


class SmkiSearch:
    """Looks certificates up and keeps them for the run.

    Args:
        transport: the way to the services.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._hits: dict[tuple[bytes, bool], tuple[Hit, ...]] = {}
        self._certificates: dict[int, Certificate | None] = {}

    def search(self, entity: bytes, *, device: bool) -> tuple[Hit, ...]:
        """List the certificates of an entity.

        Args:
            entity: EUI-64, 8 octets.
            device: whether it is a device (searched by subjectAltName) or an organisation (by subject).

        Returns:
            What the services know; empty where they know nothing.

        Raises:
            BoxedError: the services cannot be reached or answer nonsense.
        """
        key = (entity, device)
        if key not in self._hits:
            self._hits[key] = self._search(entity, device=device)
        return self._hits[key]

    def certificate(
        self, entity: bytes, usage: KeyUsage, *, device: bool, role: int | None = None, status: str = IN_USE
    ) -> Certificate | None:
        """Find the certificate of an entity: the services do not filter, so this does.

        Args:
            entity: EUI-64, 8 octets.
            usage: what its key is for.
            device: whether it is a device.
            role: remote party role that an organisation must have, None for any.
            status: status letter that is wanted.

        Returns:
            The first certificate that matches, None where there is none.

        Raises:
            BoxedError: the services cannot be reached, answer nonsense or another certificate than asked for.
        """
        for hit in self.search(entity, device=device):
            if hit.status == status and _USAGES.get(hit.usage) == usage and role in {None, hit.role}:
                certificate = self._retrieve(hit.serial)
                if certificate is not None and certificate.usage == usage:
                    return certificate
        return None

    def _search(self, entity: bytes, *, device: bool) -> tuple[Hit, ...]:
        root = etree.Element("CertificateSearchRequest")
        name = "CertificateSubjectAltName" if device else "CertificateSubjectName"
        etree.SubElement(root, name).text = entity.hex("-").upper()
        reply = self._transport.smki("search", serialise(root))
        if reply is None:
            return ()
        answer = _demand(reply, "CertificateSearchResponse")
        return tuple(_hit(each, reply) for each in answer.findall("Result"))

    def _retrieve(self, serial: int) -> Certificate | None:
        if serial not in self._certificates:
            root = etree.Element("CertificateDataRequest")
            etree.SubElement(root, "CertificateSerial").text = f"{serial:X}"
            reply = self._transport.smki("retrieve", serialise(root))
            self._certificates[serial] = None if reply is None else _certificate(reply, serial)
        return self._certificates[serial]


def _demand(reply: bytes, name: str) -> etree._Element:
    root = parse(reply)
    if root.tag != name:
        raise BoxedError(Trouble.BAD_XML, "is another answer", octets=reply, expected=name, seen=str(root.tag))
    code = root.findtext("ResponseCode", default=_FOUND)
    if code != _FOUND:
        raise BoxedError(Trouble.RESPONSE_CODE, "refused", octets=reply, expected=_FOUND, seen=code)
    return root


def _hit(result: etree._Element, reply: bytes) -> Hit:
    role = result.findtext("CertificateRole", default="")
    return Hit(
        serial=_serial(result.findtext("CertificateSerial", default=""), reply),
        status=result.findtext("CertificateStatus", default=""),
        usage=result.findtext("CertificateUsage", default=""),
        role=int(role) if role.isascii() and role.isdigit() else None,
    )


def _serial(text: str, reply: bytes) -> int:
    try:
        # Some servers drop leading zeros of the hex: serial numbers are compared as numbers.
        return int(text, 16)
    except ValueError as error:
        raise BoxedError(Trouble.BAD_XML, "serial number is no hex", octets=reply, seen=text) from error


def _certificate(reply: bytes, serial: int) -> Certificate:
    response = _demand(reply, "CertificateDataResponse").find("CertificateResponse")
    body = "" if response is None else response.findtext("CertificateBody", default="")
    try:
        octets = base64.b64decode("".join(body.split()), validate=True)
    except binascii.Error as error:
        raise BoxedError(Trouble.BAD_XML, "CertificateBody is not base64", octets=reply) from error
    certificate = Certificate.parse(octets, name=f"SMKI {serial:X}")
    if certificate.serial != serial:
        raise BoxedError(
            Trouble.BAD_XML,
            "another certificate than asked for",
            octets=reply,
            expected=f"serial {serial:X}",
            seen=f"serial {certificate.serial:X}",
        )
    return certificate

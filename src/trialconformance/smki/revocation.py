"""A revocation list (CRL or ARL), small: who issued it, when, and which serial numbers it lists.

Devices judge none, and the public test data holds none, so every case about them is assumed.

Clause: RFC 5280 5.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import ec

from trialconformance.core import ArtefactError
from trialconformance.smki import der, oids, p256, recipe
from trialconformance.smki import der_writer as write
from trialconformance.smki.certificate import Certificate, read_time
from trialconformance.smki.der import DerFault, Node
from trialconformance.smki.extension import Extension
from trialconformance.smki.name import Name
from trialconformance.smki.signed import Signed, read_signed
from trialconformance.smki.syntax import read_extensions

__all__ = ["REVOCATION_LIST", "ListInContext", "RevocationList", "list_body", "sign_list"]

REVOCATION_LIST = "revocation-list"

_TIMES = (der.UTC_TIME, der.GENERALIZED_TIME)


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationList:
    """A CRL or an ARL.

    Args:
        name: name of the artefact.
        signed: the signed structure.
        issuer: name of the issuer.
        times: thisUpdate and, where it stands, nextUpdate.
        entries: the entry of each listed serial number.
        extensions: the extensions in order.
        faults: breaches of DER.
    """

    name: str
    signed: Signed = field(repr=False)
    issuer: Name = field(repr=False)
    times: tuple[Node, ...] = field(repr=False)
    entries: dict[int, Node] = field(repr=False)
    extensions: tuple[Extension, ...] = field(repr=False)
    faults: tuple[DerFault, ...] = field(repr=False)

    @classmethod
    def parse(cls, octets: bytes, *, name: str = "") -> RevocationList:
        """Read a list, good or bad.

        Args:
            octets: DER.
            name: name of the artefact.

        Raises:
            ArtefactError: it lacks a field that every list has.
        """
        clause = "RFC 5280 5.1"
        signed = read_signed(octets, name=name, what="revocation list", clause=clause)
        fields = list(signed.body.children)
        if fields and fields[0].identifier == der.INTEGER:
            fields.pop(0)
        times = tuple(each for each in fields[2:4] if each.identifier in _TIMES)
        if [each.identifier for each in fields[:2]] != [der.SEQUENCE, der.SEQUENCE] or not times:
            raise ArtefactError(
                "this is no revocation list",
                artefact=name,
                offset=signed.body.start,
                length=signed.body.end - signed.body.start,
                path="tbsCertList",
                clause=clause,
                expected="algorithm, issuer and thisUpdate",
                seen=" ".join(f"{each.identifier:02X}" for each in fields[:4]) or "nothing",
            )
        rest = fields[2 + len(times) :]
        listed = next((each.children for each in rest if each.identifier == der.SEQUENCE), ())
        tagged = next((each.children for each in rest if each.identifier == 0xA0), ())
        found = read_extensions(octets, tagged[0] if tagged else None, name=name)
        return cls(
            name=name,
            signed=signed,
            issuer=Name.of(fields[1]),
            times=times,
            entries={der.integer_value(each.children[0]): each for each in listed if each.children},
            extensions=found.extensions,
            faults=(*signed.faults, *found.faults),
        )

    @property
    def octets(self) -> bytes:
        """The artefact."""
        return self.signed.octets

    @property
    def this_update(self) -> datetime | None:
        """When it was issued, None when malformed."""
        return read_time(self.times[0])

    @property
    def next_update(self) -> datetime | None:
        """When the next one is due, None when absent or malformed."""
        return read_time(self.times[1]) if len(self.times) > 1 else None

    @property
    def number(self) -> int | None:
        """The cRLNumber, None where there is none."""
        inner = next((each.inner for each in self.extensions if each.oid == oids.CRL_NUMBER), None)
        return der.integer_value(inner) if inner is not None and inner.identifier == der.INTEGER else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListInContext:
    """A revocation list with what it is judged beside.

    Args:
        revocations: the list.
        issuer: certificate of its issuer, None where none is at hand.
        clock: moment of judgement, None to leave freshness out.
        previous: the list before it, None where there is none.
        certificates: certificates that are relied on.
    """

    revocations: RevocationList
    issuer: Certificate | None = None
    clock: datetime | None = None
    previous: RevocationList | None = None
    certificates: tuple[Certificate, ...] = ()

    @property
    def name(self) -> str:
        """Name of the list."""
        return self.revocations.name

    @property
    def octets(self) -> bytes:
        """Octets of the list."""
        return self.revocations.octets


def list_body(
    *,
    issuer: Certificate,
    this_update: datetime,
    next_update: datetime,
    serials: Iterable[int],
    number: int | None,
) -> bytes:
    """Write the part of a list that is signed.

    Args:
        issuer: certificate of the CA.
        this_update: when it is issued.
        next_update: when the next one is due.
        serials: the serial numbers to list.
        number: the cRLNumber, None to leave it out.
    """
    entries = [write.sequence(write.integer(each), write.time(this_update)) for each in serials]
    extensions = [recipe.authority_key_identifier(issuer.point).octets()]
    if number is not None:
        extensions.append(recipe.ExtensionRecipe(oid=oids.CRL_NUMBER, value=write.integer(number)).octets())
    return write.sequence(
        write.integer(1),
        recipe.ECDSA_SHA256,
        issuer.subject.octets,
        write.time(this_update),
        write.time(next_update),
        write.sequence(*entries) if entries else b"",
        write.explicit(0, write.sequence(*extensions)),
    )


def sign_list(body: bytes, key: ec.EllipticCurvePrivateKey) -> bytes:
    """Sign a list; the same octets for the same body and key."""
    signature = recipe.signature_value(*p256.sign(key, body))
    return write.sequence(body, recipe.ECDSA_SHA256, write.bit_string(signature))

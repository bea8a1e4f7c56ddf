"""Certificate chains: who certified whom, verified with the certificates at hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from markupsafe import Markup

from trialconformance.core import ArtefactError, Record, UsageError
from trialconformance.evidence.report.templating import fill
from trialconformance.smki import Certificate
from trialconformance.smki.pem import read_blocks
from trialconformance.smki.roles import ROLES

__all__ = ["build"]

_PEM = b"-----BEGIN"
_SHOWN = 400  # certificates; more are a key store, not a drawing


@dataclass(slots=True, kw_only=True)
class Link:
    """One certificate and those that it certified.

    Args:
        certificate: the certificate.
        certified: certificates whose signature verifies with its key.
    """

    certificate: Certificate
    certified: list[Link] = field(default_factory=list)

    @property
    def who(self) -> str:
        """Whose certificate it is, for a person."""
        certificate = self.certificate
        role = ROLES.get(certificate.role) if certificate.role is not None else None
        holder = role.title if role else certificate.kind.value.replace("-", " ")
        return f"{holder} {certificate.entity_id.hex().upper()}" if certificate.entity_id else holder


def build(record: Record, inputs: Mapping[str, bytes]) -> Markup | None:
    """Draw the chains of the certificates of a run.

    Args:
        record: the record.
        inputs: octets by artefact name.

    Returns:
        The section, None where the run had no certificate that can be read.
    """
    found = [
        Link(certificate=certificate)
        for each in record.artefacts
        if each.role == "certificate" and each.name in inputs
        for certificate in _certificates(inputs[each.name], each.name)
    ]
    if not found:
        return None
    roots = _grown(found[:_SHOWN])
    return fill("chains.html", roots=roots, total=len(found), shown=min(len(found), _SHOWN))


def _certificates(octets: bytes, name: str) -> list[Certificate]:
    try:
        blocks = read_blocks(octets, name=name) if _PEM in octets else ()
        texts = [block.octets for block in blocks if block.label == "CERTIFICATE"] if blocks else [octets]
        return [Certificate.parse(each, name=name) for each in texts]
    except (ArtefactError, UsageError):
        return []  # its own cases say what is wrong


def _grown(links: list[Link]) -> list[Link]:
    by_identifier = {link.certificate.ski: link for link in links if link.certificate.ski}
    roots = []
    for link in links:
        issuer = by_identifier.get(link.certificate.aki) if link.certificate.aki else None
        if issuer is None or issuer is link or not link.certificate.issued_by(issuer.certificate.point):
            roots.append(link)
        else:
            issuer.certified.append(link)
    return roots

"""How certificates and what was found in them are shown to people: in words, with the failing octets marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from rich.markup import escape

from trialconformance.annotation import finding_lines
from trialconformance.core import ExitCode, Severity, format_eui64
from trialconformance.core.hexdump import place
from trialconformance.smki import CertificateKind
from trialconformance.smki.lint import Judged
from trialconformance.smki.loading import Loaded
from trialconformance.smki.request import CertificateRequest
from trialconformance.smki.revocation import RevocationList
from trialconformance.smki.roles import ROLES

__all__ = ["exit_code", "lint_text", "show_text"]

_COLOURS = {Severity.MUST: "red", Severity.SHOULD: "yellow", Severity.INFO: "cyan"}


def exit_code(found: Iterable[Judged]) -> ExitCode:
    """The exit code of findings: only what weighs must decides, and an assumption alone leaves it open."""
    deciding = [each for each in found if each.fatal]
    if any(not each.assumed for each in deciding):
        return ExitCode.FAIL
    return ExitCode.INCONCLUSIVE if deciding else ExitCode.PASS


def lint_text(loaded: Loaded, found: tuple[Judged, ...]) -> Iterator[str]:
    """One certificate for a person, with the failing octets; rich markup."""
    if not found:
        return
    yield f"[bold]{escape(loaded.name)}[/bold]  {escape(_title(loaded))}"
    for each in found:
        colour = "dim" if each.waiver else _COLOURS[each.severity]
        note = f"waived by {each.waiver}" if each.waiver else each.severity.value
        assumed = ", assumed" if each.assumed else ""
        yield f"  [{colour}]{each.case.id}[/{colour}] {escape(each.case.title)} ({note}{assumed}; {each.case.clause})"
        if not each.waiver:
            yield f"    {escape(f'{each.finding.path}, {place(each.finding.span)}')}"
            yield from (f"    {escape(line)}" for line in list(finding_lines(each.finding))[1:])


def _title(loaded: Loaded) -> str:
    value = loaded.value
    if isinstance(value, CertificateRequest):
        return "certificate signing request"
    if isinstance(value, RevocationList):
        return "revocation list"
    if value is None:
        return "no certificate"
    entity = "" if value.entity_id is None else f" {format_eui64(value.entity_id)}"
    return f"{value.kind.value}{entity} {value.usage.words}"


def show_text(loaded: Loaded) -> Iterator[tuple[str, str]]:
    """One certificate for a person: what it is, whom it names, what its key is for.

    Yields:
        A label and a text for every row.
    """
    certificate = loaded.certificate
    if certificate is None:
        yield "no certificate", _title(loaded) if loaded.error is None else str(loaded.error)
        return
    entity, role = certificate.entity_id, certificate.role
    yield "kind", _KINDS[certificate.kind]
    yield "EUI-64", "none" if entity is None else format_eui64(entity)
    if role is not None:
        yield "role", f"{role:02X} {ROLES[role].name if role in ROLES else 'unknown'}"
    yield "usage", certificate.usage.words
    yield "subject", str(certificate.subject) or "empty"
    yield "issuer", str(certificate.issuer) or "empty"
    yield "serial number", f"{certificate.serial:X}"
    yield "valid", f"{_moment(certificate.not_before)} to {_moment(certificate.not_after)}"
    yield "policies", ", ".join(certificate.policies) or "none"
    yield "subject key identifier", _hex(certificate.ski)
    yield "authority key identifier", _hex(certificate.aki)
    yield "public key", _hex(certificate.point)
    yield (
        "extensions",
        ", ".join(f"{each.name}{' (critical)' if each.critical else ''}" for each in certificate.extensions),
    )
    yield "SHA-256", certificate.sha256
    yield "octets", str(len(loaded.octets))


def _moment(moment: datetime | None) -> str:
    return "a time that cannot be read" if moment is None else moment.strftime("%Y-%m-%d %H:%M:%SZ")


_KINDS = {
    CertificateKind.DEVICE: "Device Certificate",
    CertificateKind.ORGANISATION: "Organisation Certificate",
    CertificateKind.XML_SIGN: "Organisation Certificate for XML signing",
    CertificateKind.ISSUING_CA: "certificate of an issuing CA",
    CertificateKind.ROOT: "certificate of a root",
}


def _hex(octets: bytes | None) -> str:
    return "none" if octets is None else octets.hex().upper()

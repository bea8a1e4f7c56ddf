"""How certificates and what was found in them are shown: JSON lines for machines, annotated octets for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from rich.markup import escape

from trialconformance.annotation import finding_lines
from trialconformance.core import ExitCode, Severity, canonical_json, format_eui64
from trialconformance.smki import Certificate, CertificateKind
from trialconformance.smki.lint import Judged
from trialconformance.smki.loading import LoadedCertificate
from trialconformance.smki.roles import ROLES

__all__ = ["chain_json", "exit_code", "lint_json", "lint_text", "show_text"]

_COLOURS = {Severity.MUST: "red", Severity.SHOULD: "yellow", Severity.INFO: "cyan"}


def exit_code(found: Iterable[Judged]) -> ExitCode:
    """The exit code of findings: only what weighs must decides, and an assumption alone leaves it open."""
    deciding = [each for each in found if each.fatal]
    if any(not each.assumed for each in deciding):
        return ExitCode.FAIL
    return ExitCode.INCONCLUSIVE if deciding else ExitCode.PASS


def lint_json(loaded: LoadedCertificate, found: Iterable[Judged]) -> bytes:
    """One certificate as one JSON line."""
    return canonical_json(_certificate_json(loaded, tuple(found)))


def _certificate_json(loaded: LoadedCertificate, found: tuple[Judged, ...]) -> dict[str, Any]:
    subject = str(loaded.certificate.subject) if loaded.certificate is not None else ""
    return {
        "path": loaded.path.as_posix(),
        "index": loaded.index,
        "sha256": loaded.sha256,
        "subject": subject,
        "findings": [_finding_json(each) for each in found if not each.waiver],
        "waived": [{"case": case, "waiver": waiver} for case, waiver in _waived(found)],
    }


def _waived(found: tuple[Judged, ...]) -> Iterable[tuple[str, str]]:
    """Each case that is waived once, with the waiver, in order."""
    return dict.fromkeys((each.case.id, each.waiver) for each in found if each.waiver)


def _finding_json(judged: Judged) -> dict[str, Any]:
    span = judged.finding.span
    return {
        "case": judged.case.id,
        "severity": judged.severity.value,
        "offset": None if span is None else span.start,
        "length": None if span is None else span.length,
        "expected": judged.finding.expected,
        "seen": judged.finding.seen,
    }


def chain_json(
    certificates: Iterable[tuple[LoadedCertificate, tuple[Judged, ...]]],
    *,
    verdict: str,
    anchor: str,
    recovered: bool,
    status: int,
    reason: str,
) -> bytes:
    """One chain as one JSON line.

    Args:
        certificates: the leaf and the path certificates, each with its findings.
        verdict: ``accept``, ``undecided`` or ``refuse``.
        anchor: name of the anchor, empty where none was reached.
        recovered: whether the key of the anchor was computed from signatures.
        status: the status code that a device should answer with.
        reason: the case that decides, empty for success.
    """
    listed = [_certificate_json(loaded, found) for loaded, found in certificates]
    return canonical_json(
        {
            "path": listed[0]["path"],
            "sha256": listed[0]["sha256"],
            "verdict": verdict,
            "anchor": anchor or None,
            "recovered": recovered,
            "predicted": {"status": status, "case": reason or None},
            "certificates": listed,
        }
    )


def lint_text(loaded: LoadedCertificate, found: tuple[Judged, ...]) -> Iterator[str]:
    """One certificate for a person, with the failing octets; rich markup."""
    if not found:
        return
    yield f"[bold]{escape(loaded.name)}[/bold]  {escape(_title(loaded.certificate))}"
    for each in found:
        colour = "dim" if each.waiver else _COLOURS[each.severity]
        note = f"waived by {each.waiver}" if each.waiver else each.severity.value
        assumed = ", assumed" if each.assumed else ""
        yield f"  [{colour}]{each.case.id}[/{colour}] {escape(each.case.title)} ({note}{assumed}; {each.case.clause})"
        if not each.waiver:
            yield from (f"    {escape(line)}" for line in list(finding_lines(each.finding))[1:])


def _title(certificate: Certificate | None) -> str:
    if certificate is None:
        return "no certificate"
    entity = "" if certificate.entity_id is None else f" {format_eui64(certificate.entity_id)}"
    return f"{certificate.kind.value}{entity} {certificate.usage.words}"


def show_text(loaded: LoadedCertificate) -> Iterator[tuple[str, str]]:
    """One certificate for a person: what it is, whom it names, what its key is for.

    Yields:
        A label and a text for every row.
    """
    certificate = loaded.certificate
    if certificate is None:
        yield "no certificate", str(loaded.error)
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

"""Transcript viewer: the captured messages by scenario, each with its header and its octets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from trialconformance.core import ArtefactError, Record, UsageError, format_eui64
from trialconformance.evidence.report.templating import fill
from trialconformance.gbcs.captures import Capture, octets_of
from trialconformance.gbcs.usecases import UseCases

__all__ = ["build"]

_SHOWN = 120  # messages; a page with thousands of dumps helps nobody
_DUMPED = 512  # octets of one dump
_ROW = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One message.

    Args:
        name: name of the artefact.
        kind: Command, Response or Alert; what it is instead where it cannot be read.
        use_case: use case and what it does.
        parties: originator and target.
        counter: Originator Counter.
        protection: which protection it carries.
        octets: size.
        dump: hex dump of its first octets.
    """

    name: str
    kind: str
    use_case: str
    parties: str
    counter: str
    protection: str
    octets: int
    dump: tuple[str, ...]


def build(record: Record, inputs: Mapping[str, bytes]) -> Markup | None:
    """Show the captured messages.

    Args:
        record: the record.
        inputs: octets by artefact name.

    Returns:
        The section, None where the run had no captures.
    """
    names = [each.name for each in record.artefacts if each.role == "capture" and each.name in inputs]
    if not names:
        return None
    scenarios: dict[str, list[Line]] = {}
    use_cases = UseCases.load()
    for name in names[:_SHOWN]:
        scenarios.setdefault(name.rpartition("/")[0], []).append(_line(name, inputs[name], use_cases))
    return fill("messages.html", scenarios=scenarios, total=len(names), shown=min(len(names), _SHOWN), dumped=_DUMPED)


def _line(name: str, content: bytes, use_cases: UseCases) -> Line:
    try:
        octets = octets_of(content, where=name)
        capture = Capture.of(octets, name=name)
    except (UsageError, ArtefactError) as error:
        return _unread(name, content, str(error))
    message = capture.message
    if message is None:
        said = "one block of a longer message" if capture.block else f"cannot be read: {capture.error}"
        return _unread(name, octets, said)
    row = use_cases.get(message.message_code)
    parts = [word for word, there in (("signature", message.signature), ("MAC", message.mac)) if there]
    return Line(
        name=name,
        kind=message.kind.value,
        use_case=f"{row.use_case} {row.name}".strip() if row else f"Message Code {message.message_code:04X}",
        parties=f"{format_eui64(message.originator)} → {format_eui64(message.target)}",
        counter=str(message.originator_counter),
        protection=" and ".join(parts) or "none",
        octets=len(octets),
        dump=_dump(octets),
    )


def _unread(name: str, octets: bytes, said: str) -> Line:
    return Line(
        name=name, kind=said, use_case="", parties="", counter="", protection="", octets=len(octets), dump=_dump(octets)
    )


def _dump(octets: bytes) -> tuple[str, ...]:
    shown = octets[:_DUMPED]
    return tuple(f"{start:05X}  {shown[start : start + _ROW].hex(' ').upper()}" for start in range(0, len(shown), _ROW))

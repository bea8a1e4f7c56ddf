"""A summary in Markdown, for a pull request: what decides, what is assumed, where to look."""

from __future__ import annotations

import re

from trialconformance.core import CaseRow, Record, Severity, Verdict, sha256_hex
from trialconformance.evidence.formats.common import Format, by_domain
from trialconformance.evidence.timing import Timing

__all__ = ["MARKDOWN"]

LOSES = (
    "passed, not-applicable and not-effective cases one by one: only their number",
    "octets of findings",
    "cases beyond the first 30 that decide",
)

_SHOWN = 30  # rows of one table: a comment must stay readable, and services cut long ones
_FINDINGS = 2  # findings told for one case
_ACTIVE = re.compile(r"[\\`*_{}\[\]<>()#+!|~@&]")
_SYMBOL = {Verdict.PASS: "✅", Verdict.INCONCLUSIVE: "❓"}


def _write(record: Record, timing: Timing | None) -> bytes:  # noqa: ARG001 - a summary needs no clock
    shown = [verdict for verdict in Verdict if record.accounting[verdict.value]]
    lines = [
        f"## {_SYMBOL.get(record.verdict, '❌')} trialconformance: {_plain(record.statement)}",
        "",
        " · ".join(
            _plain(part)
            for part in (record.subject.model, record.subject.manufacturer, record.subject.device_type)
            if part
        )
        or "no subject named",
        f"judged as of {record.as_of}"
        + "".join(f", {_plain(name)} {_plain(version)}" for name, version in sorted(record.specifications.items())),
        "",
        "| domain | " + " | ".join(verdict.value for verdict in shown) + " | total |",
        "|---|" + "--:|" * (len(shown) + 1),
    ]
    for domain, rows in by_domain(record).items():
        counts = [sum(row.verdict is verdict for row in rows) for verdict in shown]
        lines.append(f"| {domain} | " + " | ".join(str(count) for count in counts) + f" | {len(rows)} |")
    deciding = [row for row in record.cases if _decides(row)]
    if deciding:
        lines += ["", "### What keeps it from a pass", "", "| case | verdict | why |", "|---|---|---|"]
        lines += [
            f"| `{row.id}` {_plain(row.title)} | {row.verdict.value} | {_why(row)} |" for row in deciding[:_SHOWN]
        ]
        if len(deciding) > _SHOWN:
            lines.append(f"| and {len(deciding) - _SHOWN} more | | |")
    waived = [row for row in record.cases if row.verdict is Verdict.WAIVED]
    if waived:
        lines += ["", "### Waived", "", *(f"* `{row.id}` {_plain(row.reason)}" for row in waived)]
    if record.assumptions:
        lines += ["", "### Assumed", ""]
        lines += [f"* `{each.id}` ({_plain(each.label)}): {_plain(each.text)}" for each in record.assumptions]
    lines += [
        "",
        f"<sub>record `{sha256_hex(record.to_json())}`. This summary leaves out: {'; '.join(LOSES)}.</sub>",
        "",
    ]
    return "\n".join(lines).encode()


def _decides(row: CaseRow) -> bool:
    if row.verdict in {Verdict.ERROR, Verdict.NOT_RUN}:
        return True
    return row.severity is Severity.MUST and row.verdict in {Verdict.FAIL, Verdict.INCONCLUSIVE}


def _why(row: CaseRow) -> str:
    parts = [_plain(row.reason)]
    for finding in row.findings[:_FINDINGS]:
        where = " ".join(part for part in (finding.artefact, finding.path) if part)
        parts.append(f"{_plain(where)}: expected {_plain(finding.expected)}, seen {_plain(finding.seen)}")
    if len(row.findings) > _FINDINGS:
        parts.append(f"and {len(row.findings) - _FINDINGS} more")
    return "<br>".join(parts)


def _plain(text: str) -> str:
    """Text that Markdown shows as it is: a finding must not smuggle in links, images or mentions."""
    return _ACTIVE.sub(lambda found: f"&#{ord(found[0])};", " ".join(text.split()))


MARKDOWN = Format(name="markdown", file_name="summary.md", media_type="text/markdown", loses=LOSES, write=_write)

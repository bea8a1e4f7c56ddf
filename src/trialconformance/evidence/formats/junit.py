"""JUnit XML, for CI systems: one test suite for each domain, one test case for each case."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

from trialconformance.core import CaseRow, Record, Severity, Verdict, sha256_hex
from trialconformance.evidence.formats.common import Format, by_domain, finding_lines, moments
from trialconformance.evidence.timing import Timing

__all__ = ["JUNIT"]

LOSES = (
    "inconclusive: written as an error of type inconclusive, so that nobody takes it for a pass",
    "waived, not-applicable and not-effective: all written as skipped, the bucket is in the message",
    "a finding of severity should or info: written as output of a passed test case",
    "artefact digests, assumptions beyond their ids, basis of a case",
)

# Characters that XML 1.0 cannot hold; findings show octets as hex, but a value may still quote text.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SKIPPED = {Verdict.WAIVED, Verdict.NOT_APPLICABLE, Verdict.NOT_EFFECTIVE}
_ERRORS = {Verdict.ERROR, Verdict.NOT_RUN}


def _outcome(row: CaseRow) -> str:
    if row.verdict in _ERRORS:
        return "error"
    if row.verdict in _SKIPPED:
        return "skipped"
    if row.severity is not Severity.MUST or row.verdict is Verdict.PASS:
        return "passed"
    return "failure" if row.verdict is Verdict.FAIL else "error"


def _write(record: Record, timing: Timing | None) -> bytes:
    start, stop = moments(record, timing)
    seconds = timing.cases if timing else {}
    groups = by_domain(record)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    outcomes = [_outcome(row) for row in record.cases]
    lines.append(
        f"<testsuites name={_quoted(f'trialconformance: {record.statement}')} {_counts(outcomes)} "
        f'time="{(stop - start).total_seconds():.3f}">'
    )
    for domain, rows in groups.items():
        total = sum(seconds.get(row.id, 0) for row in rows) / 1000
        lines.append(
            f"<testsuite name={_quoted(domain)} {_counts([_outcome(row) for row in rows])} "
            f'time="{total:.3f}" timestamp="{start.replace(tzinfo=None).isoformat(timespec="seconds")}">'
        )
        lines.append("<properties>")
        lines += [
            f"<property name={_quoted(name)} value={_quoted(value)}/>" for name, value in _properties(record).items()
        ]
        lines.append("</properties>")
        for row in rows:
            lines += _test_case(row, domain, seconds.get(row.id, 0) / 1000)
        lines.append("</testsuite>")
    lines.append("</testsuites>")
    return ("\n".join(lines) + "\n").encode()


def _properties(record: Record) -> dict[str, str]:
    return {
        "as_of": record.as_of,
        "assumptions": ", ".join(each.id for each in record.assumptions),
        "lost": "; ".join(LOSES),
        "record.sha256": sha256_hex(record.to_json()),
        "tool": f"{record.tool.name} {record.tool.version}",
    }


def _counts(outcomes: list[str]) -> str:
    return (
        f'tests="{len(outcomes)}" failures="{outcomes.count("failure")}" errors="{outcomes.count("error")}" '
        f'skipped="{outcomes.count("skipped")}"'
    )


def _test_case(row: CaseRow, domain: str, seconds: float) -> list[str]:
    outcome = _outcome(row)
    opening = f'<testcase classname={_quoted(domain)} name={_quoted(f"{row.id} {row.title}")} time="{seconds:.3f}"'
    message = f"{row.verdict.value}: {row.reason}"
    detail = "\n".join(line for finding in row.findings for line in finding_lines(row, finding))
    if outcome == "passed" and not detail:
        return [f"{opening}/>"]
    lines = [f"{opening}>"]
    if outcome == "skipped":
        lines.append(f"<skipped message={_quoted(message)}/>")
    elif outcome != "passed":
        kind = f"<{outcome} type={_quoted(row.verdict.value)} message={_quoted(message)}>"
        told = _text(f"{row.requirement}\n{detail}")
        lines.append(f"{kind}{told}</{outcome}>")
    if outcome in {"passed", "skipped"} and detail:
        told = _text(f"{message}\n{detail}")
        lines.append(f"<system-out>{told}</system-out>")
    return [*lines, "</testcase>"]


def _quoted(text: str) -> str:
    return quoteattr(_NO_XML.sub("�", text))


def _text(text: str) -> str:
    return escape(_NO_XML.sub("�", text))


JUNIT = Format(name="junit", file_name="junit.xml", media_type="application/xml", loses=LOSES, write=_write)

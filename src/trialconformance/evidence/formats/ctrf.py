"""CTRF, the Common Test Report Format (https://ctrf.io), schema 0.0."""

from __future__ import annotations

from trialconformance.core import CaseRow, Record, Severity, Verdict, canonical_json, sha256_hex
from trialconformance.evidence.formats.common import Format, domain_of, finding_lines, moments
from trialconformance.evidence.timing import Timing

__all__ = ["CTRF"]

LOSES = (
    "inconclusive and waived: written as other; the bucket is in rawStatus",
    "a finding of severity should or info: written as other",
    "octet spans as numbers: they are in the text of trace",
    "artefact digests and settings",
)

_SPECIFICATION = "0.0.0"
_STATUS = {
    Verdict.PASS: "passed",
    Verdict.FAIL: "failed",
    Verdict.ERROR: "failed",
    Verdict.NOT_RUN: "failed",
    Verdict.INCONCLUSIVE: "other",
    Verdict.WAIVED: "other",
    Verdict.NOT_APPLICABLE: "skipped",
    Verdict.NOT_EFFECTIVE: "skipped",
}


def _status(row: CaseRow) -> str:
    if row.verdict is Verdict.FAIL and row.severity is not Severity.MUST:
        return "other"
    return _STATUS[row.verdict]


def _write(record: Record, timing: Timing | None) -> bytes:
    start, stop = (int(each.timestamp() * 1000) for each in moments(record, timing))
    statuses = [_status(row) for row in record.cases]
    counts = {name: statuses.count(name) for name in ("passed", "failed", "skipped", "pending", "other")}
    return canonical_json(
        {
            "reportFormat": "CTRF",
            "specVersion": _SPECIFICATION,
            "generatedBy": f"{record.tool.name} {record.tool.version}",
            "extra": {"lost": list(LOSES), "record_sha256": sha256_hex(record.to_json())},
            "results": {
                "tool": {"name": record.tool.name, "version": record.tool.version},
                "summary": {"tests": len(record.cases), **counts, "start": start, "stop": stop},
                "tests": [_test(row, timing) for row in record.cases],
                "extra": {
                    "statement": record.statement,
                    "as_of": record.as_of,
                    "accounting": record.accounting,
                    "assumptions": [each.id for each in record.assumptions],
                },
            },
        }
    )


def _test(row: CaseRow, timing: Timing | None) -> dict[str, object]:
    test: dict[str, object] = {
        "name": f"{row.id} {row.title}",
        "status": _status(row),
        "duration": timing.cases.get(row.id, 0) if timing else 0,
        "message": f"{row.verdict.value}: {row.reason}",
        "rawStatus": row.verdict.value,
        "suite": [domain_of(row)],
        "tags": [row.severity.value, row.basis.value],
        "extra": {"id": row.id, "requirement": row.requirement, "clause": row.clause, "judged": row.judged},
    }
    if row.findings:
        test["trace"] = "\n".join(line for finding in row.findings for line in finding_lines(row, finding))
    return test


CTRF = Format(name="ctrf", file_name="ctrf.json", media_type="application/json", loses=LOSES, write=_write)

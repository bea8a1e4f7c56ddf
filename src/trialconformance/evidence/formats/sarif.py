"""SARIF 2.1.0: findings with the octets at fault as binary regions."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote

from trialconformance.core import CaseRow, Finding, Record, Severity, Verdict, canonical_json, sha256_hex
from trialconformance.evidence.formats.common import Format, moments
from trialconformance.evidence.timing import Timing

__all__ = ["SARIF"]

LOSES = (
    "error and not-run: written as open results without a place",
    "not-effective: written as notApplicable, the reason says which",
    "the statement of the verdict and the assumptions: only in the property bag of the run",
)

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_BASE = "SUBMISSION"
_KIND = {
    Verdict.PASS: "pass",
    Verdict.FAIL: "fail",
    Verdict.WAIVED: "fail",
    Verdict.INCONCLUSIVE: "review",
    Verdict.ERROR: "open",
    Verdict.NOT_RUN: "open",
    Verdict.NOT_APPLICABLE: "notApplicable",
    Verdict.NOT_EFFECTIVE: "notApplicable",
}
_LEVEL = {Severity.MUST: "error", Severity.SHOULD: "warning", Severity.INFO: "note"}


def _write(record: Record, timing: Timing | None) -> bytes:
    start, stop = moments(record, timing)
    index = {each.name: number for number, each in enumerate(record.artefacts)}
    results = [result for number, row in enumerate(record.cases) for result in _results(row, number, index)]
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": record.tool.name,
                "semanticVersion": record.tool.version,
                "rules": [_rule(row) for row in record.cases],
            }
        },
        "originalUriBaseIds": {_BASE: {"description": {"text": "folder of the submission"}}},
        "artifacts": [
            {
                "location": _location(each.name),
                "length": each.octets,
                "hashes": {"sha-256": each.sha256},
                "properties": {"role": each.role},
            }
            for each in record.artefacts
        ],
        "results": results,
        "columnKind": "unicodeCodePoints",
        "properties": {
            "statement": record.statement,
            "accounting": record.accounting,
            "as_of": record.as_of,
            "assumptions": [each.id for each in record.assumptions],
            "lost": list(LOSES),
            "record_sha256": sha256_hex(record.to_json()),
        },
    }
    if timing is not None:
        run["invocations"] = [
            {
                "executionSuccessful": not (record.accounting["error"] or record.accounting["not-run"]),
                "startTimeUtc": _utc(start.isoformat()),
                "endTimeUtc": _utc(stop.isoformat()),
            }
        ]
    return canonical_json({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _utc(text: str) -> str:
    return text.replace("+00:00", "Z")


def _rule(row: CaseRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": "".join(word.capitalize() for word in row.title.split()),
        "shortDescription": {"text": row.title},
        "fullDescription": {"text": row.requirement},
        "help": {"text": f"{row.requirement} Source: {row.clause}. Basis: {row.basis.value}."},
        "defaultConfiguration": {"level": _LEVEL[row.severity]},
        "properties": {"clause": row.clause, "basis": row.basis.value, "applies_to": row.applies_to},
    }


def _results(row: CaseRow, number: int, index: dict[str, int]) -> list[dict[str, Any]]:
    kind = _KIND[row.verdict]
    common: dict[str, Any] = {
        "ruleId": row.id,
        "ruleIndex": number,
        "kind": kind,
        # A level other than none says fail (SARIF 3.27.10).
        "level": _LEVEL[row.severity] if kind == "fail" else "none",
        "properties": {"verdict": row.verdict.value},
    }
    if row.verdict is Verdict.WAIVED:
        common["suppressions"] = [{"kind": "external", "justification": row.reason}]
    if not row.findings:
        return [common | {"message": {"text": f"{row.verdict.value}: {row.reason}"}}]
    return [
        common
        | {
            "message": {"text": f"Expected {finding.expected}; seen {finding.seen}."},
            "locations": [_finding_location(finding, index)],
            "partialFingerprints": {"finding/v1": _fingerprint(finding)},
        }
        for finding in row.findings
    ]


def _fingerprint(finding: Finding) -> str:
    return sha256_hex(canonical_json([finding.case, finding.artefact, finding.path, finding.expected, finding.seen]))


def _finding_location(finding: Finding, index: dict[str, int]) -> dict[str, Any]:
    location: dict[str, Any] = {}
    if finding.artefact:
        artefact = _location(finding.artefact)
        if finding.artefact in index:
            artefact["index"] = index[finding.artefact]
        physical: dict[str, Any] = {"artifactLocation": artefact}
        if finding.span is not None:
            physical["region"] = {"byteOffset": finding.span.start, "byteLength": finding.span.length}
        if finding.span is not None and finding.excerpt is not None and finding.excerpt.octets:
            octets = bytes.fromhex(finding.excerpt.octets)
            physical["contextRegion"] = {
                "byteOffset": finding.excerpt.start,
                "byteLength": len(octets),
                "snippet": {"binary": base64.b64encode(octets).decode()},
            }
        location["physicalLocation"] = physical
    if finding.path:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.path, "kind": "element"}]
    return location


def _location(name: str) -> dict[str, Any]:
    return {"uri": quote(name), "uriBaseId": _BASE}


SARIF = Format(name="sarif", file_name="results.sarif", media_type="application/sarif+json", loses=LOSES, write=_write)

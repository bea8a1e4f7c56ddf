"""OSCAL assessment results (NIST), with identifiers that are the same for the same record."""

from __future__ import annotations

import uuid
from typing import Any

from trialconformance.core import ArtefactRow, CaseRow, Record, Verdict, canonical_json, sha256_hex
from trialconformance.evidence.formats.common import Format, finding_lines, moments
from trialconformance.evidence.timing import Timing

__all__ = ["OSCAL"]

LOSES = (
    "inconclusive and waived: OSCAL knows satisfied and not-satisfied; written as not-satisfied with the reason",
    "not-applicable and not-effective cases: no finding, only an observation",
    "octet spans as numbers: they are in the description of the observation",
    "the assessment plan and the system that it assesses: named by reference, not included",
)

OSCAL_VERSION = "1.1.2"
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "trialconformance:oscal")
_STATE = {Verdict.PASS: "satisfied"}
_NO_FINDING = {Verdict.NOT_APPLICABLE, Verdict.NOT_EFFECTIVE}
_SHOWN = 5  # findings of a case in one description


def _write(record: Record, timing: Timing | None) -> bytes:
    start, stop = (each.isoformat() for each in moments(record, timing))
    digest = sha256_hex(record.to_json())

    def identity(*words: str) -> str:
        return str(uuid.uuid5(_NAMESPACE, "/".join((digest, *words))))

    resources = {each.name: identity("artefact", each.name) for each in record.artefacts}
    unmet = [row for row in record.cases if row.verdict not in {Verdict.PASS, *_NO_FINDING}]
    result: dict[str, Any] = {
        "uuid": identity("result"),
        "title": f"Conformance of {record.subject.model or 'a trial device'}",
        "description": f"{record.statement}, judged as of {record.as_of}",
        "start": start,
        "end": stop,
        "reviewed-controls": {
            "control-selections": [
                {
                    "description": "every case of the catalogue",
                    "include-controls": [{"control-id": _token(row.id)} for row in record.cases],
                }
            ]
        },
        "observations": [_observation(row, identity, resources, stop) for row in record.cases],
        "findings": [_finding(row, identity) for row in record.cases if row.verdict not in _NO_FINDING],
    }
    if unmet:
        result["risks"] = [_risk(row, identity) for row in unmet]
    return canonical_json(
        {
            "assessment-results": {
                "uuid": identity("document"),
                "metadata": {
                    "title": f"Conformance of {record.subject.model or 'a trial device'}",
                    "last-modified": stop,
                    "version": digest,
                    "oscal-version": OSCAL_VERSION,
                    "remarks": f"What this format loses: {'; '.join(LOSES)}.",
                },
                "import-ap": {
                    "href": "#" + identity("plan"),
                    "remarks": f"catalogue of cases {record.tool.catalogue}; the submission is the plan",
                },
                "results": [result],
                "back-matter": {
                    "resources": [
                        {
                            "uuid": identity("plan"),
                            "title": "catalogue of cases",
                            "rlinks": [{"href": "catalogue.json", "hashes": _hashes(record.tool.catalogue)}],
                        },
                        *(_resource(each, resources[each.name]) for each in record.artefacts),
                    ]
                },
            }
        }
    )


def _observation(row: CaseRow, identity: Any, resources: dict[str, str], collected: str) -> dict[str, Any]:
    lines = [f"{row.verdict.value}: {row.reason}"]
    lines += [line for finding in row.findings[:_SHOWN] for line in finding_lines(row, finding)]
    if len(row.findings) > _SHOWN:
        lines.append(f"and {len(row.findings) - _SHOWN} more")
    observation: dict[str, Any] = {
        "uuid": identity("observation", row.id),
        "title": f"{row.id} {row.title}",
        "description": "\n".join(lines),
        "methods": ["TEST" if row.verdict.judged else "EXAMINE"],
        "collected": collected,
    }
    names = sorted({finding.artefact for finding in row.findings if finding.artefact in resources})
    if names:
        observation["relevant-evidence"] = [
            {"href": f"#{resources[name]}", "description": f"artefact {name}"} for name in names
        ]
    return observation


def _finding(row: CaseRow, identity: Any) -> dict[str, Any]:
    status: dict[str, Any] = {"state": _STATE.get(row.verdict, "not-satisfied")}
    if row.verdict is not Verdict.PASS:
        status |= {"reason": row.verdict.value, "remarks": row.reason}
    finding: dict[str, Any] = {
        "uuid": identity("finding", row.id),
        "title": f"{row.id} {row.title}",
        "description": row.requirement,
        "props": [
            {"name": "severity", "ns": "urn:trialconformance", "value": row.severity.value},
            {"name": "basis", "ns": "urn:trialconformance", "value": row.basis.value},
        ],
        "target": {"type": "objective-id", "target-id": _token(row.id), "status": status},
        "related-observations": [{"observation-uuid": identity("observation", row.id)}],
    }
    if row.verdict is not Verdict.PASS:
        finding["related-risks"] = [{"risk-uuid": identity("risk", row.id)}]
    return finding


def _risk(row: CaseRow, identity: Any) -> dict[str, Any]:
    return {
        "uuid": identity("risk", row.id),
        "title": f"{row.id} is not met",
        "description": row.requirement,
        "statement": f"{row.verdict.value}: {row.reason}",
        "status": "deviation-approved" if row.verdict is Verdict.WAIVED else "open",
        "related-observations": [{"observation-uuid": identity("observation", row.id)}],
    }


def _resource(artefact: ArtefactRow, identity: str) -> dict[str, Any]:
    return {
        "uuid": identity,
        "title": f"{artefact.role}: {artefact.name}",
        "rlinks": [{"href": artefact.name, "hashes": _hashes(artefact.sha256)}],
    }


def _hashes(digest: str) -> list[dict[str, str]]:
    return [{"algorithm": "SHA-256", "value": digest}]


def _token(case: str) -> str:
    return case.lower()


OSCAL = Format(
    name="oscal", file_name="assessment-results.json", media_type="application/json", loses=LOSES, write=_write
)

"""What a signer states about a bundle: in-toto statements, wrapped in signed envelopes.

Statement v1 and the test-result predicate v0.1: https://github.com/in-toto/attestation.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from trialconformance.core import Record, Severity, Verdict, canonical_json, sha256_hex
from trialconformance.evidence.bundle.manifest import MANIFEST, RECORD

__all__ = [
    "JUDGEMENT",
    "PAYLOAD_TYPE",
    "TEST_RESULT",
    "TEST_RESULT_LOSES",
    "Judgement",
    "Statement",
    "judgement",
    "parse",
    "subjects",
    "test_result",
]

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT = "https://in-toto.io/Statement/v1"
JUDGEMENT = "trialconformance:predicate/judgement/v1"
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"

# Subjects besides the manifest and the record: what the trial is about.
_SUBJECT_ROLES = ("image", "cpl-after")

# test-result v0.1 knows passed, warned and failed, and nothing else.
TEST_RESULT_LOSES = (
    "not-applicable, not-effective and not-run cases: it has no list of skipped tests",
    "inconclusive and waived cases are listed as warned, broken ones as failed",
    "findings, clauses, bases, severities and assumptions",
)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Digests(_Part):
    """Digests of a subject; matching is by digest alone."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class SubjectRow(_Part):
    """One thing that a statement is about."""

    name: str
    digest: Digests


class Judgement(_Part):
    """The predicate of this package: what was judged, how it ended and what that rests on.

    Args:
        role: in which role the signer signs; the trust policy says whose keys that are.
        verdict: verdict of the run.
        statement: the verdict in words, with what it assumes.
        accounting: cases by verdict.
        as_of: the date of judgement.
        specifications: versions judged against.
        settings: digests of the data that steer a verdict.
        assumptions: ids of what nobody has confirmed.
        tool: name and version of the tool.
        claimed_time: when the signer says to have signed, ISO 8601; a claim only, empty if not claimed.
        test_result_loses: what the accompanying test-result statement could not carry.
    """

    role: str
    verdict: str
    statement: str
    accounting: dict[str, int]
    as_of: str
    specifications: dict[str, str]
    settings: dict[str, str]
    assumptions: tuple[str, ...] = Field(strict=False)
    tool: str
    claimed_time: str = ""
    test_result_loses: tuple[str, ...] = Field(strict=False)

    @classmethod
    def of(cls, record: Record, *, role: str, claimed_time: str) -> Judgement:
        """What a signer in a role states about a record."""
        return cls(
            role=role,
            verdict=record.verdict.value,
            statement=record.statement,
            accounting=record.accounting,
            as_of=record.as_of,
            specifications=record.specifications,
            settings=record.settings,
            assumptions=tuple(each.id for each in record.assumptions),
            tool=f"{record.tool.name} {record.tool.version}",
            claimed_time=claimed_time,
            test_result_loses=TEST_RESULT_LOSES,
        )


class Statement(BaseModel):
    """An in-toto Statement v1; the predicate is read once its type is known.

    Args:
        kind: always the Statement v1 type.
        subject: what it is about.
        predicate_type: which predicate follows.
        predicate: the predicate.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True)

    kind: Literal["https://in-toto.io/Statement/v1"] = Field(alias="_type")
    subject: tuple[SubjectRow, ...] = Field(min_length=1, strict=False)
    predicate_type: str = Field(alias="predicateType")
    predicate: dict[str, Any]


def judgement(manifest: bytes, record: Record, digest: str, *, role: str, claimed_time: str = "") -> bytes:
    """State how a run ended.

    Args:
        manifest: the manifest of the bundle.
        record: the record in it.
        digest: SHA-256 of the record.
        role: role of the signer.
        claimed_time: when the signer says to sign, ISO 8601 with offset.

    Returns:
        The statement, canonical JSON.
    """
    predicate = Judgement.of(record, role=role, claimed_time=claimed_time)
    return _statement(manifest, record, digest, JUDGEMENT, predicate.model_dump(mode="json"))


def test_result(manifest: bytes, record: Record, digest: str) -> bytes:
    """State the same in the words of the common test-result predicate.

    Args:
        manifest: the manifest of the bundle.
        record: the record in it.
        digest: SHA-256 of the record.

    Returns:
        The statement, canonical JSON.
    """
    by_verdict: dict[Verdict, list[str]] = {}
    for row in record.cases:
        # A finding that does not decide the verdict is a warning, as is what nobody could settle.
        remark = row.verdict is Verdict.FAIL and row.severity is not Severity.MUST
        by_verdict.setdefault(Verdict.INCONCLUSIVE if remark else row.verdict, []).append(row.id)
    result = {Verdict.PASS: "PASSED", Verdict.INCONCLUSIVE: "WARNED"}.get(record.verdict, "FAILED")
    return _statement(
        manifest,
        record,
        digest,
        TEST_RESULT,
        {
            "result": result,
            "configuration": [
                {"name": name, "digest": {"sha256": digest}}
                for name, digest in sorted(({"catalogue": record.tool.catalogue} | record.settings).items())
            ],
            "passedTests": by_verdict.get(Verdict.PASS, []),
            "warnedTests": sorted(by_verdict.get(Verdict.INCONCLUSIVE, []) + by_verdict.get(Verdict.WAIVED, [])),
            "failedTests": sorted(by_verdict.get(Verdict.FAIL, []) + by_verdict.get(Verdict.ERROR, [])),
        },
    )


def parse(payload: bytes) -> Statement:
    """Read the payload of an envelope whose signature is good.

    Args:
        payload: the octets that were signed.

    Returns:
        The statement.

    Raises:
        ValueError: not a Statement v1 (pydantic's error is one), or a key stands twice.
    """
    return Statement.model_validate(json.loads(payload, object_pairs_hook=_unique))


def subjects(manifest: bytes, record: Record, digest: str) -> Mapping[str, str]:
    """What a statement about a bundle must name: digest by name."""
    named = {MANIFEST: sha256_hex(manifest), RECORD: digest}
    return named | {each.name: each.sha256 for each in record.artefacts if each.role in _SUBJECT_ROLES}


def _statement(manifest: bytes, record: Record, digest: str, predicate_type: str, predicate: dict[str, Any]) -> bytes:
    return canonical_json(
        {
            "_type": STATEMENT,
            "subject": [
                {"name": name, "digest": {"sha256": digest}}
                for name, digest in subjects(manifest, record, digest).items()
            ],
            "predicateType": predicate_type,
            "predicate": predicate,
        }
    )


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"key {key!r} stands twice in one object")
        found[key] = value
    return found

"""The JSON Schemas of every file that this package reads or writes, generated from the models that read and write them.

They are published under ``docs/schemas/``, where a test keeps them in step with the models.
"""

from __future__ import annotations

import json
from difflib import get_close_matches
from importlib import import_module
from typing import Any

from trialconformance.core import UsageError

__all__ = ["SCHEMAS", "schema_json"]

# name -> model, as module:class. A TOML file has the schema of the values in it.
SCHEMAS = {
    "bundle": "trialconformance.evidence.bundle.manifest:Manifest",
    "bundle-comparison": "trialconformance.evidence.compare:ComparisonReport",
    "bundle-replay": "trialconformance.evidence.replay:ReplayReport",
    "bundle-verification": "trialconformance.evidence.verify.outcome:VerificationReport",
    "catalogue": "trialconformance.engine.listing:Listing",
    "certificate-chain": "trialconformance.smki.report:ChainReport",
    "certificate-lint": "trialconformance.smki.report:LintReport",
    "closure": "trialconformance.trial.closure:ClosureProof",
    "closure-plan": "trialconformance.trial.closure:ClosurePlan",
    "commissioning": "trialconformance.trial.structured:Commissioning",
    "cpl-applied": "trialconformance.cpl.facts:AppliedFacts",
    "cpl-changes": "trialconformance.cpl.change:ChangeManifest",
    "cpl-check": "trialconformance.cpl.report:Report",
    "cpl-diff": "trialconformance.cpl.diff:Diff",
    "cpl-kill-list": "trialconformance.cpl.mutant:KillList",
    "cpl-profile": "trialconformance.cpl.profile:Profile",
    "cpl-scan": "trialconformance.cpl.scan:Scan",
    "cpl-undo": "trialconformance.cpl.change:Undo",
    "dcc-boxed-settings": "trialconformance.harness.dccboxed.settings:BoxedSettings",
    "decision": "trialconformance.trial.decision:Decision",
    "decode": "trialconformance.gbcs.description:DecodedMessage",
    "device-behaviour-faults": "trialconformance.harness.emulator.behaviour:Faults",
    "device-personalities": "trialconformance.harness.emulator.personality:Personalities",
    "duis": "trialconformance.harness.dccboxed.inspection:Inspection",
    "environment": "trialconformance.evidence.bundle.environment:EnvironmentRecord",
    "field-report": "trialconformance.trial.field.report:FieldReport",
    "field-series": "trialconformance.trial.field.series:Series",
    "gbcs-alert-codes": "trialconformance.gbcs.alert_codes:AlertTable",
    "gbcs-cosem-names": "trialconformance.gbcs.dlms.names:CosemNames",
    "gbcs-request-templates": "trialconformance.gbcs.templates:RequestTemplates",
    "gbcs-use-cases": "trialconformance.gbcs.usecases:UseCases",
    "gbcs-zcl-commands": "trialconformance.gbcs.gbz.commands:CommandTable",
    "gfi-profile": "trialconformance.harness.gfi:GfiProfile",
    "image": "trialconformance.cpl.facts:ImageFacts",
    "inventory-columns": "trialconformance.trial.field.columns:InventoryFacts",
    "judgement": "trialconformance.evidence.attest.statement:Judgement",
    "lab-report": "trialconformance.evidence.lab:LabReport",
    "lab-scope": "trialconformance.evidence.lab:Scope",
    "laboratory-assessment": "trialconformance.trial.structured:LaboratoryAssessment",
    "performance": "trialconformance.trial.performance:PerformanceReport",
    "pki-make": "trialconformance.smki.report:IssuedFiles",
    "policy": "trialconformance.trial.policy:Policy",
    "procedures": "trialconformance.harness.procedures:Procedures",
    "record": "trialconformance.core.record:Record",
    "register": "trialconformance.trial.register:RegisterDocument",
    "risk": "trialconformance.harness.risk:RiskReport",
    "risk-assessment": "trialconformance.trial.structured:RiskAssessment",
    "risk-register": "trialconformance.harness.risk:RiskRegister",
    "self-certification": "trialconformance.trial.structured:SelfCertification",
    "sensitivity": "trialconformance.harness.sensitivity:Sensitivity",
    "smki-corpus": "trialconformance.smki.corpus:Corpus",
    "smki-plan": "trialconformance.smki.plan:Plan",
    "smki-profile": "trialconformance.smki.profile:Profile",
    "smki-repository": "trialconformance.smki.repository:RepositoryStatuses",
    "smki-status-codes": "trialconformance.smki.prediction:StatusRules",
    "statement": "trialconformance.evidence.attest.statement:Statement",
    "submission": "trialconformance.trial.submission:Submission",
    "submission-gaps": "trialconformance.trial.gaps:Gaps",
    "timing": "trialconformance.evidence.timing:Timing",
    "transcript": "trialconformance.harness.transcript:TranscriptFile",
    "trial-reference": "trialconformance.cpl.facts:ReferenceFacts",
    "trial-requirements": "trialconformance.trial.facts:RequirementTable",
    "trust": "trialconformance.evidence.attest.trust:TrustPolicy",
    "waivers": "trialconformance.engine.waivers:WaiverFile",
}


def schema_json(name: str) -> bytes:
    """Write a schema.

    Args:
        name: a name of ``SCHEMAS``.

    Returns:
        JSON, indented for people.

    Raises:
        UsageError: there is no schema of that name; names the nearest.
    """
    if name not in SCHEMAS:
        nearest = get_close_matches(name, SCHEMAS, n=1)
        raise UsageError(f"there is no schema {name!r}", where="schema", accepted=", ".join(nearest or SCHEMAS))
    module, _, model = SCHEMAS[name].partition(":")
    schema: dict[str, Any] = getattr(import_module(module), model).model_json_schema(by_alias=True)
    return json.dumps(schema, indent=2, ensure_ascii=False).encode() + b"\n"

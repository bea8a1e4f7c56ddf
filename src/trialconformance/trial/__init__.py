"""The trial regime: what a submission holds, limits, the register, the field report, the end of a trial."""

from __future__ import annotations

from trialconformance.trial.application import Application, read_register_of, subjects
from trialconformance.trial.facts import DEVICE_TYPES, DOCUMENTS, REQUIREMENTS, Requirement
from trialconformance.trial.policy import PRESETS, Policy, load_policy
from trialconformance.trial.register import registered_trials
from trialconformance.trial.submission import Input, Submission

__all__ = [
    "DEVICE_TYPES",
    "DOCUMENTS",
    "PRESETS",
    "REQUIREMENTS",
    "Application",
    "Input",
    "Policy",
    "Requirement",
    "Submission",
    "load_policy",
    "read_register_of",
    "registered_trials",
    "subjects",
]

"""The engine: loads artefacts once, decides which cases apply, applies waivers, judges, fills the record."""

from __future__ import annotations

from trialconformance.engine.applicability import Applicability, version_of
from trialconformance.engine.artefacts import Artefacts
from trialconformance.engine.files import InputFile, InputFiles
from trialconformance.engine.inputs import Extensions, Inputs, SubjectLoader
from trialconformance.engine.judge import Judge
from trialconformance.engine.listing import Listing, catalogue_json
from trialconformance.engine.run import CATALOGUE, Judged, Run, judge_submission
from trialconformance.engine.waivers import Waiver, WaiverFile, read_waivers

__all__ = [
    "CATALOGUE",
    "Applicability",
    "Artefacts",
    "Extensions",
    "InputFile",
    "InputFiles",
    "Inputs",
    "Judge",
    "Judged",
    "Listing",
    "Run",
    "SubjectLoader",
    "Waiver",
    "WaiverFile",
    "catalogue_json",
    "judge_submission",
    "read_waivers",
    "version_of",
]

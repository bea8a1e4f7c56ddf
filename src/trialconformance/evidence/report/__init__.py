"""The report for people: one self-contained HTML page."""

from __future__ import annotations

from trialconformance.evidence.report.note import Note
from trialconformance.evidence.report.page import Standing, render

__all__ = ["Note", "Standing", "render"]

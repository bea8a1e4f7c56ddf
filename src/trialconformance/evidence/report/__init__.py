"""The report for people: one self-contained HTML page."""

from __future__ import annotations

from trialconformance.evidence.report.page import render

__all__ = ["render"]

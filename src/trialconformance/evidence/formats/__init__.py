"""Other people's formats, written from the one record; each says what it loses."""

from __future__ import annotations

from trialconformance.evidence.formats.common import Format
from trialconformance.evidence.formats.ctrf import CTRF
from trialconformance.evidence.formats.junit import JUNIT
from trialconformance.evidence.formats.markdown import MARKDOWN
from trialconformance.evidence.formats.oscal import OSCAL
from trialconformance.evidence.formats.sarif import SARIF

__all__ = ["FORMATS", "Format"]

FORMATS: dict[str, Format] = {each.name: each for each in (CTRF, JUNIT, MARKDOWN, OSCAL, SARIF)}
"""The formats by the word for them on the command line."""

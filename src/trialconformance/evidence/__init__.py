"""From a record to evidence that others can read, verify and replay."""

from __future__ import annotations

from trialconformance.evidence.files import folder_for, write_atomically
from trialconformance.evidence.output import Written, write
from trialconformance.evidence.timing import Timing

__all__ = ["Timing", "Written", "folder_for", "write", "write_atomically"]

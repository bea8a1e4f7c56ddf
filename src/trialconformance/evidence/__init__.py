"""From a record to evidence that others can read, verify and replay."""

from __future__ import annotations

from trialconformance.evidence.bundle import Signer, make_bundle, open_bundle, sign_bundle
from trialconformance.evidence.files import folder_for, write_atomically
from trialconformance.evidence.output import Written, write
from trialconformance.evidence.report import Note
from trialconformance.evidence.timing import Timing

__all__ = [
    "Note",
    "Signer",
    "Timing",
    "Written",
    "folder_for",
    "make_bundle",
    "open_bundle",
    "sign_bundle",
    "write",
    "write_atomically",
]

"""The vocabulary of the house: errors, findings, cases, verdicts, the record."""

from __future__ import annotations

from trialconformance.core.case import Basis, Case, Check, Claims, Effective, Scope, check, checks_in
from trialconformance.core.data import load_json, read_data
from trialconformance.core.errors import ArtefactError, InternalError, TrialConformanceError, UsageError
from trialconformance.core.eui64 import format_eui64, parse_eui64
from trialconformance.core.finding import Excerpt, Finding, Severity, Span, finding, stamp
from trialconformance.core.hexdump import HexRow, Octet, hex_rows, place
from trialconformance.core.record import (
    ArtefactRow,
    Assumption,
    CaseRow,
    Record,
    Subject,
    Tool,
    canonical_json,
    sha256_hex,
)
from trialconformance.core.verdict import ExitCode, Verdict, overall, verdict_of

__all__ = [
    "ArtefactError",
    "ArtefactRow",
    "Assumption",
    "Basis",
    "Case",
    "CaseRow",
    "Check",
    "Claims",
    "Effective",
    "Excerpt",
    "ExitCode",
    "Finding",
    "HexRow",
    "InternalError",
    "Octet",
    "Record",
    "Scope",
    "Severity",
    "Span",
    "Subject",
    "Tool",
    "TrialConformanceError",
    "UsageError",
    "Verdict",
    "canonical_json",
    "check",
    "checks_in",
    "finding",
    "format_eui64",
    "hex_rows",
    "load_json",
    "overall",
    "parse_eui64",
    "place",
    "read_data",
    "sha256_hex",
    "stamp",
    "verdict_of",
]

"""The kinds of thing that the cases of this package look at."""

from __future__ import annotations

from trialconformance.core import Scope
from trialconformance.cpl.comparison import Comparison

__all__ = [
    "CERTIFICATE_KIND",
    "COMPARISON",
    "COMPARISON_KIND",
    "DATED_TRIALS",
    "DCC_COPY",
    "DIGESTS",
    "DIGESTS_KIND",
    "IMAGE_KIND",
    "LOAD_TIMES",
    "NOTICE_KIND",
    "PICTURED",
    "READING_KIND",
    "REGISTERED",
    "REGISTER_KIND",
    "REQUEST_KIND",
    "SHEETS",
    "SIGNED",
    "SIGNED_KIND",
    "TEXT",
    "TOKENS",
    "TRIALS",
]

COMPARISON_KIND = "cpl-comparison"
IMAGE_KIND = "cpl-image"
READING_KIND = "cpl-reading"
CERTIFICATE_KIND = "cpl-certificate"
NOTICE_KIND = "cpl-prenotification"
REQUEST_KIND = "cpl-firmware-request"
DIGESTS_KIND = "cpl-digests"
SIGNED_KIND = "cpl-signatures"
REGISTER_KIND = "cpl-register"


def _is_text(comparison: Comparison) -> bool:
    return comparison.profile.container.kind == "delimited"


def _has_sheets(comparison: Comparison) -> bool:
    return not _is_text(comparison)


COMPARISON = Scope(kind=COMPARISON_KIND, title="the CPL beside the one before it")
TEXT = Scope(
    kind=COMPARISON_KIND,
    title="a CPL of delimited text beside the one before it",
    admits=_is_text,
    why_not=lambda _: "the profile's container is not delimited text",
)
SHEETS = Scope(
    kind=COMPARISON_KIND,
    title="a CPL of worksheets or XML beside the one before it",
    admits=_has_sheets,
    why_not=lambda _: "the profile's container is delimited text",
)
TRIALS = Scope(
    kind=COMPARISON_KIND,
    title="a CPL with trial entries",
    admits=lambda comparison: bool(comparison.trial_rows),
    why_not=lambda _: "no entry is marked as a trial",
)
DATED_TRIALS = Scope(
    kind=COMPARISON_KIND,
    title="a CPL with trial entries, judged at a date",
    admits=lambda comparison: bool(comparison.trial_rows) and comparison.as_of is not None,
    why_not=lambda comparison: "no date was given" if comparison.trial_rows else "no entry is marked as a trial",
)
PICTURED = Scope(
    kind=COMPARISON_KIND,
    title="a CPL given with firmware images",
    admits=lambda comparison: bool(comparison.images),
    why_not=lambda _: "no firmware image was given",
)
DCC_COPY = Scope(
    kind=COMPARISON_KIND,
    title="a published CPL given with the copy that DCC received",
    admits=lambda comparison: comparison.delivery.dcc_copy is not None,
    why_not=lambda _: "no copy of DCC was given",
)
LOAD_TIMES = Scope(
    kind=COMPARISON_KIND,
    title="a CPL whose load time was measured",
    admits=lambda comparison: comparison.delivery.load_seconds is not None,
    why_not=lambda _: "load times were not measured",
)
TOKENS = Scope(
    kind=COMPARISON_KIND,
    title="CPL files whose names carry a version or date",
    admits=lambda comparison: bool(comparison.before.token and comparison.after.token),
    why_not=lambda _: "the file names carry no version or date",
)
DIGESTS = Scope(kind=DIGESTS_KIND, title="a CPL with its published digests")
SIGNED = Scope(kind=SIGNED_KIND, title="a signed CPL")
REGISTERED = Scope(kind=REGISTER_KIND, title="a CPL beside the trial register")

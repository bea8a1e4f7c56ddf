"""The bundle: one file that a third party can verify and replay offline."""

from __future__ import annotations

from trialconformance.evidence.bundle.making import commitment, make_bundle
from trialconformance.evidence.bundle.opened import Bundle, open_bundle, read_bundle_file
from trialconformance.evidence.bundle.signing import Signer, sign_bundle, stamp_bundle

__all__ = [
    "Bundle",
    "Signer",
    "commitment",
    "make_bundle",
    "open_bundle",
    "read_bundle_file",
    "sign_bundle",
    "stamp_bundle",
]

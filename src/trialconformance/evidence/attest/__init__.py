"""Signed statements about a bundle, and whose signatures count."""

from __future__ import annotations

from trialconformance.evidence.attest.trust import TrustPolicy, read_trust

__all__ = ["TrustPolicy", "read_trust"]

"""The certificate cases; ``CHECKS`` holds them by id."""

from __future__ import annotations

from trialconformance.core import checks_in
from trialconformance.smki.checks import body, device_name, encoding, key, usage

__all__ = ["CHECKS"]

CHECKS = checks_in(body, device_name, encoding, key, usage)

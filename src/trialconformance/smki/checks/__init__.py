"""The certificate cases; ``CHECKS`` holds them by id."""

from __future__ import annotations

from trialconformance.core import checks_in
from trialconformance.smki.checks import (
    body,
    chain,
    device_name,
    encoding,
    extensions,
    files,
    key,
    messages,
    names,
    repository,
    requests,
    revocation,
    usage,
)

__all__ = ["CHECKS"]

CHECKS = checks_in(
    body, chain, device_name, encoding, extensions, files, key, messages, names, repository, requests, revocation, usage
)

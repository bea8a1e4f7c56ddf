"""The CPL cases; ``CHECKS`` holds them by id."""

from __future__ import annotations

from trialconformance.core import checks_in
from trialconformance.cpl.checks import (
    beside,
    columns,
    container,
    delivery,
    fields,
    identity,
    interference,
    readers,
    trial_flag,
)

__all__ = ["CHECKS"]

CHECKS = checks_in(beside, columns, container, delivery, fields, identity, interference, readers, trial_flag)

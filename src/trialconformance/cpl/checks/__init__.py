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
from trialconformance.cpl.checks.kill_list import kill_list_check

__all__ = ["CHECKS"]

_CHECKS = checks_in(beside, columns, container, delivery, fields, identity, interference, readers, trial_flag)
CHECKS = tuple(sorted((*_CHECKS, kill_list_check(_CHECKS)), key=lambda check: check.case.id))

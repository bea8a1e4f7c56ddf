"""What the pytest plugin does once ``--trial`` names a submission: wiring between pytest, engine and evidence."""

from __future__ import annotations

from trialconformance.pytest_shell.activation import activate

__all__ = ["activate"]

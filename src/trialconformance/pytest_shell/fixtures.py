"""Fixtures for suites of the user that run beside the shipped ones."""

from __future__ import annotations

import pytest

from trialconformance.engine import Run
from trialconformance.pytest_shell.state import RUN

__all__ = ["trial"]


@pytest.fixture(scope="session")
def trial(pytestconfig: pytest.Config) -> Run:
    """The run: its inputs, its artefacts and its judge."""
    return pytestconfig.stash[RUN].run

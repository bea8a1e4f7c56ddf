"""The suites judge a submission: without one there is nothing to collect."""

from __future__ import annotations

from pathlib import Path

import pytest

from trialconformance.options import wanted


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Collect nothing of the suites without ``--trial``; leave the decision to others with it."""
    below = collection_path.is_relative_to(Path(__file__).parent)
    return True if below and not wanted(config) else None


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say why nothing is collected."""
    return None if wanted(config) else "trialconformance suites: nothing is judged without --trial submission.toml"

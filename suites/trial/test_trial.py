"""The trial regime, the governance of waivers, and the cases that plugins bring: one item each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from trialconformance.pytest_shell.judging import CaseUnderTest


@pytest.mark.cases("trial", others=True)
def test_trial(case: CaseUnderTest) -> None:
    """The application meets the requirement of this case."""
    case.judge()

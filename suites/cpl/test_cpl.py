"""CPL: the list before and after the trial goes on it, one item for every case of the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from trialconformance.pytest_shell.judging import CaseUnderTest


@pytest.mark.cases("cpl")
def test_cpl(case: CaseUnderTest) -> None:
    """The lists meet the requirement of this case."""
    case.judge()

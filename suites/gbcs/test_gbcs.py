"""GBCS: the captured messages of the submission, one item for every case of the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from trialconformance.pytest_shell.judging import CaseUnderTest


@pytest.mark.cases("gbcs")
def test_gbcs(case: CaseUnderTest) -> None:
    """The messages that this case concerns meet its requirement."""
    case.judge()

"""SMKI: the certificates of the submission, one item for every case of the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from trialconformance.pytest_shell.judging import CaseUnderTest


@pytest.mark.cases("smki")
def test_smki(case: CaseUnderTest) -> None:
    """The certificates that this case concerns meet its requirement."""
    case.judge()

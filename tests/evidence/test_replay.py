"""A bundle that cannot be judged again says why."""

from __future__ import annotations

from typing import Any

import pytest

from trialconformance.core import UsageError
from trialconformance.evidence import open_bundle
from trialconformance.evidence.replay import replay
from trialconformance.evidence.verify.again import check_again
from trialconformance.evidence.verify.outcome import Outcome


def test_bundle_without_submission(workshop: Any) -> None:
    """Bare captures have nothing that says how to judge them: a gap for who verifies, an error for who replays."""
    bundle = open_bundle(workshop.bundle().read_bytes())
    with pytest.raises(UsageError, match="holds no submission"):
        replay(bundle)
    steps = check_again(bundle, replay)
    assert [step.outcome for step in steps] == [Outcome.GAP, Outcome.GAP]
    assert "cannot be judged again" in steps[0].notes[0]


def test_submission_that_cannot_be_used(workshop: Any) -> None:
    """A submission that is none is reported as such."""
    inputs = workshop.inputs() | {"submission.toml": b"schema = 1\n"}
    with pytest.raises(UsageError):
        replay(open_bundle(workshop.bundle(inputs=inputs).read_bytes()))

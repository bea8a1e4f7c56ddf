"""A bundle that cannot be judged again says why."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from trialconformance.core import UsageError, sha256_hex
from trialconformance.engine import judge_submission
from trialconformance.evidence import make_bundle, open_bundle
from trialconformance.evidence.replay import replay
from trialconformance.evidence.verify.again import check_again
from trialconformance.evidence.verify.outcome import Outcome
from trialconformance.packaged import packaged


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


@pytest.mark.parametrize("key", ["keystore", "register", "image"])
def test_submission_that_points_at_the_readers_own_files(tmp_path: Path, key: str) -> None:
    """A bundle from anybody cannot make its reader's machine read its own files."""
    outside = tmp_path / "outside"
    outside.mkdir()
    judged = judge_submission(packaged("fixtures") / "demo" / "submission.toml")
    inputs = dict(judged.inputs)
    text = re.sub(rf'^{key} = ".*"$', f'{key} = "{outside}"', inputs["submission.toml"].decode(), flags=re.MULTILINE)
    inputs["submission.toml"] = text.encode()
    artefacts = tuple(
        each.model_copy(update={"sha256": sha256_hex(inputs[each.name]), "octets": len(inputs[each.name])})
        for each in judged.record.artefacts
    )
    record = judged.record.model_copy(update={"artefacts": artefacts})
    path = make_bundle(record, tmp_path / "b.zip", inputs=inputs, catalogue=judged.catalogue)
    with pytest.raises(UsageError, match="names a path outside the bundle"):
        replay(open_bundle(path.read_bytes()))

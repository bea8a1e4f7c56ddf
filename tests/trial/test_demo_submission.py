"""The packaged submission: it passes, and each of its documents is needed by exactly one requirement."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from trial_bench import Bench

from trialconformance.core import Verdict
from trialconformance.engine import Inputs, Run
from trialconformance.packaged import packaged
from trialconformance.trial import REQUIREMENTS, Submission

DEMO = packaged("fixtures") / "demo"
EVIDENCE = sorted(
    each.name
    for each in Submission.read(DEMO / "submission.toml").inputs
    if each.role in {"document", "decision"} and each.path.is_file()
)
# Judged over both lists in full, which no document can change.
LONG = "TRIAL-TR-10"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A copy of the packaged submission."""
    folder = tmp_path_factory.mktemp("demo") / "demo"
    shutil.copytree(DEMO, folder)
    return Bench(folder=folder)


def _verdicts(folder: Path) -> dict[str, Verdict]:
    run = Run(Inputs.of(Submission.read(folder / "submission.toml")))
    return {each.id: run.judge.row(each.case).verdict for each in REQUIREMENTS if each.case != LONG}


def test_it_passes() -> None:
    """No requirement of the packaged submission fails; only the DCC's own assessment is open."""
    verdicts = _verdicts(DEMO)
    assert {each for each, verdict in verdicts.items() if verdict is Verdict.INCONCLUSIVE} == {"TR-42"}
    assert set(verdicts.values()) == {Verdict.PASS, Verdict.NOT_APPLICABLE, Verdict.INCONCLUSIVE}


def test_people_decide_what_is_theirs() -> None:
    """No human requirement is passed by software."""
    verdicts = _verdicts(DEMO)
    assert {verdicts[each.id] for each in REQUIREMENTS if each.kind == "human"} == {Verdict.NOT_APPLICABLE}


@pytest.mark.parametrize("name", EVIDENCE)
def test_every_document_is_needed_by_one_requirement(copy: Bench, name: str) -> None:
    """Without a document exactly one requirement is not met any more."""
    path = copy.folder / name
    octets = path.read_bytes()
    before = _verdicts(copy.folder)
    path.unlink()
    try:
        after = _verdicts(copy.folder)
    finally:
        path.write_bytes(octets)
    changed = {each: after[each] for each in after if after[each] is not before[each]}
    assert len(changed) == 1
    assert set(changed.values()) <= {Verdict.FAIL, Verdict.INCONCLUSIVE}

"""A copy of the packaged trial submission, and the command as a user calls it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from trialconformance.packaged import packaged

Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the packaged submission."""
    return Path(shutil.copytree(packaged("fixtures") / "demo", tmp_path / "submission"))


@pytest.fixture
def trialconformance(tmp_path: Path) -> Command:
    """Call the command in a process of its own, in an empty folder."""
    here = tmp_path / "here"
    here.mkdir()

    def call(*words: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "trialconformance", *map(str, words)],
            capture_output=True,
            text=True,
            check=False,
            cwd=here,
        )

    return call

"""The example application, fresh for every test."""

from __future__ import annotations

from pathlib import Path

import pytest
from trial_bench import Bench, example


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """The example in a folder of its own."""
    made = Bench(folder=tmp_path)
    for name, octets in example().items():
        made.write(name, octets)
    return made

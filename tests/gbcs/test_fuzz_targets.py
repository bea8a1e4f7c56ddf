"""The fuzz targets work: they accept their seeds, and damaged seeds let nothing escape."""

from __future__ import annotations

import importlib.util
import random
import sys
from pathlib import Path
from types import ModuleType

import pytest

_FILE = Path(__file__).parents[2] / "benchmarks" / "fuzz" / "targets.py"
_ROUNDS = 60


def _load() -> ModuleType:
    specification = importlib.util.spec_from_file_location("gbcs_fuzz_targets", _FILE)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module
    specification.loader.exec_module(module)
    return module


targets = _load()


@pytest.mark.parametrize("name", sorted(targets.TARGETS))
def test_a_target_accepts_a_seed(name: str) -> None:
    """Every target has a seed that its decoder accepts: a target that refuses everything shows nothing."""
    assert any(targets.run(name, seed) for seed in targets.SEEDS[name])


@pytest.mark.parametrize("name", sorted(targets.TARGETS))
def test_damaged_seeds_let_nothing_escape(name: str) -> None:
    """Damaged seeds are read or refused; anything else would escape from the target."""
    draw = random.Random(name)  # noqa: S311  # the same damage in every run, no secret
    refused = 0
    for seed in targets.SEEDS[name][:8]:
        for _ in range(_ROUNDS):
            octets = bytearray(seed)
            for _ in range(draw.randint(1, 3)):
                octets[draw.randrange(len(octets))] = draw.randrange(256)
            refused += not targets.run(name, bytes(octets[: draw.randint(1, len(octets))]))
    assert refused


def test_a_target_notices_octets_that_are_not_written_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A decoder that accepts what it does not write again is an escape."""
    monkeypatch.setattr(targets, "read_data", lambda octets, at: targets.Data(0, None, at, len(octets)))
    with pytest.raises(targets.EscapeError):
        targets.run("data", bytes(8))

"""What the plugin costs for each item, over bare pytest in the same run: target at most 50 us.

Three runs of the same number of items, each in a process of its own, best of several rounds: bare pytest without the
plugin, bare pytest with the idle plugin, and a trial whose cases find nothing to do. Time of the processor spent in the
loop that runs the items; reading the submission and writing the evidence happen once and are not in it.

    python benchmarks/plugin_overhead.py [ITEMS] [ROUNDS]
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from trialconformance.packaged import packaged

_BARE = """
import pytest

@pytest.mark.parametrize("case", range({items}), ids=lambda number: f"CASE-{{number:06}}")
def test_bare(case):
    pass
"""
_CASES = """
from dataclasses import dataclass
from trialconformance.core import Scope, check

SCOPE = Scope(kind="overhead", title="nothing to do")

@dataclass(frozen=True)
class Thing:
    name: str = "thing"
    octets: bytes = b""

def _case(number):
    def nothing_to_find(thing):
        "Nothing."
        return ()
    name = f"OVERHEAD-CASE-{{number // 1000:02}}-{{number % 1000:03}}"
    return check(name, clause="none", applies_to=SCOPE)(nothing_to_find)

def pytest_trialconformance_cases(config):
    return [_case(number) for number in range({items})]

def pytest_trialconformance_artefacts(config, inputs):
    return {{"overhead": [Thing()]}}
"""
_CLOCK = """
import os, time
import pytest

@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtestloop(session):
    start = time.process_time()
    try:
        return (yield)
    finally:
        with open(os.environ["LOOP_SECONDS"], "w") as file:
            file.write(str(time.process_time() - start))
"""
_QUIET = ("-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:cov", "-p", "no:benchmark", "-p", "loop_clock")


def _microseconds(folder: Path, *words: str, items: int) -> float:
    """Time of the loop for each item."""
    clock = folder / "seconds"
    done = subprocess.run(  # noqa: S603 -- this package's own command
        [sys.executable, "-m", "pytest", *_QUIET, *words],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "LOOP_SECONDS": str(clock), "PYTHONHASHSEED": "0"},
        capture_output=True,
        check=False,
    )
    if done.returncode not in {0, 2}:  # a part of the catalogue is inconclusive
        raise SystemExit(done.stdout.decode() + done.stderr.decode())
    return float(clock.read_text()) / items * 1e6


def main() -> None:
    """Measure and print."""
    items = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    submission = str(packaged("fixtures") / "demo" / "submission.toml")
    with tempfile.TemporaryDirectory() as parent:
        bare, trial = (Path(parent) / name for name in ("bare", "trial"))
        for folder, name, text in ((bare, "test_bare.py", _BARE), (trial, "overhead_cases.py", _CASES)):
            folder.mkdir()
            (folder / name).write_text(text.format(items=items))
            (folder / "loop_clock.py").write_text(_CLOCK)
        words = ("-p", "overhead_cases", "--trial", submission, "--trial-suite", "trial", "-k", "OVERHEAD")
        alone = idle = judging = float("inf")
        for _ in range(rounds):  # in turn, so that a busy machine is busy for all three
            alone = min(alone, _microseconds(bare, "-p", "no:trialconformance", items=items))
            idle = min(idle, _microseconds(bare, items=items))
            judging = min(judging, _microseconds(trial, *words, items=items))
    sys.stdout.write(
        f"bare pytest {alone:7.1f} us for each item\n"
        f"idle plugin {idle:7.1f} us, {idle - alone:+.1f}\n"
        f"trial       {judging:7.1f} us, {judging - alone:+.1f}\n"
    )


if __name__ == "__main__":
    main()

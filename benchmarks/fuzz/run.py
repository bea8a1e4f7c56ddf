"""Fuzz one decoder with atheris: ``python benchmarks/fuzz/run.py TARGET CORPUS [libFuzzer options]``.

CORPUS is a folder outside the project; the seeds of the target are written there first. Useful options:
``-runs=1000000``, ``-max_total_time=600``, ``-max_len=2048``, ``-timeout=5``, ``-rss_limit_mb=512``.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import atheris  # type: ignore[import-untyped]  # ships no types

with atheris.instrument_imports(include=["trialconformance.gbcs", "targets"]):
    from targets import SEEDS, TARGETS, run

_ARGUMENTS = 3


def main(arguments: list[str]) -> int:
    """Write the seeds and hand over to libFuzzer, which ends the process.

    Args:
        arguments: program, target, corpus, libFuzzer options.

    Returns:
        2 where the arguments cannot be used.
    """
    if len(arguments) < _ARGUMENTS or arguments[1] not in TARGETS:
        sys.stderr.write(f"{__doc__}\nTARGET is one of {', '.join(TARGETS)}\n")
        return 2
    program, target, corpus, *options = arguments
    folder = Path(corpus)
    folder.mkdir(parents=True, exist_ok=True)
    for seed in SEEDS[target]:
        (folder / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)

    def one_input(octets: bytes) -> None:
        run(target, octets)

    atheris.Setup([program, *options, corpus], one_input)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))

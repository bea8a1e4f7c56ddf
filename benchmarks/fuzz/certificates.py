"""Fuzz the certificate readers with atheris: ``python benchmarks/fuzz/certificates.py TARGET CORPUS [options]``.

TARGET is ``der``, ``certificate``, ``request`` or ``list``; CORPUS and the options are those of ``run.py``: the seeds
are written there first. ``mutate_certificates.py`` runs the same targets faster, without coverage to guide it.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import atheris  # type: ignore[import-untyped]  # ships no types

with atheris.instrument_imports(include=["trialconformance.smki", "certificate_targets"]):
    from certificate_targets import TARGETS, run

_ARGUMENTS = 3


def main(arguments: list[str]) -> int:
    """Write the seeds and hand over to libFuzzer, which ends the process.

    Args:
        arguments: program, target, corpus, libFuzzer options.

    Returns:
        2 where the arguments cannot be used.
    """
    if len(arguments) < _ARGUMENTS or arguments[1] not in TARGETS:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    program, target, corpus, *options = arguments
    folder = Path(corpus)
    folder.mkdir(parents=True, exist_ok=True)
    for seed in TARGETS[target][1]:
        (folder / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    atheris.Setup([program, *options, corpus], lambda octets: run(target, octets))
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))

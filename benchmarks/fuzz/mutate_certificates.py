"""Run a certificate target on mutated seeds: ``python benchmarks/fuzz/mutate_certificates.py TARGET COUNT [SEED]``.

Nothing guides the mutations but the seeds, which are every leaf of the negative corpus; the same SEED gives the same
inputs. An input that breaks a target ends the run with a traceback that shows it.
"""

from __future__ import annotations

import random
import sys
import time

from certificate_targets import TARGETS, run

_ARGUMENTS = 3
_MOST_EDITS = 4
_MOST_OCTETS = 24  # octets that one edit adds or takes
_TOLD = 250_000  # executions between two lines of output
_INTERESTING = bytes.fromhex("00017f8081828384a0a1a3ff3031020304050c131718")  # tags and lengths of DER


def mutated(octets: bytes, source: random.Random) -> bytes:
    """Change some octets, cut some out, put some in, repeat some."""
    changed = bytearray(octets)
    for _ in range(source.randint(1, _MOST_EDITS)):
        place, size = source.randrange(len(changed) + 1), source.randint(1, _MOST_OCTETS)
        edit = source.randrange(5)
        if edit == 0:
            changed[place : place + 1] = bytes([source.choice(_INTERESTING)])
        elif edit == 1:
            changed[place : place + 1] = source.randbytes(1)
        elif edit == 2:
            del changed[place : place + size]
        elif edit == 3:
            changed[place:place] = source.randbytes(size)
        else:
            changed[place:place] = changed[max(0, place - size) : place]
    return bytes(changed)


def main(arguments: list[str]) -> int:
    """Run the campaign and print what it did.

    Args:
        arguments: program, target, number of executions, seed.

    Returns:
        2 where the arguments cannot be used.
    """
    if len(arguments) < _ARGUMENTS or arguments[1] not in TARGETS:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    target, count = arguments[1], int(arguments[2])
    # Inputs are to be the same again, not hard to guess.
    source = random.Random(arguments[3] if len(arguments) > _ARGUMENTS else "1")  # noqa: S311
    seeds, read, start = TARGETS[target][1], 0, time.monotonic()
    for number in range(1, count + 1):
        octets = mutated(source.choice(seeds), source)
        try:
            read += run(target, octets)
        except Exception:
            sys.stderr.write(f"execution {number}: {octets.hex()}\n")
            raise
        if number % _TOLD == 0 or number == count:
            rate = number / (time.monotonic() - start)
            sys.stdout.write(f"{target}: {number:,} executions, {read:,} read, {rate:,.0f} a second\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))

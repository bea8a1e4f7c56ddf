"""Spoil the scenarios of a capture folder and let every GBCS case and every view of ``decode`` look at them.

``python benchmarks/fuzz/spoil_captures.py FOLDER [KEYSTORE] [SEED] [SECONDS]``. Payloads, header fields and octets are
changed at random; no case and no view may end with an error of this tool.
"""

from __future__ import annotations

import random
import sys
import time
from dataclasses import replace
from pathlib import Path

from trialconformance.core import ArtefactError
from trialconformance.gbcs import Capture, Message, UseCases, read_captures, subjects
from trialconformance.gbcs.checks import CHECKS
from trialconformance.gbcs.description import describe
from trialconformance.gbcs.field_tree import field_tree
from trialconformance.gbcs.parties import sole_acb
from trialconformance.smki import KeyStore

_ARGUMENTS = range(2, 6)
_SECONDS = 60.0
_TELLING = (0x00, 0x01, 0x7F, 0x80, 0x81, 0x82, 0xFF)
_CODES = [row.code for row in UseCases.shipped().use_cases] + [0xFFFE]
# Verifies each message 17 times; its own test shows it.
_CHECKS = [check for check in CHECKS if check.case.id != "GBCS-SEC-011"]


def spoiled(octets: bytes, chance: random.Random) -> bytes:
    """Change, take out or put in octets at some places."""
    content = bytearray(octets)
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        at = chance.randrange(len(content) + 1)
        gone = chance.choice((0, 1, 1, 2, 5))
        content[at : at + gone] = bytes(chance.choice((chance.randrange(256), *_TELLING)) for _ in range(gone))
    return bytes(content)


def spoiled_message(message: Message, chance: random.Random) -> bytes:
    """Spoil the payload, a field of the header, the octets, or nothing."""
    way = chance.random()
    if way < 0.4:
        message = replace(message, payload=spoiled(message.payload, chance))
    elif way < 0.6:
        message = chance.choice(
            (
                replace(message, message_code=chance.choice(_CODES)),
                replace(message, cra=chance.choice((1, 2, 3))),
                replace(message, originator=message.target),
                replace(message, originator_counter=chance.choice((0, 5, 2**64 - 1))),
                replace(message, date_time=chance.randbytes(12)),
                replace(message, supplementary_remote_party_id=bytes(8)),
            )
        )
    try:
        octets = message.encode()
    except ArtefactError:
        return b""
    return spoiled(octets, chance) if way > 0.85 else octets


def judge(captures: list[Capture], keystore: KeyStore | None) -> None:
    """Let every case and every view look."""
    acb = sole_acb(keystore)
    for capture in captures:
        description = describe(capture, keystore=keystore, acb=acb)
        description.decoded()
        field_tree(description)
    found = subjects(captures, keystore=keystore, acb=acb, image=b"image")
    for check in _CHECKS:
        for subject in found[check.case.scope.kind]:
            if check.case.scope.admits(subject):
                list(check(subject))


def main(arguments: list[str]) -> int:
    """Run for some seconds and say how many scenarios were judged.

    Args:
        arguments: program, folder, key store, seed, seconds.

    Returns:
        0, or 2 where the arguments cannot be used.
    """
    if len(arguments) not in _ARGUMENTS:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    folder, keystore, seed, seconds = (*arguments[1:], *("", "1", str(_SECONDS))[len(arguments) - 2 :])
    chance = random.Random(int(seed))  # noqa: S311  # a campaign that can be repeated, no secret
    store = KeyStore.read(Path(keystore)) if keystore else None
    scenarios: dict[str, list[Message]] = {}
    for capture in read_captures(Path(folder)):
        if capture.message is not None:
            scenarios.setdefault(capture.scenario, []).append(capture.message)
    judged, end = 0, time.monotonic() + float(seconds)
    while time.monotonic() < end:
        messages = chance.choice(list(scenarios.values()))
        judge([Capture.of(spoiled_message(each, chance), name=each.name) for each in messages], store)
        judged += 1
    sys.stdout.write(f"{judged} spoiled scenarios, no error\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))

"""No octet of a signed bundle can be changed unnoticed."""

from __future__ import annotations

import random
import zipfile
from datetime import date
from io import BytesIO
from typing import Any

from trialconformance.core.dsse import Envelope
from trialconformance.evidence.bundle.archive import unpack
from trialconformance.evidence.verify import verify_bundle

SAMPLES = 120
DAY = date(2022, 10, 15)


def test_a_changed_octet_is_noticed(workshop: Any) -> None:
    """Any bit of the archive, its structure included: rejected, or the change lies in what Base64 does not use."""
    octets = workshop.bundle().read_bytes()
    trust = workshop.trust()
    chance = random.Random(20221015)  # noqa: S311 - the same sample in every run, nothing secret
    places = sorted(chance.sample(range(len(octets)), SAMPLES))
    places += [0, len(octets) - 1]
    for place in places:
        changed = bytearray(octets)
        changed[place] ^= 1 << chance.randrange(8)
        verification = verify_bundle(bytes(changed), trust=trust, on=DAY, again=None)
        assert verification.conclusion == "rejected" or _same_envelopes(octets, bytes(changed)), place


def _same_envelopes(before: bytes, after: bytes) -> bool:
    old, new = unpack(before), unpack(after)
    changed = [path for path in old if old[path] != new[path]]
    return all(
        path.startswith("attest/") and Envelope.from_json(old[path]) == Envelope.from_json(new[path])
        for path in changed
    )


def test_archive_is_an_ordinary_zip(workshop: Any) -> None:
    """Any zip reader opens the bundle and finds every checksum right."""
    with zipfile.ZipFile(BytesIO(workshop.bundle().read_bytes())) as archive:
        assert archive.testzip() is None
        assert "MANIFEST.json" in archive.namelist()

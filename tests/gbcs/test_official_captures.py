"""Official test messages, for those who have a copy: decoded, verified, decrypted, judged; no flipped bit unseen."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from trialconformance.core import Severity
from trialconformance.gbcs import Capture, Status, decode, read_captures, subjects, verify
from trialconformance.gbcs.checks import CHECKS
from trialconformance.gbcs.description import describe
from trialconformance.gbcs.plain import read_plain
from trialconformance.gbcs.structure import examine
from trialconformance.smki import KeyStore

pytestmark = pytest.mark.official

ACB = bytes.fromhex("90B3D51F30000002")
# Messages that the reference names as odd, by case: judged all the same, and not counted against this tool.
ODDITIES = {"GBCS-GBZ-006": "GCS20r", "GBCS-UTR-001": "CS01b", "GBCS-UTR-002": "CS01b"}
FLIPPED_MESSAGES, FLIPS = 40, 60


@pytest.fixture(scope="module")
def captures(rtds: Path) -> list[Capture]:
    """Every official message."""
    folder = rtds / "RTDS-4.5.0"
    return read_captures(folder, name_of=lambda path: path.relative_to(folder).as_posix())


@pytest.fixture(scope="module")
def keystore(rtds: Path) -> KeyStore:
    """The official key store."""
    return KeyStore.read(rtds / "keystore")


def test_every_message_is_decoded_verified_and_decrypted(captures: list[Capture], keystore: KeyStore) -> None:
    """Every message decodes to its last octet, encodes again, and nothing in it is invalid."""
    unverified = Counter[str]()
    for capture in captures:
        description = describe(capture, keystore=keystore, acb=ACB)
        line = description.decoded()
        assert (line.ok, line.reencodes, line.error) == (True, True, None)
        assert "invalid" not in {line.signature, line.mac}
        assert line.encrypted_units == line.decrypted_units
        if Status.UNVERIFIED in {line.signature, line.mac}:
            unverified[str(line.use_case)] += 1
    # No private key of the two devices is published.
    assert set(unverified) <= {"PCS01", "PCS02"}


def test_no_case_finds_more_than_the_known_oddities(captures: list[Capture], keystore: KeyStore) -> None:
    """Over the official messages no case of severity must finds anything that the reference does not name."""
    found = subjects(captures, keystore=keystore, acb=ACB)
    for check in CHECKS:
        if check.case.severity is not Severity.MUST:
            continue
        for subject in found[check.case.scope.kind]:
            if check.case.scope.admits(subject) and ODDITIES.get(check.case.id, "-") not in subject.name:
                assert list(check(subject)) == [], (check.case.id, subject.name)


def test_the_short_way_reads_every_message_without_a_fault(captures: list[Capture]) -> None:
    """The fast path and the declared layouts read the same message; only messages with a certificate take another."""
    for capture in captures:
        examination = examine(capture.octets)
        assert examination.faults == ()
        assert examination.message is not None
        plain = read_plain(capture.octets)
        assert plain == examination.message or (plain is None and examination.message.certificate is not None)


def test_no_flipped_bit_goes_unnoticed(captures: list[Capture], keystore: KeyStore) -> None:
    """Flipping a bit of a verified message breaks its structure or its verification; a seeded sample."""
    chosen = random.Random(20150101)  # noqa: S311  # a sample that is the same each time, no secret
    verified = [each for each in captures if each.message is not None and each.message.kind != "precommand"]
    for capture in chosen.sample(verified, min(FLIPPED_MESSAGES, len(verified))):
        before = verify(decode(capture.octets), keystore, acb=ACB)
        if Status.UNVERIFIED in {before.signature, before.mac}:
            continue
        for bit in chosen.sample(range(8 * len(capture.octets)), FLIPS):
            flipped = bytearray(capture.octets)
            flipped[bit // 8] ^= 1 << bit % 8
            examination = examine(bytes(flipped))
            assert examination.faults or (
                examination.message is not None and verify(examination.message, keystore, acb=ACB) != before
            ), (capture.name, bit)

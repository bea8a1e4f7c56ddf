"""The collision scan."""

from __future__ import annotations

import hashlib

import pytest

from trialconformance import cpl
from trialconformance.core import ArtefactError
from trialconformance.cpl.scan import scan
from trialconformance.cpl.trial_reference import ALPHA, NUMERIC


def test_a_clean_list_has_no_collision(profile: cpl.Profile, before_octets: bytes) -> None:
    """No reference of the list before looks like a trial; the digest of the column is recorded."""
    found = scan([before_octets], profile=profile, codec=ALPHA, name="before.csv")
    assert (found.records, found.filled, found.collisions) == (4, 3, 0)
    column = b"EXAMPLE-CPA-0101\nEXAMPLE-CPA-0102\nEXAMPLE-CPA-0207\n\n"
    assert found.column_sha256 == hashlib.sha256(column).hexdigest()


def test_collisions_are_listed_with_their_place(profile: cpl.Profile, after_octets: bytes) -> None:
    """A trial and an attempt at one are told apart, each with line and offset; a mark in front does no harm."""
    octets = b"\xef\xbb\xbf" + after_octets.replace(b"EXAMPLE-CPA-0102", b"trial-2022-0007-49") + b"\r\n"
    found = scan([octets], profile=profile, codec=ALPHA, name="after.csv")
    assert [(each.line, each.reads_as) for each in found.shown] == [(3, "malformed"), (6, "trial")]
    assert octets[found.shown[1].offset :].startswith(b"5,Active")
    assert scan([octets], profile=profile, codec=NUMERIC, name="after.csv").collisions == 0


def test_a_list_of_any_length_is_scanned(profile: cpl.Profile, before_octets: bytes) -> None:
    """A stream is scanned piece by piece; only the first collisions are kept."""
    header, *rows = before_octets.splitlines(keepends=True)
    chunks = [header, *(rows[0].replace(b"EXAMPLE-CPA-0101", b"TRIAL") for _ in range(500))]
    found = scan(iter(chunks), profile=profile, codec=ALPHA, name="x")
    assert (found.records, found.collisions, len(found.shown)) == (500, 500, 100)


@pytest.mark.parametrize("octets", [b"", b"A,B\r\n1,2\r\n"])
def test_a_list_without_the_column_is_refused(profile: cpl.Profile, octets: bytes) -> None:
    """A file without the reference column cannot be scanned."""
    with pytest.raises(ArtefactError, match="no reference column"):
        scan([octets], profile=profile, codec=ALPHA, name="x")

"""The archive has one form, and its reader meets anything with one kind of error."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialconformance.core import ArtefactError
from trialconformance.evidence.bundle.archive import (
    attachment_name,
    attachment_path,
    check_path,
    input_path,
    pack,
    unpack,
)

FILES = {"MANIFEST.json": b"{}\n", "inputs/captures/a b.hex": bytes(range(64)), "inputs/Z%C3%A4hler.hex": b""}
ARCHIVE = pack(FILES)
NAMES = st.text("abcXYZ019_-", min_size=1, max_size=8)


@given(st.dictionaries(st.lists(NAMES, min_size=1, max_size=3).map("/".join), st.binary(max_size=50), max_size=6))
def test_what_is_packed_is_unpacked(files: dict[str, bytes]) -> None:
    """Any files with plain names come back, whatever the order in which they were given."""
    folded = [path.lower() for path in files]
    if len(set(folded)) < len(folded) or not files:
        return
    octets = pack(files)
    assert unpack(octets) == files
    assert pack(dict(reversed(files.items()))) == octets


@given(st.binary(max_size=200))
def test_noise_is_no_bundle(octets: bytes) -> None:
    """Arbitrary octets, also with the marks of an archive at both ends, are refused with our error."""
    for dressed in (octets, b"PK\x03\x04" + octets, b"PK\x03\x04" + octets + b"PK\x05\x06" + bytes(18)):
        with pytest.raises(ArtefactError):
            unpack(dressed)


@given(st.lists(st.tuples(st.integers(0, len(ARCHIVE) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_damaged_archive_is_refused(damage: list[tuple[int, int]]) -> None:
    """Octets changed anywhere, lengths and offsets of the directory included, are refused with our error."""
    octets = bytearray(ARCHIVE)
    for place, value in damage:
        octets[place] = value
    if bytes(octets) == ARCHIVE:
        return
    with pytest.raises(ArtefactError):
        unpack(bytes(octets))


@given(st.text(min_size=1, max_size=30))
def test_name_of_an_input_leads_nowhere(name: str) -> None:
    """Any name is refused or becomes a plain path below ``inputs/``."""
    try:
        path = input_path(name)
    except (ArtefactError, UnicodeEncodeError):
        return
    assert path.startswith("inputs/")
    assert check_path(path) is None
    assert ".." not in name.split("/")


def test_name_of_an_attachment_round_trip() -> None:
    """The name of an attachment comes back from its path."""
    name = "transcripts/Zähler 1.json"
    assert attachment_name(attachment_path(name)) == name
    assert check_path(attachment_path(name)) is None

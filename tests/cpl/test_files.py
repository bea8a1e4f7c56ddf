"""Lists and digests from files."""

from __future__ import annotations

from pathlib import Path

import pytest

from trialconformance import cpl
from trialconformance.core import ArtefactError, UsageError


def test_a_list_and_its_digest_are_read(tmp_path: Path, profile: cpl.Profile, before_octets: bytes) -> None:
    """The digest beside a list is read in the form of sha256sum or alone; without the file there is none."""
    path = tmp_path / "list.csv"
    path.write_bytes(before_octets)
    assert cpl.read_file(path, profile=profile).octets == before_octets
    assert cpl.read_sidecar(path, profile=profile) is None
    (tmp_path / "list.csv.sha256").write_text("AB" * 32 + "  list.csv\n")
    assert cpl.read_sidecar(path, profile=profile) == "ab" * 32
    (tmp_path / "list.csv.sha256").write_text("no digest")
    with pytest.raises(UsageError, match="holds no digest"):
        cpl.read_sidecar(path, profile=profile)


def test_a_file_larger_than_the_profile_allows_is_refused(tmp_path: Path, profile: cpl.Profile) -> None:
    """No more is read than the profile allows, and the offset of the first octet too many is told."""
    small = profile.model_copy(update={"container": profile.container.model_copy(update={"max_file_octets": 100})})
    path = tmp_path / "list.csv"
    path.write_bytes(b"x" * 101)
    with pytest.raises(ArtefactError, match="larger than allowed") as caught:
        cpl.read_file(path, profile=small)
    assert caught.value.offset == 100


def test_a_file_that_is_not_there_is_refused(tmp_path: Path, profile: cpl.Profile) -> None:
    """An unreadable file is the caller's error."""
    with pytest.raises(UsageError, match="cannot be read"):
        cpl.read_file(tmp_path / "none.csv", profile=profile)

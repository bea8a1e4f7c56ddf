"""Results are written whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from trialconformance.core import UsageError
from trialconformance.evidence import folder_for, write_atomically


def test_write_replaces_the_old_octets(tmp_path: Path) -> None:
    """Writing over a file leaves the new octets and no other file."""
    path = tmp_path / "record.json"
    write_atomically(path, b"old")
    assert write_atomically(path, b"new") == path
    assert path.read_bytes() == b"new"
    assert [each.name for each in tmp_path.iterdir()] == ["record.json"]


def test_write_into_nowhere_is_the_callers_fault(tmp_path: Path) -> None:
    """A folder that is not there is a usage error that names the path."""
    with pytest.raises(UsageError, match=r"record\.json: cannot be written"):
        write_atomically(tmp_path / "missing" / "record.json", b"")


def test_failed_rename_leaves_nothing_behind(tmp_path: Path) -> None:
    """Where the place is taken by a folder, the temporary file is removed."""
    (tmp_path / "record.json").mkdir()
    with pytest.raises(UsageError, match="cannot be written"):
        write_atomically(tmp_path / "record.json", b"x")
    assert [each.name for each in tmp_path.iterdir()] == ["record.json"]


def test_folder_in_the_way_of_a_file(tmp_path: Path) -> None:
    """A file where the folder should be is a usage error."""
    (tmp_path / "out").write_bytes(b"")
    with pytest.raises(UsageError, match="cannot be used for results"):
        folder_for(tmp_path / "out")

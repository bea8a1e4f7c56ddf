"""The files of a run: names, digests and what is kept out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from trialconformance.core import UsageError, sha256_hex
from trialconformance.engine import InputFile, InputFiles
from trialconformance.engine.files import files_below

_KEY = b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"


def _files(folder: Path, **contents: bytes) -> list[InputFile]:
    found = []
    for name, octets in contents.items():
        path = folder / name.replace("_", ".")
        path.write_bytes(octets)
        found.append(InputFile(role="document", name=path.name, path=path))
    return found


def test_inputs_are_listed_with_role_size_and_digest(tmp_path: Path) -> None:
    """Every input is a row with its role, size and SHA-256, in the order of names."""
    files = InputFiles(_files(tmp_path, b_txt=b"two", a_txt=b"one"))
    assert [(row.name, row.role, row.octets, row.sha256) for row in files.rows] == [
        ("a.txt", "document", 3, sha256_hex(b"one")),
        ("b.txt", "document", 3, sha256_hex(b"two")),
    ]
    assert dict(files) == {"a.txt": b"one", "b.txt": b"two"}
    assert len(files) == 2


def test_private_keys_are_no_inputs(tmp_path: Path) -> None:
    """A file with a private key has no row, no digest and no octets; it is a secret."""
    files = InputFiles(_files(tmp_path, a_key=_KEY, b_pem=b"-----BEGIN CERTIFICATE-----"))
    assert list(files) == ["b.pem"]
    assert set(files.digests) == {"b.pem"}
    assert files.secrets == {"a.key": _KEY}


def test_an_input_that_changes_is_refused(tmp_path: Path) -> None:
    """An input that changes while it is judged is bad input, not evidence."""
    files = InputFiles(_files(tmp_path, a_txt=b"one"))
    (tmp_path / "a.txt").write_bytes(b"two")
    with pytest.raises(UsageError, match="changed while it was judged"):
        files["a.txt"]
    (tmp_path / "a.txt").unlink()
    with pytest.raises(UsageError, match="cannot be read"):
        files["a.txt"]


def test_one_file_in_two_roles_counts_once(tmp_path: Path) -> None:
    """A file that is named twice is one input; two files of one name are refused."""
    (file,) = _files(tmp_path, a_txt=b"one")
    assert len(InputFiles([file, file._replace(role="image")])) == 1
    (other,) = _files(tmp_path, b_txt=b"two")
    with pytest.raises(UsageError, match=r"two files are named a\.txt"):
        InputFiles([file, other._replace(name="a.txt")])


def test_folders_are_walked_in_order(tmp_path: Path) -> None:
    """Every file below a folder is found once, in the order of paths; hidden ones are left out."""
    for name in ("b/two", "a", ".hidden/x", "b/.x", "b/one"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [path.relative_to(tmp_path).as_posix() for path in files_below(tmp_path)] == ["a", "b/one", "b/two"]
    assert files_below(tmp_path / "a") == [tmp_path / "a"]


def test_what_cannot_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path that is not there, a file or a folder that cannot be read: bad input that names it."""
    with pytest.raises(UsageError, match="is no file and no folder"):
        files_below(tmp_path / "nowhere")
    missing = tmp_path / "gone.txt"
    with pytest.raises(UsageError, match="cannot be read"):
        InputFiles([InputFile(role="document", name="gone.txt", path=missing)])
    with pytest.raises(UsageError, match="cannot be read"):
        InputFiles([InputFile(role="certificate", name="gone.pem", path=tmp_path / "gone.pem")])

    def refuse(folder: Path, onerror: object = None) -> object:
        assert callable(onerror)
        onerror(PermissionError(13, "Permission denied", str(folder)))
        return iter(())

    monkeypatch.setattr(os, "walk", refuse)
    with pytest.raises(UsageError, match="Permission denied"):
        files_below(tmp_path)

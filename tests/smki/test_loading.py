"""Reading certificates from files, bundles and folders: everything counted, nothing silently left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from trialconformance.core import UsageError
from trialconformance.smki import loading
from trialconformance.smki.issue import SyntheticPki
from trialconformance.smki.loading import Loaded, Skipped, artefact_files, read_artefacts
from trialconformance.smki.pem import write_pem


def test_a_bundle_gives_every_certificate_in_order(pki: SyntheticPki, tmp_path: Path) -> None:
    """A PEM bundle with other blocks between gives its certificates with their positions."""
    one, other = pki.certificate("esme", "ds"), pki.certificate("esme", "ka")
    blocks = [
        write_pem("CERTIFICATE", one.octets),
        write_pem("PUBLIC KEY", b"\x30\x00"),
        write_pem("CERTIFICATE", other.octets),
    ]
    (tmp_path / "bundle.pem").write_text("text before\n" + "text between\n".join(blocks))
    loaded = list(read_artefacts(tmp_path / "bundle.pem"))
    found = [each for each in loaded if isinstance(each, Loaded)]
    assert [(each.index, each.certificate) for each in found] == [(0, one), (1, other)]
    assert [each.name.endswith("[1]") for each in found] == [False, True]


def test_der_files_are_read(pki: SyntheticPki, tmp_path: Path) -> None:
    """A DER file is one certificate, trailing octets and all."""
    certificate = pki.certificate("esme", "ds")
    (tmp_path / "a.der").write_bytes(certificate.octets)
    (loaded,) = read_artefacts(tmp_path / "a.der")
    assert isinstance(loaded, Loaded)
    assert (loaded.certificate, loaded.sha256, loaded.error) == (certificate, certificate.sha256, None)


def test_what_cannot_be_read_is_kept_with_its_error(tmp_path: Path) -> None:
    """A broken certificate and a file that is no PEM come back with the error and their digest."""
    (tmp_path / "broken.pem").write_text(write_pem("CERTIFICATE", b"\x30\x03\x02\x01\x01"))
    (tmp_path / "noise.pem").write_bytes(b"noise")
    for name in ("broken.pem", "noise.pem"):
        (loaded,) = read_artefacts(tmp_path / name)
        assert isinstance(loaded, Loaded)
        assert loaded.certificate is None
        assert loaded.error is not None
        assert len(loaded.sha256) == 64


def test_files_without_certificates_are_said(tmp_path: Path) -> None:
    """A file that holds something else says what, and shows nothing of it."""
    (tmp_path / "key.pem").write_text(write_pem("PRIVATE KEY", b"\x30\x00"))
    (skipped,) = read_artefacts(tmp_path / "key.pem")
    assert isinstance(skipped, Skipped)
    assert skipped.reason == "holds no certificate but: private key"


def test_folders_are_searched_below(tmp_path: Path) -> None:
    """A folder gives its certificate files at any depth, sorted, each once; private key files are not touched."""
    (tmp_path / "ca").mkdir()
    for name in ("b.PEM", "a.der", "ca/c.crt", "d.key", "e.txt"):
        (tmp_path / name).write_bytes(b"")
    found = artefact_files([tmp_path, tmp_path / "a.der"])
    assert [each.relative_to(tmp_path).as_posix() for each in found] == ["a.der", "b.PEM", "ca/c.crt"]


def test_what_is_not_there_is_the_callers_fault(tmp_path: Path) -> None:
    """A path that does not exist, a folder without certificates and a file that cannot be opened are refused."""
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(UsageError, match="accepted"):
            artefact_files([path])
    with pytest.raises(UsageError, match="cannot be read"):
        list(read_artefacts(tmp_path))


def test_size_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file beyond the limit is refused before it is parsed."""
    monkeypatch.setattr(loading, "BUNDLE_LIMIT", 10)
    (tmp_path / "large.pem").write_bytes(b"x" * 11)
    with pytest.raises(UsageError, match="too large"):
        list(read_artefacts(tmp_path / "large.pem"))

"""Key stores: read from folders as they come, with every oddity said and no key shown."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from trialconformance.core import ArtefactError, UsageError
from trialconformance.smki import KeyStore, KeyUsage
from trialconformance.smki import der_writer as write
from trialconformance.smki.issue import SyntheticPki
from trialconformance.smki.pem import write_pem

_DS, _KA = KeyUsage.DIGITAL_SIGNATURE, KeyUsage.KEY_AGREEMENT


@pytest.fixture
def folder(pki: SyntheticPki, tmp_path: Path) -> Path:
    """A key store folder of two parties and one device, with private keys."""
    pki.write(tmp_path, parties=["supplier", "wan-provider"], devices=["esme"], private_keys=True)
    return tmp_path


def _file(pki: SyntheticPki, holder: str, use: str, suffix: str = "pem") -> str:
    return f"{pki.entity(holder).hex()}-{use}.{suffix}"


def _rules(store: KeyStore) -> list[tuple[str, str]]:
    return [(each.file, each.rule) for each in store.oddities]


def test_certificates_are_found_by_identity_and_usage(pki: SyntheticPki, folder: Path) -> None:
    """A party's certificate is found by EUI-64 and usage, the one for prepayment apart from the ordinary one."""
    store = KeyStore.read(folder)
    supplier = pki.entity("supplier")
    assert store.certificate(supplier, _DS) == pki.certificate("supplier", "ds")
    assert store.certificate(supplier, _KA) == pki.certificate("supplier", "ka")
    assert store.certificate(supplier, _KA, prepayment=True) == pki.certificate("supplier", "pp-ka")
    assert store.certificate(pki.entity("wan-provider"), _KA) is None
    assert store.public_key(pki.entity("wan-provider"), _KA) is None
    assert store.entities(2) == (supplier,)
    assert store.entities(None) == (pki.entity("esme"),)


def test_secrets_are_the_same_from_both_sides(pki: SyntheticPki, folder: Path) -> None:
    """Two parties agree the same secret whoever's private key is used, and another one for prepayment."""
    store = KeyStore.read(folder)
    supplier, meter = pki.entity("supplier"), pki.entity("esme")
    ordinary = store.shared_secret(supplier, meter)
    assert ordinary == store.shared_secret(meter, supplier)
    prepayment = store.shared_secret(meter, supplier, prepayment=True)
    assert prepayment == store.shared_secret(supplier, meter, prepayment=True)
    assert None not in (ordinary, prepayment)
    assert ordinary != prepayment
    assert store.shared_secret(meter, pki.entity("wan-provider")) is None
    assert store.shared_secret(meter, meter, prepayment=True) is None


def test_a_copy_under_another_name_is_said(pki: SyntheticPki, folder: Path) -> None:
    """A byte copy of a certificate under a name that lies is tolerated and reported as W11 and FIL-01."""
    name = _file(pki, "wan-provider", "ka")
    shutil.copy(folder / _file(pki, "supplier", "ka"), folder / name)
    store = KeyStore.read(folder)
    assert _rules(store) == [(name, "FIL-01"), (name, "W11")]
    assert store.certificate(pki.entity("wan-provider"), _KA) is None


def test_keys_without_certificates_are_said(folder: Path) -> None:
    """A private key alone and a bare public key are used under their file names and reported as W16."""
    alone, bare = bytes.fromhex("1111111111111111"), bytes.fromhex("2222222222222222")
    key = ec.derive_private_key(1111, ec.SECP256R1())
    private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    (folder / f"{alone.hex()}-ka.key").write_text(write_pem("PRIVATE KEY", private))
    (folder / f"{bare.hex()}-ka.pem").write_text(write_pem("PUBLIC KEY", public))
    store = KeyStore.read(folder)
    assert _rules(store) == [(f"{alone.hex()}-ka.key", "W16"), (f"{bare.hex()}-ka.pem", "W16")]
    assert store.has_private_key(alone, _KA)
    assert store.public_key(bare, _KA) is not None
    assert store.shared_secret(alone, bare) is not None


def test_a_key_beside_a_bare_key_belongs_to_it(folder: Path) -> None:
    """A private key whose public key stands beside it as a bare key is used without a remark of its own."""
    name = "3333333333333333-ka"
    key = ec.derive_private_key(3333, ec.SECP256R1())
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    private = key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    (folder / f"{name}.pem").write_text(write_pem("PUBLIC KEY", public))
    (folder / f"{name}.key").write_text(write_pem("EC PRIVATE KEY", private))
    store = KeyStore.read(folder)
    assert _rules(store) == [(f"{name}.pem", "W16")]
    assert store.has_private_key(bytes.fromhex("3333333333333333"), _KA)


def test_a_key_of_somebody_else_is_not_used(pki: SyntheticPki, folder: Path) -> None:
    """A private key that does not belong to the certificate beside it is reported as FIL-02 and left out."""
    key = folder / _file(pki, "esme", "ka", "key")
    shutil.copy(folder / _file(pki, "supplier", "ka", "key"), key)
    store = KeyStore.read(folder)
    assert _rules(store) == [(key.name, "FIL-02")]
    assert not store.has_private_key(pki.entity("esme"), _KA)


def test_one_key_certified_twice_is_said(pki: SyntheticPki, folder: Path) -> None:
    """Two certificates of one key and identity are reported as W12; the one issued last is used."""
    recipe = pki.recipe("esme", "ds")
    newer = replace(
        recipe, serial=write.integer(1 << 120), not_before=write.utc_time(pki.plan.device.not_before.replace(year=2019))
    )
    octets = newer.signed_by(pki.authority_key("device-issuing"))
    (folder / "zz-reissued.pem").write_text(write_pem("CERTIFICATE", octets))
    store = KeyStore.read(folder)
    assert [rule for _, rule in _rules(store)] == ["FIL-01", "W12"]
    found = store.certificate(pki.entity("esme"), _DS)
    assert found is not None
    assert found.octets == octets


def test_names_are_the_callers(pki: SyntheticPki, folder: Path) -> None:
    """Certificates, oddities and files carry the artefact names that the caller gives their files."""
    shutil.copy(folder / _file(pki, "supplier", "ka"), folder / _file(pki, "wan-provider", "ka"))
    store = KeyStore.read(folder, name_of=lambda path: f"store/{path.name}")
    assert all(each.name.startswith("store/") for each in store.certificates)
    assert all(each.file.startswith("store/") for each in store.oddities)
    assert {each.name for each in store.files} >= {f"store/{_file(pki, 'esme', 'ds')}"}


def test_no_key_is_ever_shown(pki: SyntheticPki) -> None:
    """The representation of a store counts private keys and shows none."""
    store = pki.keystore(parties=["supplier"], devices=[])
    scalar = pki.private_key("supplier", "ds").private_numbers().private_value
    assert repr(store) == "<KeyStore of 7 certificates, 3 private keys not shown>"
    assert f"{scalar:x}" not in repr(store)


def test_a_store_does_not_change_when_keys_are_added(pki: SyntheticPki) -> None:
    """Adding private keys makes another store; the first one still has none."""
    bare = pki.keystore(private_keys=False)
    full = bare.with_private_keys([pki.private_key("esme", "ka")])
    assert full.holds_private_keys
    assert not bare.holds_private_keys
    assert full.certificates == bare.certificates


@pytest.mark.parametrize(
    ("name", "text", "error"),
    [
        ("a.pem", "no PEM at all", ArtefactError),
        ("a.pem", "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n", ArtefactError),
        ("a.pem", write_pem("CERTIFICATE", b"\x30\x00"), ArtefactError),
        ("a.pem", write_pem("X509 CRL", b"\x30\x00"), ArtefactError),
        ("a.pem", write_pem("PUBLIC KEY", b"\x30\x00"), ArtefactError),
        ("a.key", write_pem("PRIVATE KEY", b"\x30\x00"), ArtefactError),
        ("a.key", "-----BEGIN ENCRYPTED PRIVATE KEY-----\n", UsageError),
        ("a.pem", "-----BEGIN PUBLIC KEY-----\n" + "A" * (1 << 20), ArtefactError),
    ],
)
def test_files_that_cannot_be_used_are_refused(tmp_path: Path, name: str, text: str, error: type[Exception]) -> None:
    """A file that holds no usable PEM ends reading with one clear error that names the file."""
    (tmp_path / name).write_text(text)
    with pytest.raises(error, match=name):
        KeyStore.read(tmp_path)


def test_encrypted_and_foreign_keys_are_refused_without_showing_them(tmp_path: Path) -> None:
    """An encrypted key is the caller's fault and a key of another curve the artefact's; neither is quoted."""
    key = ec.generate_private_key(ec.SECP384R1())
    foreign = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "a.key").write_bytes(foreign)
    with pytest.raises(ArtefactError, match="no usable private key") as refused:
        KeyStore.read(tmp_path)
    assert str(refused.value).count("\n") == 0
    (tmp_path / "a.key").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
    )
    with pytest.raises(UsageError, match="encrypted"):
        KeyStore.read(tmp_path)


def test_folders_that_cannot_be_used_are_refused(tmp_path: Path) -> None:
    """A folder that is missing, is a file or holds no key store file is the caller's fault."""
    (tmp_path / "file").write_text("")
    (tmp_path / "empty").mkdir()
    for name in ("missing", "file", "empty"):
        with pytest.raises(UsageError):
            KeyStore.read(tmp_path / name)


def test_a_file_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    """A folder in the place of a file is refused by name."""
    (tmp_path / "odd.pem").mkdir()
    with pytest.raises(UsageError, match=r"odd\.pem"):
        KeyStore.read(tmp_path)

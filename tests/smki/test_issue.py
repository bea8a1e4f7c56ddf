"""The synthetic PKI: the same octets in every run, good under the profile, and plainly test-only."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from cryptography import x509

from trialconformance.core import UsageError
from trialconformance.smki import KeyStore, KeyUsage, load_profile, p256, subjects
from trialconformance.smki.issue import SyntheticPki
from trialconformance.smki.lint import Judge
from trialconformance.smki.plan import load_plan
from trialconformance.smki.seed import private_key, serial_number

_CERTS = Path(__file__).parents[2] / "certs"
_DOCUMENTATION = bytes.fromhex("00005EEF100000")  # the EUI-64s that IANA keeps for documentation
_EXAMPLES = "1.3.6.1.4.1.32473."


def test_certs_folder_is_what_the_seed_makes(pki: SyntheticPki) -> None:
    """The committed certificates are, octet for octet, those that the seed makes, and there are no others."""
    committed = {
        path.relative_to(_CERTS).as_posix(): path.read_bytes() for path in _CERTS.rglob("*") if path.suffix == ".pem"
    }
    assert committed == {name: text.encode() for name, text in pki.files().items()}


def test_no_private_key_is_committed() -> None:
    """Nothing below ``certs`` holds a private key, and the folder says that it is test-only."""
    for path in _CERTS.rglob("*"):
        assert path.is_dir() or b"PRIVATE KEY" not in path.read_bytes()
    assert "test-only" in (_CERTS / "README.md").read_text().lower()


def test_identities_and_identifiers_are_invented(pki: SyntheticPki) -> None:
    """EUI-64s are those kept for documentation and object identifiers those of the arc for examples."""
    for entity in [each.entity for each in pki.plan.parties] + [each.entity for each in pki.plan.devices]:
        assert bytes.fromhex(entity)[:7] == _DOCUMENTATION
    for authority in pki.plan.authorities:
        assert authority.policy.startswith(_EXAMPLES)
    assert pki.plan.hardware_type.startswith(_EXAMPLES)
    assert "TEST ONLY" in pki.plan.seed


def test_every_certificate_is_good(pki: SyntheticPki, strict: Judge) -> None:
    """Under ``production`` and under ``test-pki`` the synthetic PKI breaks no case at all, not even an assumed one."""
    store = pki.keystore()
    for judge in (strict, Judge(load_profile("test-pki"))):
        found = [each for _, group in judge.all(subjects(store, profile=judge.profile)) for each in group]
        assert found == []


def test_test_profile_trusts_the_synthetic_roots(pki: SyntheticPki) -> None:
    """The profile ``test-pki`` trusts the keys of the two synthetic roots, and every leaf ends there."""
    trusted = {each.point for each in load_profile("test-pki").trusted() if not each.recovered}
    assert trusted == {pki.authority("org-root").point, pki.authority("device-root").point}


def test_a_library_reads_every_certificate(pki: SyntheticPki) -> None:
    """The certificates are X.509 for others too: serial numbers and extensions come out the same."""
    for certificate in pki.keystore().certificates:
        read = x509.load_der_x509_certificate(certificate.octets)
        assert read.serial_number == certificate.serial
        assert len(list(read.extensions)) == len(certificate.extensions)


def test_any_device_gets_certificates(pki: SyntheticPki) -> None:
    """Any EUI-64 that no party has is a device, with a certificate for each of the two usages."""
    entity = bytes.fromhex("00005EEF100000FE")
    signing, agreeing = pki.certificate(entity, "ds"), pki.certificate(entity, "ka")
    assert (signing.entity_id, agreeing.entity_id) == (entity, entity)
    assert signing.point != agreeing.point
    assert signing.usage is KeyUsage.DIGITAL_SIGNATURE
    assert agreeing.usage is KeyUsage.KEY_AGREEMENT


def test_other_keys_can_be_certified(pki: SyntheticPki) -> None:
    """A key from elsewhere is certified on request, under the CA of its holder."""
    point = p256.point_of(private_key("another seed", "anybody").public_key())
    certificate = pki.certify("hcalcs", "ka", point=point)
    assert certificate.point == point
    assert certificate.issued_by(pki.authority("device-issuing").point)
    assert certificate != pki.certificate("hcalcs", "ka")


def test_private_keys_of_given_certificates(pki: SyntheticPki) -> None:
    """Private keys are derived for certificates of this PKI, and for nobody else's key of the same identity."""
    store = pki.keystore(private_keys=False)
    assert not store.holds_private_keys
    complete = store.with_private_keys(pki.private_keys_of(store.certificates))
    broker, meter = pki.entity("access-control-broker"), pki.entity("esme")
    assert (
        complete.shared_secret(broker, meter)
        == complete.shared_secret(meter, broker)
        != store.shared_secret(meter, broker)
    )
    stranger = pki.certify("esme", "ds", point=p256.point_of(private_key("another seed", "anybody").public_key()))
    assert pki.private_keys_of([stranger]) == ()


def test_keys_and_serial_numbers_come_from_the_documented_hash() -> None:
    """A key is the SHA-512 of the documented text, reduced as documented; a serial number is 16 octets."""
    text = b"trialconformance test-only private key\0seed\0label"
    scalar = int.from_bytes(hashlib.sha512(text).digest()) % (p256.ORDER - 1) + 1
    assert private_key("seed", "label").private_numbers().private_value == scalar
    digest = hashlib.sha256(b"trialconformance test-only serial number\0seed\0label").digest()
    serial = serial_number("seed", "label").to_bytes(16)
    assert (serial[0], serial[1:]) == (0x40 | digest[0] & 0x0F, digest[1:16])


def test_signatures_are_deterministic() -> None:
    """Signing the same message twice gives the same two numbers, which verify."""
    key = private_key("seed", "label")
    r, s = p256.sign(key, b"message")
    assert (r, s) == p256.sign(key, b"message")
    assert p256.verifies(p256.point_of(key.public_key()), r=r, s=s, message=b"message")


def test_a_written_folder_is_a_key_store(pki: SyntheticPki, tmp_path: Path) -> None:
    """A folder written with private keys reads back as the key store in memory, without an oddity."""
    written = pki.write(tmp_path / "keys", parties=["supplier"], devices=["esme"], private_keys=True)
    store = KeyStore.read(tmp_path / "keys")
    assert store.oddities == ()
    assert len(written) == 4 + 3 + 2 + 5
    supplier, meter = pki.entity("supplier"), pki.entity("esme")
    assert store.has_private_key(supplier, KeyUsage.KEY_AGREEMENT, prepayment=True)
    assert store.shared_secret(supplier, meter, prepayment=True) == pki.keystore().shared_secret(
        supplier, meter, prepayment=True
    )
    assert not list((tmp_path / "keys").rglob("*.partial"))


def test_a_folder_that_cannot_be_written_is_the_callers_fault(pki: SyntheticPki, tmp_path: Path) -> None:
    """Writing below a file ends with one clear message."""
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        pki.write(tmp_path / "file")


@pytest.mark.parametrize(
    ("holder", "use"), [("nobody", "ds"), ("recovery", "ka"), ("esme", "pp-ka"), ("xml-sign", "ka")]
)
def test_unknown_holders_and_uses_are_refused(pki: SyntheticPki, holder: str, use: str) -> None:
    """A holder or a use that the plan does not have is refused with what it has."""
    with pytest.raises(UsageError, match="accepted"):
        pki.certificate(holder, use)  # type: ignore[arg-type]  # the case that the types rule out


def test_unknown_authorities_are_refused(pki: SyntheticPki) -> None:
    """A CA that the plan does not have is refused with those it has."""
    with pytest.raises(UsageError, match="org-issuing"):
        pki.authority("web-root")


def test_a_plan_of_ones_own(tmp_path: Path) -> None:
    """A user's own plan gives other keys; an EUI-64 in it may be written with separators."""
    plan = json.loads(load_plan().model_dump_json())
    plan["seed"] = "TEST ONLY - another one"
    plan["parties"][0]["entity"] = "00-00-5e-ef-10-00-00-01"
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(plan))
    own = SyntheticPki(load_plan(file))
    assert own.entity("recovery") == SyntheticPki().entity("recovery")
    assert own.certificate("supplier", "ds") != SyntheticPki().certificate("supplier", "ds")

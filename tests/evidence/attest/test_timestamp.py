"""A time stamp says when a signature was there, and only an authority that the verifier names is believed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from trialconformance.cli import main
from trialconformance.core import UsageError
from trialconformance.evidence import open_bundle
from trialconformance.evidence.attest import read_trust
from trialconformance.evidence.attest.timestamp import request
from trialconformance.evidence.bundle import stamp_bundle
from trialconformance.evidence.verify import Outcome, Step, verify_bundle

MOMENT = datetime(2022, 10, 16, 9, 30, tzinfo=UTC)
LATE = date(2031, 1, 1)  # after the keys of the tests have expired
AuthorityKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def certificate(
    key: AuthorityKey, *, usage: Any = ExtendedKeyUsageOID.TIME_STAMPING, years: int = 30
) -> x509.Certificate:
    """A self-signed certificate of a time-stamp authority."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test Time")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2020 + years, 1, 1, tzinfo=UTC))
        .add_extension(x509.ExtendedKeyUsage([usage]), critical=True)
    )
    return builder.sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256())


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Stamps what it is asked to.

    Args:
        key: its key.
        certificate: its certificate.
    """

    key: AuthorityKey
    certificate: x509.Certificate

    @property
    def pem(self) -> str:
        """Its certificate for a trust policy."""
        return self.certificate.public_bytes(Encoding.PEM).decode()

    def answer(self, envelope: bytes, *, moment: datetime = MOMENT, status: str = "granted") -> bytes:
        """A response with a token over an envelope."""
        info = tsp.TSTInfo(
            {
                "version": "v1",
                "policy": "1.2.3.4",
                "message_imprint": {
                    "hash_algorithm": {"algorithm": "sha256"},
                    "hashed_message": hashlib.sha256(envelope).digest(),
                },
                "serial_number": 1,
                "gen_time": moment,
            }
        )
        attributes = cms.CMSAttributes(
            [
                {"type": "content_type", "values": ["tst_info"]},
                {"type": "message_digest", "values": [hashlib.sha256(info.dump()).digest()]},
            ]
        )
        own = asn1_x509.Certificate.load(self.certificate.public_bytes(Encoding.DER))
        algorithm = {"algorithm": "sha256_rsa" if isinstance(self.key, rsa.RSAPrivateKey) else "sha256_ecdsa"}
        signed = cms.SignedData(
            {
                "version": "v3",
                "digest_algorithms": [{"algorithm": "sha256"}],
                "encap_content_info": {"content_type": "tst_info", "content": cms.ParsableOctetString(info.dump())},
                "signer_infos": [
                    {
                        "version": "v1",
                        "sid": {"issuer_and_serial_number": {"issuer": own.issuer, "serial_number": own.serial_number}},
                        "digest_algorithm": {"algorithm": "sha256"},
                        "signed_attrs": attributes,
                        "signature_algorithm": algorithm,
                        "signature": self.sign(attributes.dump()),
                    }
                ],
            }
        )
        token = cms.ContentInfo({"content_type": "signed_data", "content": signed})
        written: bytes = tsp.TimeStampResp({"status": {"status": status}, "time_stamp_token": token}).dump()
        return written

    def sign(self, octets: bytes) -> bytes:
        """Sign in the way of the key."""
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(octets, padding.PKCS1v15(), hashes.SHA256())
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            return self.key.sign(octets, ec.ECDSA(hashes.SHA256()))
        return self.key.sign(octets)


def authority(key: AuthorityKey | None = None, **options: Any) -> Authority:
    """An authority, with a P-256 key by default."""
    chosen = key or ec.derive_private_key(4711, ec.SECP256R1())
    return Authority(key=chosen, certificate=certificate(chosen, **options))


@pytest.fixture
def stamped(workshop: Any) -> Callable[..., Step]:
    """Stamps both judgements of a bundle and gives step 4 of a verification after the keys have expired."""

    def _stamped(answers: Callable[[bytes], bytes], *believed: Authority, on: date = LATE) -> Step:
        path: Path = workshop.bundle()
        for envelope, octets in open_bundle(path.read_bytes()).attestations.items():
            del envelope
            stamp_bundle(path, answers(octets))
        trust = workshop.trust().model_copy(update={"time_stamp_authorities": tuple(each.pem for each in believed)})
        return verify_bundle(path.read_bytes(), trust=trust, on=on, again=None).steps[3]

    return _stamped


@pytest.mark.parametrize("kind", ["p256", "rsa"])
def test_stamp_proves_that_a_key_was_good(stamped: Callable[..., Step], kind: str) -> None:
    """A key that has expired since counts when a believed authority stamped the signature while it was good."""
    key = rsa.generate_private_key(65537, 2048) if kind == "rsa" else None
    believed = authority(key)
    step = stamped(believed.answer, believed)
    assert step.outcome is Outcome.PASSED, step.notes
    assert any("stamped 2022-10-16T09:30:00+00:00 by CN=Test Time" in note for note in step.notes)


def test_stamp_by_nobody_who_is_believed_is_a_gap(stamped: Callable[..., Step]) -> None:
    """Without trust in the authority the day of verification counts."""
    step = stamped(authority().answer, on=date(2022, 10, 20))
    assert step.outcome is Outcome.GAP
    assert any("no time-stamp authority that the trust policy names" in note for note in step.notes)
    assert stamped(authority().answer, on=LATE).outcome is Outcome.FAILED


def test_stamp_with_a_forged_signature_is_rejected(stamped: Callable[..., Step]) -> None:
    """Another key under the name of the authority does not verify."""
    forged = Authority(key=ec.derive_private_key(99, ec.SECP256R1()), certificate=authority().certificate)
    step = stamped(forged.answer, authority())
    assert step.outcome is Outcome.FAILED
    assert any("the signature of CN=Test Time is not valid" in note for note in step.notes)


def test_stamp_with_a_changed_content_is_rejected(stamped: Callable[..., Step]) -> None:
    """A token whose time was changed afterwards no longer matches its signed digest."""
    believed = authority()
    step = stamped(lambda octets: believed.answer(octets).replace(b"20221016093000Z", b"20221017093000Z"), believed)
    assert step.outcome is Outcome.FAILED


def test_authority_of_an_unknown_kind_of_key_is_rejected(stamped: Callable[..., Step]) -> None:
    """A key that is neither RSA nor ECDSA does not stamp."""
    believed = authority(ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)))
    assert stamped(believed.answer, believed).outcome is Outcome.FAILED


def test_authority_whose_certificate_had_expired_is_rejected(stamped: Callable[..., Step]) -> None:
    """A stamp made after the authority's certificate had run out counts for nothing."""
    believed = authority(years=1)
    step = stamped(believed.answer, believed)
    assert any("when the certificate of the authority was not valid" in note for note in step.notes)


def test_stamp_on_another_envelope_is_rejected(workshop: Any) -> None:
    """A token that was moved to another envelope is over other octets."""
    from trialconformance.evidence.bundle.archive import pack, unpack  # noqa: PLC0415 - only here

    files = unpack(workshop.bundle().read_bytes())
    paths = sorted(path for path in files if path.startswith("attest/"))
    files[paths[0] + ".tsr"] = authority().answer(files[paths[1]])
    step = verify_bundle(pack(files), trust=workshop.trust(), on=date(2022, 10, 20), again=None).steps[3]
    assert any("is over other octets than the envelope beside it" in note for note in step.notes)
    files[paths[0] + ".tsr"] = b"\x30\x00"
    step = verify_bundle(pack(files), trust=workshop.trust(), on=date(2022, 10, 20), again=None).steps[3]
    assert any("is no time-stamp token" in note for note in step.notes)
    files["attest/alone.dsse.json.tsr"] = b"\x30\x00"
    assert verify_bundle(pack(files), trust=None, on=LATE, again=None).steps[2].outcome is Outcome.FAILED


@pytest.mark.parametrize("status", ["rejection", "waiting"])
def test_answer_that_grants_nothing_is_refused(workshop: Any, status: str) -> None:
    """A refusal of the authority is no token."""
    path = workshop.bundle()
    octets = next(iter(open_bundle(path.read_bytes()).attestations.values()))
    from trialconformance.core import ArtefactError  # noqa: PLC0415 - only here

    with pytest.raises(ArtefactError, match=f"the authority answered {status}"):
        stamp_bundle(path, authority().answer(octets, status=status))


def test_bare_token_is_accepted(workshop: Any) -> None:
    """The token alone, without the response around it, is taken too."""
    path = workshop.bundle()
    envelope, octets = next(iter(open_bundle(path.read_bytes()).attestations.items()))
    token = tsp.TimeStampResp.load(authority().answer(octets))["time_stamp_token"].dump()
    assert stamp_bundle(path, token) == envelope


def test_request_is_read_by_another_reader(workshop: Any) -> None:
    """The request names the digest of the envelope and asks for the certificate."""
    octets = b"envelope"
    read = tsp.TimeStampReq.load(request(octets)).native
    assert read["message_imprint"]["hashed_message"] == hashlib.sha256(octets).digest()
    assert read["cert_req"] is True


def test_commands(workshop: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Request, answer, stamp: the answer goes beside the signature that it is over."""
    path, question, answer = workshop.bundle(), tmp_path / "r.tsq", tmp_path / "r.tsr"
    assert main(["bundle", "stamp-request", str(path), "--role", "laboratory", "--output", str(question)]) == 0
    envelope, octets = next(
        (name, octets)
        for name, octets in open_bundle(path.read_bytes()).attestations.items()
        if name.startswith("attest/laboratory") and "judgement" in name
    )
    asked = tsp.TimeStampReq.load(question.read_bytes()).native["message_imprint"]["hashed_message"]
    assert asked == hashlib.sha256(octets).digest()
    answer.write_bytes(authority().answer(octets))
    assert main(["bundle", "stamp", str(path), "--token", str(answer)]) == 0
    assert envelope + ".tsr" in open_bundle(path.read_bytes()).files
    answer.write_bytes(authority().answer(b"something else"))
    assert main(["bundle", "stamp", str(path), "--token", str(answer)]) == 3
    assert main(["bundle", "stamp-request", str(path), "--role", "ssc"]) == 3
    assert "nobody has signed in the role ssc" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("pem", "message"),
    [
        ("no certificate", "is no certificate of an authority"),
        (authority(usage=ExtendedKeyUsageOID.SERVER_AUTH).pem, "may not stamp time"),
    ],
    ids=["no certificate", "another usage"],
)
def test_authority_that_cannot_be_one_is_refused(workshop: Any, tmp_path: Path, pem: str, message: str) -> None:
    """A trust policy names certificates for time stamping, nothing else."""
    path = tmp_path / "trust.json"
    path.write_text(workshop.trust().model_copy(update={"time_stamp_authorities": (pem,)}).model_dump_json())
    with pytest.raises(UsageError, match=message):
        read_trust(path)

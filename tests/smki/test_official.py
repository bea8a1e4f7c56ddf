"""The public test PKI: exactly its known deviations are found, and its chains and answers come out as recorded."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from trialconformance import gbcs
from trialconformance.core import ArtefactError
from trialconformance.engine.credentials import carried_messages
from trialconformance.smki import Certificate, CertificateKind, KeyStore, load_profile, subjects
from trialconformance.smki.binding import DEVICE_CERTIFICATE, REPLACEMENT
from trialconformance.smki.credentials import CarriedMessage, is_replacement, read_replacement, walk_payload
from trialconformance.smki.lint import Judge
from trialconformance.smki.request import REQUEST
from trialconformance.smki.subjects import message_subjects

pytestmark = pytest.mark.official

_TEST_PKI = load_profile("test-pki")
# Section 2.7 of the reference, by deviation: what each one breaks under ``production``.
_DEVIATIONS = {
    "W1": {"SMKI-ENC-06"},
    "W2": {"SMKI-CHN-09", "SMKI-EXT-03", "SMKI-EXT-13", "SMKI-NAM-06", "SMKI-TBS-12"},
}


@pytest.fixture(scope="module")
def store(rtds: Path) -> KeyStore:
    """The key store of the official test data."""
    return KeyStore.read(rtds / "keystore")


@pytest.fixture(scope="module")
def messages(rtds: Path) -> list[CarriedMessage]:
    """Every official message, as far as certificates are concerned."""
    return list(carried_messages(gbcs.read_captures(rtds / "RTDS-4.5.0")))


def _embedded(messages: list[CarriedMessage]) -> tuple[list[Certificate], list[Certificate]]:
    """Leaves and path certificates of every CS02b and CS02g Command."""
    leaves: dict[str, Certificate] = {}
    path: dict[str, Certificate] = {}
    for message in messages:
        command = read_replacement(walk_payload(message)) if is_replacement(message) else None
        for group, nodes in (
            (leaves, [each.certificate for each in command.replacements] if command else []),
            (path, command.path if command else ()),
        ):
            for node in nodes:
                certificate = Certificate.parse(message.octets[node.start : node.end], name=message.name)
                group[certificate.sha256] = certificate
    return list(leaves.values()), list(path.values())


def test_production_finds_exactly_the_known_deviations(store: KeyStore) -> None:
    """Under ``production`` with the test policies configured only certificates of W1 and W2 break anything."""
    profile = load_profile("production").model_copy(update={"policies": _TEST_PKI.policies})
    found = defaultdict(set)
    for subject, judged in Judge(profile).all(subjects(store, profile=profile)):
        for each in judged:
            found[subject.name].add(each.case.id)
    expected = {}
    for certificate in store.certificates:
        for waiver in _TEST_PKI.waivers:
            if waiver.id in _DEVIATIONS and waiver.when.holds(name=certificate.name, certificate=certificate):
                expected[certificate.name] = _DEVIATIONS[waiver.id]
    assert found == expected
    assert len(expected) >= 3


def test_test_profile_waives_everything_by_name(store: KeyStore) -> None:
    """Under ``test-pki`` every finding on the key store is waived, and the waiver is one of those that belong to it."""
    waivers = set()
    for _, judged in Judge(_TEST_PKI).all(subjects(store, profile=_TEST_PKI)):
        for each in judged:
            assert each.waiver, (each.case.id, each.finding)
            waivers.add(each.waiver)
    assert waivers <= {"W1", "W2", "W11", "W13"}


def test_oddities_of_the_folder_are_the_known_ones(store: KeyStore) -> None:
    """Reading the folder notes the lying name, the re-issued keys and the files without a certificate, nothing else."""
    assert {each.rule for each in store.oddities} <= {"W11", "FIL-01", "W12", "W16"}


def test_devices_chain_to_the_recovered_issuing_ca(store: KeyStore) -> None:
    """Every Device Certificate verifies under the recovered key of its issuer, which reports call recovered."""
    chains = [each for each in subjects(store, profile=_TEST_PKI)["chain"] if each.leaf.kind is CertificateKind.DEVICE]
    assert len(chains) > 100
    for chain in chains:
        assert [link.verifies for link in chain.links] == [True]
        assert chain.anchor.recovered
        assert "recovered" in chain.anchor.title


def test_leaves_of_z1_verify_under_z1(store: KeyStore, messages: list[CarriedMessage]) -> None:
    """Every leaf that Z1 issued, in the key store and in messages, verifies under the Z1 that messages carry."""
    leaves, path = _embedded(messages)
    roots = [each.point for each in _TEST_PKI.trusted() if each.is_root and each.recovered]
    (issuing,) = [each for each in path if any(each.issued_by(point) for point in roots)]
    issued = [each for each in (*store.certificates, *leaves) if each.aki == issuing.ski]
    assert len(issued) >= 20
    assert all(each.issued_by(issuing.point) for each in issued)
    assert all(each.issuer.octets == issuing.subject.octets for each in issued)


def test_devices_answer_as_predicted(store: KeyStore, messages: list[CarriedMessage]) -> None:
    """For every cell that a device answered for, the predicted status is the recorded one."""
    cells = message_subjects(messages, keystore=store, profile=_TEST_PKI, clock=_TEST_PKI.clock)[REPLACEMENT]
    answered = [each for each in cells if each.outcome is not None]
    assert len(answered) >= 10
    assert [each.predicted.status for each in answered] == [each.outcome.status for each in answered]


def test_messages_show_only_known_deviations(store: KeyStore, messages: list[CarriedMessage]) -> None:
    """Official messages break no certificate case that is not waived by name, but for remarks on disapplied time."""
    found = message_subjects(messages, keystore=store, profile=_TEST_PKI, clock=_TEST_PKI.clock)
    left = {each.case.id for _, judged in Judge(_TEST_PKI).all(found) for each in judged if not each.waiver}
    assert left <= {"SMKI-MSG-08"}


def test_the_official_request_is_good_and_was_followed(store: KeyStore, messages: list[CarriedMessage]) -> None:
    """The device's signing request breaks no case, and the certificate put on it afterwards is for that key."""
    found = message_subjects(messages, keystore=store, profile=_TEST_PKI, clock=_TEST_PKI.clock)
    (request,) = found[REQUEST]
    assert Judge(load_profile("production")).judge(REQUEST, request) == ()
    put = [each for each in found[DEVICE_CERTIFICATE] if each.installs and each.code == 0]
    assert [each.certificate.point for each in put] == [request.request.point]


def test_any_bit_of_a_certificate_counts(store: KeyStore) -> None:
    """Over a sample of official certificates, any flipped bit of the signed part fails the signature."""
    points = {each.key_identifier: each.point for each in _TEST_PKI.trusted()}
    for certificate in store.certificates[::23]:
        point = points.get(certificate.aki or b"")
        if point is None:
            continue
        body = certificate.syntax.fields["tbsCertificate"]
        for place in range(body.start, body.end, 29):
            octets = bytearray(certificate.octets)
            octets[place] ^= 1 << place % 8
            try:
                changed = Certificate.parse(bytes(octets))
            except ArtefactError:
                continue
            assert not changed.issued_by(point)

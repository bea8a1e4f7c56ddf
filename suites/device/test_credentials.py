"""Credentials: replacing what a device trusts, with good and bad chains, and its own certificates (GBCS 13)."""

from __future__ import annotations

import pytest

from trialconformance.core import ArtefactError
from trialconformance.harness import Bench, Capability, Party
from trialconformance.harness.credentials import ROLE_CODES
from trialconformance.harness.observations import number, replacement_statuses, role_entry
from trialconformance.smki import Certificate, KeyUsage
from trialconformance.smki.request import CertificateRequest

_DS, _KA = KeyUsage.DIGITAL_SIGNATURE, KeyUsage.KEY_AGREEMENT
_SUPPLIER = ROLE_CODES[Party.SUPPLIER]
_SUCCESS, _BAD_CERTIFICATE, _NO_TRUST_ANCHOR, _NOT_FOUND = 0, 5, 10, 25
_WRONG_DEVICE, _INVALID_USAGE, _WRONG_KEY = 2, 3, 5


@pytest.mark.case("GBCS-CRD-001")
def test_good_chain_replaces_the_cell_it_names(bench: Bench) -> None:
    """A replacement with a good chain is reported as done, and the cell and only that cell holds it."""
    bystander = role_entry(bench, ROLE_CODES[Party.NETWORK_OPERATOR])
    wanted = bench.certificate(Party.OTHER_SUPPLIER, _DS)
    answer = bench.expect_answer(bench.replacing((wanted, _SUPPLIER, _DS)), "a replacement with a good chain")
    if answer is None:
        return
    bench.expect_statuses(answer, [_SUCCESS])
    held = bench.held_after(Party.OTHER_SUPPLIER, _DS)
    bench.expect(
        held is not None and held.key_identifier == wanted.ski,
        expected=f"key {(wanted.ski or b'').hex()} in the supplier's cell",
        seen=held.key_identifier.hex() if held is not None else "no such cell",
    )
    same = role_entry(bench, ROLE_CODES[Party.NETWORK_OPERATOR]).cells == bystander.cells
    bench.expect(same, expected="the cells of the network operator as they were", seen="other content")


@pytest.mark.case("GBCS-CRD-002")
def test_unknown_issuer_is_refused(bench: Bench) -> None:
    """A certificate of an issuer that leads to no trust anchor gets status 10 (noTrustAnchor)."""
    stranger = bench.foreign_certificate(Party.OTHER_SUPPLIER, _DS)
    answer = bench.expect_answer(bench.replacing((stranger, _SUPPLIER, _DS)), "a replacement of an unknown issuer")
    if answer is not None:
        bench.expect_statuses(answer, [_NO_TRUST_ANCHOR])


@pytest.mark.case("GBCS-CRD-003")
def test_tampered_path_fails_all_that_depend_on_it(bench: Bench) -> None:
    """A path certificate whose signature is wrong fails every replacement with status 10."""
    command = bench.replacing(
        (bench.certificate(Party.OTHER_SUPPLIER, _DS), _SUPPLIER, _DS),
        (bench.certificate(Party.OTHER_SUPPLIER, _KA), _SUPPLIER, _KA),
        path=bench.tampered_path(),
    )
    answer = bench.expect_answer(command, "a replacement with a tampered path certificate")
    if answer is not None:
        bench.expect_statuses(answer, [_NO_TRUST_ANCHOR, _NO_TRUST_ANCHOR])


@pytest.mark.case("GBCS-CRD-004")
def test_failed_replacement_leaves_the_cell_as_it_was(bench: Bench) -> None:
    """A cell whose replacement fails keeps its certificate."""
    before = role_entry(bench, _SUPPLIER).cells
    stranger = bench.foreign_certificate(Party.OTHER_SUPPLIER, _KA)
    bench.expect_answer(bench.replacing((stranger, _SUPPLIER, _KA)), "a replacement of an unknown issuer")
    after = role_entry(bench, _SUPPLIER).cells
    bench.expect(after == before, expected="the supplier's cells as they were", seen="other content")


@pytest.mark.case("GBCS-CRD-005")
def test_each_replacement_has_its_own_outcome(bench: Bench) -> None:
    """One bad certificate does not keep the others from being replaced."""
    command = bench.replacing(
        (bench.foreign_certificate(Party.OTHER_SUPPLIER, _KA), _SUPPLIER, _KA),
        (bench.certificate(Party.SUPPLIER, _DS), _SUPPLIER, _DS),
    )
    answer = bench.expect_answer(command, "one bad and one good replacement")
    if answer is not None:
        bench.expect_statuses(answer, [_NO_TRUST_ANCHOR, _SUCCESS])


@pytest.mark.case("GBCS-CRD-006")
def test_expired_certificate_is_refused_where_time_counts(bench: Bench) -> None:
    """A certificate that has expired is refused unless the command says that time does not count."""
    expired = bench.expired_certificate(Party.OTHER_SUPPLIER, _KA)
    answer = bench.expect_answer(bench.replacing((expired, _SUPPLIER, _KA)), "a replacement that has expired")
    statuses = replacement_statuses(answer) if answer is not None else None
    if answer is not None:
        bench.expect(
            statuses is not None and _SUCCESS not in statuses, expected="a status other than 0", seen=f"{statuses}"
        )


@pytest.mark.case("GBCS-CRD-007")
def test_expired_certificate_is_taken_where_time_is_disapplied(bench: Bench) -> None:
    """A certificate that has expired is accepted where the command says that time does not count."""
    expired = bench.expired_certificate(Party.OTHER_SUPPLIER, _KA)
    command = bench.replacing((expired, _SUPPLIER, _KA), disapply_time=True)
    answer = bench.expect_answer(command, "a replacement that has expired, time disapplied")
    if answer is not None:
        bench.expect_statuses(answer, [_SUCCESS])


@pytest.mark.case("GBCS-CRD-008")
def test_replaced_party_is_refused(bench: Bench) -> None:
    """Who was replaced cannot command the device any more; who replaced it can."""
    both = ((bench.certificate(Party.OTHER_SUPPLIER, usage), _SUPPLIER, usage) for usage in (_DS, _KA))
    bench.expect_answer(bench.replacing(*both), "a replacement of the supplier")
    use_case = bench.use_case("protected")
    values = bench.plain_values(use_case)
    old = bench.exchange(bench.command(use_case, party=Party.SUPPLIER, **values))
    bench.expect(not old.answers, expected="no response to the supplier that was replaced", seen=old.describe())
    new = bench.command(use_case, party=Party.OTHER_SUPPLIER, **values)
    bench.expect_answer(new, "a command of the new supplier")


@pytest.mark.case("GBCS-CRD-009")
def test_certificate_of_another_usage_is_refused(bench: Bench) -> None:
    """A key agreement certificate does not go into a digital signature cell."""
    wrong = bench.certificate(Party.OTHER_SUPPLIER, _KA)
    answer = bench.expect_answer(bench.replacing((wrong, _SUPPLIER, _DS)), "a replacement of another key usage")
    statuses = replacement_statuses(answer) if answer is not None else None
    if answer is not None:
        bench.expect(
            statuses is not None and _SUCCESS not in statuses, expected="a status other than 0", seen=f"{statuses}"
        )


@pytest.mark.case("GBCS-CRD-010")
def test_absent_role_is_reported(bench: Bench) -> None:
    """CS02a gives status 25 (trustAnchorNotFound) for a role that the device has no cell for."""
    entry = role_entry(bench, ROLE_CODES[Party.WAN_PROVIDER])
    bench.expect(entry.status == _NOT_FOUND, expected=f"status {_NOT_FOUND}", seen=f"status {entry.status}")


@pytest.mark.case("GBCS-CRD-011")
def test_certification_request_is_for_a_new_key_of_this_device(bench: Bench) -> None:
    """CS02c returns a request of this device for a new key and the usage that was asked for."""
    answer = bench.expect_answer(bench.command("CS02c", usage=_DS), "a request for a certification request")
    if answer is None:
        return
    try:
        request = CertificateRequest.parse(answer.payload)
    except ArtefactError as error:
        bench.finding(expected="a certification request", seen=str(error))
        return
    bench.expect(
        request.entity_id == bench.device,
        expected=f"a request that names {bench.device.hex()}",
        seen=(request.entity_id or b"").hex() or "no name",
    )
    bench.expect(request.usage == _DS, expected=_DS.words, seen=request.usage.words)
    known = bench.credentials.keystore.certificate(bench.device, _DS)
    if known is not None:
        bench.expect(request.point != known.point, expected="a new key", seen="the key in use")


@pytest.mark.case("GBCS-CRD-012")
def test_certificate_of_another_device_is_refused(bench: Bench) -> None:
    """CS02d refuses a certificate that names another device, with code 2."""
    bench.expect_stored(bench.device_certificate(_DS, entity=bytes(reversed(bench.device))), _WRONG_DEVICE)


@pytest.mark.case("GBCS-CRD-013")
def test_device_certificate_of_another_usage_is_refused(bench: Bench) -> None:
    """CS02d refuses a certificate whose key usage is neither of the two, with code 3."""
    bench.expect_stored(bench.device_certificate(KeyUsage.NON_REPUDIATION), _INVALID_USAGE)


@pytest.mark.case("GBCS-CRD-014")
def test_certificate_for_another_key_is_refused(bench: Bench) -> None:
    """CS02d refuses a certificate for a key that the device did not make, with code 5."""
    bench.expect_answer(bench.command("CS02c", usage=_DS), "a request for a certification request")
    bench.expect_stored(bench.device_certificate(_DS), _WRONG_KEY)


@pytest.mark.case("GBCS-CRD-015")
def test_device_returns_its_certificate(bench: Bench) -> None:
    """CS02e returns the certificate of this device for the usage that was asked for."""
    for usage in (_DS, _KA):
        answer = bench.expect_answer(
            bench.command("CS02e", usage=usage), f"a request for its {usage.words} certificate"
        )
        if answer is None:
            continue
        try:
            certificate = Certificate.parse(answer.payload)
        except ArtefactError as error:
            bench.finding(expected="a certificate", seen=str(error))
            continue
        bench.expect(certificate.usage == usage, expected=usage.words, seen=certificate.usage.words)
        bench.expect(
            certificate.entity_id == bench.device,
            expected=f"a certificate of {bench.device.hex()}",
            seen=str(certificate),
        )


@pytest.mark.case("GBCS-CRD-016")
def test_new_key_is_used_once_its_certificate_is_stored(bench: Bench) -> None:
    """After CS02d the device signs with the key that the new certificate is for."""
    bench.needs(Capability.TAMPER)
    requested = bench.expect_answer(bench.command("CS02c", usage=_DS), "a request for a certification request")
    if requested is None:
        return
    certificate = bench.device_certificate(_DS, point=CertificateRequest.parse(requested.payload).point)
    stored = bench.expect_answer(bench.command("CS02d", certificate=certificate.octets), "a new certificate")
    if stored is None:
        return
    bench.expect(number(stored) == _SUCCESS, expected="code 0", seen=f"code {number(stored)}")
    happened = bench.exchange(bench.command_for("protected"))
    signed = [each for each in happened.answers if bench.is_signed_with(each, certificate)]
    bench.expect(signed, expected="a response signed with the new key", seen=happened.describe())

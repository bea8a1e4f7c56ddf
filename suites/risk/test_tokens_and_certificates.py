"""Attacks with tokens and certificates: other devices' tokens, guessed tokens, malformed certificates and chains."""

from __future__ import annotations

import pytest

from trialconformance.harness import Bench, Party
from trialconformance.harness.observations import number, replacement_statuses
from trialconformance.smki import KeyUsage

_SUCCESS = 0
_GUESSES = 32


@pytest.mark.case("RISK-TOK-001")
def test_tokens_of_another_device_are_refused(bench: Bench) -> None:
    """Tokens that were made for another device are refused, one after the other."""
    other = bench.another_device()
    for value in (1, 10, 8191):
        bench.expect_token(bench.next_token(device=other, value=value), accepted=False, what="another device's token")


@pytest.mark.case("RISK-TOK-002")
def test_guessed_tokens_are_refused(bench: Bench) -> None:
    """Tokens with right check digits and guessed MACs are refused."""
    token = bench.next_token()
    for guess in range(_GUESSES):
        bench.expect_token(token.guessed(guess), accepted=False, what=f"guess number {guess + 1}")
    bench.expect_alive_still("after guessed tokens")


@pytest.mark.case("RISK-TOK-003")
def test_token_value_cannot_be_raised(bench: Bench) -> None:
    """A genuine token whose value was raised is refused."""
    bench.expect_token(bench.next_token(value=1).worth(8191), accepted=False, what="a token with a raised value")


@pytest.mark.case("RISK-CRT-001")
def test_malformed_device_certificates_are_refused(bench: Bench) -> None:
    """No malformed certificate of the negative corpus is stored as a device certificate, and none does harm."""
    bench.prove_alive()
    for name, octets in bench.malformed_certificates(device=True):
        answer = bench.answer(bench.command("CS02d", certificate=octets))
        stored = answer is not None and number(answer) == _SUCCESS
        bench.expect(not stored, expected=f"a certificate with {name} refused", seen="code 0")
    bench.expect_alive_still("after malformed device certificates")


@pytest.mark.case("RISK-CRT-002")
def test_malformed_party_certificates_are_refused(bench: Bench) -> None:
    """No malformed certificate or chain of the negative corpus replaces a credential, and none does harm."""
    bench.prove_alive()
    for name, octets in bench.malformed_certificates(device=False):
        answer = bench.answer(bench.replacing_octets(octets))
        statuses = replacement_statuses(answer) if answer is not None else None
        bench.expect(
            statuses is None or _SUCCESS not in statuses,
            expected=f"a certificate with {name} refused",
            seen=f"statuses {statuses}",
        )
    bench.expect_alive_still("after malformed party certificates")


@pytest.mark.case("RISK-CRT-003")
def test_path_full_of_certificates_is_survived(bench: Bench) -> None:
    """A path of a hundred certificates is refused or ignored, and does no harm."""
    bench.prove_alive()
    certificate = bench.certificate(Party.SUPPLIER, KeyUsage.KEY_AGREEMENT)
    path = bench.path_of(certificate) * 100
    bench.answer(bench.replacing((certificate, 2, KeyUsage.KEY_AGREEMENT), path=path))
    bench.expect_alive_still("after a path of a hundred certificates")

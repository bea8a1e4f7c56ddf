"""Top-up tokens: the right one is taken once, any other is refused (GBCS 14)."""

from __future__ import annotations

import pytest

from trialconformance.harness import Bench


@pytest.mark.case("GBCS-UTR-005")
def test_repeated_token_is_refused(bench: Bench) -> None:
    """A token that was accepted is refused the second time."""
    token = bench.next_token()
    bench.expect_token(token, accepted=True, what="a good token")
    bench.expect_token(token, accepted=False, what="the same token again")


@pytest.mark.case("GBCS-UTR-006")
def test_token_for_another_device_is_refused(bench: Bench) -> None:
    """A token that was made for another device is refused."""
    bench.expect_token(bench.next_token(device=bench.another_device()), accepted=False, what="another device's token")


@pytest.mark.case("GBCS-UTR-007")
def test_wrong_check_digit_is_refused(bench: Bench) -> None:
    """A token with a wrong check digit is refused."""
    token = bench.next_token()
    bench.expect_token(token.with_digit(-1), accepted=False, what="a token with a wrong check digit")


@pytest.mark.case("GBCS-UTR-008")
def test_forged_token_is_refused(bench: Bench) -> None:
    """A token that the supplier did not authenticate is refused, however right its check digit is."""
    bench.expect_token(bench.next_token().forged(), accepted=False, what="a forged token")


@pytest.mark.case("GBCS-UTR-009")
def test_token_is_credited_once(bench: Bench) -> None:
    """An accepted token raises the credit by its value."""
    before, after = bench.credit(), None
    bench.expect_token(bench.next_token(value=10), accepted=True, what="a good token")
    after = bench.credit()
    bench.expect(after - before == 10_000, expected="10,000 thousandths of a pound more", seen=f"{after - before} more")


@pytest.mark.case("GBCS-UTR-010")
def test_refused_token_does_not_use_its_counter_up(bench: Bench) -> None:
    """A refused token leaves the way open for the good one with the same counter."""
    token = bench.next_token()
    bench.expect_token(token.forged(), accepted=False, what="a forged token")
    bench.expect_token(token, accepted=True, what="the good token with the same counter")


@pytest.mark.case("GBCS-UTR-011")
def test_older_token_is_refused(bench: Bench) -> None:
    """A token older than the last accepted one is refused."""
    older, newer = bench.next_token(), bench.next_token()
    bench.expect_token(newer, accepted=True, what="a good token")
    bench.expect_token(older, accepted=False, what="a token older than the last accepted one")


@pytest.mark.case("GBCS-UTR-012")
def test_token_counter_survives_a_power_loss(bench: Bench) -> None:
    """A token that was accepted before a power loss is refused after it."""
    token = bench.next_token()
    bench.expect_token(token, accepted=True, what="a good token")
    bench.restart()
    bench.expect_token(token, accepted=False, what="the same token after a power loss")

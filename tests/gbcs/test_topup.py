"""Prepayment tokens: UTRN and PTUT both ways, the check digit, the MAC."""

from __future__ import annotations

import itertools

import pytest
from gbcs_samples import ESME, GSME, NETWORK_OPERATOR, SUPPLIER, keystore
from hypothesis import given, settings
from hypothesis import strategies as st

from trialconformance.core import ArtefactError, UsageError
from trialconformance.gbcs import Status
from trialconformance.gbcs.topup import (
    PPTD_LEAST,
    Token,
    TokenParties,
    ValueClass,
    check_digit,
    make_token,
    verify_token,
)
from trialconformance.smki import KeyStore

PARTIES = TokenParties(supplier=SUPPLIER, device=ESME)
COUNTER = 3 << 32
tokens = st.builds(
    Token,
    counter=st.integers(0, 1023),
    value_class=st.integers(0, 3),
    value=st.integers(0, 8191),
    mac=st.binary(min_size=4, max_size=4),
    reserved=st.integers(0, 127),
)


@given(tokens)
def test_a_ptut_reads_back(token: Token) -> None:
    """Every token reads back from the 64 bits it is written to."""
    assert Token.from_ptut(token.ptut()) == token


@given(tokens)
def test_a_utrn_reads_back(token: Token) -> None:
    """Every token that fits 19 digits reads back from the 20 digits it is written to."""
    if len(token.pptd()) > 19:
        assert int.from_bytes(token.ptut()) + PPTD_LEAST >= 10**19
        return
    utrn = token.utrn()
    assert len(utrn) == 20
    assert Token.from_utrn(utrn) == token


@given(st.text(alphabet="0123456789", min_size=19, max_size=19), st.integers(0, 18), st.integers(1, 9))
def test_the_check_digit_notices_one_wrong_digit(digits: str, at: int, change: int) -> None:
    """Changing any one digit changes the check digit."""
    wrong = digits[:at] + str((int(digits[at]) + change) % 10) + digits[at + 1 :]
    assert check_digit(wrong) != check_digit(digits)


def test_the_check_digit_notices_digits_that_change_places() -> None:
    """Exchanging two neighbouring digits changes the check digit."""
    for at, (left, right) in itertools.product(range(18), itertools.combinations("0123456789", 2)):
        one, other = ("1" * at + pair + "1" * (17 - at) for pair in (left + right, right + left))
        assert check_digit(one) != check_digit(other)


@pytest.mark.parametrize(
    ("utrn", "offset", "expected"),
    [
        ("7394615699078630604", 0, "20 decimal digits"),
        ("7394615699078630604x", 0, "20 decimal digits"),
        ("7394615699078630604²", 0, "20 decimal digits"),
        ("00000000000000000000", 19, check_digit("0" * 19)),
        ("1234567890123456789" + check_digit("1234567890123456789"), 0, f"{PPTD_LEAST} or more"),
    ],
)
def test_what_is_no_utrn_is_refused(utrn: str, offset: int, expected: str) -> None:
    """Another length, another character, a wrong check digit or too small a number is refused."""
    with pytest.raises(ArtefactError) as caught:
        Token.from_utrn(utrn)
    assert (caught.value.offset, caught.value.expected, caught.value.path) == (offset, expected, "utrn")


def test_a_ptut_has_eight_octets() -> None:
    """A PTUT of another size is refused."""
    with pytest.raises(ArtefactError, match="8 octets"):
        Token.from_ptut(bytes(7))


@pytest.mark.parametrize(
    "changed", [{"counter": 1024}, {"value": 8192}, {"value_class": 4}, {"mac": bytes(5) + b"\x01"}]
)
def test_a_value_that_does_not_fit_its_bits_is_refused(changed: dict[str, object]) -> None:
    """Counter, class, value and MAC have fixed numbers of bits."""
    values: dict[str, object] = {"counter": 0, "value_class": 0, "value": 0, "mac": b"\xff" * 4}
    if "mac" in changed:
        changed = {"mac": b"\xff" * 5}
    token = Token(**(values | changed))  # type: ignore[arg-type]  # wrong values are the point
    with pytest.raises(ArtefactError, match="does not fit its bits"):
        token.ptut()


@pytest.mark.parametrize(("value_class", "pence"), [(0, 250), (1, 25_000), (2, None)])
def test_the_class_says_what_the_value_counts(value_class: int, pence: int | None) -> None:
    """Class 0 counts pence and class 1 pounds; the others mean nothing."""
    assert Token(counter=0, value_class=value_class, value=250, mac=bytes(4)).pence == pence


@settings(max_examples=20)
@given(st.integers(0, 2**31 - 1), st.sampled_from(ValueClass), st.integers(0, 8191))
def test_a_token_that_was_made_verifies(high: int, value_class: ValueClass, value: int) -> None:
    """A token verifies for the counter, supplier and Device it was made for."""
    counter = high << 32
    token = make_token(
        originator_counter=counter, value_class=value_class, value=value, parties=PARTIES, keystore=keystore()
    )
    assert (token.counter, token.value_class, token.value) == (high % 1024, value_class, value)
    assert Token.from_utrn(token.utrn()) == token
    assert verify_token(token, originator_counter=counter, parties=PARTIES, keystore=keystore()) is Status.VALID


def made() -> Token:
    """A token of ten pounds."""
    return make_token(
        originator_counter=COUNTER, value_class=ValueClass.POUNDS, value=10, parties=PARTIES, keystore=keystore()
    )


@pytest.mark.parametrize(
    ("token", "counter", "device"),
    [
        (Token(counter=3, value_class=1, value=11, mac=made().mac), COUNTER, ESME),
        (made(), 4 << 32, ESME),
        (made(), COUNTER, GSME),
    ],
)
def test_another_value_counter_or_device_does_not_verify(token: Token, counter: int, device: bytes) -> None:
    """The MAC covers the value, the counter and the Device."""
    parties = TokenParties(supplier=SUPPLIER, device=device)
    assert verify_token(token, originator_counter=counter, parties=parties, keystore=keystore()) is Status.INVALID


def test_without_keys_a_token_is_unverified() -> None:
    """Without a prepayment key nothing can be said of a token, and none can be made."""
    empty = KeyStore.of([])
    assert verify_token(made(), originator_counter=COUNTER, parties=PARTIES, keystore=empty) is Status.UNVERIFIED
    with pytest.raises(UsageError, match="no keys for a token"):
        make_token(originator_counter=COUNTER, value_class=ValueClass.PENCE, value=1, parties=PARTIES, keystore=empty)


def test_only_the_prepayment_key_makes_a_token() -> None:
    """A party without a prepayment key cannot make a token, whatever other keys it has."""
    parties = TokenParties(supplier=NETWORK_OPERATOR, device=ESME)
    assert verify_token(made(), originator_counter=COUNTER, parties=parties, keystore=keystore()) is Status.UNVERIFIED


def test_a_top_up_counter_has_no_low_bits() -> None:
    """The low 32 bits of a top-up counter are zero, or no token is made."""
    with pytest.raises(UsageError, match="low bits"):
        make_token(
            originator_counter=COUNTER + 1, value_class=ValueClass.PENCE, value=1, parties=PARTIES, keystore=keystore()
        )

"""The trial flag."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialconformance.core import UsageError
from trialconformance.cpl import trial_reference
from trialconformance.cpl.trial_reference import ALPHA, NUMERIC, Certified, Codec, Malformed, Trial

_VALID = (
    "TRIAL-2022-0001-67",
    "TRIAL-2022-0007-49",
    "TRIAL-2022-0042-41",
    "TRIAL-2022-0070-54",
    "TRIAL-2023-0001-40",
    "TRIAL-2023-0100-34",
    "TRIAL-2024-9999-89",
    "TRIAL-2026-0015-14",
)
_codecs = st.sampled_from([ALPHA, NUMERIC])
_years = st.integers(2021, 2099)
_serials = st.integers(1, 9999)


@pytest.mark.parametrize("reference", _VALID)
def test_vectors_are_valid_and_made_again(reference: str) -> None:
    """Each published vector decodes, and the codec makes it from its year and serial."""
    decoded = trial_reference.decode(reference)
    assert isinstance(decoded, Trial)
    assert trial_reference.make(decoded.year, decoded.serial) == reference
    assert trial_reference.check(reference)


@pytest.mark.parametrize("reference", ["992022000793", "992022000114", "992023010078"])
def test_numeric_vectors_are_valid(reference: str) -> None:
    """Each vector of the numeric codec decodes with it and with no other."""
    assert trial_reference.check(reference, using=NUMERIC)
    assert trial_reference.decode(reference) == Certified(reference=reference)


@pytest.mark.parametrize("reference", ["TRIAL-2022-0007-50", "TRIAL-2022-0070-49", "TRIAL-2202-0007-49"])
def test_bad_check_digits_and_ranges_are_malformed(reference: str) -> None:
    """A reference with wrong check digits or a year out of range is never taken for an ordinary one."""
    assert isinstance(trial_reference.decode(reference), Malformed)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("TRIAL-2022-0000-87", "serial 0000"),
        ("TRIAL-2020-0007-57", "year 2020"),
        ("'TRIAL-2022-0007-49", "starts like TRIAL"),
        ("trial-2022-0007-49", "starts like TRIAL"),
        ("TRIAL\u20132022\u20130007\u201349", "starts like TRIAL"),
        ("TRIAL-\uff12\uff10\uff12\uff12-0007-49", "starts like TRIAL"),
        ("TRAIL-2022-0007-49", "in place of TRIAL"),
        ("TR1AL-2022-0007-49", "in place of TRIAL"),
    ],
)
def test_attempts_are_malformed_and_say_why(text: str, why: str) -> None:
    """What means to be a trial reference is blocked with the reason."""
    decoded = trial_reference.decode(text)
    assert isinstance(decoded, Malformed)
    assert why in decoded.why


@pytest.mark.parametrize(
    "text", ["EXAMPLE-CPA-0101", "INDUSTRIAL-2022-0007-49", "LIART-2022-0007-49", "TIRLA-2022-0007-49", "4711"]
)
def test_genuine_references_are_certified(text: str) -> None:
    """A reference that does not mean to be a trial is left as it is."""
    assert trial_reference.decode(text) == Certified(reference=text)


def test_an_empty_field_is_nothing() -> None:
    """An empty field decodes to nothing at all."""
    assert trial_reference.decode("") is None


def test_numeric_attempts_are_malformed() -> None:
    """A number with the reserved start and bad check digits is blocked; letters after it are another reference."""
    assert isinstance(NUMERIC.decode("992022000794"), Malformed)
    assert isinstance(NUMERIC.decode("99202200079"), Malformed)
    assert isinstance(NUMERIC.decode("99-EXAMPLE"), Certified)


def test_a_profile_can_force_another_prefix() -> None:
    """Where genuine references start with TRIAL, a list uses another prefix under the same rules."""
    other = trial_reference.codec("trial-alpha-1", prefix="FIELD")
    reference = other.make(2022, 7)
    assert reference.startswith("FIELD-2022-0007-")
    assert isinstance(other.decode(reference), Trial)
    assert isinstance(other.decode("TRIAL-2022-0007-49"), Certified)


@given(codec=_codecs, year=_years, serial=_serials)
def test_what_is_made_decodes(codec: Codec, year: int, serial: int) -> None:
    """Every reference that is made decodes to its year and serial."""
    reference = codec.make(year, serial)
    assert codec.decode(reference) == Trial(reference=reference, year=year, serial=serial)


@given(codec=_codecs, year=_years, serial=_serials, data=st.data())
def test_single_digit_errors_and_swaps_are_caught(codec: Codec, year: int, serial: int, data: st.DataObject) -> None:
    """One wrong digit or two neighbours swapped never give another valid reference."""
    reference = codec.make(year, serial)
    places = [index for index, character in enumerate(reference) if character.isdigit()]
    place = data.draw(st.sampled_from(places))
    wrong = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != reference[place]]))
    substituted = reference[:place] + wrong + reference[place + 1 :]
    assert not trial_reference.check(substituted, using=codec)
    if place + 1 in places and reference[place] != reference[place + 1]:
        swapped = reference[:place] + reference[place + 1] + reference[place] + reference[place + 2 :]
        assert not trial_reference.check(swapped, using=codec)


@given(text=st.text(max_size=24))
def test_any_text_decodes_to_something(text: str) -> None:
    """Decoding never raises, whatever stands in the field."""
    assert isinstance(ALPHA.decode(text), Trial | Certified | Malformed | None)


@pytest.mark.parametrize(("year", "serial"), [(2020, 1), (2100, 1), (2022, 0), (2022, 10000)])
def test_numbers_out_of_range_are_refused(year: int, serial: int) -> None:
    """Making a reference outside the syntax is the caller's error."""
    with pytest.raises(UsageError, match="out of range"):
        trial_reference.make(year, serial)


def test_an_unknown_codec_is_refused() -> None:
    """The error names the codecs there are."""
    with pytest.raises(UsageError, match="trial-numeric-1"):
        trial_reference.codec("trial-beta-9")

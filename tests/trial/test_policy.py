"""The limits as data."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from trialconformance.core import UsageError
from trialconformance.trial import PRESETS, load_policy
from trialconformance.trial.policy import Limits, Override


@pytest.mark.parametrize(
    ("name", "devices", "months"), [("100-12", 100, 12), ("100-18", 100, 18), ("ssc-set", None, None)]
)
def test_presets_are_those_that_were_spoken_of(name: str, devices: int | None, months: int | None) -> None:
    """100 devices for 12 or 18 months, or whatever the SSC sets."""
    assert load_policy(name).limits() == Limits(max_devices=devices, max_months=months)


def test_every_preset_has_octets_of_its_own() -> None:
    """Digests of presets differ, and loading twice gives the same octets."""
    octets = [load_policy(name).octets for name in PRESETS]
    assert len(set(octets)) == len(PRESETS)
    assert octets == [load_policy(name).octets for name in PRESETS]


def test_an_override_counts_only_with_decision_day_and_reason() -> None:
    """What the SSC sets replaces a limit; without decision, day or reason, or where policy forbids it, it does not."""
    policy = load_policy("100-12")
    whole = Override(limit="max_devices", value=150, decision="D", decided=date(2022, 9, 1), reason="r")
    assert policy.limits((whole,)).max_devices == 150
    assert whole.missing == ()
    bare = Override(limit="max_months", value=24)
    assert bare.missing == ("decision", "decided", "reason")
    assert policy.limits((bare,)).max_months == 12
    strict = policy.model_copy(update={"ssc_override": False})
    assert strict.limits((whole,)).max_devices == 100


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not usable JSON"),
        ('{"based_on": "200-99"}', "there is no preset '200-99'"),
        ('{"based_on": "100-12", "max_devices": 0}', "max_devices"),
        ('{"based_on": "100-12", "surprise": 1}', "surprise"),
        ('{"id": "x"}', "Field required"),
        ("[]", "valid dictionary"),
    ],
)
def test_a_file_that_is_no_policy_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """A user's file must be a policy, or build on a preset."""
    path = tmp_path / "policy.json"
    path.write_text(text)
    with pytest.raises(UsageError, match=said):
        load_policy(path)


def test_unknown_presets_and_missing_files_are_refused(tmp_path: Path) -> None:
    """Both name what would be accepted."""
    with pytest.raises(UsageError, match="100-12, 100-18, ssc-set"):
        load_policy("nothing")
    with pytest.raises(UsageError, match="cannot be read"):
        load_policy(tmp_path / "none.json")

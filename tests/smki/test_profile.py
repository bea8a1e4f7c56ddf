"""Profiles: weights, waivers and anchors as data, strict about what they name."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from trialconformance.core import Severity, UsageError
from trialconformance.smki import Certificate, CertificateKind, Profile, load_profile
from trialconformance.smki.checks import CHECKS
from trialconformance.smki.deviation import SetField, Sign
from trialconformance.smki.issue import SyntheticPki
from trialconformance.smki.lint import Judge
from trialconformance.smki.profile import When

_CASES = {check.case.id: check.case for check in CHECKS}


@pytest.mark.parametrize("name", ["production", "test-pki"])
def test_shipped_profiles_name_only_cases_that_exist(name: str) -> None:
    """The shipped profiles load, keep their octets and weigh only cases of the catalogue."""
    profile = load_profile(name)
    profile.refuse_unknown(frozenset(_CASES))
    assert json.loads(profile.octets)["name"] == profile.name == name


def test_production_waives_nothing_and_trusts_nobody() -> None:
    """``production`` has no waiver, no anchor, no clock and no policy of its own."""
    profile = load_profile()
    assert (profile.waivers, profile.anchors, profile.clock, profile.policies) == ((), (), None, {})


def test_test_profile_explains_every_known_deviation() -> None:
    """``test-pki`` has the waivers W1 to W17 in order, each with a title, and calls its recovered keys so."""
    profile = load_profile("test-pki")
    assert [each.id for each in profile.waivers] == [f"W{number}" for number in range(1, 18)]
    assert all(each.title.endswith(".") for each in profile.waivers)
    assert sum(each.recovered for each in profile.trusted()) == 7


def test_there_are_93_certificate_cases_and_12_of_requests() -> None:
    """The catalogue of this domain is whole."""
    requests = [case_id for case_id in _CASES if case_id.startswith("SMKI-CSR-")]
    assert (len(_CASES) - len(requests), len(requests)) == (93, 12)


def test_weights_go_by_kind_where_they_differ() -> None:
    """A case may weigh differently on organisations than on devices, and may be off."""
    profile = load_profile()
    case = _CASES["SMKI-EXT-18"]
    assert profile.severity(case, CertificateKind.DEVICE) is Severity.MUST
    assert profile.severity(case, CertificateKind.ORGANISATION) is Severity.SHOULD
    assert profile.severity(case) is Severity.MUST
    assert profile.severity(_CASES["SMKI-FIL-01"]) is None
    assert load_profile("test-pki").severity(_CASES["SMKI-FIL-01"]) is Severity.SHOULD


def test_a_case_that_is_off_for_a_kind_is_not_reported(pki: SyntheticPki, spoil: Callable[..., Certificate]) -> None:
    """A case that a profile turns off for one kind reports nothing on certificates of that kind."""
    bad = SetField.model_validate({"op": "set", "field": "serial", "der": "020101"})
    profile = Profile(name="own", description="", severities={"SMKI-TBS-04": {CertificateKind.DEVICE: "off"}})
    judge = Judge(profile)
    assert [each.case.id for each in judge.judge("certificate", spoil(bad))] == []
    found = judge.judge("certificate", spoil(bad, holder="supplier"))
    assert [each.case.id for each in found] == ["SMKI-TBS-04"]


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ({}, True),
        ({"issuer": "CN=TEST-ONLY-DEVICE-1"}, True),
        ({"issuer": "CN=somebody"}, False),
        ({"signed_by_own_key": True}, True),
        ({"signed_by_own_key": False}, False),
        ({"unit": "02"}, False),
        ({"files": ["spoilt.pem"]}, True),
        ({"files": ["other.pem"]}, False),
        ({"role": 8}, False),
        ({"sha256": ["0" * 64]}, False),
    ],
)
def test_waivers_hold_where_everything_they_state_holds(
    spoil: Callable[..., Certificate], when: dict[str, Any], *, holds: bool
) -> None:
    """A waiver is for an artefact only if its issuer, unit, file, role and signature are all as stated."""
    certificate = spoil(Sign(op="sign", key="own"))
    stated = When.model_validate(when)
    assert stated.holds(name="folder/SPOILT.pem", certificate=certificate) is holds
    if when and "files" not in when and "role" not in when:
        assert not stated.holds(name="spoilt.pem", certificate=None)


def test_a_waiver_names_itself_in_the_finding(spoil: Callable[..., Certificate]) -> None:
    """A waived finding is still found, carries the id of its waiver and decides nothing."""
    waiver = {
        "id": "W99",
        "title": "Short serial numbers.",
        "cases": ["SMKI-TBS-02"],
        "when": {"issuer": "CN=TEST-ONLY-DEVICE-1"},
    }
    judge = Judge(Profile.model_validate({"name": "own", "description": "", "waivers": [waiver]}))
    bad = SetField.model_validate({"op": "set", "field": "serial", "der": "020100"})
    found = {each.case.id: each for each in judge.judge("certificate", spoil(bad))}
    assert (found["SMKI-TBS-02"].waiver, found["SMKI-TBS-02"].fatal) == ("W99", False)
    assert found["SMKI-TBS-04"].waiver == ""


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"colour": "red"}, "colour"),
        ({"severities": {"SMKI-ENC-1": "must"}}, "SMKI-ENC-1"),
        ({"severities": {"SMKI-ENC-01": "heavy"}}, "SMKI-ENC-01"),
        ({"policies": {"device": ["not an oid"]}}, "policies"),
        ({"clock": "2018-06-01T00:00:00"}, "clock"),
        ({"anchors": [{"name": "x", "point": "04", "root": True, "hierarchy": None}]}, "anchors"),
    ],
)
def test_a_profile_of_ones_own_is_checked(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    """A user's profile with an unknown key or a value of another form is refused, naming the key."""
    file = tmp_path / "own.json"
    file.write_text(json.dumps({"name": "own", "description": ""} | change))
    with pytest.raises(UsageError, match=message):
        load_profile(file=file)


def test_unknown_profiles_and_cases_are_refused(tmp_path: Path) -> None:
    """A profile that does not exist, or weighs a case that does not exist, is the caller's fault."""
    with pytest.raises(UsageError, match="production, test-pki"):
        load_profile("live")
    with pytest.raises(UsageError, match="cannot be read"):
        load_profile(file=tmp_path / "missing.json")
    with pytest.raises(UsageError, match="SMKI-ENC-99"):
        Judge(Profile(name="own", description="", severities={"SMKI-ENC-99": Severity.MUST}))

"""Trust comes from the verifier's own file, which is read strictly."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from trialconformance.core import UsageError
from trialconformance.evidence.attest import TrustPolicy, read_trust


def written(folder: Path, value: Any) -> Path:
    """A trust policy file."""
    path = folder / "trust.json"
    path.write_text(json.dumps(value))
    return path


def test_policy_is_read(workshop: Any, tmp_path: Path) -> None:
    """Roles, thresholds and days come back as written; both ends of a key's time are included."""
    pem = workshop.public_pem(workshop.keys["manufacturer"])
    value = {"roles": {"manufacturer": {"keys": [{"pem": pem, "not_before": "2022-01-01", "not_after": "2022-12-31"}]}}}
    key = read_trust(written(tmp_path, value)).roles["manufacturer"].keys[0]
    assert [key.good_on(date(2022, *day)) for day in ((1, 1), (12, 31))] == [True, True]
    assert not key.good_on(date(2021, 12, 31))
    assert not key.good_on(date(2023, 1, 1))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"roles": {}}, "roles"),
        ({"roles": {"ssc": {"keys": []}}}, "keys"),
        ({"roles": {"ssc": {"keys": [{"pem": "no key"}]}}}, "public key"),
        ({"role": {}}, "role"),
        ({"schema_id": "trialconformance-trust/2"}, "schema_id"),
    ],
)
def test_unusable_policy_is_the_callers_fault(
    workshop: Any, tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    """An empty, malformed or unknown policy is refused, naming the key at fault."""
    value = json.loads(workshop.trust().model_dump_json())
    with pytest.raises(UsageError, match=message):
        read_trust(written(tmp_path, value | change))


def test_threshold_that_cannot_be_reached_is_refused(workshop: Any, tmp_path: Path) -> None:
    """The same key twice is one signer."""
    pem = workshop.public_pem(workshop.keys["manufacturer"])
    value = {"roles": {"manufacturer": {"keys": [{"pem": pem}, {"pem": pem}], "threshold": 2}}}
    with pytest.raises(UsageError, match="needs 2 signers and names 1 keys"):
        read_trust(written(tmp_path, value))


def test_one_key_in_two_roles_is_refused(workshop: Any, tmp_path: Path) -> None:
    """A manufacturer cannot be its own laboratory."""
    pem = workshop.public_pem(workshop.keys["manufacturer"])
    value = {"roles": {role: {"keys": [{"pem": pem}]} for role in ("manufacturer", "laboratory")}}
    with pytest.raises(UsageError, match="stands in the roles manufacturer and laboratory"):
        read_trust(written(tmp_path, value))


def test_missing_policy_is_the_callers_fault(tmp_path: Path) -> None:
    """A policy that cannot be read names its path."""
    with pytest.raises(UsageError, match=r"trust\.json: cannot be read"):
        read_trust(tmp_path / "trust.json")


def test_policy_round_trip(workshop: Any) -> None:
    """A policy is the same after writing and reading."""
    policy = workshop.trust()
    assert TrustPolicy.model_validate_json(policy.model_dump_json()) == policy

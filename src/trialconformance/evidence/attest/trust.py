"""Whom a verifier trusts: keys by role, how many must sign, and how long a key is good."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from trialconformance.core import UsageError, load_json
from trialconformance.core.dsse import PublicKey, key_id, read_public_key
from trialconformance.evidence.attest.timestamp import authority_certificate

__all__ = ["Role", "TrustPolicy", "TrustedKey", "read_trust"]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TrustedKey(_Row):
    """One public key.

    Args:
        pem: the key, PEM SubjectPublicKeyInfo.
        not_before: first day on which a signature by it is accepted.
        not_after: last day on which a signature by it is accepted.
    """

    pem: str
    not_before: date | None = None
    not_after: date | None = None

    @property
    def key(self) -> PublicKey:
        """The key."""
        return read_public_key(self.pem.encode(), where="trust policy")

    def good_on(self, day: date) -> bool:
        """Whether the key is accepted on a day, both ends included."""
        return (self.not_before is None or self.not_before <= day) and (self.not_after is None or day <= self.not_after)


class Role(_Row):
    """Who may sign in one role.

    Args:
        keys: keys of the role.
        threshold: how many different keys of the role must have signed.
    """

    keys: tuple[TrustedKey, ...] = Field(min_length=1)
    threshold: int = Field(default=1, ge=1)


class TrustPolicy(_Row):
    """The verifier's own trust, never taken from the bundle.

    Args:
        roles: the roles that must have signed.
        time_stamp_authorities: certificates (PEM) of time-stamp authorities whose tokens are believed.
    """

    schema_id: Literal["trialconformance-trust/1"] = "trialconformance-trust/1"
    roles: dict[str, Role] = Field(min_length=1)
    time_stamp_authorities: tuple[str, ...] = ()


def read_trust(path: Path) -> TrustPolicy:
    """Read a trust policy.

    Args:
        path: the JSON file.

    Returns:
        The policy; every key in it can be used.

    Raises:
        UsageError: unreadable, not of the schema, a key that cannot be used, a key in two roles, or a threshold that
            the keys cannot reach.
    """
    try:
        octets = path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(path), accepted="a trust policy") from error
    policy = load_json(TrustPolicy, octets, where=str(path))
    for number, pem in enumerate(policy.time_stamp_authorities):
        authority_certificate(pem, where=f"{path}: time_stamp_authorities.{number}")
    owner: dict[str, str] = {}
    for name, role in policy.roles.items():
        ids = {key_id(each.key) for each in role.keys}
        if len(ids) < role.threshold:
            raise UsageError(
                f"role {name} needs {role.threshold} signers and names {len(ids)} keys", where=str(path),
                accepted="a threshold that the keys can reach",
            )  # fmt: skip
        for identity in ids:
            if owner.setdefault(identity, name) != name:
                raise UsageError(
                    f"one key stands in the roles {owner[identity]} and {name}", where=str(path),
                    accepted="a key of its own for each role",
                )  # fmt: skip
    return policy

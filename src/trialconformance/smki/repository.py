"""What the SMKI Repository says of certificates, as a file a person exports.

Clause: SMKI Repository search, status.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, RootModel, StringConstraints

__all__ = ["RepositoryStatuses"]

_Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class RepositoryStatuses(RootModel[dict[_Sha256, Literal["P", "I", "N", "E", "R"]]]):
    """Status by SHA-256 of the certificate, lower-case hex: pending, in use, not in use, expired, revoked."""

    model_config = ConfigDict(frozen=True)

"""The loader of data files."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from trialconformance.core import UsageError, load_json, read_data


class Facts(BaseModel):
    model_config = ConfigDict(extra="forbid")
    count: int


def test_package_data_is_read_unless_a_user_points_at_a_file(tmp_path: Path) -> None:
    """A user's own file replaces the one in the package."""
    own = tmp_path / "own.json"
    own.write_bytes(b"{}")
    assert read_data("trialconformance", "py.typed") == b""
    assert read_data("trialconformance", "py.typed", override=own) == b"{}"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """The error names the user's file and a file like it."""
    with pytest.raises(UsageError, match=r"gone\.json: cannot be read: .*\(accepted: a file like py\.typed\)"):
        read_data("trialconformance", "py.typed", override=tmp_path / "gone.json")


@pytest.mark.parametrize(
    ("octets", "said"),
    [
        (b'{"count": "x"}', r"facts\.json: count: .*\(accepted: the schema of Facts\)"),
        (b'{"count": 1, "other": 2}', r"facts\.json: other: "),
        (b'{"count": 1, "count": 2}', r"key 'count' stands twice"),
        (b"{", "is not usable JSON"),
        (b"\xff", "is not usable JSON"),
        (b"[" * 100_000, "is not usable JSON"),
    ],
)
def test_json_that_is_not_of_the_schema_is_refused(octets: bytes, said: str) -> None:
    """The error says which key is at fault, or why it is no JSON."""
    with pytest.raises(UsageError, match=said):
        load_json(Facts, octets, where="facts.json")


def test_good_json_becomes_its_model() -> None:
    """A file of the schema is loaded."""
    assert load_json(Facts, b'{"count": 3}', where="facts.json").count == 3

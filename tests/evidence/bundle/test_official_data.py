"""Real captures and certificates are full of octets that could look like a key."""

from __future__ import annotations

from pathlib import Path

import pytest

from trialconformance.evidence.bundle.private_keys import private_key_in


@pytest.mark.official
def test_only_keys_are_taken_for_keys(rtds: Path) -> None:
    """Every key file is found, and no capture or certificate is taken for one."""
    files = [path for path in sorted(rtds.rglob("*")) if path.is_file()]
    taken = {path for path in files if private_key_in(path.read_bytes())}
    assert taken == {path for path in files if path.suffix == ".key"}
    assert taken

"""Folders that travel with the package."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from trialconformance import packaged as module
from trialconformance.core import InternalError
from trialconformance.packaged import packaged


@pytest.mark.parametrize(
    ("name", "member"), [("suites", "gbcs/test_gbcs.py"), ("fixtures", "demo/submission.toml"), ("certs", "ca")]
)
def test_folders_are_found(name: Literal["suites", "fixtures", "certs"], member: str) -> None:
    """Suites, fixtures and test-only certificates are there."""
    assert (packaged(name) / member).exists()


def test_an_incomplete_installation_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An installation that lacks a folder is at fault, not the user."""
    monkeypatch.setattr(module, "_PACKAGE", tmp_path)
    monkeypatch.setattr(module, "_CHECKOUT", tmp_path)
    with pytest.raises(InternalError, match="lacks its folder 'suites'"):
        packaged("suites")

"""What procedures leave beside the record."""

from __future__ import annotations

from pathlib import Path

import pytest

from trialconformance.core import UsageError
from trialconformance.pytest_shell.attachments import clear_attachments, gather_attachments


def test_what_is_left_is_gathered_and_cleared(tmp_path: Path) -> None:
    """Transcripts and the risk register are gathered by name, nothing else; clearing takes them away."""
    (tmp_path / "transcripts").mkdir()
    for name in ("transcripts/A-01.json", "risk.json", "record.json", "transcripts/note.txt"):
        (tmp_path / name).write_text(name)
    assert gather_attachments(tmp_path) == {
        "risk.json": b"risk.json",
        "transcripts/A-01.json": b"transcripts/A-01.json",
    }
    clear_attachments(tmp_path)
    assert gather_attachments(tmp_path) == {}
    assert (tmp_path / "record.json").exists()
    clear_attachments(tmp_path / "nowhere")


def test_what_cannot_be_cleared_is_told(tmp_path: Path) -> None:
    """A file that cannot be removed is bad input: it must not pass for this run's."""
    (tmp_path / "risk.json").mkdir()
    with pytest.raises(UsageError, match="cannot be removed"):
        clear_attachments(tmp_path)

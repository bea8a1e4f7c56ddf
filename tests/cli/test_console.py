"""Where the command writes."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from trialconformance.cli import console


def test_write_is_octet_for_octet(capsys: pytest.CaptureFixture[str]) -> None:
    """Machine output is not wrapped, coloured or changed."""
    text = '{"long":"' + "x" * 500 + '[bold]"}\n'
    console.write(text.encode())
    assert capsys.readouterr().out == text


def test_note_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    """A note never mixes with the results, and its brackets are not markup."""
    console.configure()
    console.note("read [bold]2[/bold] files")
    shown = capsys.readouterr()
    assert "[bold]2[/bold]" in shown.err
    assert not shown.out


def test_quiet_silences_notes(capsys: pytest.CaptureFixture[str]) -> None:
    """With ``-q`` nothing is noted."""
    console.configure(quiet=True)
    console.note("read 2 files")
    assert not capsys.readouterr().err


def test_progress_is_silent_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """A pipe gets no bar."""
    console.configure()
    with console.progress("decoding", 2) as advance:
        advance()
        advance(1)
    assert not capsys.readouterr().err


def test_progress_shows_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal sees what is being done and how much of it is done."""
    screen = io.StringIO()
    console.configure()
    monkeypatch.setattr(console, "stderr", lambda: Console(file=screen, force_terminal=True, width=100))
    with console.progress("decoding", 2) as advance:
        advance(2)
    assert "decoding" in screen.getvalue()
    assert "2/2" in screen.getvalue()


def test_no_color_is_honoured() -> None:
    """``--no-color`` reaches rich."""
    console.configure(color=False)
    assert console.stdout().no_color
    assert console.stderr().no_color

"""Runs of GFI: messages are found in whatever form logs dump octets, and bad profiles are refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from trialconformance.core import UsageError, read_data
from trialconformance.harness import Bench
from trialconformance.harness.gfi import GfiProfile, read_run


def _dump(octets: bytes) -> str:
    rows = [octets[at : at + 16] for at in range(0, len(octets), 16)]
    return "\n".join(f"{16 * number:08x}  {row.hex(' ')}  |................|" for number, row in enumerate(rows))


@pytest.fixture
def run_folder(tmp_path: Path, bench: Callable[..., Bench]) -> tuple[Path, list[bytes]]:
    """A run folder in the guessed shape with three messages of ours, dumped in three ways."""
    opened = bench()
    messages = [opened.command_for(purpose).octets for purpose in ("read", "protected", "identity")]
    folder = tmp_path / "Run_2016-03-01_120000_ECS39a"
    folder.mkdir()
    (folder / "execution.log").write_text(
        f"2016-03-01 12:00:01.250 [DEBUG] [ACB] : sending {messages[0].hex().upper()}\n"
        f"2016-03-01 12:00:02.250 [DEBUG] [CRYPT] : {messages[1].hex(' ')}\n"
        f"2016-03-01 12:00:03.250 [INFO] [EQUIP] : dump follows\n{_dump(messages[2])}\n"
        "2016-03-01 12:00:04.250 [INFO] [TEST] : done deadbeef\n"
        f"{'ab' * 40}\n"
    )
    (folder / "report.html").write_text(
        "<tr><td>TC_ECS39a_1</td><td>PASS</td></tr><tr><td>TC_ECS39a_2</td><td>FAIL</td>"
    )
    return folder, messages


def test_messages_are_found_in_every_form(run_folder: tuple[Path, list[bytes]]) -> None:
    """One long run of digits, spaced octets and a dump over several lines give the same octets."""
    folder, messages = run_folder
    run = read_run(folder)
    found = [each.capture for each in run.messages]
    assert [each.octets for each in found[:3]] == messages
    assert all(each.message is not None for each in found[:3])
    assert found[3].error is not None
    assert [each.area for each in run.messages[:3]] == ["ACB", "CRYPT", "EQUIP"]
    assert run.messages[0].time.startswith("2016-03-01 12:00:01")
    assert len(run.captures) == 4


def test_folder_and_report_are_read(run_folder: tuple[Path, list[bytes]]) -> None:
    """The name of the folder gives start and scenario; the report gives a verdict for each test case."""
    run = read_run(run_folder[0])
    assert (run.started, run.scenario) == ("2016-03-01_120000", "ECS39a")
    assert run.verdicts == {"TC_ECS39a_1": "PASS", "TC_ECS39a_2": "FAIL"}


def test_dump_at_the_end_of_a_log_is_found(run_folder: tuple[Path, list[bytes]]) -> None:
    """A dump that nothing follows is not lost."""
    folder, messages = run_folder
    (folder / "execution.log").write_text(_dump(messages[1]))
    assert [each.capture.octets for each in read_run(folder).messages] == [messages[1]]


def test_folder_without_log_is_refused(tmp_path: Path) -> None:
    """A folder without a log is no run."""
    with pytest.raises(UsageError, match="no log"):
        read_run(tmp_path)


@pytest.mark.parametrize(("key", "value", "reason"), [("line", "(", "line"), ("verdict", "x", "lacks the group")])
def test_bad_profile_is_refused(tmp_path: Path, key: str, value: str, reason: str) -> None:
    """A pattern that is none, or that lacks its groups, is refused by name."""
    profile = json.loads(read_data("trialconformance.harness", "data/gfi_profile.json"))
    path = tmp_path / "profile.json"
    path.write_text(json.dumps(profile | {key: value}))
    with pytest.raises(UsageError, match=reason):
        GfiProfile.load(path)


def test_unreadable_log_is_told(run_folder: tuple[Path, list[bytes]], monkeypatch: pytest.MonkeyPatch) -> None:
    """A log beyond the limit is refused instead of being read into memory."""
    monkeypatch.setattr("trialconformance.harness.gfi._LARGEST_FILE", 10)
    with pytest.raises(UsageError, match="too large"):
        read_run(run_folder[0])

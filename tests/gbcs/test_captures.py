"""Reading captures: every accepted form, every refusal with its place, scenarios and pairs."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from gbcs_samples import ECS10, alert, command, response

from trialconformance.core import UsageError
from trialconformance.gbcs import Capture, read_captures
from trialconformance.gbcs.captures import octets_of
from trialconformance.gbcs.pairing import pair

OCTETS = command().octets
HEX = OCTETS.hex()


@pytest.mark.parametrize(
    "content",
    [
        HEX.encode(),
        HEX.upper().encode() + b"\n",
        b"\xef\xbb\xbf" + HEX.encode(),
        "\r\n".join(HEX[at : at + 32] for at in range(0, len(HEX), 32)).encode(),
        OCTETS.hex(" ").encode(),
        base64.b64encode(OCTETS),
        base64.urlsafe_b64encode(OCTETS),
        base64.encodebytes(OCTETS),
        OCTETS,
    ],
)
def test_every_accepted_form_gives_the_same_octets(content: bytes) -> None:
    """Hex in either case and with any white space, base64 and raw octets are read alike."""
    assert octets_of(content, where="x") == OCTETS


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"dd0", "offset 2"),
        (b"dd 00 zz!", "'z' at offset 6"),
        (b"hello, world", "'h' at offset 0"),
        (b"abcde=", "'=' at offset 5"),
    ],
)
def test_what_is_no_capture_is_refused_with_its_place(content: bytes, told: str) -> None:
    """Text that is neither hex nor base64 is the caller's mistake; the file and the offset are told."""
    with pytest.raises(UsageError, match=told) as caught:
        octets_of(content, where="file.hex")
    assert caught.value.where == "file.hex"


def test_a_folder_is_read_recursively_in_order(tmp_path: Path) -> None:
    """Every capture below a folder is read, in the order of the names; its folder is its scenario."""
    for name in ("b/two.HEX", "a/one.txt", "a/deep/three.bin"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(OCTETS)
    (tmp_path / "notes.md").write_text("not a capture")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "four.hex").write_bytes(b"zz")
    found = read_captures(tmp_path, name_of=lambda path: path.relative_to(tmp_path).as_posix())
    assert [(each.name, each.scenario) for each in found] == [
        ("a/deep/three.bin", "a/deep"),
        ("a/one.txt", "a"),
        ("b/two.HEX", "b"),
    ]
    assert all(each.message is not None for each in found)


def test_a_single_file_needs_no_suffix(tmp_path: Path) -> None:
    """A file that is named is read whatever it is called."""
    file = tmp_path / "capture"
    file.write_text(HEX)
    assert read_captures(file)[0].name == str(file)


@pytest.mark.parametrize("case", ["missing", "empty folder", "huge"])
def test_paths_that_hold_no_capture_are_refused(case: str, tmp_path: Path) -> None:
    """A missing path, a folder without captures and a file of absurd size are the caller's mistake."""
    path = tmp_path / "x.bin"
    if case == "huge":
        with path.open("wb") as file:
            file.truncate(17 * 1024 * 1024)
    with pytest.raises(UsageError):
        read_captures(tmp_path if case == "empty folder" else path)


def test_an_unreadable_folder_is_the_callers_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder or a file that the operating system refuses to open is named with the reason."""

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied", "somewhere")

    (tmp_path / "x.hex").write_text(HEX)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "iterdir", refuse)
        with pytest.raises(UsageError, match="Permission denied"):
            read_captures(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", refuse)
        with pytest.raises(UsageError, match="Permission denied"):
            read_captures(tmp_path)


def test_a_message_that_cannot_be_read_is_a_capture_all_the_same() -> None:
    """Octets that are no message keep their faults and the first fatal one as an error."""
    capture = Capture.of(OCTETS[:-1], name="cut")
    assert capture.message is None
    assert capture.error is not None
    assert (capture.error.artefact, capture.error.offset) == ("cut", 7)
    assert {fault.rule for fault in capture.faults} >= {"GBCS-STR-004"}


def test_a_block_is_recognised() -> None:
    """A block of a general block transfer is neither a message nor an error."""
    capture = Capture.of(bytes.fromhex("dd0901"), name="block")
    assert capture.block
    assert (capture.message, capture.error, capture.faults) == (None, None, ())


def test_responses_are_paired_by_what_they_echo() -> None:
    """A Response is paired with the Command whose parties, counter and Message Code it echoes, whatever the names."""
    first, second = command(originator_counter=1, name="z"), command(originator_counter=2, name="a")
    answers = [response(originator_counter=2), response(originator_counter=1)]
    assert pair([first, second, alert(), *answers]) == [(second, answers[0]), (first, answers[1])]


def test_names_decide_between_commands_that_are_echoed_alike() -> None:
    """Of two Commands with the same parties, counter and code, the one with the more similar name is meant."""
    good, bad = command(name="s/X_SUCCESS_COMMAND.hex"), command(name="s/X_ERROR_COMMAND.hex")
    for order in ([good, bad], [bad, good]):
        assert pair([*order, response(name="s/X_ERROR_RESPONSE.hex")])[0][0] is bad


@pytest.mark.parametrize("field", ["originator_counter", "message_code", "originator", "target"])
def test_a_broken_echo_is_still_paired(field: str) -> None:
    """A Response that echoes one field wrongly is paired with the Command that nobody else answered."""
    asked = command(ECS10)
    wrong: Any = bytes(8) if field in {"originator", "target"} else 99
    answer = replace(response(ECS10), **{field: wrong})
    assert pair([asked, answer]) == [(asked, answer)]


def test_a_stranger_is_paired_with_nothing() -> None:
    """A Response that shares less than three fields with every Command stays alone."""
    stranger = response(originator_counter=7, message_code=0x22)
    assert pair([command(), stranger]) == []

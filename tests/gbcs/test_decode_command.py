"""The decode command: every message described, for people and for machines."""

from __future__ import annotations

import base64
import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from gbcs_samples import ECS30, PKI, alert, command, response, scenarios, unprotected
from jsonschema import Draft202012Validator

from trialconformance.cli import main
from trialconformance.core import ExitCode
from trialconformance.gbcs import LengthWidths, Message
from trialconformance.gbcs.captures import Capture
from trialconformance.gbcs.description import DecodedMessage, describe
from trialconformance.gbcs.gbt import Block, Routing, segment

KEYS = {
    "path", "octets", "ok", "error", "kind", "message_code", "use_case", "originator", "target", "counter",
    "signature", "mac", "encrypted_units", "decrypted_units", "payload", "reencodes",
}  # fmt: skip
SCHEMA = Path(__file__).parents[2] / "docs" / "schemas" / "decode.schema.json"


@pytest.fixture(scope="module")
def key_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The synthetic PKI as a folder, private keys included."""
    folder = tmp_path_factory.mktemp("keystore")
    PKI.write(folder, private_keys=True)
    return folder


def store(folder: Path, **messages: Message) -> Path:
    """Write messages as captures."""
    for name, message in messages.items():
        (folder / f"{name}.hex").write_text(message.octets.hex())
    return folder


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """What was printed, as JSON."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_every_message_is_one_line_of_json(tmp_path: Path, key_store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each message gives one object with exactly the published keys, verified with the keys at hand."""
    folder = store(tmp_path, a=command(ECS30), b=response(ECS30), c=alert(), d=unprotected())
    assert main(["decode", "--json", "--keystore", str(key_store), str(folder)]) == ExitCode.PASS
    found = lines(capsys)
    assert [set(each) for each in found] == [KEYS] * 4
    assert [(each["kind"], each["signature"], each["mac"]) for each in found] == [
        ("command", "valid", "valid"),
        ("response", "valid", "absent"),
        ("alert", "valid", "absent"),
        ("precommand", "absent", "absent"),
    ]
    assert all(each["reencodes"] and each["ok"] for each in found)
    assert found[0]["payload"]["family"] == "DLMS"
    assert found[0]["payload"]["fields"]["children"]
    assert (found[0]["message_code"], found[0]["use_case"], found[0]["counter"]) == ("0x0046", "ECS30", 100)
    schema = json.loads(SCHEMA.read_text())
    for each in found:
        Draft202012Validator(schema).validate(each)


def test_the_published_schema_is_that_of_the_model() -> None:
    """The schema in the documentation is the one the command writes by."""
    assert json.loads(SCHEMA.read_text()) == DecodedMessage.model_json_schema()


def test_one_bad_message_keeps_no_other_from_being_decoded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be decoded says where and why; the others are decoded; the exit code is 3."""
    folder = store(tmp_path, good=command())
    (folder / "cut.hex").write_text(command().octets[:-3].hex())
    (folder / "text.hex").write_text("no hex at all")
    (folder / "payload.hex").write_text(command(payload=b"\xd9\x20").octets.hex())
    block = Block(routing=Routing(1, 7, bytes(8), bytes(range(8)), 0x0059), number=1, data=b"x")
    (folder / "block.hex").write_text(block.encode().hex())
    (folder / "bad_block.hex").write_text("dd0901")
    assert main(["decode", "--json", str(folder)]) == ExitCode.BAD_INPUT
    found = {Path(each["path"]).stem: each for each in lines(capsys)}
    assert {name: each["ok"] for name, each in found.items()} == {
        "bad_block": False,
        "block": True,
        "cut": False,
        "good": True,
        "payload": False,
        "text": False,
    }
    assert "offset 7" in found["cut"]["error"]
    assert "offset 0" in found["text"]["error"]
    assert found["payload"]["payload"] == "d920"
    assert found["payload"]["originator"] is not None
    assert (found["block"]["kind"], found["block"]["use_case"], found["block"]["counter"]) == ("block", "ECS52", 7)
    assert found["block"]["reencodes"]


def test_the_place_of_an_error_is_marked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where a message cannot be decoded, the octets at fault are shown and marked."""
    message = command()
    octets = bytearray(message.octets)
    octets[message.span("grouping_header.cra").start] = 9
    (tmp_path / "flag.hex").write_text(octets.hex())
    assert main(["decode", str(tmp_path)]) == ExitCode.BAD_INPUT
    rows = capsys.readouterr().out.splitlines()
    [marks] = [at for at, row in enumerate(rows) if row.strip() and set(row) <= {" ", "^"}]
    assert rows[marks - 1][rows[marks].index("^") :].startswith("09")


def test_blocks_are_followed_by_the_message_they_make(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """After the blocks of a general block transfer stands the message that they make."""
    message = command()
    routing = Routing(1, message.originator_counter, message.originator, message.target, message.message_code)
    for block in segment(message.octets, routing, most=60):
        (tmp_path / f"{block.number}.hex").write_text(block.encode().hex())
    assert main(["decode", "--json", str(tmp_path)]) == ExitCode.PASS
    found = lines(capsys)
    assert [each["kind"] for each in found] == ["block", "block", "command"]
    assert found[-1]["path"].endswith("1.hex (reassembled)")
    assert found[-1]["octets"] == len(message.octets)


@pytest.mark.parametrize(("path", "told"), [("mac", "invalid MAC"), ("signature", "invalid signature")])
def test_what_does_not_verify_is_told_in_words(
    path: str, told: str, tmp_path: Path, key_store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A changed octet ends with exit code 1 and a sentence that says what it means."""
    message = command(ECS30)
    octets = bytearray(message.octets)
    octets[message.span(path).start] ^= 1
    (tmp_path / "changed.hex").write_text(octets.hex())
    assert main(["decode", "--keystore", str(key_store), str(tmp_path)]) == ExitCode.FAIL
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("form", ["hex", "base64", "raw"])
def test_standard_input_is_read(form: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A dash reads one message from standard input, in any accepted form."""
    octets = command().octets
    content = {"hex": octets.hex().encode(), "base64": base64.b64encode(octets), "raw": octets}[form]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert main(["decode", "--json", "-"]) == ExitCode.PASS
    assert lines(capsys)[0]["path"] == "-"


@pytest.mark.parametrize("view", [[], ["--tree"], ["--hex"]])
def test_the_views_show_every_field(
    view: list[str],
    tmp_path: Path,
    key_store: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each view for people names the use case, the parties, the protection and the fields of the payload."""
    monkeypatch.setenv("COLUMNS", "200")
    party = {each.name: each for each in scenarios()["for an unknown party"]}["command"]
    with_certificate = replace(party, certificate=PKI.certificate("network-operator", "ka").octets)
    folder = store(
        tmp_path,
        party=with_certificate,
        broken_certificate=replace(party, certificate=bytes.fromhex("3003020105")),
        wide=replace(command(0xFFFE, form="mac"), widths=LengthWidths(content=4)),
        registers=scenarios()["read registers"][1],
        unread=command(payload=b"\xd9\x20"),
    )
    block = Block(routing=Routing(1, 7, bytes(8), bytes(range(8)), 0x0059), number=1, data=b"x", last=True)
    (folder / "block.hex").write_text(block.encode().hex())
    (folder / "bad_block.hex").write_text("dd0901")
    (folder / "broken.hex").write_text("dd00")
    assert main(["decode", *view, "--keystore", str(key_store), str(folder)]) == ExitCode.BAD_INPUT
    out = capsys.readouterr().out
    for told in (
        "ECS52",
        "Access Control Broker",
        "Network Operator",
        "1 of 1 encrypted units decrypted",
        "organisation certificate of 00005EEF10000003",
        "no certificate",
        "not in the catalogue",
        "GBCS-STR-013",
        "2020-01-01 10:00:00",
        "1 (last) of a general block transfer",
        "block of a general block transfer",
        "no message",
        "cannot be decoded",
        "decrypted",
    ):
        assert told in out, told


def test_the_tree_does_without_line_drawings_where_the_output_cannot_carry_them(tmp_path: Path) -> None:
    """Where the output is no UTF-8, the tree is drawn in ASCII."""
    folder = store(tmp_path, x=command())
    done = subprocess.run(
        [sys.executable, "-m", "trialconformance", "decode", "--tree", str(folder)],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == ExitCode.PASS
    assert b"|-- grouping header" in done.stdout


def test_the_dump_holds_every_octet_in_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The annotated dump shows each octet of a message exactly once and in order."""
    message = scenarios()["read event log"][1]
    folder = store(tmp_path, log=message)
    main(["decode", "--hex", str(folder / "log.hex")])
    shown = "".join(line[6:53].replace(" ", "") for line in capsys.readouterr().out.splitlines()[2:])
    assert shown == message.octets.hex()


@pytest.mark.parametrize(
    "arguments",
    [
        ["decode", "--json", "--tree", "x"],
        ["decode", "/nonexistent"],
        ["decode", "--acb", "12", "x"],
        ["decode", "--keystore", "/nonexistent", "x"],
    ],
)
def test_mistakes_of_the_caller_end_with_exit_code_3(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Two views at once, a missing path, a bad EUI-64 and a missing key store are told in one line."""
    assert main(arguments) == ExitCode.BAD_INPUT
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.strip()


def test_a_value_that_cannot_be_written_is_not_claimed_to_reencode(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message whose payload does not encode to the same octets says so."""
    message = command()
    description = describe(Capture.of(message.octets, name="x"))
    assert description.reencodes is True
    monkeypatch.setattr(type(description.payload), "encode", lambda _: b"")
    assert description.reencodes is False


def test_text_that_is_no_utf_8_is_still_one_line_of_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A device may send text that is no UTF-8; the line of JSON is valid all the same."""
    payload = bytes.fromhex("da20000064000001 0c02ffff 010100")
    assert main(["decode", "--json", str(store(tmp_path, x=response(payload=payload)))]) == ExitCode.PASS
    assert lines(capsys)[0]["ok"]

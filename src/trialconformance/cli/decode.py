"""``trialconformance decode``: what captured messages hold, for a person or for a machine."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from trialconformance.cli import console
from trialconformance.cli.decode_view import print_dump, print_fields, print_overview, print_tree
from trialconformance.core import ExitCode, UsageError, parse_eui64
from trialconformance.gbcs.captures import Capture, capture_files, octets_of, read_capture
from trialconformance.gbcs.description import DecodedMessage, Description, describe
from trialconformance.gbcs.parties import sole_acb
from trialconformance.gbcs.transfers import transfers
from trialconformance.smki import KeyStore

__all__ = ["decode"]

_STANDARD_INPUT = "-"
# What an invalid protection means, in the words of somebody who has not read GBCS.
_MEANING = {
    "signature": "its octets were changed after they were signed, or somebody else signed them",
    "MAC": "its octets or its header were changed on the way, or other keys than those of the parties made it",
    "encrypted unit": "its encrypted data was changed, or is meant for somebody else",
}
_LONGEST_INPUT = 16 * 1024 * 1024  # characters read from standard input


def decode(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH...", help="Captured messages: files, folders, or - for standard input.")
    ],
    *,
    keystore: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of certificates and test keys to verify and decrypt with."),
    ] = None,
    acb: Annotated[
        str | None,
        typer.Option(metavar="EUI64", help="The Access Control Broker; by default the only one of the key store."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per line and message.")] = False,
    as_tree: Annotated[bool, typer.Option("--tree", help="Every field as a tree, without octets.")] = False,
    as_hex: Annotated[bool, typer.Option("--hex", help="An annotated dump: every field beside its octets.")] = False,
) -> ExitCode:
    """Decode GBCS messages to the last field, verify and decrypt them.

    Exit code 1 when a signature, a MAC or an encrypted unit is invalid, 3 when a message could not be decoded; the
    others are decoded all the same.
    """
    if as_json + as_tree + as_hex > 1:
        raise UsageError("only one view at a time", where="--json, --tree, --hex", accepted="one of them")
    store = None if keystore is None else KeyStore.read(keystore)
    broker = parse_eui64(acb, where="--acb") if acb is not None else sole_acb(store)
    files = [file for path in paths for file in _files(path)]
    failed = 0
    invalid: Counter[str] = Counter()
    # A progress bar between the lines of a result on the same terminal would only be noise.
    quiet = not as_json or sys.stdout.isatty()
    with nullcontext(_no_progress) if quiet else console.progress("decoding", len(files)) as advance:
        for path, capture, problem in _captures(files):
            advance()
            if capture is None:
                failed += 1
                _tell_unreadable(path, problem, as_json=as_json)
                continue
            description = describe(capture, keystore=store, acb=broker)
            failed += description.error is not None
            invalid.update(description.invalid)
            _show(description, path, as_json=as_json, as_tree=as_tree, as_hex=as_hex)
    return _conclude(len(files), failed, invalid)


def _conclude(total: int, failed: int, invalid: Counter[str]) -> ExitCode:
    """Say in words what was wrong, and as an exit code."""
    for what, count in sorted(invalid.items()):
        console.note(f"{_messages(count)} with an invalid {what}: {_MEANING[what]}")
    if failed:
        console.note(f"{failed} of {_messages(total)} could not be decoded")
        return ExitCode.BAD_INPUT
    return ExitCode.FAIL if invalid else ExitCode.PASS


def _messages(count: int) -> str:
    return f"{count} message{'' if count == 1 else 's'}"


def _no_progress(steps: int = 1) -> None:
    del steps


def _files(path: str) -> list[Path | None]:
    """The files of one argument; None stands for standard input."""
    return [None] if path == _STANDARD_INPUT else list(capture_files(Path(path)))


def _captures(files: list[Path | None]) -> Iterator[tuple[str, Capture | None, UsageError | None]]:
    """Read file by file, so that one that holds no octets does not keep the others from being decoded.

    The messages that blocks of a general block transfer make follow at the end.
    """
    blocks = []
    for file in files:
        name = _STANDARD_INPUT if file is None else str(file)
        try:
            capture = _from_standard_input() if file is None else read_capture(file)
        except UsageError as error:
            yield name, None, error
            continue
        if capture.block:
            blocks.append(capture)
        yield name, capture, None
    for transfer in transfers(blocks):
        if transfer.capture is not None:
            yield transfer.capture.name, transfer.capture, None


def _from_standard_input() -> Capture:
    content = sys.stdin.buffer.read(_LONGEST_INPUT)
    return Capture.of(octets_of(content, where="standard input"), name=_STANDARD_INPUT)


def _tell_unreadable(path: str, problem: UsageError | None, *, as_json: bool) -> None:
    if as_json:
        blank = describe(Capture(name=path, octets=b"")).decoded()
        line = blank.model_copy(update={"ok": False, "error": str(problem)})
        _write_line(line)
    else:
        console.note(str(problem))


def _write_line(line: DecodedMessage) -> None:
    # Not the canonical form: text of a device may hold what is no UTF-8, which only the ASCII form can carry.
    console.write(json.dumps(line.model_dump()).encode() + b"\n")


def _show(description: Description, path: str, *, as_json: bool, as_tree: bool, as_hex: bool) -> None:
    if as_json:
        _write_line(description.decoded(path))
        return
    out = console.stdout()
    print_overview(description, out)
    if as_hex:
        print_dump(description, out)
    elif as_tree:
        print_tree(description, out)
    else:
        print_fields(description, out)

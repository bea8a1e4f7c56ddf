"""Captured messages: files and folders in, octets and messages out; the only place where this package reads files.

A file holds one message as hex (either case, any white space), as base64 or as raw octets. The folder a file lies in is
its scenario: messages answer each other inside one scenario only, because counters start anew in the next.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from trialconformance.core import ArtefactError, UsageError
from trialconformance.gbcs.fault import Fault
from trialconformance.gbcs.message import Message
from trialconformance.gbcs.plain import read_plain
from trialconformance.gbcs.structure import examine, is_block

__all__ = ["Capture", "capture_files", "octets_of", "read_captures"]

_SUFFIXES = frozenset({".hex", ".txt", ".bin", ".raw", ".dat", ".b64", ".base64"})
_LARGEST_FILE = 16 * 1024 * 1024  # octets; the largest GBCS message is below 73,000
_HEX = re.compile(rb"[0-9A-Fa-f]*")
_BASE64 = re.compile(rb"[0-9A-Za-z+/_-]+={0,2}")
_TEXT = frozenset(range(0x20, 0x7F)) | frozenset(b"\t\n\v\f\r")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ACCEPTED = "hex, base64 or raw octets of one GBCS message"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One captured message, readable or not.

    Args:
        name: name of the artefact.
        octets: what was captured.
        scenario: name of the folder it belongs to.
        message: the message, None where it cannot be read or the octets are a block.
        error: why it cannot be read.
        faults: breaches of the structure, also those that can be read over.
        block: whether it is a block of a general block transfer.
        reassembled: whether it was put together from such blocks.
    """

    name: str
    octets: bytes = field(repr=False)
    scenario: str = ""
    message: Message | None = None
    error: ArtefactError | None = None
    faults: tuple[Fault, ...] = ()
    block: bool = False
    reassembled: bool = False

    @classmethod
    def of(cls, octets: bytes, *, name: str, scenario: str = "", reassembled: bool = False) -> Capture:
        """Read the octets of one message, one block of a message, or neither.

        Args:
            octets: what was captured.
            name: name of the artefact.
            scenario: name of the folder it belongs to.
            reassembled: whether it was put together from blocks.
        """
        message = read_plain(octets, name=name)
        if message is not None:
            return cls(name=name, octets=octets, scenario=scenario, message=message, reassembled=reassembled)
        if is_block(octets):
            return cls(name=name, octets=octets, scenario=scenario, block=True)
        examination = examine(octets, name=name)
        fatal = next((fault for fault in examination.faults if fault.fatal), None)
        return cls(
            name=name,
            octets=octets,
            scenario=scenario,
            message=examination.message,
            error=None if fatal is None else fatal.as_error(name),
            faults=examination.faults,
            reassembled=reassembled,
        )


def read_captures(path: Path, *, name_of: Callable[[Path], str] = str) -> list[Capture]:
    """Read a file, or every capture in a folder and the folders below it.

    Args:
        path: a file, or a folder with files named ``*.hex``, ``*.txt``, ``*.bin``, ``*.raw``, ``*.dat`` or ``*.b64`` in
            either case.
        name_of: names the artefact that a file is, its path by default.

    Returns:
        The captures in the order of their names; a message that cannot be read is one of them.

    Raises:
        UsageError: a path cannot be read, a folder holds no capture, or a file holds no octets in any accepted form.
    """
    return [read_capture(file, name_of=name_of) for file in capture_files(path)]


def read_capture(file: Path, *, name_of: Callable[[Path], str] = str) -> Capture:
    """Read one file.

    Args:
        file: the file.
        name_of: names the artefact that it is, and the scenario from its folder.

    Returns:
        The capture.

    Raises:
        UsageError: it cannot be read or holds no octets in any accepted form.
    """
    name = name_of(file)
    try:
        size = file.stat().st_size
        content = b"" if size > _LARGEST_FILE else file.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=name, accepted=_ACCEPTED) from error
    if size > _LARGEST_FILE:
        raise UsageError(f"{size} octets are no GBCS message", where=name, accepted=_ACCEPTED)
    return Capture.of(octets_of(content, where=name), name=name, scenario=name_of(file.parent))


def capture_files(path: Path) -> list[Path]:
    """List the files that captures are read from.

    Args:
        path: a file, whatever its name, or a folder.

    Returns:
        The files in the order of their paths.

    Raises:
        UsageError: the path does not exist or cannot be listed, or a folder holds no capture.
    """
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise UsageError("is no file and no folder", where=str(path), accepted="a capture or a folder of captures")
    try:
        found = sorted(_files_below(path))
    except OSError as error:
        raise UsageError(
            f"cannot be read: {error.strerror}", where=str(error.filename or path), accepted="a folder of captures"
        ) from error
    if not found:
        raise UsageError(
            "holds no capture", where=str(path), accepted=f"files named {', '.join(f'*{s}' for s in sorted(_SUFFIXES))}"
        )
    return found


def _files_below(folder: Path) -> Iterable[Path]:
    for each in folder.iterdir():
        if each.name.startswith("."):
            continue
        if each.is_dir():
            yield from _files_below(each)
        elif each.suffix.lower() in _SUFFIXES:
            yield each


def octets_of(content: bytes, *, where: str) -> bytes:
    """Turn the content of a file into the octets of a message.

    Args:
        content: the file.
        where: its name, for the error.

    Returns:
        The octets: hex or base64 undone, anything that is not text as it is.

    Raises:
        UsageError: empty, or text that is neither hex nor base64; says where it stops being hex.
    """
    text = content.removeprefix(_BYTE_ORDER_MARK)
    if not text.strip():
        raise UsageError("is empty", where=where, accepted=_ACCEPTED)
    if not _TEXT.issuperset(text):
        return content
    digits = b"".join(text.split())
    if _HEX.fullmatch(digits):
        if len(digits) % 2:
            raise UsageError(
                f"{len(digits)} hex digits are no whole octets: the last one, at offset {len(text.rstrip()) - 1}, "
                "stands alone",
                where=where,
                accepted=_ACCEPTED,
            )
        return bytes.fromhex(digits.decode())
    if _BASE64.fullmatch(digits):
        try:
            return base64.b64decode(digits.replace(b"-", b"+").replace(b"_", b"/"), validate=True)
        except binascii.Error:
            pass  # neither hex nor base64: told below
    offset = next(at for at, character in enumerate(text) if character not in b"0123456789abcdefABCDEF \t\n\v\f\r")
    raise UsageError(
        f"holds {chr(text[offset])!r} at offset {offset}, which is no hex digit, and is no base64",
        where=where,
        accepted=_ACCEPTED,
    )

"""The folder that holds a register: one file per state, published whole or not at all, never over another.

The number in the name is the compare-and-swap: the file of a state is linked into place under the next number, which
fails when another writer was there first. An interrupted writer leaves a temporary file and the old register behind.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from tempfile import NamedTemporaryFile

from trialconformance.core import UsageError
from trialconformance.core.dsse import PrivateKey, PublicKey
from trialconformance.trial.register import Register, RegisterDocument, read_register, sign_state

__all__ = ["append_state", "load_register", "state_files"]

_STATE = re.compile(r"state-([0-9]{6})\.dsse\.json")
_MOST_STATES = 999_999
_PUBLIC = 0o644  # a register is there to be read


def state_files(folder: Path) -> list[Path]:
    """List the files of a register's states, the oldest first.

    Args:
        folder: the register.

    Returns:
        The paths; other files in the folder are none of its business.

    Raises:
        UsageError: the folder cannot be read, or a number is missing in between.
    """
    try:
        found = sorted(each for each in folder.iterdir() if _STATE.fullmatch(each.name))
    except OSError as error:
        raise UsageError(
            f"cannot be read: {error.strerror}", where=str(folder), accepted="the folder of a register"
        ) from error
    for number, path in enumerate(found, start=1):
        if path.name != _file_name(number):
            raise UsageError(f"lacks {_file_name(number)}", where=str(folder), accepted="every state without a gap")
    return found


def load_register(folder: Path, *, keys: Iterable[PublicKey]) -> Register:
    """Read a register from its folder.

    Args:
        folder: the register.
        keys: keys of the body that keeps it.

    Returns:
        The register, whose chain holds.

    Raises:
        UsageError: the folder cannot be read.
        ArtefactError: a state that is no register document, or a broken chain.
    """
    return read_register([(path.name, _read(path)) for path in state_files(folder)], keys=keys)


def append_state(folder: Path, document: RegisterDocument, *keys: PrivateKey, expected: str | None) -> Path:
    """Publish the next state of a register, unless another writer was faster.

    Args:
        folder: the register; made when it does not exist and this is the first state.
        document: the new state; must name ``expected`` as the digest before it.
        keys: private keys to sign with.
        expected: digest of the newest state as the writer read it, None for a new register.

    Returns:
        The path of the new file.

    Raises:
        UsageError: the register moved on since it was read, or it cannot be written; it is as it was before.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        files = state_files(folder)
        newest = read_register([(path.name, _read(path)) for path in files], keys=()).head.digest if files else None
        if newest != expected or document.previous_digest != expected:
            raise _moved_on(folder)
        if len(files) == _MOST_STATES:
            raise UsageError("the register is full", where=str(folder), accepted=f"{_MOST_STATES} states")
        target = folder / _file_name(len(files) + 1)
        _publish(target, sign_state(document, *keys))
    except FileExistsError as error:
        raise _moved_on(folder) from error
    except OSError as error:
        raise UsageError(
            f"cannot be written: {error.strerror}", where=str(folder), accepted="a folder of yours"
        ) from error
    return target


def _publish(target: Path, octets: bytes) -> None:
    with NamedTemporaryFile(dir=target.parent, prefix=".writing-", delete=False) as temporary:
        temporary.write(octets)
        temporary.flush()
        os.fsync(temporary.fileno())
    path = Path(temporary.name)
    path.chmod(_PUBLIC)
    try:
        # a link, not a rename: a rename would silently replace the state of a faster writer
        os.link(path, target)
    finally:
        path.unlink()


def _moved_on(folder: Path) -> UsageError:
    return UsageError(
        "another writer has added a state since this register was read; nothing was written",
        where=str(folder),
        accepted="reading it again and repeating the command",
    )


def _file_name(number: int) -> str:
    return f"state-{number:06d}.dsse.json"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"cannot be read: {error.strerror}", where=str(path), accepted="a file that may be read"
        ) from error

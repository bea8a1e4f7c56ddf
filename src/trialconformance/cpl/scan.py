"""The collision scan: no reference of the baseline may look like a trial before the flag is first used."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict

from trialconformance.core import ArtefactError, canonical_json
from trialconformance.cpl.delimited import Dialect, rows_of
from trialconformance.cpl.profile import Profile
from trialconformance.cpl.trial_reference import Certified, Codec, Malformed

__all__ = ["Collision", "Scan", "scan"]

_MOST_SHOWN = 100


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Collision(_Row):
    """A reference that looks like a trial.

    Args:
        line: its line.
        offset: octets from the start of the file to its record.
        text: the field.
        reads_as: ``trial`` or ``malformed``.
    """

    line: int
    offset: int
    text: str
    reads_as: Literal["trial", "malformed"]


class Scan(_Row):
    """What a scan of the reference column found.

    Args:
        name: file name.
        codec: the codec that was tried.
        profile: how outputs name the profile.
        column: the column scanned.
        records: number of records.
        filled: number of records with a reference.
        column_sha256: digest of the column, values joined by line feeds.
        collisions: number of references that look like a trial.
        shown: the first of them.
    """

    schema_id: Literal["trialconformance-cpl-scan/1"] = "trialconformance-cpl-scan/1"
    name: str
    codec: str
    profile: str
    column: str
    records: int
    filled: int
    column_sha256: str
    collisions: int
    shown: tuple[Collision, ...]

    def to_json(self) -> bytes:
        """The canonical octets of the scan."""
        return canonical_json(self.model_dump(mode="json"))


def scan(chunks: Iterable[bytes], *, profile: Profile, codec: Codec, name: str) -> Scan:
    """Scan the reference column of a list of any length, in memory that does not grow with it.

    Args:
        chunks: the list in pieces.
        profile: the declared format, of delimited text.
        codec: the codec whose references must not occur.
        name: file name.

    Returns:
        What was found.

    Raises:
        ArtefactError: no header with the reference column, or a record that is too long.
    """
    column = profile.trial.cpa_ref_column
    rows = rows_of(chunks, Dialect.of(profile.container))
    header = next(rows, None)
    names = [] if header is None else [_without_bom(header.cells[0]), *header.cells[1:]]
    if column not in names:
        raise ArtefactError(
            "list has no reference column",
            artefact=name,
            offset=0,
            expected=f"a header with {column}",
            seen=", ".join(names)[:80],
        )
    position = names.index(column)
    digest = hashlib.sha256()
    records = filled = collisions = 0
    shown: list[Collision] = []
    for row in rows:
        if row.blank:
            continue
        text = row.cells[position] if position < len(row.cells) else ""
        records += 1
        filled += bool(text)
        digest.update(text.encode() + b"\n")
        decoded = codec.decode(text)
        if decoded is None or isinstance(decoded, Certified):
            continue
        collisions += 1
        if len(shown) < _MOST_SHOWN:
            reads_as: Literal["trial", "malformed"] = "malformed" if isinstance(decoded, Malformed) else "trial"
            shown.append(Collision(line=row.line, offset=row.start, text=text, reads_as=reads_as))
    return Scan(
        name=name,
        codec=codec.name,
        profile=profile.label,
        column=column,
        records=records,
        filled=filled,
        column_sha256=digest.hexdigest(),
        collisions=collisions,
        shown=tuple(shown),
    )


def _without_bom(text: str) -> str:
    return text.lstrip("\ufeff\ufffd")

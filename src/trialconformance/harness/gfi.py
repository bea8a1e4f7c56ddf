"""Runs of GIT for Industry (GFI), imported from their folders: messages from hex dumps in logs, verdicts from reports.

Nothing about the files is published. So this reads what any log with hex dumps looks like, under a profile of patterns
that a user can replace by one made from samples of their own. GFI itself is not driven.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from trialconformance.core import UsageError, load_json, read_data
from trialconformance.gbcs import Capture

__all__ = ["GfiMessage", "GfiProfile", "GfiRun", "read_run"]

_LARGEST_FILE = 256 * 1024 * 1024  # octets of one log
_LEAST_OCTETS = 32  # fewer are no GBCS message: the grouping header alone has more


class GfiProfile(BaseModel):
    """How the files of a run look.

    Args:
        schema_id: version of the file format.
        description: where the patterns come from.
        folder: pattern of the name of a run folder with the groups ``started`` and ``scenario``.
        logs: file patterns of logs.
        reports: file patterns of HTML reports.
        line: pattern of a log line with the groups ``time``, ``level``, ``area`` and ``text``.
        hex_run: pattern of octets that stand in one line.
        dump_line: pattern of one line of a hex dump over several lines, with the groups ``offset`` and ``octets``.
        verdict: pattern of a verdict in the text of a report with the groups ``case`` and ``verdict``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_id: Literal["gfi-profile/1"]
    description: str
    folder: str
    logs: tuple[str, ...]
    reports: tuple[str, ...]
    line: str
    hex_run: str
    dump_line: str
    verdict: str

    @classmethod
    def load(cls, path: Path | None = None) -> GfiProfile:
        """Read the profile of this package, or the one of a user.

        Raises:
            UsageError: cannot be read, of another schema, or a pattern that is none or lacks its groups.
        """
        octets = read_data("trialconformance.harness", "data/gfi_profile.json", override=path)
        where = str(path or "gfi_profile.json")
        profile = load_json(cls, octets, where=where)
        for name, groups in _GROUPS.items():
            try:
                missing = groups - set(re.compile(getattr(profile, name)).groupindex)
            except re.error as error:
                raise UsageError(f"{name}: {error}", where=where, accepted="a regular expression") from error
            if missing:
                raise UsageError(f"{name} lacks the group {min(missing)}", where=where, accepted="named groups")
        return profile


_GROUPS: dict[str, frozenset[str]] = {
    "folder": frozenset({"started", "scenario"}),
    "line": frozenset({"time", "level", "area", "text"}),
    "hex_run": frozenset(),
    "dump_line": frozenset({"offset", "octets"}),
    "verdict": frozenset({"case", "verdict"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GfiMessage:
    """Octets from a log.

    Args:
        file: name of the log.
        line: number of the line where they begin, from 1.
        time: time as the log writes it, empty where the line has none.
        area: tag of the area that logged it, for example ``ACB``.
        capture: the octets, decoded as far as they can be.
    """

    file: str
    line: int
    time: str
    area: str
    capture: Capture


@dataclass(frozen=True, kw_only=True)
class GfiRun:
    """One run. Not slotted: captures are kept once they were asked for.

    Args:
        folder: name of the run folder.
        started: start as the name of the folder gives it, empty where it gives none.
        scenario: scenario as the name of the folder gives it.
        messages: octets from the logs in the order they stand.
        verdicts: verdict by test case, as the reports give them.
    """

    folder: str
    started: str
    scenario: str
    messages: tuple[GfiMessage, ...]
    verdicts: dict[str, str]

    @cached_property
    def captures(self) -> tuple[Capture, ...]:
        """Every different message once, in the order they came."""
        return tuple({each.capture.octets: each.capture for each in self.messages}.values())


def read_run(folder: Path, *, profile: GfiProfile | None = None) -> GfiRun:
    """Import a run folder.

    Args:
        folder: the run folder.
        profile: how its files look, the profile of this package by default.

    Returns:
        What it holds; octets that are no message stay, with their error.

    Raises:
        UsageError: no such folder, no log in it, or a log that is too large or cannot be read.
    """
    chosen = profile or GfiProfile.load()
    logs = _files(folder, chosen.logs)
    if not logs:
        raise UsageError("holds no log", where=str(folder), accepted=", ".join(chosen.logs))
    named = re.search(chosen.folder, folder.name)
    verdicts: dict[str, str] = {}
    for report in _files(folder, chosen.reports):
        text = html.unescape(re.sub(r"<[^>]*>", " ", _text(report)))
        verdicts |= {found["case"]: found["verdict"] for found in re.finditer(chosen.verdict, text)}
    return GfiRun(
        folder=folder.name,
        started=named["started"] if named else "",
        scenario=named["scenario"] if named else "",
        messages=tuple(message for log in logs for message in _messages(log, chosen)),
        verdicts=verdicts,
    )


def _files(folder: Path, patterns: Iterable[str]) -> list[Path]:
    return sorted({path for pattern in patterns for path in folder.rglob(pattern) if path.is_file()})


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise UsageError("is too large", where=str(path), accepted=f"at most {_LARGEST_FILE} octets")
        return path.read_text("utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(path)) from error


def _messages(log: Path, profile: GfiProfile) -> Iterator[GfiMessage]:
    line_of, hex_run, dump_line = (re.compile(each) for each in (profile.line, profile.hex_run, profile.dump_line))
    time = area = ""
    dumped, dumped_at = bytearray(), 0

    def message(octets: bytes, number: int) -> GfiMessage:
        capture = Capture.of(octets, name=f"{log.name}#{number}")
        return GfiMessage(file=log.name, line=number, time=time, area=area, capture=capture)

    for number, line in enumerate(_text(log).splitlines(), start=1):
        dump = dump_line.match(line)
        if dump is not None and int(dump["offset"], 16) == len(dumped):
            dumped_at = dumped_at or number
            dumped += bytes.fromhex(dump["octets"])
            continue
        if len(dumped) >= _LEAST_OCTETS:
            yield message(bytes(dumped), dumped_at)
        dumped, dumped_at = bytearray(), 0
        found = line_of.match(line)
        if found is not None:
            time, area = found["time"], found["area"]
        for run in hex_run.finditer(found["text"] if found is not None else line):
            digits = re.sub(r"[\s:-]", "", run[0])
            if len(digits) % 2 == 0 and len(digits) >= 2 * _LEAST_OCTETS:
                yield message(bytes.fromhex(digits), number)
    if len(dumped) >= _LEAST_OCTETS:
        yield message(bytes(dumped), dumped_at)

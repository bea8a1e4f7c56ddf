"""``trialconformance gfi``: the messages of a GFI run folder, written as captures that the suites can judge."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from trialconformance.cli import console
from trialconformance.core import ExitCode, UsageError
from trialconformance.evidence import folder_for, write_atomically
from trialconformance.harness.gfi import GfiProfile, GfiRun, read_run

__all__ = ["gfi"]


def gfi(
    run: Annotated[Path, typer.Argument(help="A run folder of GFI with logs.", show_default=False)],
    *,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write each message to this folder.", show_default=False)
    ] = None,
    profile: Annotated[
        Path | None, typer.Option("--profile", help="Patterns made from your own samples (JSON).", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="What was found as JSON on standard output.")] = False,
) -> ExitCode:
    """Import a GFI run; exit code 2 where octets were found that are no GBCS message, 3 where there is no message."""
    found = read_run(run, profile=GfiProfile.load(profile))
    captures = found.captures
    if not captures:
        raise UsageError("no hex dump in its logs", where=str(run), accepted="logs with messages in hex")
    if output is not None:
        folder_for(output)
        for number, capture in enumerate(captures, start=1):
            write_atomically(output / f"{number:04d}.hex", capture.octets.hex().upper().encode() + b"\n")
    if as_json:
        console.write(json.dumps(_plain(found), sort_keys=True).encode() + b"\n")
    else:
        good = sum(each.message is not None for each in captures)
        console.stdout().print(f"{found.folder}: {good} messages, {len(captures) - good} octet strings that are none")
        for case, verdict in sorted(found.verdicts.items()):
            console.stdout().print(f"{case}: {verdict}")
    return ExitCode.PASS if all(each.message is not None for each in captures) else ExitCode.INCONCLUSIVE


def _plain(run: GfiRun) -> dict[str, object]:
    return {
        "folder": run.folder,
        "started": run.started,
        "scenario": run.scenario,
        "verdicts": run.verdicts,
        "messages": [
            {
                "file": each.file,
                "line": each.line,
                "time": each.time,
                "area": each.area,
                "octets": each.capture.octets.hex(),
                "error": str(each.capture.error) if each.capture.error is not None else "",
            }
            for each in run.messages
        ],
    }

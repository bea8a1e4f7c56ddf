"""``trialconformance demo``: the packaged trial submission, judged as any other."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trialconformance.cli import console
from trialconformance.cli.run import run_pytest
from trialconformance.cli.writing import write_files
from trialconformance.packaged import packaged

__all__ = ["demo"]

_INI = b"""[pytest]
trial = submission.toml
trial_output = evidence
"""


def demo(
    folder: Annotated[Path, typer.Argument(help="Where the demo is put; it may be there already.")] = Path(
        "trialconformance-demo"
    ),
    *,
    workers: Annotated[
        int, typer.Option("--workers", "-n", min=0, help="Worker processes; the record is the same.")
    ] = 0,
    device: Annotated[str, typer.Option("--device", help="A live device, for example emulator.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="The record on standard output.")] = False,
) -> int:
    """Judge the packaged trial submission: synthetic devices, certificates and lists, nothing of a real meter."""
    source = packaged("fixtures") / "demo"
    files = {
        path.relative_to(source).as_posix(): path.read_bytes() for path in sorted(source.rglob("*")) if path.is_file()
    }
    write_files(folder, files | {"pytest.ini": _INI})
    words = ["-c", str(folder / "pytest.ini"), "--rootdir", str(folder), "-p", "no:cacheprovider"]
    words += ["-n", str(workers)] if workers else []
    words += ["--device", device] if device else []
    code = run_pytest([*words, *_suites(device)], as_json=as_json)
    evidence = folder / "evidence"
    console.note(f"open the report:    {evidence / 'report.html'}")
    console.note(f"check the evidence: trialconformance bundle verify {evidence / 'bundle.zip'}")
    console.note(f"judge it again:     cd {folder} && pytest")
    return code


def _suites(device: str) -> list[str]:
    """The shipped suites by path, so that nothing else in the folder of the caller is collected."""
    names = ["gbcs", "smki", "cpl", "trial", *(["device", "risk"] if device else [])]
    return [str(packaged("suites") / name) for name in names]

"""``trialconformance cpl trial-reference``: make a reference, check one, scan a list for collisions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from trialconformance import cpl
from trialconformance.cli import console
from trialconformance.core import ExitCode, UsageError
from trialconformance.cpl import trial_reference
from trialconformance.cpl.facts import ReferenceFacts
from trialconformance.cpl.scan import Scan
from trialconformance.cpl.scan import scan as scan_list
from trialconformance.cpl.trial_reference import Codec

__all__ = ["reference_app"]

reference_app = typer.Typer(no_args_is_help=True, help="The reference that marks a trial on the list.")

_PIECE = 1 << 16  # octets read at a time

CodecName = Annotated[str, typer.Option("--codec", help="trial-alpha-1 or trial-numeric-1.")]
AsJson = Annotated[bool, typer.Option("--json", help="Canonical JSON on standard output.")]


@reference_app.command()
def make(
    year: Annotated[int, typer.Argument(help="Year of the decision by the SSC.")],
    serial: Annotated[int, typer.Argument(help="Serial in that year.")],
    *,
    codec: CodecName = "trial-alpha-1",
    as_json: AsJson = False,
) -> ExitCode:
    """Make a reference with its check digits."""
    using = trial_reference.codec(codec)
    reference = using.make(year, serial)
    if as_json:
        console.write(ReferenceFacts.of(reference, using).to_json())
    else:
        console.stdout().print(reference, markup=False)
    return ExitCode.PASS


@reference_app.command()
def check(
    references: Annotated[list[str], typer.Argument(help="Fields of the list, one or more.")],
    *,
    codec: CodecName = "trial-alpha-1",
    as_json: AsJson = False,
) -> ExitCode:
    """Say what a reference is: exit code 0 where every one is a good trial reference, 1 where one is not."""
    using = trial_reference.codec(codec)
    found = [ReferenceFacts.of(text, using) for text in references]
    for each in found:
        if as_json:
            console.write(each.to_json())
        else:
            detail = f"number {each.serial} of {each.year}" if each.reads_as == "trial" else each.reason
            console.stdout().print(f"{each.reference}: {each.reads_as}{detail and f', {detail}'}", markup=False)
    return ExitCode.PASS if all(each.reads_as == "trial" for each in found) else ExitCode.FAIL


@reference_app.command()
def scan(
    baseline: Annotated[Path, typer.Argument(help="A list of any length.")],
    *,
    profile: Annotated[Path | None, typer.Option("--profile", help="A format profile of your own.")] = None,
    codec: Annotated[str, typer.Option("--codec", help="A codec other than the profile's.")] = "",
    as_json: AsJson = False,
) -> ExitCode:
    """Prove that no reference of a list looks like a trial: exit code 0 without a collision, 1 with one."""
    chosen = cpl.load_profile(profile)
    if chosen.container.kind != "delimited":
        raise UsageError("only delimited text can be scanned", where="--profile", accepted="container kind delimited")
    using: Codec = trial_reference.codec(codec or chosen.trial.codec, prefix="" if codec else chosen.trial.prefix)
    found: Scan = scan_list(_pieces(baseline), profile=chosen, codec=using, name=baseline.as_posix())
    if as_json:
        console.write(found.to_json())
    else:
        out = console.stdout()
        out.print(f"{found.name}: {found.records} records, {found.filled} references in {found.column}", markup=False)
        out.print(f"profile {found.profile}, codec {found.codec}, column SHA-256 {found.column_sha256}", markup=False)
        out.print(f"collisions: {found.collisions or 'none'}", markup=False)
        for each in found.shown:
            out.print(f"  line {each.line}, octet {each.offset}: {each.text!r} reads as {each.reads_as}", markup=False)
    return ExitCode.FAIL if found.collisions else ExitCode.PASS


def _pieces(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as stream:
            while piece := stream.read(_PIECE):
                yield piece
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(path), accepted="a readable file") from error

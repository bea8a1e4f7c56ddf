"""``trialconformance pki``: make the synthetic, test-only PKI again, whole or with deviations."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trialconformance.cli import console
from trialconformance.core import ExitCode, UsageError, parse_eui64
from trialconformance.smki.corpus import load_corpus, make_chain
from trialconformance.smki.issue import SyntheticPki
from trialconformance.smki.pem import write_pem
from trialconformance.smki.plan import load_plan
from trialconformance.smki.report import IssuedFiles

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, rich_markup_mode="rich", help="Make the synthetic, test-only PKI.")


@app.callback()
def _group() -> None:
    """Make the synthetic, test-only PKI: every private key of it is public."""


@app.command()
def make(
    folder: Annotated[Path, typer.Argument(help="Where to write the key store; made where it is missing.")],
    *,
    party: Annotated[
        list[str] | None, typer.Option("--party", help="Only these remote parties, for example supplier.")
    ] = None,
    device: Annotated[
        list[str] | None, typer.Option("--device", help="Only these devices: a name such as esme, or any EUI-64.")
    ] = None,
    private_keys: Annotated[
        bool, typer.Option("--private-keys", help="Write the private keys too, for a test bench.")
    ] = False,
    plan: Annotated[Path | None, typer.Option("--plan", help="A plan of your own: who is in the PKI.")] = None,
    deviations: Annotated[
        bool, typer.Option("--deviations", help="Also write every chain of the negative corpus, below deviations/.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="List the files as one JSON object.")] = False,
) -> ExitCode:
    """Write a key store of the synthetic PKI: the same octets in every run."""
    pki = SyntheticPki(load_plan(plan))
    devices = None if device is None else [_holder(pki, each) for each in device]
    written = list(pki.write(folder, parties=party, devices=devices, private_keys=private_keys))
    if deviations:
        written += _write_deviations(pki, folder / "deviations")
    if as_json:
        names = tuple(sorted(each.relative_to(folder).as_posix() for each in written))
        console.write(IssuedFiles(folder=folder.as_posix(), files=names, private_keys=private_keys).line())
    else:
        text = f"{len(written)} files in {folder}: test-only, every private key of this PKI is public"
        console.stdout().print(text, markup=False)
    return ExitCode.PASS


def _holder(pki: SyntheticPki, text: str) -> str | bytes:
    names = {each.name for each in pki.plan.devices}
    return text if text in names else parse_eui64(text, where="--device")


def _write_deviations(pki: SyntheticPki, folder: Path) -> list[Path]:
    written = []
    for case in load_corpus().cases:
        made = make_chain(pki, case)
        files = {"leaf.pem": made.leaf} | {f"path-{index}.pem": octets for index, octets in enumerate(made.path)}
        for name, octets in files.items():
            target = folder / case.id / name
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                partial = target.with_name(f"{name}.partial")
                partial.write_text(write_pem("CERTIFICATE", octets), encoding="ascii", newline="\n")
                partial.replace(target)
            except OSError as error:
                raise UsageError(
                    f"cannot be written: {error.strerror}", where=str(target), accepted="a folder that can be written"
                ) from error
            written.append(target)
    return written

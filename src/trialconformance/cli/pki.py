"""``trialconformance pki``: make the synthetic, test-only PKI again, whole or with deviations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
    requests: Annotated[
        bool, typer.Option("--requests", help="Also write the signing requests of the devices and a list of each CA.")
    ] = False,
    deviations: Annotated[
        bool, typer.Option("--deviations", help="Also write every chain of the negative corpus, below deviations/.")
    ] = False,
    corpus: Annotated[
        Path | None, typer.Option("--corpus", help="With --deviations: a corpus of your own, any deviation as data.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="List the files as one JSON object.")] = False,
) -> ExitCode:
    """Write a key store of the synthetic PKI: the same octets in every run."""
    pki = SyntheticPki(load_plan(plan))
    devices = None if device is None else [_holder(pki, each) for each in device]
    written = list(pki.write(folder, parties=party, devices=devices, private_keys=private_keys))
    if requests:
        holders = [each.name for each in pki.plan.devices] if devices is None else devices
        written += [_write(folder / name, text) for name, text in _requests(pki, holders)]
    if deviations or corpus is not None:
        written += [_write(folder / "deviations" / name, text) for name, text in _deviations(pki, corpus)]
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


def _requests(pki: SyntheticPki, holders: Iterable[str | bytes]) -> Iterator[tuple[str, str]]:
    """Signing requests and revocation lists, by file name."""
    for holder in holders:
        for use in pki.uses(holder):
            name = pki.certificate(holder, use).name.removesuffix(".pem")
            yield f"{name}.csr", write_pem("CERTIFICATE REQUEST", pki.request(holder, use))
    for authority in pki.plan.authorities:
        yield f"ca/{authority.name}.crl", write_pem("X509 CRL", pki.revocation_list(authority.name))


def _deviations(pki: SyntheticPki, corpus: Path | None) -> Iterator[tuple[str, str]]:
    """Every chain of a corpus, by file name."""
    for case in load_corpus(corpus).cases:
        made = make_chain(pki, case)
        files = {"leaf.pem": made.leaf} | {f"path-{index}.pem": octets for index, octets in enumerate(made.path)}
        for name, octets in files.items():
            yield f"{case.id}/{name}", write_pem("CERTIFICATE", octets)


def _write(target: Path, text: str) -> Path:
    """Write a file whole or not at all."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f"{target.name}.partial")
        partial.write_text(text, encoding="ascii", newline="\n")
        partial.replace(target)
    except OSError as error:
        raise UsageError(
            f"cannot be written: {error.strerror}", where=str(target), accepted="a folder that can be written"
        ) from error
    return target

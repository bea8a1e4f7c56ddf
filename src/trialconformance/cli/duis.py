"""``trialconformance duis``: look at DUIS requests and responses, and sign requests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from trialconformance.cli import console
from trialconformance.core import ExitCode, UsageError, format_eui64, parse_eui64
from trialconformance.evidence import write_atomically
from trialconformance.harness.dccboxed import DuisSchema, RequestId, Template, sign
from trialconformance.harness.dccboxed.inspection import DocumentRow, Inspection, inspect
from trialconformance.harness.dccboxed.signature import signer_of
from trialconformance.harness.dccboxed.xml import serialise
from trialconformance.smki import KeyStore, KeyUsage

__all__ = ["app"]

app = typer.Typer(help="DUIS requests and responses: check, sign.", no_args_is_help=True)

_SCHEMA = typer.Option("--schema", help="The DUIS XSD; none is part of this package.", show_default=False)
_SUFFIX = ".xml"


@app.command()
def check(
    paths: Annotated[list[Path], typer.Argument(help="XML files, or folders of them.", show_default=False)],
    *,
    schema: Annotated[Path | None, _SCHEMA] = None,
    signers: Annotated[
        Path | None, typer.Option("--signers", help="Folder with certificates of XML signers.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One row for each document on standard output.")] = False,
) -> ExitCode:
    """Say of each document what it is, where it goes, and whether schema and signature hold.

    Exit codes: 0 all can be used, 1 one cannot, 2 none is faulty and a signer of a response is not at hand.
    """
    chosen = DuisSchema.read(schema) if schema is not None else None
    store = KeyStore.read(signers) if signers is not None else None
    files = _files(paths)
    with console.progress("documents", len(files)) as advance:
        rows = []
        for file in files:
            rows.append(inspect(_read(file), name=file.name, schema=chosen, signers=store))
            advance()
    if as_json:
        content = Inspection(documents=tuple(rows)).model_dump(mode="json")
        console.write(json.dumps(content, sort_keys=True).encode() + b"\n")
    else:
        _show(rows)
    if chosen is not None and chosen.missing:
        console.note(f"not beside the schema, its types accept anything: {', '.join(chosen.missing)}")
    return _exit_code(rows)


@app.command("sign")
def sign_request(
    request: Annotated[Path, typer.Argument(help="A DUIS request.", show_default=False)],
    *,
    keys: Annotated[Path, typer.Option("--keys", help="Folder with the originator's XML signing key and certificate.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the signed request goes.")],
    originator: Annotated[str, typer.Option("--originator", help="Another originator, EUI-64.")] = "",
    target: Annotated[str, typer.Option("--target", help="Another target, EUI-64.")] = "",
    counter: Annotated[
        int | None, typer.Option("--counter", min=0, help="Another counter.", show_default=False)
    ] = None,
    schema: Annotated[Path | None, _SCHEMA] = None,
) -> ExitCode:
    """Re-address a request and sign it; an older signature is replaced."""
    template = Template.of(_read(request), name=request.name)
    identifier = template.request_id
    named = RequestId(
        originator=parse_eui64(originator, where="--originator") if originator else identifier.originator,
        target=parse_eui64(target, where="--target") if target else identifier.target,
        counter=identifier.counter if counter is None else counter,
    )
    store = KeyStore.read(keys)
    certificate = store.certificate(named.originator, KeyUsage.DIGITAL_SIGNATURE)
    key = store.private_key(named.originator, KeyUsage.DIGITAL_SIGNATURE)
    if certificate is None or key is None:
        raise UsageError(
            f"no XML signing key of {format_eui64(named.originator)}",
            where=str(keys),
            accepted="its certificate and key",
        )
    root = template.addressed(named)
    sign(root, signer_of(certificate, key))
    if schema is not None:
        DuisSchema.read(schema).check(root)
    write_atomically(output, serialise(root))
    return ExitCode.PASS


def _files(paths: list[Path]) -> list[Path]:
    found = []
    for path in paths:
        below = sorted(each for each in path.rglob("*") if each.suffix.lower() == _SUFFIX) if path.is_dir() else [path]
        if not below:
            raise UsageError("holds no XML file", where=str(path), accepted=f"a folder with *{_SUFFIX}")
        found += below
    return found


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(path)) from error


def _show(rows: list[DocumentRow]) -> None:
    table = Table("document", "kind", "service", "body", "route or meaning", "signature", "fault")
    for row in rows:
        kind = f"{row.kind} CV{row.variant}" if row.variant is not None else row.kind
        fault = row.fault or row.schema_fault
        table.add_row(row.name, kind, row.service, row.body, row.route, row.signature.value, fault)
    console.stdout().print(table)
    console.stdout().print(f"{sum(row.good for row in rows)} of {len(rows)} can be used")


def _exit_code(rows: list[DocumentRow]) -> ExitCode:
    if not all(row.good for row in rows):
        return ExitCode.FAIL
    undecided = any(row.kind == "response" and row.signature.value == "unverified" for row in rows)
    return ExitCode.INCONCLUSIVE if undecided else ExitCode.PASS

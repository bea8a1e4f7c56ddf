"""``trialconformance image``: what a firmware image is, and the one hash that belongs on the list."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from trialconformance.cli import console
from trialconformance.core import ExitCode, UsageError
from trialconformance.core.dsse import read_public_key
from trialconformance.cpl.container import ContentKind, sniff
from trialconformance.cpl.crosscheck import version_objection
from trialconformance.cpl.duis import FirmwareRequest, read_firmware_requests
from trialconformance.cpl.facts import ImageFacts
from trialconformance.cpl.files import read_bounded
from trialconformance.cpl.image import Image, ImageForm, decode_image, is_p256

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Firmware images as they are distributed (OTA).")

_FORMS = {"auto": None, "11.1": ImageForm.SIGNED, "11.4": ImageForm.PLAIN}
_LARGEST_REQUEST = 16 << 20  # octets: the largest image of DUIS, base64
_LARGEST_KEY = 1 << 16  # octets


@app.callback()
def _group() -> None:
    """Firmware images as they are distributed (OTA)."""


@app.command()
def show(
    path: Annotated[Path, typer.Argument(help="The image, or the DUIS request (SR 11.1, SR 11.4) that carries it.")],
    *,
    form: Annotated[str, typer.Option("--form", help="auto, 11.1 (signed trailer) or 11.4 (none).")] = "auto",
    key: Annotated[Path | None, typer.Option("--key", help="Public key of the signer, PEM, on P-256.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Canonical JSON on standard output.")] = False,
) -> ExitCode:
    """Show the header, the hash for the list, and the hashes that are taken for it by mistake.

    Exit codes: 0 shown, 1 the signature does not verify with the given key, 3 bad input.
    """
    if form not in _FORMS:
        raise UsageError(f"{form!r} is no form", where="--form", accepted=", ".join(_FORMS))
    octets = read_bounded(path, _LARGEST_REQUEST)
    request = _request(octets, path) if sniff(octets) is ContentKind.XML else None
    image = decode_image(octets, name=path.as_posix(), form=_FORMS[form]) if request is None else request.image
    verified = None if key is None else _verified(image, key)
    facts = ImageFacts.of(image, verified=verified, request_version=None if request is None else request.version)
    if as_json:
        console.write(facts.to_json())
    else:
        _show(facts)
    if request is not None and (objection := version_objection(request.version, image.header.file_version)):
        console.note(f"the request names firmware version {objection}, the image is {image.header.file_version:08X}")
    return ExitCode.FAIL if verified is False else ExitCode.PASS


def _request(octets: bytes, path: Path) -> FirmwareRequest:
    found = read_firmware_requests(octets, name=path.as_posix())
    if not found:
        raise UsageError("carries no firmware image", where=str(path), accepted="an image, or SR 11.1 or SR 11.4")
    return found[0]


def _verified(image: Image, path: Path) -> bool:
    key = read_public_key(read_bounded(path, _LARGEST_KEY), where=str(path))
    if not is_p256(key):
        raise UsageError("signs no images", where=str(path), accepted="a public key on P-256")
    return image.verifies(key)


def _show(facts: ImageFacts) -> None:
    out = console.stdout()
    for name, value in facts.model_dump(exclude={"schema_id", "wrong_hashes"}).items():
        text = "none" if value is None else str(value)
        visible = "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)
        out.print(Text.assemble((f"{name.replace('_', ' '):<26}", "dim"), visible))
    out.print()
    out.print(Text("The hash for the list covers the Manufacturer Image only. Not these:"))
    for value, mistake in facts.wrong_hashes.items():
        out.print(Text(f"  {value}  {mistake}"))

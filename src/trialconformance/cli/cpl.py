"""``trialconformance cpl``: check a new Central Products List, apply and undo changes, and the trial reference."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from trialconformance import cpl
from trialconformance.cli import console
from trialconformance.cli.cpl_reference import reference_app
from trialconformance.cli.cpl_view import show_diff, show_report
from trialconformance.core import ExitCode, UsageError, sha256_hex
from trialconformance.core.dsse import PublicKey, read_public_key
from trialconformance.cpl.container import ContentKind, sniff
from trialconformance.cpl.diff import diff as difference
from trialconformance.cpl.duis import Prenotification, read_firmware_requests, read_prenotifications
from trialconformance.cpl.facts import AppliedFacts
from trialconformance.cpl.files import read_bounded
from trialconformance.cpl.html import check_page, diff_page
from trialconformance.cpl.infer import infer_profile
from trialconformance.cpl.report import judge
from trialconformance.evidence import write_atomically

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Check a new Central Products List and what is done to it.")
profile_app = typer.Typer(no_args_is_help=True, help="Format profiles of the list.")
app.add_typer(profile_app, name="profile")
app.add_typer(reference_app, name="trial-reference")

_LARGEST_SIDE_FILE = 16 << 20  # octets of a manifest, a key, a signature, a pre-notification
_LARGEST_IMAGE = 16 << 20  # octets
_ROUNDS = 5

Before = Annotated[Path, typer.Argument(help="The list that is known to load.")]
After = Annotated[Path, typer.Argument(help="The list that is to be loaded.")]
ProfileFile = Annotated[
    Path | None, typer.Option("--profile", help="A format profile of your own instead of cpl-assumed-1.")
]
ChangesFile = Annotated[Path | None, typer.Option("--changes", help="Change manifest: what is declared to differ.")]
AsJson = Annotated[bool, typer.Option("--json", help="Canonical JSON on standard output.")]
Html = Annotated[Path | None, typer.Option("--html", help="Write a self-contained page there.")]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise UsageError(f"{text!r} is no day", where="--as-of", accepted="YYYY-MM-DD") from error


def _document(path: Path, profile: cpl.Profile) -> cpl.Document:
    octets = read_bounded(path, profile.container.max_file_octets)
    return cpl.read_document(octets, profile=profile, name=path.as_posix())


def _side_file(path: Path | None) -> bytes | None:
    return None if path is None else read_bounded(path, _LARGEST_SIDE_FILE)


def _changes(path: Path | None) -> cpl.ChangeManifest | None:
    octets = _side_file(path)
    return None if octets is None else cpl.ChangeManifest.from_json(octets, where=str(path))


def _key(path: Path | None) -> PublicKey | None:
    octets = _side_file(path)
    return None if octets is None else read_public_key(octets, where=str(path))


def _digest(given: str, path: Path, profile: cpl.Profile) -> str | None:
    if not given:
        return cpl.read_sidecar(path, profile=profile)
    if len(given) != len(sha256_hex(b"")) or any(digit not in "0123456789abcdefABCDEF" for digit in given):
        raise UsageError(f"{given!r} is no SHA-256", where="published digest", accepted="64 hex digits")
    return given.lower()


def _notices(paths: list[Path]) -> Iterator[Prenotification]:
    for path in paths:
        found = read_prenotifications(read_bounded(path, _LARGEST_SIDE_FILE), name=path.as_posix())
        if not found:
            raise UsageError("holds no pre-notification", where=str(path), accepted="a DUIS request of SR 12.2")
        yield from found


def _load_seconds(document: cpl.Document) -> float:
    """Median time to load one record of a list, in seconds."""
    rounds = []
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        read = cpl.read_document(document.octets, profile=document.profile, name=document.name)
        rounds.append((time.perf_counter() - started) / max(len(read.rows), 1))
    return statistics.median(rounds)


@app.command()
def check(
    before: Before,
    after: After,
    *,
    profile: ProfileFile = None,
    changes: ChangesFile = None,
    register: Annotated[
        Path | None, typer.Option("--register", help="Folder of the trial register, its states oldest first.")
    ] = None,
    register_key: Annotated[
        list[Path] | None, typer.Option("--register-key", help="Public key of who keeps the register; may be repeated.")
    ] = None,
    as_of: Annotated[str, typer.Option("--as-of", help="Day of judgement, YYYY-MM-DD.")] = "",
    before_sha256: Annotated[
        str, typer.Option("--before-sha256", help="Published digest; by default from the file BEFORE.sha256.")
    ] = "",
    after_sha256: Annotated[
        str, typer.Option("--after-sha256", help="Published digest; by default from the file AFTER.sha256.")
    ] = "",
    before_signature: Annotated[Path | None, typer.Option("--before-signature", help="Signature over BEFORE.")] = None,
    after_signature: Annotated[Path | None, typer.Option("--after-signature", help="Signature over AFTER.")] = None,
    key: Annotated[Path | None, typer.Option("--key", help="Public key of whoever signs the list.")] = None,
    dcc_copy: Annotated[Path | None, typer.Option("--dcc-copy", help="The copy of AFTER that DCC received.")] = None,
    image: Annotated[
        list[Path] | None,
        typer.Option(
            "--image",
            help="Firmware image, or DUIS request that carries one, to check entries against; may be repeated.",
        ),
    ] = None,
    image_key: Annotated[Path | None, typer.Option("--image-key", help="Public key of the signer of images.")] = None,
    prenotification: Annotated[
        list[Path] | None, typer.Option("--prenotification", help="DUIS request of SR 12.2; may be repeated.")
    ] = None,
    recorded_diff: Annotated[
        str, typer.Option("--recorded-diff", help="SHA-256 of the diff report that was recorded.")
    ] = "",
    load_times: Annotated[
        bool, typer.Option("--load-times", help="Measure load times as well (FI-087); not reproducible.")
    ] = False,
    as_json: AsJson = False,
    html: Html = None,
) -> ExitCode:
    """Say whether AFTER would load exactly as BEFORE did: load, do not load, or inconclusive.

    Exit codes: 0 load, 1 do not load, 2 inconclusive (a blocking check could not be made), 3 bad input.
    """
    chosen = cpl.load_profile(profile)
    earlier, later = _document(before, chosen), _document(after, chosen)
    image_public_key = _key(image_key)
    if image_public_key is not None and not cpl.is_p256(image_public_key):
        raise UsageError("signs no images", where="--image-key", accepted="a public key on P-256")
    pictures = [(each.as_posix(), read_bounded(each, _LARGEST_IMAGE)) for each in image or []]
    comparison = cpl.compare(
        before=earlier,
        after=later,
        changes=_changes(changes),
        register=_register(register, register_key or []),
        as_of=_day(as_of),
        images=[
            cpl.decode_image(octets, name=name) for name, octets in pictures if sniff(octets) is not ContentKind.XML
        ],
        requests=[
            request
            for name, octets in pictures
            if sniff(octets) is ContentKind.XML
            for request in read_firmware_requests(octets, name=name)
        ],
        image_key=image_public_key if cpl.is_p256(image_public_key) else None,
        notices=_notices(prenotification or []),
        delivery=cpl.Delivery(
            before_sha256=_digest(before_sha256, before, chosen),
            after_sha256=_digest(after_sha256, after, chosen),
            before_signature=_side_file(before_signature),
            after_signature=_side_file(after_signature),
            public_key=_key(key),
            dcc_copy=None if dcc_copy is None else read_bounded(dcc_copy, 2 * chosen.container.max_file_octets),
            load_seconds=(_load_seconds(earlier), _load_seconds(later)) if load_times else None,
            diff_sha256=recorded_diff.lower() or None,
        ),
    )
    report = judge(comparison)
    if html is not None:
        write_atomically(html, check_page(report, difference(comparison)))
        console.note(f"wrote {html}")
    if as_json:
        console.write(report.to_json())
    else:
        show_report(report)
    return report.exit_code


def _register(folder: Path | None, keys: list[Path]) -> tuple[cpl.RegisterEntry, ...] | None:
    if folder is None:
        return None
    # Only this option needs the trial domain.
    from trialconformance.trial import registered_trials  # noqa: PLC0415
    from trialconformance.trial.register_folder import load_register  # noqa: PLC0415

    trusted = [key for key in map(_key, keys) if key is not None]
    register = load_register(folder, keys=trusted)
    if trusted and any(not state.signed_by for state in register.states):
        raise UsageError("a state is not signed by a given key", where=str(folder), accepted="a signed register")
    if not trusted:
        console.note("the register's signatures are not verified: give --register-key")
    return registered_trials(register)


@app.command()
def diff(
    before: Before,
    after: After,
    *,
    profile: ProfileFile = None,
    changes: ChangesFile = None,
    as_json: AsJson = False,
    html: Html = None,
) -> ExitCode:
    """Show two lists side by side, record by record.

    Exit codes: 0 no undeclared difference, 1 an undeclared one, 3 bad input.
    """
    chosen = cpl.load_profile(profile)
    found = difference(
        cpl.compare(before=_document(before, chosen), after=_document(after, chosen), changes=_changes(changes))
    )
    if html is not None:
        write_atomically(html, diff_page(found))
        console.note(f"wrote {html}")
    if as_json:
        console.write(found.to_json())
    else:
        show_diff(found)
    return ExitCode.PASS if all(row.declared for row in found.rows) else ExitCode.FAIL


@app.command()
def apply(
    before: Before,
    changes: Annotated[Path, typer.Argument(help="Change manifest.")],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the new list goes; never over another file.")],
    undo: Annotated[
        Path | None, typer.Option("--undo", help="Where the way back goes; OUTPUT.undo.json by default.")
    ] = None,
    profile: ProfileFile = None,
    as_json: AsJson = False,
) -> ExitCode:
    """Make a new list from BEFORE and a change manifest: additions at the end, an undo file beside it."""
    chosen = cpl.load_profile(profile)
    manifest = _changes(changes)
    if manifest is None:
        raise UsageError("no change manifest", where="changes", accepted="a file")
    earlier = _document(before, chosen)
    _same_digest(manifest.before_sha256, earlier.octets, before)
    applied = cpl.apply_changes(earlier, manifest)
    _same_digest(manifest.after_sha256, applied.octets, output)
    way_back = undo or output.with_name(f"{output.name}.undo.json")
    _write_new({output: applied.octets, way_back: applied.undo.to_json()})
    facts = AppliedFacts.of(applied, output=output.as_posix(), undo=way_back.as_posix())
    if as_json:
        console.write(facts.to_json())
    else:
        console.stdout().print(f"{output}: {facts.octets} octets, SHA-256 {facts.sha256}", markup=False)
        console.note(f"undo with: trialconformance cpl undo {output} {way_back} --output FILE")
    return ExitCode.PASS


def _same_digest(wanted: str, octets: bytes, where: Path) -> None:
    if wanted and sha256_hex(octets) != wanted:
        raise UsageError(
            f"has SHA-256 {sha256_hex(octets)}", where=str(where), accepted=f"{wanted}, as the change manifest says"
        )


def _write_new(files: dict[Path, bytes]) -> None:
    """Write files where nothing else stands; one that already holds the same octets is left as it is."""
    for path, octets in files.items():
        if path.exists() and (not path.is_file() or path.read_bytes() != octets):
            raise UsageError("already exists and is another file", where=str(path), accepted="a new name")
    for path, octets in files.items():
        if not path.exists():
            write_atomically(path, octets)


@app.command()
def undo(
    after: After,
    undo_file: Annotated[Path, typer.Argument(help="The undo file that apply wrote.")],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the old list goes; never over another file.")],
    profile: ProfileFile = None,
) -> ExitCode:
    """Give the list before a change back, bit for bit."""
    most = cpl.load_profile(profile).container.max_file_octets
    way_back = cpl.Undo.from_json(read_bounded(undo_file, 2 * most), where=str(undo_file))
    restored = way_back.restore(read_bounded(after, most))
    _write_new({output: restored})
    console.stdout().print(f"{output}: {len(restored)} octets, SHA-256 {sha256_hex(restored)}", markup=False)
    return ExitCode.PASS


@profile_app.command("infer")
def infer(
    before: Before,
    *,
    name: Annotated[str, typer.Option("--id", help="Name of the new profile.")] = "cpl-inferred-1",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where it goes; standard output by default.")
    ] = None,
) -> ExitCode:
    """Learn a profile from a list that is known to load; what it could not know is marked for a person."""
    octets = read_bounded(before, cpl.load_profile().container.max_file_octets)
    learnt = infer_profile(octets, name=before.as_posix(), profile_id=name)
    text = learnt.model_dump_json(indent=1, exclude_defaults=False).encode() + b"\n"
    if output is None:
        console.write(text)
    else:
        _write_new({output: text})
    for each in learnt.unknown:
        console.note(f"for a person: {each}")
    return ExitCode.PASS


@profile_app.command("show")
def show(profile: ProfileFile = None) -> ExitCode:
    """Print a profile, the shipped one by default, with its status and digest on standard error."""
    chosen = cpl.load_profile(profile)
    console.write(chosen.octets if chosen.octets.endswith(b"\n") else chosen.octets + b"\n")
    console.note(f"{chosen.label}, SHA-256 {chosen.sha256}")
    return ExitCode.PASS

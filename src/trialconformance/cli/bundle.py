"""``trialconformance bundle``: make, sign, verify, replay and compare evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from trialconformance.catalogue import PROCEDURES
from trialconformance.cli import console
from trialconformance.core import ExitCode, Record, UsageError, canonical_json, load_json
from trialconformance.core.dsse import read_private_key
from trialconformance.engine import judge_submission
from trialconformance.evidence.attest import read_trust
from trialconformance.evidence.attest.timestamp import request
from trialconformance.evidence.bundle import (
    Signer,
    make_bundle,
    open_bundle,
    read_bundle_file,
    sign_bundle,
    stamp_bundle,
)
from trialconformance.evidence.compare import Comparison, compare
from trialconformance.evidence.files import write_atomically
from trialconformance.evidence.lab import Scope, lab_report
from trialconformance.evidence.plain import printable
from trialconformance.evidence.replay import Replay, replay, what_if
from trialconformance.evidence.verify import Outcome, Verification, verify_bundle

app = typer.Typer(
    no_args_is_help=True, help="Make, sign, verify, replay and compare evidence.", rich_markup_mode="rich"
)

BundlePath = Annotated[Path, typer.Argument(metavar="BUNDLE.zip", help="The bundle.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]
Supplied = Annotated[
    list[str] | None,
    typer.Option("--supply", metavar="NAME=FILE", help="An input that was withheld; may be given several times."),
]
SignedAt = Annotated[
    str, typer.Option("--signed-at", metavar="TIME", help="When the signer says to sign, ISO 8601; only a claim.")
]

_SYMBOLS = {Outcome.PASSED: "✓", Outcome.GAP: "~", Outcome.FAILED: "✕", Outcome.NOT_REACHED: "-"}
_STYLES = {Outcome.PASSED: "green", Outcome.GAP: "yellow", Outcome.FAILED: "red", Outcome.NOT_REACHED: "dim"}
_JUDGEMENT = ".judgement.dsse.json"
_SHOWN = 20  # changes printed for a person; --json has them all


class Part(StrEnum):
    """What ``bundle show`` prints."""

    RECORD = "record"
    MANIFEST = "manifest"
    LAB_REPORT = "lab-report"


@app.command()
def make(
    submission: Annotated[Path, typer.Argument(metavar="SUBMISSION.toml", help="The submission.", show_default=False)],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The bundle to write.")] = Path(
        "bundle.zip"
    ),
    sign: Annotated[
        list[str] | None, typer.Option("--sign", metavar="ROLE=KEY.pem", help="Sign in a role; may be repeated.")
    ] = None,
    withhold: Annotated[
        list[str] | None, typer.Option("--withhold", metavar="GLOB", help="Inputs that stay out, by name.")
    ] = None,
    firmware_sbom: Annotated[
        Path | None, typer.Option("--firmware-sbom", metavar="FILE", help="CycloneDX JSON of the firmware.")
    ] = None,
    signed_at: SignedAt = "",
) -> ExitCode:
    """Judge a submission and write its bundle; the exit code is that of the record."""
    signers = [_signer(each) for each in sign or ()]
    judged = judge_submission(submission, procedures=PROCEDURES)
    make_bundle(
        judged.record,
        output,
        inputs=judged.inputs,
        catalogue=judged.catalogue,
        settings=judged.settings,
        signers=signers,
        withhold=withhold or (),
        firmware_sbom=_octets(firmware_sbom) if firmware_sbom else None,
        claimed_time=_moment(signed_at),
    )
    console.note(f"{output}: {judged.record.statement}")
    if not signers:
        console.note("UNSIGNED: nobody vouches for this bundle. Sign it with `trialconformance bundle sign`.")
    return judged.record.exit_code


@app.command()
def sign(
    bundle: BundlePath,
    *,
    role: Annotated[str, typer.Option("--role", help="In which role: manufacturer, laboratory, ssc, dcc ...")],
    key: Annotated[Path, typer.Option("--key", metavar="KEY.pem", help="Private key, ECDSA P-256 or Ed25519.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write there, not over the bundle.")
    ] = None,
    signed_at: SignedAt = "",
) -> ExitCode:
    """Add the attestations of one more signer, once its files and digests have been checked."""
    checked = verify_bundle(read_bundle_file(bundle), trust=None, on=_today(), again=None)
    if checked.outcome is Outcome.FAILED:
        _print_verification(checked)
        raise UsageError("is not fit to be signed", where=str(bundle), accepted="a bundle whose files are in order")
    signer = _signer(f"{role}={key}")
    written = sign_bundle(bundle, signer, claimed_time=_moment(signed_at), to=output)
    console.note(f"{written}: signed in the role {role}; you vouch for: {checked.statement}")
    return ExitCode.PASS


@app.command("stamp-request")
def stamp_request(
    bundle: BundlePath,
    *,
    role: Annotated[str, typer.Option("--role", help="Whose judgement the time stamp is asked for.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The request, to be sent to an authority.")
    ] = Path("request.tsq"),
) -> ExitCode:
    """Write a time-stamp request (RFC 3161) for a signature; a person sends it, this tool asks nobody."""
    opened = open_bundle(read_bundle_file(bundle))
    wanted = [path for path in opened.attestations if path.startswith(f"attest/{role}-") and path.endswith(_JUDGEMENT)]
    if not wanted:
        raise UsageError(f"nobody has signed in the role {role}", where=str(bundle), accepted="a role that signed")
    write_atomically(output, request(opened.files[wanted[-1]]))
    console.note(f"{output}: asks for a time stamp over {wanted[-1]}")
    return ExitCode.PASS


@app.command()
def stamp(
    bundle: BundlePath,
    *,
    token: Annotated[Path, typer.Option("--token", metavar="FILE", help="The authority's answer, DER.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write there, not over the bundle.")
    ] = None,
) -> ExitCode:
    """Put the answer of a time-stamp authority beside the signature that it is over."""
    console.note(f"stamped: {stamp_bundle(bundle, _octets(token), to=output)}")
    return ExitCode.PASS


@app.command()
def verify(
    bundle: BundlePath,
    *,
    trust: Annotated[
        Path | None, typer.Option("--trust", metavar="POLICY.json", help="Whom you trust; never from the bundle.")
    ] = None,
    on: Annotated[str, typer.Option("--on", metavar="DATE", help="Day on which keys must be good; today.")] = "",
    replayed: Annotated[
        bool, typer.Option("--replay/--no-replay", help="Whether the inputs are judged again (steps 6 and 8).")
    ] = True,
    as_json: AsJson = False,
) -> ExitCode:
    """Verify a bundle offline in eleven steps.

    Exit code 0 verified, 1 rejected, 2 verified with gaps. It says whether the evidence holds, not whether the device
    passed: the verdict of the device is printed beside it.
    """
    verification = verify_bundle(
        read_bundle_file(bundle),
        trust=read_trust(trust) if trust else None,
        on=_day(on) if on else _today(),
        again=replay if replayed else None,
    )
    if as_json:
        console.write(canonical_json(verification.report.model_dump(mode="json")))
    else:
        _print_verification(verification)
    return verification.exit_code


@app.command("replay")
def replay_command(bundle: BundlePath, *, supply: Supplied = None, as_json: AsJson = False) -> ExitCode:
    """Judge the inputs again from the bundle alone and compare octet for octet.

    Exit code 0 the same record, 2 another record and the reason is known, 1 another record for no known reason.
    """
    replayed = replay(open_bundle(read_bundle_file(bundle)), supplied=_supplied(supply))
    _print_replay(replayed, as_json=as_json)
    if replayed.identical:
        return ExitCode.PASS
    return ExitCode.INCONCLUSIVE if replayed.explanations else ExitCode.FAIL


@app.command("what-if")
def what_if_command(
    bundle: BundlePath,
    *,
    spec: Annotated[
        list[str] | None, typer.Option("--spec", metavar="NAME=VERSION", help="For example GBCS=4.2; may be repeated.")
    ] = None,
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE", help="Another day of judgement.")] = "",
    supply: Supplied = None,
    as_json: AsJson = False,
) -> ExitCode:
    """Judge the inputs again under other specification versions or another day; the exit code is that of the result."""
    if not spec and not as_of:
        raise UsageError("nothing to change", where="bundle what-if", accepted="--spec NAME=VERSION or --as-of DATE")
    replayed = what_if(
        open_bundle(read_bundle_file(bundle)),
        as_of=_day(as_of) if as_of else None,
        specifications=dict(_pair(each, "NAME=VERSION") for each in spec or ()),
        supplied=_supplied(supply),
    )
    _print_replay(replayed, as_json=as_json)
    return replayed.record.exit_code


@app.command("compare")
def compare_command(
    before: Annotated[Path, typer.Argument(help="A bundle or a record.json.", show_default=False)],
    after: Annotated[Path, typer.Argument(help="Another one.", show_default=False)],
    *,
    as_json: AsJson = False,
) -> ExitCode:
    """Compare two runs; every changed verdict is put down to what changed it. Exit code 1 if a case became worse."""
    comparison = compare(_record(before), _record(after))
    if as_json:
        console.write(canonical_json(comparison.report.model_dump(mode="json")))
    else:
        _print_comparison(comparison)
    return ExitCode.FAIL if any(change.worse for change in comparison.changes) else ExitCode.PASS


@app.command()
def show(
    bundle: BundlePath,
    part: Annotated[Part, typer.Argument(help="What to print as JSON.")] = Part.MANIFEST,
    *,
    scope: Annotated[
        Path | None, typer.Option("--scope", metavar="FILE", help="What the laboratory is accredited for, JSON.")
    ] = None,
) -> ExitCode:
    """Print a part of a bundle as JSON; lab-report is a skeleton with the fields of ISO/IEC 17025, 7.8.2."""
    opened = open_bundle(read_bundle_file(bundle))
    accredited = load_json(Scope, _octets(scope), where=str(scope)) if scope else None
    parts: dict[Part, Callable[[], bytes]] = {
        Part.RECORD: opened.record.to_json,
        Part.MANIFEST: opened.manifest.to_json,
        Part.LAB_REPORT: lambda: canonical_json(lab_report(opened, scope=accredited).model_dump(mode="json")),
    }
    console.write(parts[part]())
    return ExitCode.PASS


def _print_verification(verification: Verification) -> None:
    out = console.stdout()
    for each in verification.steps:
        out.print(f"{_SYMBOLS[each.outcome]} {each.number:>2}  {each.title}", style=_STYLES[each.outcome], markup=False)
        for note in each.notes:
            out.print(f"       {note}", markup=False)
    style = _STYLES[verification.outcome]
    out.print(f"{_SYMBOLS[verification.outcome]} 11  {verification.conclusion.upper()}", style=style, markup=False)
    if verification.statement:
        out.print(f"       the record says of the device: {printable(verification.statement)}", markup=False)
    signed = ", ".join(verification.signed_by) or "nobody whom you trust"
    out.print(f"       vouched for by: {signed}", markup=False)


def _print_replay(replayed: Replay, *, as_json: bool) -> None:
    if as_json:
        console.write(canonical_json(replayed.report.model_dump(mode="json")))
        return
    if replayed.identical:
        console.stdout().print("the same record, octet for octet", style="green", markup=False)
        return
    for words in replayed.explanations:
        console.stdout().print(printable(f"can be explained: {words}"), markup=False)
    _print_comparison(replayed.comparison)


def _print_comparison(comparison: Comparison) -> None:
    out = console.stdout()
    if comparison.identical:
        out.print("the same record", markup=False)
        return
    out.print(printable(" -> ".join(comparison.verdicts)), markup=False)
    for cause, words in comparison.differences.items():
        out.print(printable(f"differs ({cause.value}): {'; '.join(words)}"), markup=False)
    for change in comparison.changes[:_SHOWN]:
        verdicts = f"{change.before or 'absent'} -> {change.after or 'absent'}"
        causes = " or ".join(cause.value for cause in change.causes)
        style = "red" if change.worse else None
        told = printable(f"{change.case}  {verdicts}  because of {causes}  {change.detail}")
        out.print(told, style=style, markup=False)
    if len(comparison.changes) > _SHOWN:
        out.print(f"and {len(comparison.changes) - _SHOWN} more: see --json", markup=False)


def _record(path: Path) -> Record:
    octets = read_bundle_file(path)
    if octets.startswith(b"PK"):
        return open_bundle(octets).record
    try:
        return Record.from_json(octets)
    except ValueError as error:
        raise UsageError("is no bundle and no record", where=str(path), accepted="bundle.zip or record.json") from error


def _supplied(pairs: Iterable[str] | None) -> Mapping[str, bytes]:
    return {name: _octets(Path(file)) for name, file in (_pair(each, "NAME=FILE") for each in pairs or ())}


def _signer(text: str) -> Signer:
    role, file = _pair(text, "ROLE=KEY.pem")
    return Signer(role=role, key=read_private_key(_octets(Path(file)), where=file))


def _pair(text: str, form: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise UsageError(f"{text!r} cannot be used", accepted=form)
    return name, value


def _octets(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(path), accepted="a readable file") from error


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no date", accepted="YYYY-MM-DD") from error


def _moment(text: str) -> str:
    if not text:
        return ""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no time", accepted="ISO 8601 with offset") from error
    if moment.tzinfo is None:
        raise UsageError(f"{text!r} has no offset", accepted="ISO 8601 with offset, for example 2022-10-03T10:00:00Z")
    return text


def _today() -> date:
    return datetime.now(tz=UTC).date()

"""``trialconformance certificate``: lint certificates, check chains, show what a certificate says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from trialconformance.cli import certificate_output, console
from trialconformance.core import ArtefactError, ExitCode, UsageError, canonical_json, load_json
from trialconformance.smki import PROFILES, Certificate, CertificateKind, Profile, load_profile
from trialconformance.smki.context import KEYSTORE_FILE, certificate_subjects
from trialconformance.smki.keystore_folder import KeyStoreFile, Place
from trialconformance.smki.lint import Judge, Judged
from trialconformance.smki.loading import Loaded, artefact_files, read_artefacts
from trialconformance.smki.path import Anchor
from trialconformance.smki.pem import load_point, read_pem
from trialconformance.smki.prediction import ChainJudge, JudgedChain, predict
from trialconformance.smki.report import ChainReport, LintReport, Verdict
from trialconformance.smki.repository import RepositoryStatuses
from trialconformance.smki.request import REQUEST, CertificateRequest, RequestInContext
from trialconformance.smki.revocation import REVOCATION_LIST, ListInContext, RevocationList

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, rich_markup_mode="rich", help="Lint, check and show SMKI certificates.")

_VERDICTS: dict[ExitCode, Verdict] = {
    ExitCode.PASS: "accept",
    ExitCode.INCONCLUSIVE: "undecided",
    ExitCode.FAIL: "refuse",
}
_LABEL = 26  # characters of the widest label of ``show``

_Paths = Annotated[list[Path], typer.Argument(help="PEM or DER files, PEM bundles, folders, key stores.")]
_ProfileName = Annotated[
    str, typer.Option("--profile", help="Certificate profile: production, test-pki, or a file of your own.")
]
_AsOf = Annotated[
    str, typer.Option("--as-of", help="Day or moment at which validity is judged, for example 2026-02-01.")
]
_Policies = Annotated[
    list[str] | None,
    typer.Option("--policy", help="Policy identifier of a kind, for example device=1.3.6.1.4.1.32473.1.1."),
]
_Anchors = Annotated[
    list[str] | None,
    typer.Option("--anchor", help="What is trusted: a certificate or a public key (PEM), as FILE or NAME=FILE."),
]
_Statuses = Annotated[
    Path | None, typer.Option("--repository", help="Statuses of the SMKI Repository: JSON, SHA-256 to P, I, N, E, R.")
]
_AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


@app.command()
def lint(
    paths: _Paths,
    *,
    profile: _ProfileName = PROFILES[0],
    as_of: _AsOf = "",
    policy: _Policies = None,
    anchor: _Anchors = None,
    repository: _Statuses = None,
    as_json: _AsJson = False,
) -> ExitCode:
    """Judge certificates, signing requests and revocation lists one by one; each failing octet is shown."""
    chosen = _profile(profile, policy or ())
    judge = Judge(chosen)
    loaded = _load(paths)
    certificates = tuple(each.certificate for each in loaded if each.certificate is not None)
    found: dict[str, list[Judged]] = {each.name: [] for each in loaded}
    anchors = (*chosen.trusted(), *map(_anchor, anchor or ()))
    clock = _moment(as_of) or chosen.clock
    subjects = certificate_subjects(
        certificates, policies=chosen.policies, anchors=anchors, clock=clock, statuses=_statuses(repository)
    )
    subjects[REQUEST] = [
        RequestInContext(request=each.value, certificates=certificates)
        for each in loaded
        if isinstance(each.value, CertificateRequest)
    ]
    subjects[REVOCATION_LIST] = list(_lists(loaded, certificates, anchors, clock))
    subjects[KEYSTORE_FILE] = [file for each in loaded if (file := _keystore_file(each)) is not None]
    total = sum(map(len, subjects.values()))
    with console.progress("judging", total) as advance:
        for subject, judged in judge.all(subjects):
            found[subject.name].extend(judged)
            advance()
    for each in loaded:
        if each.error is not None:
            found[each.name].extend(judge.unreadable(each.error, name=each.name, octets=each.octets))
    _print(loaded, found, as_json=as_json)
    if not chosen.policies:
        console.note(f"profile {chosen.name} names no policy identifiers, so none was judged (--policy KIND=OID)")
    return certificate_output.exit_code(each for group in found.values() for each in group)


def _lists(
    loaded: list[Loaded], certificates: tuple[Certificate, ...], anchors: tuple[Anchor, ...], clock: datetime | None
) -> Iterator[ListInContext]:
    """Each revocation list beside its issuer, the list of this issuer before it, and the certificates."""
    issuers = [*(each.certificate for each in anchors if each.certificate is not None), *certificates]
    previous: dict[bytes, RevocationList] = {}
    for each in loaded:
        if isinstance(each.value, RevocationList):
            name = each.value.issuer.octets
            yield ListInContext(
                revocations=each.value,
                issuer=next((issuer for issuer in issuers if issuer.subject.octets == name), None),
                clock=clock,
                previous=previous.get(name),
                certificates=certificates,
            )
            previous[name] = each.value


def _print(loaded: list[Loaded], found: dict[str, list[Judged]], *, as_json: bool) -> None:
    if as_json:
        for each in loaded:
            console.write(LintReport.of(each, found[each.name]).line())
        return
    screen = console.stdout()
    for each in loaded:
        for line in certificate_output.lint_text(each, tuple(found[each.name])):
            screen.print(line)
    weighed = [each for group in found.values() for each in group]
    bad = sum(any(each.fatal for each in group) for group in found.values())
    counts = {
        "certificates": len(loaded),
        "refused": bad,
        "findings": sum(not each.waiver for each in weighed),
        "waived": sum(bool(each.waiver) for each in weighed),
    }
    screen.print(", ".join(f"{name}: {count:,}" for name, count in counts.items()))


@app.command()
def chain(
    leaves: Annotated[list[Path], typer.Argument(help="Leaf certificates.")],
    *,
    path: Annotated[
        list[Path] | None, typer.Option("--path", help="Path certificates, such as the issuing CA, in order.")
    ] = None,
    anchor: _Anchors = None,
    profile: _ProfileName = PROFILES[0],
    as_of: _AsOf = "",
    no_time: Annotated[bool, typer.Option("--no-time", help="Do not judge validity in time.")] = False,
    policy: _Policies = None,
    repository: _Statuses = None,
    as_json: _AsJson = False,
) -> ExitCode:
    """Check the way from a leaf to an anchor that you name, and say what a device should answer."""
    chosen = _profile(profile, policy or ())
    anchors = (*chosen.trusted(), *map(_anchor, anchor or ()))
    if not anchors:
        raise UsageError(
            "nothing is trusted", where="--anchor", accepted="the root as certificate or key, or a profile with anchors"
        )
    clock = None if no_time else _moment(as_of) or chosen.clock
    if clock is None and not no_time:
        raise UsageError("no moment is given", where="--as-of", accepted="a day, or --no-time")
    offered = [each for file in path or () for each in _load([file])]
    if unreadable := next((each.error for each in offered if each.error is not None), None):
        raise unreadable
    judge = Judge(chosen)
    chains = ChainJudge(
        tuple(each.certificate for each in offered if each.certificate is not None),
        anchors=anchors,
        judge=judge,
        clock=clock,
        statuses=_statuses(repository),
    )
    codes = []
    for leaf in _load(leaves):
        if leaf.certificate is None:
            judged = judge.unreadable(leaf.error or ArtefactError("no certificate"), name=leaf.name, octets=leaf.octets)
            status = predict(None, chains).status
            codes.append(_print_unreadable(leaf, judged, status=status, as_json=as_json))
            continue
        result = chains.judge(leaf.certificate)
        codes.append(_print_chain([leaf, *offered], result, as_json=as_json))
    return ExitCode.FAIL if ExitCode.FAIL in codes else max(codes)


def _print_unreadable(leaf: Loaded, judged: tuple[Judged, ...], *, status: int, as_json: bool) -> ExitCode:
    if as_json:
        console.write(ChainReport.unreadable(LintReport.of(leaf, judged), status=status).line())
    else:
        for text in certificate_output.lint_text(leaf, judged):
            console.stdout().print(text)
    return ExitCode.FAIL


def _print_chain(loaded: list[Loaded], result: JudgedChain, *, as_json: bool) -> ExitCode:
    found = dict(result.findings)
    listed = [(each, found.get(each.certificate, ())) for each in loaded if each.certificate is not None]
    code = certificate_output.exit_code(each for _, group in result.findings for each in group)
    verdict = _VERDICTS[code]
    if as_json:
        reports = [LintReport.of(each, group) for each, group in listed]
        console.write(ChainReport.of(result, reports, verdict=verdict).line())
        return code
    anchor, predicted = result.chain.anchor, result.predicted
    screen = console.stdout()
    for each, group in listed:
        for line in certificate_output.lint_text(each, group):
            screen.print(line)
    steps = [each.name for each in result.chain.below_anchor]
    way = " <- ".join([*steps, anchor.title if anchor is not None else "no anchor"])
    because = f" because of {predicted.reason}" if predicted.reason else ""
    screen.print(f"{verdict}: {way}", markup=False)
    screen.print(f"a device should answer with status {predicted.status}{because}", markup=False)
    return code


@app.command()
def show(paths: _Paths) -> ExitCode:
    """Show what certificates say: EUI-64, role, usage, key identifiers, policies."""
    loaded = _load(paths)
    screen = console.stdout()
    for each in loaded:
        screen.print(f"[bold]{escape(each.name)}[/bold]")
        for label, text in certificate_output.show_text(each):
            screen.print(f"  {label:<{_LABEL}}{text}", markup=False)
    return ExitCode.FAIL if any(each.certificate is None for each in loaded) else ExitCode.PASS


def _load(paths: list[Path]) -> list[Loaded]:
    """Read every certificate of the paths; files of a folder that hold none are noted."""
    files = artefact_files(paths)
    loaded: list[Loaded] = []
    with console.progress("reading", len(files)) as advance:
        for file in files:
            for each in read_artefacts(file):
                if isinstance(each, Loaded):
                    loaded.append(each)
                elif file in paths:
                    raise UsageError(each.reason, where=str(file), accepted="a certificate")
                else:
                    console.note(f"{each.path}: {each.reason}")
            advance()
    if not loaded:
        raise UsageError(
            "no certificate was found", where=", ".join(map(str, paths)), accepted="PEM or DER certificates"
        )
    return loaded


def _keystore_file(loaded: Loaded) -> KeyStoreFile | None:
    """The file of a key store, where its name says whose certificate it holds."""
    stated = Place.of_file(loaded.path.name)
    if stated is None or loaded.certificate is None or loaded.index:
        return None
    return KeyStoreFile(name=loaded.name, octets=loaded.octets, stated=stated, certificate=loaded.certificate)


def _profile(name: str, policies: tuple[str, ...] | list[str]) -> Profile:
    profile = load_profile(name) if name in PROFILES else load_profile(file=Path(name))
    known = {kind.value: kind for kind in CertificateKind}
    added: dict[CertificateKind, set[str]] = {kind: set(oids) for kind, oids in profile.policies.items()}
    for each in policies:
        kind, separator, oid = each.partition("=")
        if kind not in known or not separator:
            raise UsageError(
                f"{each!r} is no policy", where="--policy", accepted=f"KIND=OID with the kinds {', '.join(known)}"
            )
        added.setdefault(known[kind], set()).add(oid)
    if not policies:
        return profile
    values = profile.model_dump(mode="json") | {"policies": {kind: sorted(oids) for kind, oids in added.items()}}
    return load_json(Profile, canonical_json(values), where="--policy")


def _anchor(text: str) -> Anchor:
    """Read an anchor: a certificate or a bare public key, which then has the name of its file or the one given."""
    name, separator, rest = text.partition("=")
    file = Path(rest if separator and not Path(text).exists() else text)
    title = name if str(file) == rest else file.name
    blocks = read_pem(file, name=str(file))
    if blocks[0].label == "CERTIFICATE":
        return Anchor.of(Certificate.parse(blocks[0].octets, name=str(file)))
    return Anchor(name=title, point=load_point(blocks[0].octets, name=str(file)))


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        if len(text) == len("2026-02-01"):
            return datetime.combine(date.fromisoformat(text), time(), tzinfo=UTC)
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no date", where="--as-of", accepted="YYYY-MM-DD, or with a time") from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _statuses(file: Path | None) -> Mapping[str, str]:
    if file is None:
        return {}
    try:
        octets = file.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(file), accepted="a JSON file") from error
    return load_json(RepositoryStatuses, octets, where=str(file)).root

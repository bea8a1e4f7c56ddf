"""``trialconformance register``: the life of a trial, one signed state after the other."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from trialconformance.cli import console
from trialconformance.cli.trial_inputs import (
    AsJson,
    AsOf,
    ListedCpl,
    PolicyName,
    TrustedKeys,
    day_of,
    octets_of,
    policy_of,
    private_key,
    register_of,
)
from trialconformance.core import ExitCode, Record, Severity, UsageError, Verdict, load_json, sha256_hex
from trialconformance.cpl import trial_reference
from trialconformance.trial import Submission
from trialconformance.trial.closure import ClosureProof
from trialconformance.trial.lifecycle import Guarded, Step, advance, confirm, open_draft
from trialconformance.trial.policy import PRESETS
from trialconformance.trial.register import Register
from trialconformance.trial.register_entry import (
    DnoRecord,
    Entry,
    ModelRange,
    Outcome,
    Party,
    SponsorParty,
    SscDecision,
    TrialState,
)
from trialconformance.trial.register_folder import append_state, load_register, state_files
from trialconformance.trial.steps import Activation, Closing, Decision, Evidence, Listed, Prolongation

__all__ = ["app"]

app = typer.Typer(help="Keep the trial register: a chain of signed states.", no_args_is_help=True)

_FORMAT = "CPL-FI-"

Folder = Annotated[Path, typer.Argument(help="Folder of the register.")]
Trial = Annotated[str, typer.Argument(help="Trial reference, or application while it has none.")]
Key = Annotated[Path, typer.Option("--key", help="PEM private key of the register keeper.")]


@app.command()
def create(
    folder: Folder,
    submission: Annotated[Path, typer.Argument(help="The submission.toml of the trial.")],
    *,
    application: Annotated[str, typer.Option("--application", help="Id of the application.")],
    key: Key,
    as_of: AsOf = "",
) -> ExitCode:
    """Open a trial as a draft, from its submission; makes the register where there is none."""
    read = Submission.read(submission)
    sponsor = read.trial.sponsor
    entry = Entry(
        application=application,
        state=TrialState.DRAFT,
        manufacturer=Party(name=read.manufacturer.name, zigbee_id=read.manufacturer.zigbee_id),
        models=(
            ModelRange(
                type=read.device.type,
                model_id=read.device.model_id,
                hardware=read.device.hardware,
                firmware=(read.device.firmware,),
            ),
        ),
        quantity_cap=_positive(read.trial.quantity, "trial.quantity"),
        start=read.trial.start,
        duration_months=_positive(read.trial.months, "trial.months"),
        end=read.end,
        sponsor_supplier=SponsorParty(party=sponsor.party, role=sponsor.role) if sponsor else None,
    )
    register = load_register(folder, keys=()) if folder.is_dir() and state_files(folder) else None
    head = register.head if register else None
    return _publish(folder, register, open_draft(head, entry, as_of=day_of(as_of)), key)


@app.command()
def submit(folder: Folder, trial: Trial, *, key: Key, policy: PolicyName = PRESETS[0], as_of: AsOf = "") -> ExitCode:
    """Hand a draft to the SSC, or one for which it wanted more assurance."""
    return _step(folder, trial, Step.SUBMIT, key=key, policy=policy, as_of=as_of)


@app.command()
def decide(
    folder: Folder,
    trial: Trial,
    *,
    decision: Annotated[str, typer.Option("--decision", help="Id of the decision.")],
    outcome: Annotated[Outcome, typer.Option("--outcome", help="What the SSC decided.")],
    decided: Annotated[str, typer.Option("--decided", help="Day of the decision, YYYY-MM-DD.")],
    key: Key,
    condition: Annotated[list[str] | None, typer.Option("--condition", help="A condition; may be repeated.")] = None,
    reference: Annotated[
        str, typer.Option("--reference", help="Trial reference; the next one of the year by default.")
    ] = "",
    policy: PolicyName = PRESETS[0],
    as_of: AsOf = "",
) -> ExitCode:
    """Write down what the SSC decided; an approval issues the trial reference with its check digits."""
    day = day_of(decided, where="--decided")
    issued = ""
    if outcome is Outcome.APPROVED:
        issued = reference or _next_reference(load_register(folder, keys=()), day.year)
    evidence = Decision(
        decision=SscDecision(id=decision, date=day, outcome=outcome, conditions=tuple(condition or ())),
        reference=issued or reference,
    )
    return _step(folder, trial, Step.DECIDE, key=key, policy=policy, as_of=as_of, evidence=evidence)


@app.command(name="list")
def list_(
    folder: Folder,
    trial: Trial,
    *,
    record: Annotated[Path, typer.Option("--record", help="record.json of the run over the submission.")],
    cpl: Annotated[Path, typer.Option("--cpl", help="The list with the trial on it.")],
    key: Key,
    profile: Annotated[Path | None, typer.Option("--cpl-profile", help="Format profile of the list.")] = None,
    policy: PolicyName = PRESETS[0],
    as_of: AsOf = "",
) -> ExitCode:
    """Put an approved trial on the list: format invariance must have passed, and the row must expire with the trial."""
    octets = octets_of(record, where="--record")
    listing = ListedCpl.read(cpl, profile).listing
    expiries = {row.expiry for row in listing.on_trial(trial)}
    evidence = Listed(
        format_verdict=_format_verdict(load_json(Record, octets, where=str(record))),
        expiry=next(iter(expiries)) if len(expiries) == 1 else None,
        evidence_pack=f"sha256:{sha256_hex(octets)}",
    )
    return _step(folder, trial, Step.LIST, key=key, policy=policy, as_of=as_of, evidence=evidence)


@app.command()
def activate(
    folder: Folder,
    trial: Trial,
    *,
    key: Key,
    dno: Annotated[list[str] | None, typer.Option("--dno", help="Notice, PARTY=YYYY-MM-DD; may be repeated.")] = None,
    sponsor: Annotated[str, typer.Option("--sponsor", help="Sponsoring supplier, PARTY=ROLE.")] = "",
    policy: PolicyName = PRESETS[0],
    as_of: AsOf = "",
) -> ExitCode:
    """Let the first device be installed: sponsor and notices to network operators must be there."""
    notices = tuple(
        DnoRecord(party=party, date=day_of(day, where="--dno"))
        for party, day in (_pair(each, "--dno", "PARTY=YYYY-MM-DD") for each in dno or ())
    )
    party, role = _pair(sponsor, "--sponsor", "PARTY=ROLE") if sponsor else ("", "")
    evidence = Activation(sponsor=SponsorParty(party=party, role=role) if sponsor else None, dno_notified=notices)
    return _step(folder, trial, Step.ACTIVATE, key=key, policy=policy, as_of=as_of, evidence=evidence)


@app.command()
def extend(
    folder: Folder,
    trial: Trial,
    *,
    decision: Annotated[str, typer.Option("--decision", help="Id of the new decision.")],
    decided: Annotated[str, typer.Option("--decided", help="Its day, YYYY-MM-DD.")],
    months: Annotated[int, typer.Option("--months", help="Whole duration from the start.")],
    key: Key,
    reason: Annotated[str, typer.Option("--reason", help="Why, where the policy's duration is exceeded.")] = "",
    policy: PolicyName = PRESETS[0],
    as_of: AsOf = "",
) -> ExitCode:
    """Move the last day by a new decision: same reference, same start."""
    evidence = Prolongation(decision=decision, decided=day_of(decided, where="--decided"), months=months, reason=reason)
    return _step(folder, trial, Step.EXTEND, key=key, policy=policy, as_of=as_of, evidence=evidence)


@app.command()
def suspend(folder: Folder, trial: Trial, *, key: Key, as_of: AsOf = "") -> ExitCode:
    """Stop installations for a while."""
    return _step(folder, trial, Step.SUSPEND, key=key, policy=PRESETS[0], as_of=as_of)


@app.command()
def resume(folder: Folder, trial: Trial, *, key: Key, as_of: AsOf = "") -> ExitCode:
    """Go on after a suspension where the trial stood."""
    return _step(folder, trial, Step.RESUME, key=key, policy=PRESETS[0], as_of=as_of)


@app.command(name="wind-down")
def wind_down(folder: Folder, trial: Trial, *, key: Key, as_of: AsOf = "") -> ExitCode:
    """Begin the end: no further device is installed."""
    return _step(folder, trial, Step.WIND_DOWN, key=key, policy=PRESETS[0], as_of=as_of)


@app.command()
def close(
    folder: Folder,
    trial: Trial,
    *,
    proof: Annotated[Path, typer.Option("--proof", help="Closure proof, see: trialconformance closure proof.")],
    key: Key,
    as_of: AsOf = "",
) -> ExitCode:
    """Close a trial: the proof must show from a whole inventory that no device is left."""
    read = load_json(ClosureProof, octets_of(proof, where="--proof"), where=str(proof))
    register = load_register(folder, keys=())
    entry = register.entry(trial)
    if entry is not None and read.trial_ref != entry.trial_ref:
        raise UsageError(f"is a proof on {read.trial_ref}", where=str(proof), accepted=f"one on {entry.trial_ref}")
    evidence = Closing(outcome=read.outcome, left=read.left, whole=read.whole, proof=read.digest)
    return _step(folder, trial, Step.CLOSE, key=key, policy=PRESETS[0], as_of=as_of, evidence=evidence)


@app.command(name="confirm")
def confirm_(folder: Folder, *, key: Key, as_of: AsOf = "") -> ExitCode:
    """Sign that nothing changed: a new state with the same trials, so that reports need not doubt an old one."""
    register = load_register(folder, keys=())
    return _publish(folder, register, confirm(register.head, as_of=day_of(as_of)), key)


@app.command()
def show(folder: Folder, *, trust: TrustedKeys = None, as_json: AsJson = False) -> ExitCode:
    """Show the newest state."""
    register = register_of(folder, trust)
    if as_json:
        console.write(register.head.octets)
        return ExitCode.PASS
    table = Table(box=None)
    for column in ("trial", "state", "manufacturer", "models", "cap", "from", "to", "decision"):
        table.add_column(column, no_wrap=column in {"trial", "from", "to"})
    for entry in register.head.entries:
        models = "\n".join(f"{each.type} {each.model_id} {each.hardware}" for each in entry.models)
        decision = entry.ssc_decision.id if entry.ssc_decision else "none"
        table.add_row(
            entry.trial_ref or entry.application,
            entry.state,
            entry.manufacturer.name,
            models,
            str(entry.quantity_cap),
            str(entry.start),
            str(entry.end),
            decision,
        )
    console.stdout().print(table)
    console.note(f"{len(register.states)} states, the newest of {register.head.as_of}, {register.head.digest}")
    return ExitCode.PASS


@app.command()
def verify(
    folder: Folder,
    *,
    trust: TrustedKeys = None,
    head: Annotated[str, typer.Option("--head", help="Digest that the newest state must have.")] = "",
) -> ExitCode:
    """Verify chain and signatures; a chain alone does not show that its end is missing, a known digest does."""
    register = register_of(folder, trust)
    out = console.stdout()
    for state in register.states:
        signed = f"signed by {state.signed_by[0][:16]}" if state.signed_by else "signature not verified: no --trust key"
        out.print(f"{state.name}  {state.document.as_of}  {state.document.digest}  {signed}", markup=False)
    if head and head != register.head.digest:
        out.print(f"the newest state is {register.head.digest}, not {head}", markup=False)
        return ExitCode.FAIL
    return ExitCode.PASS if trust else ExitCode.INCONCLUSIVE


def _step(
    folder: Path, trial: str, step: Step, *, key: Path, policy: str, as_of: str, evidence: Evidence = None
) -> ExitCode:
    register = load_register(folder, keys=())
    guarded = advance(register.head, trial, step, as_of=day_of(as_of), policy=policy_of(policy), evidence=evidence)
    return _publish(folder, register, guarded, key)


def _publish(folder: Path, register: Register | None, guarded: Guarded, key: Path) -> ExitCode:
    out = console.stdout()
    if guarded.document is None:
        for refusal in guarded.refusals:
            out.print(f"refused: wanted {refusal}", markup=False)
        return ExitCode.FAIL
    signer = private_key(key)
    path = append_state(folder, guarded.document, signer, expected=register.head.digest if register else None)
    console.note(f"wrote {path}")
    newest = guarded.document.entries
    changed = [each for each in newest if register is None or each not in register.head.entries]
    for entry in changed:
        out.print(f"{entry.trial_ref or entry.application}: {entry.state}, until {entry.end}", markup=False)
    return ExitCode.PASS


def _format_verdict(record: Record) -> str:
    """What the deciding cases of format invariance come to, taken together."""
    rows = [row for row in record.cases if row.id.startswith(_FORMAT) and row.severity is Severity.MUST]
    judged = {row.verdict for row in rows if row.verdict is not Verdict.NOT_APPLICABLE}
    if judged and judged <= {Verdict.PASS}:
        return Verdict.PASS
    open_ = ", ".join(f"{row.id} {row.verdict}" for row in rows if row.verdict in judged - {Verdict.PASS})
    return open_ or "no case of format invariance was judged"


def _next_reference(register: Register, year: int) -> str:
    used = {
        found.serial
        for each in register.head.entries
        if isinstance(found := trial_reference.decode(each.trial_ref), trial_reference.Trial) and found.year == year
    }
    return trial_reference.make(year, max(used, default=0) + 1)


def _pair(text: str, where: str, accepted: str) -> tuple[str, str]:
    left, sign, right = text.partition("=")
    if not (left and sign and right):
        raise UsageError(f"{text!r} is no pair", where=where, accepted=accepted)
    return left, right


def _positive(value: int, where: str) -> int:
    if value < 1:
        raise UsageError(f"{value} cannot be registered", where=where, accepted="1 or more")
    return value

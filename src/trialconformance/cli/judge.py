"""``trialconformance judge``: the pure checks over folders, without pytest and without a submission."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

import typer

from trialconformance.annotation import row_text
from trialconformance.catalogue import PROCEDURES
from trialconformance.cli import console
from trialconformance.core import CaseRow, ExitCode, Record, UsageError, Verdict, parse_eui64
from trialconformance.engine import Extensions, Inputs, Run
from trialconformance.smki import KeyStore, KeyUsage, load_profile
from trialconformance.smki.profile import PROFILES

__all__ = ["judge"]


PRODUCTION, TEST_PKI = PROFILES


def judge(
    *,
    captures: Annotated[
        list[Path] | None,
        typer.Option("--captures", "-c", help="Folder or file of captured messages; may be repeated."),
    ] = None,
    keystore: Annotated[
        Path | None, typer.Option("--keystore", "-k", help="Folder of certificates and test keys.")
    ] = None,
    acb: Annotated[str, typer.Option("--acb", help="EUI-64 of the Access Control Broker.")] = "",
    before: Annotated[Path | None, typer.Option("--before", help="The CPL before the change.")] = None,
    after: Annotated[Path | None, typer.Option("--after", help="The CPL after the change.")] = None,
    changes: Annotated[Path | None, typer.Option("--changes", help="Declared changes between the two lists.")] = None,
    image: Annotated[Path | None, typer.Option("--image", help="OTA image of the firmware.")] = None,
    cases: Annotated[
        list[str] | None, typer.Option("--cases", help="Only cases of this pattern, for example 'GBCS-SEC-*'.")
    ] = None,
    as_of: Annotated[
        str,
        typer.Option(
            "--as-of", help="Day of judgement, YYYY-MM-DD; by default that of the certificate profile, or today."
        ),
    ] = "",
    gbcs_version: Annotated[str, typer.Option("--gbcs", help="GBCS version to judge against, for example 4.2.")] = "",
    smki_profile: Annotated[
        str,
        typer.Option(
            "--smki-profile",
            help="Certificate profile: production, test-pki or a file. By default test-pki where the key store holds "
            "private keys, which no production key store does.",
        ),
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="The record as canonical JSON.")] = False,
) -> ExitCode:
    """Judge folders of captures and certificates, or a pair of lists, and print the record."""
    if not captures and keystore is None and before is None and after is None:
        raise UsageError(
            "there is nothing to judge", where="judge", accepted="--captures, --keystore, or --before and --after"
        )
    given_day = _day(as_of)
    inputs = Inputs(
        as_of=given_day or date.max,  # settled below, when the profile is known
        root=Path.cwd(),
        captures=tuple(captures or ()),
        keystore=keystore,
        acb=parse_eui64(acb, where="--acb") if acb else None,
        cpl_before=before,
        cpl_after=after,
        cpl_changes=changes,
        image=image,
        specifications={"GBCS": gbcs_version} if gbcs_version else {},
    )
    profile, store = _profile(smki_profile, inputs)
    inputs = replace(inputs, smki_profile=profile, as_of=given_day or _day_of(profile))
    run = Run(inputs, procedures=PROCEDURES, extensions=Extensions(keystore=store))
    record = judged(run, patterns=cases or [])
    if as_json:
        console.write(record.to_json())
    else:
        show(record)
    return record.exit_code


def judged(run: Run, *, patterns: list[str]) -> Record:
    """Judge the selected cases of a run, with a progress bar.

    Args:
        run: the run.
        patterns: patterns of case ids; none selects every case.

    Returns:
        The record; cases that no pattern selects are in it as left out.

    Raises:
        UsageError: an input cannot be used, or no case is selected.
    """
    chosen = [case for case in run.judge.cases if not patterns or any(fnmatchcase(case.id, each) for each in patterns)]
    if not chosen:
        raise UsageError(
            f"no case is called {', '.join(patterns)}", where="--cases", accepted="see: trialconformance catalogue"
        )
    run.artefacts.load()
    rows = []
    with console.progress("judging", len(chosen)) as advance:
        for case in chosen:
            rows.append(run.judge.row(case.id))
            advance()
    selected = {case.id for case in chosen}
    rows += [
        CaseRow.of(case, Verdict.NOT_RUN, f"left out by --cases {' '.join(patterns)}", selected=False)
        for case in run.judge.cases
        if case.id not in selected
    ]
    return run.record(rows)


def show(record: Record) -> None:
    """Print a record for a person: what was found, then the accounting.

    Args:
        record: the record.
    """
    screen = console.stdout()
    for row in record.cases:
        if row.verdict in {Verdict.FAIL, Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.WAIVED}:
            screen.rule(f"[bold]{row.id}[/bold] {row.title}", align="left")
            screen.print(row_text(row), markup=False)
    screen.rule("[bold]accounting[/bold]", align="left")
    screen.print(accounting_text(record), markup=False)


def accounting_text(record: Record) -> str:
    """Write the accounting of a record: every case in one bucket, adding up to the catalogue."""
    width = max(len(verdict) for verdict in record.accounting)
    lines = [f"{verdict:<{width}}  {count:>6,}" for verdict, count in record.accounting.items()]
    return "\n".join([*lines, f"verdict: {record.statement}"])


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no date", where="--as-of", accepted="YYYY-MM-DD") from error


def _day_of(profile: str | Path) -> date:
    """The day of a profile that has a clock of its own, else today: only a shell may look at the clock."""
    chosen = load_profile(file=profile) if isinstance(profile, Path) else load_profile(profile)
    day = datetime.now(UTC).date() if chosen.clock is None else chosen.clock.date()
    whose = "today" if chosen.clock is None else f"the day of the profile {chosen.name}"
    console.note(f"judged as of {day.isoformat()}, {whose}; --as-of sets another day")
    return day


def _profile(name: str, inputs: Inputs) -> tuple[str | Path, KeyStore | None]:
    """Choose the certificate profile; the key store is read for it, and once only."""
    folder = inputs.keystore
    store = None
    if folder is not None:
        store = KeyStore.read(folder, name_of=lambda path: inputs.name_of(path, role="certificate", given=folder))
    if name:
        return (name if name in PROFILES else Path(name)), store
    if store is None or not _holds_private_keys(store):
        return PRODUCTION, store
    console.note(f"the key store holds private keys: judged under the profile {TEST_PKI}; --smki-profile sets another")
    return TEST_PKI, store


def _holds_private_keys(store: KeyStore) -> bool:
    return any(
        store.has_private_key(each.entity_id, usage)
        for each in store.certificates
        if each.entity_id is not None
        for usage in (KeyUsage.DIGITAL_SIGNATURE, KeyUsage.KEY_AGREEMENT)
    )

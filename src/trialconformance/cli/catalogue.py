"""``trialconformance catalogue``: every case there is."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated

import typer
from rich.table import Table

from trialconformance import catalogue as whole
from trialconformance.cli import console
from trialconformance.core import ExitCode, UsageError
from trialconformance.engine import catalogue_json

__all__ = ["catalogue"]


def catalogue(
    *,
    domain: Annotated[
        str | None, typer.Option("--domain", "-d", help="Only cases of this domain, for example gbcs.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Canonical JSON, one object.")] = False,
) -> ExitCode:
    """List every case: its id, what it requires, where that stands and how much it weighs."""
    cases = whole.cases()
    if domain is not None:
        known = sorted({case.domain for case in cases})
        if domain.lower() not in known:
            nearest = get_close_matches(domain.lower(), known, n=1)
            raise UsageError(f"there is no domain {domain!r}", where="--domain", accepted=", ".join(nearest or known))
        cases = tuple(case for case in cases if case.domain == domain.lower())
    if as_json:
        console.write(catalogue_json(cases))
        return ExitCode.PASS
    table = Table(title=f"{len(cases)} cases", title_justify="left", header_style="bold")
    table.add_column("case", no_wrap=True)
    table.add_column("requirement", ratio=1)
    table.add_column("clause")
    table.add_column("severity")
    table.add_column("basis")
    for case in cases:
        table.add_row(case.id, case.requirement, case.clause, case.severity.value, case.basis.value)
    console.stdout().print(table)
    return ExitCode.PASS

"""How a person sees a verdict on a list, and two lists side by side, in a terminal."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from trialconformance.cli import console
from trialconformance.core import Severity, Verdict
from trialconformance.core.hexdump import hex_rows
from trialconformance.cpl.diff import Diff, DiffKind
from trialconformance.cpl.report import CheckRow, LoadVerdict, Place, Report

__all__ = ["show_diff", "show_report"]

_TONES = {LoadVerdict.LOAD: "bold green", LoadVerdict.DO_NOT_LOAD: "bold red", LoadVerdict.INCONCLUSIVE: "bold yellow"}
_MOST_FINDINGS = 3  # shown of one check; the JSON and the page hold them all
_ROW = 16  # octets in a row of a dump


def _visible(text: str) -> str:
    """Text of an artefact without what a terminal would obey."""
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)


def show_report(report: Report) -> None:
    """Print the verdict first, then what it rests on, then every objection with its octets."""
    out = console.stdout()
    out.print(Text(report.verdict.value.upper(), style=_TONES[report.verdict]))
    out.print(Text(report.statement))
    out.print()
    for name, value in _facts(report):
        out.print(Text.assemble((f"{name:<12}", "dim"), _visible(value)))
    for row in report.objections:
        out.print()
        _show_objection(row)
    out.print()
    out.print(Text(", ".join(f"{count} {name}" for name, count in report.accounting.items())))


def _facts(report: Report) -> list[tuple[str, str]]:
    changes = "declared" if report.changes == "manifest" else "not declared, the trial entries stand for it"
    trials = ", ".join(f"{reference} (entry {', '.join(entries)})" for reference, entries in report.trials.items())
    return [
        ("before", f"{report.before.name}  {report.before.records} records  SHA-256 {report.before.sha256}"),
        ("after", f"{report.after.name}  {report.after.records} records  SHA-256 {report.after.sha256}"),
        ("profile", f"{report.profile.id} ({report.profile.status})  SHA-256 {report.profile.sha256}"),
        ("change", f"{changes}: {', '.join(report.declared) or 'nothing'}"),
        ("trials", trials or "none"),
        ("difference", f"SHA-256 {report.diff_sha256}"),
    ]


def _show_objection(row: CheckRow) -> None:
    out = console.stdout()
    blocking = row.severity is Severity.MUST
    style = "yellow" if row.verdict is Verdict.INCONCLUSIVE else "red" if blocking else "cyan"
    out.print(Text.assemble((row.id, f"bold {style}"), " ", "" if blocking else "(does not decide) ", row.requirement))
    if not row.findings:
        out.print(Text(f"  not judged: {row.reason}"))
    for place in row.findings[:_MOST_FINDINGS]:
        _show_place(place)
    if (left := len(row.findings) - _MOST_FINDINGS) > 0:
        out.print(Text(f"  and {left} more"))


def _show_place(place: Place) -> None:
    out = console.stdout()
    where = [place.artefact]
    if place.line is not None:
        where.append(f"line {place.line}")
    if place.column is not None:
        where.append(f"column {place.column} {place.column_name}")
    if place.offset is not None:
        where.append(f"octet {place.offset}")
    out.print(Text(_visible(f"  {', '.join(where)}"), style="bold"))
    out.print(Text(_visible(f"    expected  {place.expected}")))
    out.print(Text(_visible(f"    seen      {place.seen}")))
    for row in hex_rows(place.excerpt, place.span):
        line = Text(f"    {row.offset}  ", style="dim")
        for octet in row.octets:
            line.append(
                f"[{octet.hex}]" if octet.marked else f" {octet.hex} ", style="bold red" if octet.marked else ""
            )
        line.append(" " * 4 * (_ROW - len(row.octets)) + " ")
        for octet in row.octets:
            line.append(octet.text, style="bold red" if octet.marked else "dim")
        out.print(line)


def show_diff(found: Diff) -> None:
    """Print each record that differs as a table of both sides."""
    out = console.stdout()
    out.print(Text(f"before  {_visible(found.before.name)}  SHA-256 {found.before.sha256}"))
    out.print(Text(f"after   {_visible(found.after.name)}  SHA-256 {found.after.sha256}"))
    out.print(Text(f"profile {found.profile}"))
    out.print(Text(f"{found.same} records are identical, {len(found.rows)} differ"))
    for row in found.rows:
        lines = [f"line {row.before_line} before"] if row.before_line else []
        lines += [f"line {row.after_line} after"] if row.after_line else []
        declared = "declared" if row.declared else "NOT DECLARED"
        table = Table(
            title=Text(f"entry {_visible(row.entry)}: {row.kind.value}, {declared}, {', '.join(lines)}"),
            title_justify="left",
        )
        table.add_column("column", style="dim")
        table.add_column("before", overflow="fold")
        table.add_column("after", overflow="fold")
        for cell in row.cells:
            if not cell.differs:
                continue
            table.add_row(
                Text(_visible(cell.column)),
                Text(_visible(cell.before), style="red" if row.kind is not DiffKind.ADDED else ""),
                Text(_visible(cell.after), style="green"),
            )
        out.print()
        out.print(table)
    out.print(Text(f"SHA-256 of this difference: {found.sha256}"))

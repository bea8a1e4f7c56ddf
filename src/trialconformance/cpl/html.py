"""Self-contained pages: the verdict on a list, and the difference between two lists. No script, no network."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from trialconformance.core import Severity
from trialconformance.core.hexdump import hex_rows
from trialconformance.cpl.diff import Diff
from trialconformance.cpl.report import Report

__all__ = ["check_page", "diff_page"]


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("trialconformance.cpl", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def check_page(report: Report, difference: Diff) -> bytes:
    """Render the verdict on a list.

    Args:
        report: the verdict.
        difference: what differs.

    Returns:
        One HTML file, the same octets for the same input.
    """
    template = _environment().get_template("check.html")
    deciding = [row for row in report.objections if row.severity is Severity.MUST]
    remarks = [row for row in report.objections if row.severity is not Severity.MUST]
    return template.render(
        report=report, diff=difference, deciding=deciding, remarks=remarks, hex_rows=hex_rows
    ).encode()


def diff_page(difference: Diff) -> bytes:
    """Render the difference between two lists.

    Args:
        difference: what differs.

    Returns:
        One HTML file, the same octets for the same input.
    """
    return _environment().get_template("diff.html").render(diff=difference).encode()

"""The one Jinja environment of the report: autoescape on, an unknown name is an error."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from trialconformance.core import Verdict, hex_rows, place
from trialconformance.evidence.report import wording

__all__ = ["asset", "fill"]

_PACKAGE = files("trialconformance.evidence.report")

# Made once for each verdict: a page can hold ten thousand.
_BADGE = (
    '<span class="badge v-{{ verdict.value }}"><span aria-hidden="true">{{ symbol }}</span> {{ verdict.value }}</span>'
)


@cache
def asset(name: str) -> str:
    """Text of a style sheet or script of the package."""
    return _PACKAGE.joinpath("assets", name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FunctionLoader(lambda name: _PACKAGE.joinpath("templates", name).read_text(encoding="utf-8")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    badge = environment.from_string(_BADGE)
    badges = {
        verdict: Markup(badge.render(verdict=verdict, symbol=wording.SYMBOL[verdict]))  # noqa: S704 - escaped by Jinja
        for verdict in Verdict
    }
    environment.globals.update(badges=badges)
    environment.globals.update(
        hex_rows=hex_rows, place=place, wording=wording, Verdict=Verdict, verdicts=tuple(Verdict)
    )
    return environment


def fill(template: str, /, **values: Any) -> Markup:
    """Fill a template.

    Args:
        template: file name below ``templates/``.
        values: what the template names.

    Returns:
        Finished HTML; every value was escaped.
    """
    # The environment escapes what it fills in; the templates are files of this package.
    return Markup(_environment().get_template(template).render(**values))  # noqa: S704

"""Templates of a submission: the scaffold that ``init`` writes, and the fragments the example is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from string import Template

from trialconformance.core import read_data
from trialconformance.trial.document import PLACEHOLDER
from trialconformance.trial.facts import DOCUMENTS, DocumentFacts, DocumentForm

__all__ = ["render", "scaffold"]

_PACKAGE = "trialconformance.trial"
_SUBMISSION = "submission.toml"
# Reports are made by commands, not written by hand.
_MADE_BY_COMMANDS = frozenset({"field_report", "closure_proof", "performance_report"})


def render(name: str, values: Mapping[str, str]) -> bytes:
    """Fill a template.

    Args:
        name: path below the templates, for example ``init/submission.toml``.
        values: text for every ``$name`` of the template; a missing one is a fault of ours (KeyError).

    Returns:
        UTF-8 text.
    """
    return Template(read_data(_PACKAGE, f"templates/{name}").decode()).substitute(values).encode()


def scaffold(*, as_of: date) -> dict[str, bytes]:
    """Make an empty submission with comments and one template for every document.

    Args:
        as_of: the day to write where a day is wanted.

    Returns:
        Octets by path relative to the folder of the submission, sorted by path.
    """
    values = {"today": as_of.isoformat(), "documents": "\n".join(_document_lines())}
    files = {_SUBMISSION: render(f"init/{_SUBMISSION}", values)}
    for facts in DOCUMENTS.values():
        if facts.key in _MADE_BY_COMMANDS:
            continue
        if facts.form is DocumentForm.STRUCTURED:
            files[facts.file] = render(f"init/{facts.file}", values)
        else:
            files[facts.file] = _text_template(facts)
    return dict(sorted(files.items()))


def _document_lines() -> Iterator[str]:
    for facts in DOCUMENTS.values():
        mark = "# " if facts.optional else ""
        yield f'{mark}{facts.key} = "{facts.file}"  # {facts.requirement}: {facts.title}'


def _text_template(facts: DocumentFacts) -> bytes:
    title = facts.title[0].upper() + facts.title[1:]
    lines = [f"# {title}", ""]
    if not facts.headings:
        lines += [f"{PLACEHOLDER}: {facts.guidance}", ""]
    for heading in facts.headings:
        lines += [f"## {heading.title}", "", f"{PLACEHOLDER}: {heading.guidance}", ""]
    return "\n".join(lines).encode()

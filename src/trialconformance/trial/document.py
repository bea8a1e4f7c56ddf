"""What software can see in a document: that it is there, its headings, and the text below each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from trialconformance.core import Span
from trialconformance.trial.facts import DocumentFacts, DocumentForm, Heading

__all__ = ["PLACEHOLDER", "Fault", "Section", "document_faults", "sections"]

PLACEHOLDER = "REPLACE THIS"
"""What every blank of a template says; a document that still says it is not finished."""

_PDF = b"%PDF-"
_MARKDOWN_HEADING = re.compile(r"#{1,6}\s+(.+?)\s*#*$")
# A heading of a plain text file: a short line of its own, perhaps numbered, perhaps with a colon.
_TEXT_HEADING = re.compile(r"(?:[0-9]+(?:\.[0-9]+)*[.)]?\s+)?([A-Z][^.;!?]{1,60}?)\s*:?")
_UNDERLINE = re.compile(r"([=-])\1{2,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading with the text below it.

    Args:
        heading: the words of the heading.
        text: what stands below, up to the next heading, without blank lines at its ends.
        span: the heading's line.
    """

    heading: str
    text: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something a document lacks.

    Args:
        expected: what is wanted.
        seen: what stands there.
        span: where, None when it is nowhere.
    """

    expected: str
    seen: str
    span: Span | None = None


def document_faults(facts: DocumentFacts, octets: bytes, *, suffix: str) -> Iterator[Fault]:
    """Find what a document lacks that software can see.

    Args:
        facts: what is wanted.
        octets: the document.
        suffix: its file name suffix in lower case, for example ``.md``.

    Returns:
        The faults, in the order of the headings wanted.
    """
    if not octets.strip():
        yield Fault(expected=f"the {facts.title}", seen="an empty file")
        return
    if suffix == ".pdf":
        yield from _pdf_faults(facts, octets)
        return
    try:
        text = octets.decode()
    except UnicodeDecodeError as error:
        yield Fault(
            expected="UTF-8 text, Markdown or PDF",
            seen=f"octet {octets[error.start]:02X}, which is no UTF-8",
            span=Span(start=error.start, length=1),
        )
        return
    blank = octets.find(PLACEHOLDER.encode())
    if blank >= 0:
        yield Fault(
            expected="a finished document",
            seen=f"a blank of the template: {PLACEHOLDER}",
            span=Span(start=blank, length=len(PLACEHOLDER)),
        )
    if facts.form is DocumentForm.HEADINGS:
        found = sections(text, markdown=suffix in {".md", ".markdown"})
        for heading in facts.headings:
            yield from _heading_faults(heading, found)


def _pdf_faults(facts: DocumentFacts, octets: bytes) -> Iterator[Fault]:
    if not octets.startswith(_PDF):
        yield Fault(expected="a PDF file", seen=f"a file that begins {octets[:5].hex(' ').upper()}")
    elif facts.form is DocumentForm.HEADINGS:
        wanted = ", ".join(each.title for each in facts.headings)
        yield Fault(
            expected=f"Markdown or text with the headings {wanted}", seen="a PDF, whose headings nobody checked"
        )


def _heading_faults(heading: Heading, found: list[Section]) -> Iterator[Fault]:
    matching = [each for each in found if any(phrase in each.heading.lower() for phrase in heading.accepts)]
    if not matching:
        titles = ", ".join(each.heading for each in found) or "none"
        yield Fault(expected=f"the heading {heading.title!r}", seen=f"the headings {titles}")
    elif not any(each.text for each in matching):
        yield Fault(
            expected=f"text below the heading {heading.title!r}", seen="nothing below it", span=matching[0].span
        )


def sections(text: str, *, markdown: bool) -> list[Section]:
    """Split a document at its headings.

    Args:
        text: the document.
        markdown: whether headings are those of Markdown (``#``, underlined) or short lines of their own.

    Returns:
        The sections in order; text before the first heading is in none. The text of a Markdown section takes in that of
        its sub-sections' headings only as far as they have one: a heading directly followed by another has no text.
    """
    lines = text.split("\n")
    found: list[Section] = []
    heading: tuple[str, int, int] | None = None
    body: list[str] = []
    fenced = False
    start = 0
    for index, line in enumerate(lines):
        fenced ^= markdown and line.lstrip().startswith("```")
        words = None if fenced else _heading_words(line, lines[index + 1 : index + 2], lines[:index], markdown=markdown)
        if words is not None:
            _close(found, heading, body)
            heading, body = (words, start, len(line.rstrip().encode())), []
        elif not _UNDERLINE.fullmatch(line.strip()):
            body.append(line)
        start += len(line.encode()) + 1
    _close(found, heading, body)
    return found


def _heading_words(line: str, after: list[str], before: list[str], *, markdown: bool) -> str | None:
    stripped = line.strip()
    if markdown and (match := _MARKDOWN_HEADING.fullmatch(stripped)):
        return match[1]
    if stripped and after and _UNDERLINE.fullmatch(after[0].strip()) and not _UNDERLINE.fullmatch(stripped):
        return stripped
    alone = not (before and before[-1].strip())
    if not markdown and alone and (match := _TEXT_HEADING.fullmatch(stripped)):
        return match[1]
    return None


def _close(found: list[Section], heading: tuple[str, int, int] | None, body: list[str]) -> None:
    if heading is not None:
        words, start, length = heading
        span = Span(start=start, length=length, path=words)
        found.append(Section(heading=words, text="\n".join(body).strip(), span=span))

"""What software sees in a document, and where a key stands in a TOML file."""

from __future__ import annotations

import pytest
from trial_bench import example

from trialconformance.core import ArtefactError
from trialconformance.trial.document import PLACEHOLDER, document_faults, sections
from trialconformance.trial.facts import DOCUMENTS
from trialconformance.trial.locate import locate
from trialconformance.trial.structured import RiskAssessment, read_structured

MVP = DOCUMENTS["mvp"]
LETTER = DOCUMENTS["sponsor_letter"]

TEXT = """MVP guideline

1. Scope
The switch.

2. What is minimal:

Everything else.

KNOWN GAPS
None yet.

Exclusions

Prices.

Rollback
--------
By a visit.
"""


def _faults(octets: bytes, *, suffix: str = ".md") -> list[tuple[str, str]]:
    return [(each.expected, each.seen) for each in document_faults(MVP, octets, suffix=suffix)]


def test_the_documents_of_the_example_are_in_order() -> None:
    """Every text of the example has the headings that its requirement wants."""
    files = example()
    for facts in DOCUMENTS.values():
        if facts.file in files and facts.file.endswith(".md"):
            assert list(document_faults(facts, files[facts.file], suffix=".md")) == []


def test_plain_text_has_headings_too() -> None:
    """Short lines of their own count as headings, numbered, in capitals, with a colon or underlined."""
    assert _faults(TEXT.encode(), suffix=".txt") == []
    assert [each.heading for each in sections(TEXT, markdown=False)] == [
        "MVP guideline", "Scope", "What is minimal", "KNOWN GAPS", "Exclusions", "Rollback",
    ]  # fmt: skip


def test_underlined_markdown_headings_count_and_code_does_not() -> None:
    """Both Markdown forms are headings; a line in a fenced block is none."""
    text = "Scope\n=====\nx\n\n```\n# Rollback\n```\n\n## Exclusions ##\ny\n"
    assert [each.heading for each in sections(text, markdown=True)] == ["Scope", "Exclusions"]


def test_a_missing_heading_is_named_with_those_that_are_there() -> None:
    """The finding names the heading wanted and the headings seen."""
    assert ("the heading 'Rollback'", "the headings Scope, Known gaps") in _faults(
        b"# Scope\n\nx\n\n# Known gaps\n\ny\n"
    )


def test_a_heading_without_text_is_not_enough() -> None:
    """A heading with nothing below it is a fault that points at the heading."""
    octets = b"# Intro\n\nx\n\n# Scope\n\n# Rollback\n\ny\n"
    (fault,) = [each for each in document_faults(MVP, octets, suffix=".md") if each.span]
    assert fault.expected == "text below the heading 'Scope'"
    assert fault.span is not None
    assert octets[fault.span.start : fault.span.end] == b"# Scope"


@pytest.mark.parametrize(
    ("octets", "suffix", "seen"),
    [
        (b" \n", ".md", "an empty file"),
        (b"# Scope\n\xff", ".md", "octet FF, which is no UTF-8"),
        (b"%PDF-1.7 ...", ".pdf", "a PDF, whose headings nobody checked"),
        (b"<html>", ".pdf", "a file that begins 3C 68 74 6D 6C"),
    ],
)
def test_what_cannot_be_checked_is_a_fault(octets: bytes, suffix: str, seen: str) -> None:
    """An empty file, octets that are no text, and a PDF where headings are wanted never pass in silence."""
    assert _faults(octets, suffix=suffix)[0][1] == seen


def test_a_letter_may_be_a_pdf() -> None:
    """Where no headings are wanted, a PDF is accepted by its presence."""
    assert list(document_faults(LETTER, b"%PDF-1.7 ...", suffix=".pdf")) == []
    assert [each.seen for each in document_faults(LETTER, b"", suffix=".pdf")] == ["an empty file"]


def test_a_blank_of_the_template_is_a_fault() -> None:
    """A document that still holds a blank of its template is not finished."""
    octets = f"Dear SSC,\n{PLACEHOLDER}\n".encode()
    (fault,) = document_faults(LETTER, octets, suffix=".md")
    assert fault.span is not None
    assert octets[fault.span.start : fault.span.end] == PLACEHOLDER.encode()


TOML = b"""a = 1
[trial]
quantity = 100   # devices
"quoted key" = 2
[trial.sponsor] # table
party = "X"
[[certificates]]
kind = "zigbee"
[[certificates]]
kind = "dlms"
[artefacts]
captures = ["a", "b"]
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("a", b"a = 1"),
        ("trial.quantity", b"quantity = 100   # devices"),
        ("trial.quoted key", b'"quoted key" = 2'),
        ("trial.sponsor", b"[trial.sponsor] # table"),
        ("trial.sponsor.party", b'party = "X"'),
        ("certificates.0.kind", b'kind = "zigbee"'),
        ("certificates.1.kind", b'kind = "dlms"'),
        ("certificates.1", b"[[certificates]]"),
        ("artefacts.captures.1", b'captures = ["a", "b"]'),
    ],
)
def test_a_key_is_found_on_its_line(path: str, line: bytes) -> None:
    """The span of a key is its line, in the table that the path names."""
    span = locate(TOML, path)
    assert span is not None
    assert (TOML[span.start : span.end], span.path) == (line, path)


def test_a_key_that_is_not_there_has_no_place() -> None:
    """A key that stands nowhere has no span."""
    assert locate(TOML, "trial.months") is None


@pytest.mark.parametrize(
    ("octets", "name", "said"),
    [
        (b"a =", "risk.toml", "cannot be read"),
        (b"{", "risk.json", "cannot be read"),
        (b"\xff", "risk.toml", "cannot be read"),
        (b'{"schema": "x"}', "risk.json", "schema is not as declared"),
        (b'schema = "trialconformance-risk-assessment/1"\nassessed = 3.5', "risk.toml", "assessed is not as declared"),
        (b'schema = "trialconformance-risk-assessment/1"', "risk.toml", "assessed is not as declared"),
    ],
)
def test_a_structured_document_of_another_form_is_refused(octets: bytes, name: str, said: str) -> None:
    """The error names the document and the first key at fault."""
    with pytest.raises(ArtefactError, match=said) as caught:
        read_structured(RiskAssessment, octets, name=name)
    assert caught.value.artefact == name


def test_toml_and_json_are_the_same_document() -> None:
    """The risk assessment of the example reads the same from TOML and from JSON."""
    read = read_structured(RiskAssessment, example()["docs/risk-assessment.toml"], name="risk.toml")
    again = read_structured(RiskAssessment, read.model_dump_json(by_alias=True).encode(), name="risk.json")
    assert read == again
    assert len(read.mitigations) == 6

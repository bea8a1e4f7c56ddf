"""The report is one page that needs nothing but itself and escapes what artefacts say."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from trialconformance.core import Record, Verdict
from trialconformance.evidence.report import render

_VOID = {"meta", "input", "rect", "br", "path", "line", "circle"}


class Page(HTMLParser):
    """Collects what the tests ask about, and insists on balanced tags."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.inline: dict[str, str] = {}
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += attrs
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.links += [value for name, value in attrs if name == "href" and value]
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in {"style", "script"}:
            self.inline[self.open[-1]] = self.inline.get(self.open[-1], "") + data


@pytest.fixture
def text(record: Record) -> str:
    return render(record, inputs={})


def test_page_is_well_formed_and_its_links_arrive(text: str) -> None:
    """Tags are balanced, ids are unique and every link leads to a place on the page."""
    page = Page(text)
    assert len(page.ids) == len(set(page.ids))
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)


def test_no_request_leaves_the_page(text: str) -> None:
    """Nothing is loaded: no source, no import, no address, and the policy forbids it."""
    page = Page(text)
    assert not {"src", "srcset", "action", "style", "onclick"} & {name for name, _ in page.attributes}
    assert not re.search(r"https?://|@import|url\(", text)
    assert "default-src &#39;none&#39;" in text or "default-src 'none'" in text


@pytest.mark.parametrize("tag", ["style", "script"])
def test_policy_admits_exactly_our_inline_code(text: str, tag: str) -> None:
    """The content security policy holds the digest of the style and of the script."""
    digest = base64.b64encode(hashlib.sha256(Page(text).inline[tag].encode()).digest()).decode()
    policy = next(value for name, value in Page(text).attributes if name == "content" and value and "none" in value)
    assert f"{tag}-src 'sha256-{digest}'" in policy


def test_what_an_artefact_says_is_escaped(text: str) -> None:
    """A script in a finding is shown as text."""
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_page_one_names_what_decides_and_what_is_assumed(text: str, record: Record) -> None:
    """Verdict, deciding cases, waiver and assumption stand before the findings."""
    page_one = text[text.index("<main") : text.index('id="findings"')]
    for part in ("FAIL", "GBCS-SEC-004", "cpl-assumed-1", "waiver W-1", "Unsigned", record.as_of, "TRIAL-2022-0007-49"):
        assert part in page_one


def test_every_case_is_listed_once(text: str, record: Record) -> None:
    """The table holds one row for each case of the record."""
    assert [each for each in Page(text).ids if each in {row.id for row in record.cases}] == [
        row.id for row in record.cases
    ]


def test_clean_record_says_so() -> None:
    """A record without findings, inputs or subject still renders whole."""
    from trialconformance.core import Tool  # noqa: PLC0415 - only this test makes a record by hand

    record = Record.account(
        tool=Tool(name="trialconformance", version="0", catalogue=""), catalogue=[], rows=[], as_of="2022-10-03"
    )
    assert record.verdict is Verdict.FAIL
    page = render(record, inputs={})
    Page(page)
    assert "No finding." in page
    assert "No case is waived." in page


def test_long_list_of_findings_is_cut_and_says_so(record: Record) -> None:
    """More than 25 findings of one case are counted, not printed."""
    row = next(row for row in record.cases if row.findings)
    many = row.model_copy(update={"findings": row.findings[:1] * 40})
    cases = tuple(many if each.id == row.id else each for each in record.cases)
    assert "15 more findings of this case" in render(record.model_copy(update={"cases": cases}), inputs={})
